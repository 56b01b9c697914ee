//! The host firewall of a node: one snippet with all its shares.

use app::fault::Fault;
use app::ports::firewall::{BackendOption, Firewall, FirewallView, PartView, SnippetLine};
use async_trait::async_trait;
use firewall::{Backend, Input, Interface, Part, Snippet};
use model::{NodeId, Phase, Protocol, ShareState};
use serde_json::json;

use super::Asker;
use crate::failure::OrInternal as _;
use crate::secrets::hash_token;
use crate::services::Services;
use crate::store::audit::Object;
use crate::store::nodes::Node;
use crate::store::shares::Share;

/// What tailscaled calls its interface on Linux unless it is told another name.
const TAILSCALES_OWN: &str = "tailscale0";

#[async_trait]
impl Firewall for Asker {
    async fn get(&self, node: NodeId) -> Result<FirewallView, Fault> {
        let (node, _) = self.my_node(node).await?;
        let shares = self.services.shares_in_snippet(&node).await?;
        self.firewall_view(&node, node.firewall_revision, &shares).await
    }

    async fn choose(&self, node: NodeId, backend: String, interface: String) -> Result<(), Fault> {
        let (node, tailnet) = self.my_node(node).await?;
        let chosen: Backend =
            backend.parse().map_err(|_| Fault::field("backend", "choose the host's kind from the list"))?;
        let interface = match interface.trim() {
            "" => TAILSCALES_OWN,
            named => named,
        };
        let interface: Interface =
            interface.parse().map_err(|error| Fault::field("interface", format!("{error}")))?;
        let object = Object { kind: "node", id: node.id.uuid(), name: node.name.clone() };
        let what = format!("chose the firewall of {}", node.name);
        let before = node.firewall_backend.map(|kind| format!("{kind}, {}", node.firewall_interface));
        let after = Some(format!("{chosen}, {interface}"));
        let entry = self.entry(&tailnet, object, what, before, after).await?;
        let (db, now) = (&self.services.db, self.services.now());
        let kind = chosen.as_str();
        db.choose_host(node.id, kind, interface.as_str(), now, &entry)
            .await
            .or_internal("store the host's kind")
    }

    async fn text(&self, node: NodeId) -> Result<String, Fault> {
        let (node, _) = self.my_node(node).await?;
        let shares = self.services.shares_in_snippet(&node).await?;
        let backend = chosen(&node).ok_or_else(|| {
            Fault::Conflict("choose the kind of this host first, on its firewall page".into())
        })?;
        let input = self.services.firewall_input(&node, node.firewall_revision, &shares).await?;
        Ok(firewall::render(&input, backend, Part::All).text())
    }
}

impl Services {
    /// Shares of a node that its snippet has to let in.
    pub(crate) async fn shares_in_snippet(&self, node: &Node) -> Result<Vec<Share>, Fault> {
        let all = self.db.list_open_shares(node.tailnet).await.or_internal("list the shares")?;
        let let_in = |share: &Share| match &share.state {
            ShareState::Applying | ShareState::WaitingForFriend { .. } | ShareState::Active { .. } => true,
            ShareState::NeedsAttention { phase, .. } => *phase == Phase::Apply,
            ShareState::Accepted { .. } | ShareState::Ending { .. } | ShareState::Ended { .. } => false,
        };
        Ok(all.into_iter().filter(|share| share.node == node.id && let_in(share)).collect())
    }

