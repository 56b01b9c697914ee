//! Earlier firewall texts of a machine: made again from what they were made of.

use app::fault::Fault;
use app::ports::revisions::{EarlierKind, RevisionList, RevisionRow, RevisionView, Revisions};
use async_trait::async_trait;
use firewall::{Backend, Change, Input, Label, Part, changes, render};
use model::{NodeId, Revision};

use super::Asker;
use crate::failure::OrInternal as _;
use crate::hosts;
use crate::hosts::chosen;
use crate::store::nodes::Node;
use crate::store::revisions::HostText;
use crate::text_diff::hunks;
use crate::words;

/// A year of a busy machine; the list says when there are more.
const SHOWN: i64 = 50;

#[async_trait]
impl Revisions for Asker {
    async fn list(&self, id: NodeId) -> Result<RevisionList, Fault> {
        let (node, _) = self.my_node(id).await?;
        let newest = node.firewall_revision;
        // One more, for what the oldest that is shown changed.
        let stored =
            self.state.db.list_revisions(id, newest, SHOWN + 1).await.or_internal("list the texts")?;
        let mut rows = Vec::new();
        let shown = usize::try_from(SHOWN).unwrap_or(usize::MAX);
        for (at, revision) in stored.iter().enumerate().take(shown) {
            rows.push(self.revision_row(&node, revision, stored.get(at + 1)).await?);
        }
        let host = self.state.db.find_host(id).await.or_internal("read what is known of the host")?;
        let seen = host.pasted.map(|pasted| pasted.revision);
        Ok(RevisionList {
            rows,
            more: stored.len() > shown,
            earlier: earlier(&node, &stored, seen, host.token_made.is_some()),
        })
    }

    async fn get(&self, id: NodeId, wanted: Revision) -> Result<RevisionView, Fault> {
        let (node, _) = self.my_node(id).await?;
        let around = self.state.db.list_revisions(id, wanted, 2).await.or_internal("read the text")?;
        let Some(revision) = around.first().filter(|found| found.revision == wanted) else {
            return Err(Fault::NotFound);
        };
        let row = self.revision_row(&node, revision, around.get(1)).await?;
        let input = revision.input().or_internal("read what the text was made of")?;
        let current = hosts::current_input(&self.state, &node).await?;
        let now = chosen(&node.firewall_backend);
        let then = chosen(&revision.backend).or(now);
        // Under one number, so that only what it says is compared.
        let renumbered = input.clone().with_revision(current.revision());
        let mut since = Vec::new();
        for change in changes(&input, &current) {
            since.push(self.in_words(&change).await?);
        }
        let text = |input: &Input, backend: Option<Backend>| {
            backend.map(|backend| render(input, backend, Part::All).text()).unwrap_or_default()
        };
        let shares = hosts::shares_of_input(&self.state, &input).await.or_internal("read its shares")?;
        Ok(RevisionView {
            tailnet: node.tailnet,
            node_id: id,
            node: node.name.clone(),
            newest: node.firewall_revision,
            kind: then.map(|backend| backend.label().into()),
            since,
            diff: hunks(&text(&renumbered, then), &text(&current, now)),
            text: text(&input, then),
            gates: self.gates_of_shares(&shares).await?,
            row,
        })
    }
}

impl Asker {
    async fn revision_row(
        &self,
        node: &Node,
        revision: &HostText,
        before: Option<&HostText>,
    ) -> Result<RevisionRow, Fault> {
        let mut told = Vec::new();
        match before {
            None if revision.revision == Revision::new(1) => {
                told.push(words::host::FIRST_TEXT.to_owned());
            }
            None => told.push(words::host::CHANGE_FORGOTTEN.to_owned()),
            Some(before) => {
                let of = |revision: &HostText| revision.input().or_internal("read what a text was made of");
                for change in changes(&of(before)?, &of(revision)?) {
                    told.push(self.in_words(&change).await?);
                }
                let kind = |revision: &HostText| chosen(&revision.backend);
                if let (Some(now), earlier) = (kind(revision), kind(before))
                    && earlier != Some(now)
                {
                    told.push(words::host::kind_is(now.label()));
                }
            }
        }
        Ok(RevisionRow {
            number: revision.revision,
            made: revision.made,
            changes: told,
            current: revision.revision == node.firewall_revision,
        })
    }

    async fn in_words(&self, change: &Change) -> Result<String, Fault> {
        Ok(match change {
            Change::Added(label) => words::host::let_in(&self.share_in_words(label).await?),
            Change::Removed(label) => words::host::shut_out(&self.share_in_words(label).await?),
            Change::Ports(label) => words::host::other_ports(&self.share_in_words(label).await?),
            Change::End(label) => words::host::another_end(&self.share_in_words(label).await?),
            Change::Peers(label) => words::host::other_addresses(&self.share_in_words(label).await?),
            Change::Own { joined, left } => match (joined.is_empty(), left.is_empty()) {
                (false, true) => words::host::MACHINE_JOINED.into(),
                (true, false) => words::host::MACHINE_LEFT.into(),
                _ => words::host::MACHINES_CHANGED.into(),
            },
            Change::Interface => words::host::INTERFACE_RENAMED.into(),
            Change::Name => words::host::MACHINE_RENAMED.into(),
        })
    }

    async fn share_in_words(&self, label: &Label) -> Result<String, Fault> {
        let Ok(id) = label.to_string().parse() else { return Ok("A share".into()) };
        let found = self.state.db.find_share(id).await.or_internal("read a share")?;
        let Some(share) = found else { return Ok(words::share::FORGOTTEN.into()) };
        let names = self.names_of_share(&share).await?;
        Ok(format!("{} for {}", names.service, names.friend))
    }
}

/// The last kind of host before the one of now, as long as no text of the new kind was seen in place: what was put in
/// place for it stays there until it is taken away, and what kinds have in common would go with it afterwards.
fn earlier(node: &Node, stored: &[HostText], seen: Option<Revision>, pulls: bool) -> Option<EarlierKind> {
    let now = chosen(&node.firewall_backend)?;
    let kinds = stored.iter().filter_map(|revision| Some((chosen(&revision.backend)?, revision)));
    let (kind, revision) = kinds.into_iter().find(|(kind, _)| *kind != now)?;
    if seen.is_some_and(|seen| seen > revision.revision) || one_file(kind, now) {
        return None;
    }
    let input = revision.input().ok()?;
    // The same guard is replaced by the new text in one step, and a pulled one stays what it is whatever the kind; only
    // the open part stands elsewhere.
    let same = pulls || guard_in_nft(kind) == guard_in_nft(now);
    let part = if same { Part::Open } else { Part::All };
    Some(EarlierKind { label: kind.label().into(), undo: render(&input, kind, part).undo })
}

/// Both are `acequia.nix` in the imports: one replaces the other.
const fn one_file(one: Backend, other: Backend) -> bool {
    const fn nixos(backend: Backend) -> bool {
        matches!(backend, Backend::NixosNftables | Backend::NixosIptables)
    }
    nixos(one) && nixos(other)
}

/// Where the guard is: in the table of nft, in the chain of iptables, or in rules of Windows.
const fn guard_in_nft(backend: Backend) -> Option<bool> {
    match backend {
        Backend::NixosNftables | Backend::Nftables | Backend::Firewalld => Some(true),
        Backend::NixosIptables | Backend::Iptables | Backend::Ufw => Some(false),
        Backend::Windows => None,
    }
}
