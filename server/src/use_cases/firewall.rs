//! The host firewall of a node: one snippet with all its shares.

use app::fault::Fault;
use app::ports::firewall::{BackendOption, Firewall, FirewallView, PartView, SnippetLine};
use async_trait::async_trait;
use firewall::{Backend, Input, Interface, Part, Snippet};
use model::{NodeId, ObjectKind};

use super::Asker;
use crate::failure::OrInternal as _;
use crate::hosts::{self, chosen};
use crate::store::audit::Object;
use crate::store::nodes::Node;
use crate::store::shares::Share;

/// What tailscaled calls its interface on Linux unless it is told another name.
const TAILSCALES_OWN: &str = "tailscale0";

#[async_trait]
impl Firewall for Asker {
    async fn get(&self, node: NodeId) -> Result<FirewallView, Fault> {
        let (node, _) = self.my_node(node).await?;
        let input = hosts::current_input(&self.state, &node).await?;
        let shares = hosts::shares_of_input(&self.state, &input).await.or_internal("read its shares")?;
        self.firewall_view(&node, &input, &shares).await
    }

    async fn choose(&self, node: NodeId, backend: String, interface: String) -> Result<(), Fault> {
        let (node, tailnet) = self.my_node(node).await?;
        let kind: Backend =
            backend.parse().map_err(|_| Fault::field("backend", "choose the host's kind from the list"))?;
        let interface = match interface.trim() {
            "" => TAILSCALES_OWN,
            named => named,
        };
        let interface: Interface =
            interface.parse().map_err(|error| Fault::field("interface", format!("{error}")))?;
        let object = Object { kind: ObjectKind::Node, id: node.id.uuid(), name: node.name.clone() };
        let what = format!("chose the firewall of {}", node.name);
        let before =
            chosen(&node.firewall_backend).map(|before| format!("{before}, {}", node.firewall_interface));
        let after = Some(format!("{kind}, {interface}"));
        let entry = self.entry(&tailnet, object, what, before, after).await?;
        self.state
            .db
            .choose_host(node.id, kind, interface.as_str(), &entry)
            .await
            .or_internal("store the host's kind")?;
        hosts::try_renew(&self.state, node.id).await;
        Ok(())
    }

    async fn text(&self, node: NodeId) -> Result<String, Fault> {
        let (node, _) = self.my_node(node).await?;
        let backend = chosen(&node.firewall_backend).ok_or_else(|| {
            Fault::Conflict("choose the kind of this host first, on its firewall page".into())
        })?;
        let input = hosts::current_input(&self.state, &node).await?;
        Ok(firewall::render(&input, backend, Part::All).text())
    }
}

impl Asker {
    pub(super) async fn firewall_view(
        &self,
        node: &Node,
        input: &Input,
        shares: &[Share],
    ) -> Result<FirewallView, Fault> {
        let backend = chosen(&node.firewall_backend);
        let backends = Backend::ALL
            .into_iter()
            .map(|option| BackendOption {
                id: option.as_str().into(),
                label: option.label().into(),
                chosen: backend == Some(option),
            })
            .collect();
        let parts = |part| backend.map(|backend| firewall::render(input, backend, part));
        let (open, guard, all) = (parts(Part::Open), parts(Part::Guard), parts(Part::All));
        Ok(FirewallView {
            tailnet: node.tailnet,
            node_id: node.id,
            node: node.name.clone(),
            revision: input.revision(),
            made: node.firewall_made.unwrap_or_else(|| self.state.now()),
            backends,
            interface: node.firewall_interface.clone(),
            parts: open
                .map(|s| part("Open", "Lets the shared ports through the host's own firewall. Needed only where that would drop them.", s))
                .into_iter()
                .chain(guard.map(|s| part("Guard", "Your own devices pass; everybody else on the tailnet interface reaches the shared ports and nothing more. It bites next to Tailscale's own rules.", s)))
                .filter(|part| !part.lines.is_empty())
                .collect(),
            install: all.iter().flat_map(|s| s.apply.lines().map(str::to_owned)).collect(),
            boot: all.as_ref().map(|s| s.boot.clone()),
            check: all.as_ref().map(|s| s.check_command.clone()),
            list: all.as_ref().map(|s| s.list_command.clone()),
            undo: all.as_ref().map(|s| s.undo.clone()),
            notes: all.map(|s| s.notes).unwrap_or_default(),
            gates: self.gates_of_shares(shares).await?,
            policy: shares
                .iter()
                .filter_map(|share| serde_json::from_str::<policy::share::ShareRule>(share.deeds.rule.as_deref()?).ok())
                .map(|rule| rule.text())
                .collect(),
        })
    }
}

fn part(title: &str, about: &str, snippet: Snippet) -> PartView {
    PartView {
        title: title.into(),
        about: about.into(),
        file: snippet.file_name,
        lines: snippet
            .lines
            .into_iter()
            .map(|line| SnippetLine { text: line.text, reason: line.reason })
            .collect(),
    }
}