    pub(crate) async fn firewall_input(
        &self,
        node: &Node,
        revision: i64,
        shares: &[Share],
    ) -> Result<Input, Fault> {
        let nodes = self.db.list_nodes(node.tailnet).await.or_internal("list the nodes")?;
        let own: Vec<&String> = nodes
            .iter()
            .filter(|other| !other.external && other.gone.is_none())
            .flat_map(|other| &other.addresses)
            .collect();
        let friends = self.db.list_friend_addresses(node.id).await.or_internal("read friends' addresses")?;
        let shares: Vec<serde_json::Value> = shares
            .iter()
            .map(|share| {
                let ports = |protocol| serde_json::to_value(share.ports.of(protocol)).unwrap_or_default();
                let mut told = json!({
                    "id": share.id.to_string(), "tcp": ports(Protocol::Tcp), "udp": ports(Protocol::Udp),
                });
                if let Some(ends) = share.ends {
                    told["until"] = json!(ends);
                }
                // Known in one share is known in all of theirs.
                let known =
                    friends.iter().find(|friend| friend.login.eq_ignore_ascii_case(share.login.as_str()));
                if let Some(friend) = known {
                    told["peers"] = json!(friend.addresses);
                }
                told
            })
            .collect();
        let input = json!({
            "node": node.name, "revision": revision, "interface": node.firewall_interface, "own": own, "shares": shares,
        });
        Input::from_json(&input.to_string())
            .map_err(|error| Fault::Conflict(format!("no firewall text can be made for this node: {error}")))
    }

    /// What a host gets that fetches its own text, with the token of its node: the text and its revision.
    ///
    /// # Errors
    /// [`Fault::NotFound`] for a wrong token and an unknown node alike; [`Fault::Invalid`] for another kind of host.
    pub async fn pulled(&self, node: NodeId, token: &str, backend: &str) -> Result<(i64, String), Fault> {
        let known =
            self.db.is_pull_token(node, &hash_token(token)).await.or_internal("look for the token")?;
        let node = self.db.find_node(node).await.or_internal("read the node")?.filter(|_| known);
        let node = node.ok_or(Fault::NotFound)?;
        let backend: Backend =
            backend.parse().map_err(|error| Fault::field("backend", format!("{error}")))?;
        let shares = self.shares_in_snippet(&node).await?;
        let input = self.firewall_input(&node, node.firewall_revision, &shares).await?;
        let text = firewall::render(&input, backend, Part::All).text();
        self.db
            .mark_fetched(node.id, node.firewall_revision, self.now())
            .await
            .or_internal("note the visit")?;
        Ok((node.firewall_revision, text))
    }
}

impl Asker {
    pub(super) async fn firewall_view(
        &self,
        node: &Node,
        revision: i64,
        shares: &[Share],
    ) -> Result<FirewallView, Fault> {
        let input = self.services.firewall_input(node, revision, shares).await?;
        let backend = chosen(node);
        let backends = Backend::ALL
            .into_iter()
            .map(|option| BackendOption {
                id: option.as_str().into(),
                label: option.label().into(),
                chosen: backend == Some(option),
            })
            .collect();
        let parts = |part| backend.map(|backend| firewall::render(&input, backend, part));
        let (open, guard, all) = (parts(Part::Open), parts(Part::Guard), parts(Part::All));
        Ok(FirewallView {
            tailnet: node.tailnet,
            node_id: node.id,
            node: node.name.clone(),
            revision: u32::try_from(revision).unwrap_or(0),
            made: node.firewall_made.unwrap_or_else(|| self.services.now()),
            backends,
            interface: node.firewall_interface.clone(),
            parts: open
                .map(|s| part("Open", "Lets the shared ports through the host's own firewall. Needed only where that would drop them.", s))
                .into_iter()
                .chain(guard.map(|s| part("Guard", "Your own devices pass; everybody else on the tailnet interface reaches the shared ports and nothing more. It bites next to Tailscale's own rules.", s)))
                .filter(|part| !part.lines.is_empty())
                .collect(),
            install: all.iter().flat_map(|s| s.apply.lines().map(str::to_owned)).collect(),
            check: all.as_ref().map(|s| s.check_command.clone()),
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

fn chosen(node: &Node) -> Option<Backend> {
    node.firewall_backend.as_deref().and_then(|backend| backend.parse().ok())
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
