//! The host firewall of a node: one snippet with all its shares.

use app::fault::Fault;
use app::ports::firewall::{BackendOption, Firewall, FirewallView, PartFile, PartView, SnippetLine};
use async_trait::async_trait;
use firewall::{Backend, Input, Interface, Part, Snippet};
use model::NodeId;

use super::Asker;
use crate::failure::OrInternal as _;
use crate::hosts::{self, chosen};
use crate::store::audit::Object;
use crate::store::nodes::Node;
use crate::store::shares::Share;
use crate::words;

/// What tailscaled calls its interface on Linux unless it is told another name.
const TAILSCALES_OWN: &str = "tailscale0";

#[async_trait]
impl Firewall for Asker {
    async fn look(&self, node: NodeId, kind: Option<String>) -> Result<FirewallView, Fault> {
        let (node, _) = self.my_node(node).await?;
        let (input, looked_at) = self.looked_at(&node, kind.as_deref()).await?;
        let shares = hosts::shares_of_input(&self.state, &input).await.or_internal("read its shares")?;
        let view = self.firewall_view(&node, looked_at, &input, &shares).await?;
        let download = |part| {
            let kind = looked_at.map(Backend::as_str);
            Some(app::paths::firewall_file(node.tailnet, node.id, part, kind))
        };
        let parts = view.parts.into_iter().zip(["open", "guard"]);
        let parts = parts.map(|(shown, part)| PartView { download: download(part), ..shown });
        Ok(FirewallView { parts: parts.collect(), revision: node.firewall_revision, ..view })
    }

    async fn choose(&self, node: NodeId, backend: String, interface: String) -> Result<(), Fault> {
        let (node, tailnet) = self.my_node(node).await?;
        let kind: Backend =
            backend.parse().map_err(|_| Fault::field("backend", words::host::CHOOSE_FROM_THE_LIST))?;
        let interface = match interface.trim() {
            "" => TAILSCALES_OWN,
            named => named,
        };
        let interface: Interface =
            interface.parse().map_err(|error| Fault::field("interface", format!("{error}")))?;
        let object = Object::from(&node);
        let what = words::host::chose_firewall(&node.name);
        let before =
            chosen(&node.firewall_backend).map(|before| format!("{before}, {}", node.firewall_interface));
        let after = Some(format!("{kind}, {interface}"));
        let entry =
            self.about(object).await?.says(what).of(&tailnet).before(before).after(after).at(&self.state);
        self.state
            .db
            .choose_host(node.id, kind, interface.as_str(), &entry)
            .await
            .or_internal("store the host's kind")?;
        hosts::try_renew(&self.state, node.id).await;
        Ok(())
    }

    async fn file(&self, node: NodeId, part: String, kind: Option<String>) -> Result<PartFile, Fault> {
        let (node, _) = self.my_node(node).await?;
        let part: Part = part.parse().map_err(|_| Fault::NotFound)?;
        let (input, looked_at) = self.looked_at(&node, kind.as_deref()).await?;
        let backend = looked_at.or(chosen(&node.firewall_backend));
        let backend = backend.ok_or_else(words::host::choose_kind_first)?;
        let Snippet { file_name: name, lines, .. } = firewall::render(&input, backend, part);
        Ok(PartFile { name, text: lines.into_iter().flat_map(|line| [line.text, "\n".into()]).collect() })
    }
}

impl Asker {
    /// What the text is made of, and the kind of host that somebody looks at, if it is another than the chosen one. The
    /// number is then the one that the text would have if that kind was chosen.
    async fn looked_at(&self, node: &Node, kind: Option<&str>) -> Result<(Input, Option<Backend>), Fault> {
        let input = hosts::current_input(&self.state, node).await?;
        let kind = kind.and_then(|kind| kind.parse().ok());
        let kind = kind.filter(|kind| chosen(&node.firewall_backend) != Some(*kind));
        let next = node.firewall_revision.next();
        Ok((if kind.is_some() { input.with_revision(next) } else { input }, kind))
    }

    pub(super) async fn firewall_view(
        &self,
        node: &Node,
        looked_at: Option<Backend>,
        input: &Input,
        shares: &[Share],
    ) -> Result<FirewallView, Fault> {
        let set = chosen(&node.firewall_backend);
        let backend = looked_at.or(set);
        let option = |option: Backend| BackendOption {
            id: option.as_str().into(),
            label: option.label().into(),
            chosen: set == Some(option),
        };
        let parts = |part| backend.map(|backend| firewall::render(input, backend, part));
        let (open, guard, all) = (parts(Part::Open), parts(Part::Guard), parts(Part::All));
        // Each part is a file of its own. The guard comes first: whatever fails then, the host is closed rather than open.
        let both = || guard.iter().chain(&open);
        let said = |of: fn(&Snippet) -> &String| {
            let said: Vec<&str> =
                both().map(|part| of(part).as_str()).filter(|text| !text.is_empty()).collect();
            let all = said
                .iter()
                .enumerate()
                .filter(|(at, text)| !said.iter().take(*at).any(|other| other == *text));
            let all: Vec<&str> = all.map(|(_, text)| *text).collect();
            (!all.is_empty()).then(|| all.join("\n"))
        };
        let install: Vec<String> = both().flat_map(|part| part.apply.lines()).map(str::to_owned).collect();
        let (boot, undo) = (said(|part| &part.boot), said(|part| &part.undo));
        Ok(FirewallView {
            tailnet: node.tailnet,
            node_id: node.id,
            node: node.name.clone(),
            revision: input.revision(),
            made: node.firewall_made.unwrap_or_else(|| self.state.now()),
            looked_at: looked_at.map(option),
            backends: Backend::ALL.into_iter().map(option).collect(),
            interface: node.firewall_interface.clone(),
            // Named before the text is read.
            losers: if backend.is_some() { self.losers(node, input).await? } else { Vec::new() },
            parts: open
                .map(|s| part("Open", words::host::ABOUT_OPEN, s))
                .into_iter()
                .chain(guard.map(|s| part("Guard", words::host::ABOUT_GUARD, s)))
                .collect(),
            install: once(install),
            boot,
            check: all.as_ref().map(|s| s.check_command.clone()),
            list: all.as_ref().map(|s| s.list_command.clone()),
            undo,
            notes: all.map(|s| s.notes).unwrap_or_default(),
            gates: self.gates_of_shares(shares).await?,
            policy: shares
                .iter()
                .filter_map(|share| {
                    serde_json::from_str::<policy::share::ShareRule>(share.deeds.rule.as_deref()?).ok()
                })
                .map(|rule| rule.text())
                .collect(),
        })
    }
}

/// A command that both parts need is given once, at the end.
fn once(all: Vec<String>) -> Vec<String> {
    let again = |at: usize, line: &String| all.iter().skip(at + 1).any(|other| other == line);
    all.iter().enumerate().filter(|(at, line)| !again(*at, line)).map(|(_, line)| line.clone()).collect()
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
        download: None,
    }
}
