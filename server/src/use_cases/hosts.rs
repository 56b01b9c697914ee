//! The host of a machine: is the text in place, how does it get there, where do friends come from.

use app::fault::Fault;
use app::ports::firewall::SnippetLine;
use app::ports::hosts::{Found, FriendView, HostStanding, HostView, Hosts, InPlace, PullText, Verdict};
use async_trait::async_trait;
use firewall::{LiveError, System, compare_pasted, pull};
use model::{NodeId, ObjectKind, Revision};

use self::verdict::{Said, nothing, verdict};
use super::Asker;
use crate::failure::OrInternal as _;
use crate::hosts::{self, chosen};
use crate::secrets::hash_token;
use crate::store::audit::{NewEntry, Object};
use crate::store::hosts::{FriendAddresses, Host};
use crate::store::nodes::Node;
use crate::store::tailnets::Tailnet;

/// People get new phones; after a month their addresses are worth another look.
const STALE: i64 = 30 * 86_400;
/// The status of a tailnet with a thousand machines is below a megabyte, the largest form that is taken.
const LONGEST_PASTE: usize = 1 << 20;
/// Where the token lies on the host in the texts that are shown.
const TOKEN_FILE: &str = "/var/lib/acequia/token";

mod verdict;

#[async_trait]
impl Hosts for Asker {
    async fn get(&self, id: NodeId) -> Result<HostView, Fault> {
        let (node, _) = self.my_node(id).await?;
        let db = &self.state.db;
        let host = db.find_host(id).await.or_internal("read what is known of the host")?;
        let host = host.as_of(self.state.now());
        let standing = standing(node.firewall_revision, &host);
        let listed = db.list_friend_addresses(id).await.or_internal("read friends' addresses")?;
        let unread = listed.damaged.len();
        let friends = listed.readable();
        let url = self.pull_url(id);
        let status = host.tells.then(|| format!("{}{}", self.state.config.base(), app::paths::status(id)));
        let stale = self.state.now().plus_seconds(-STALE);
        Ok(HostView {
            standing,
            token_made: host.token_made,
            tells: host.tells,
            fetched: host.asked,
            pulls: [(System::Nixos, "NixOS"), (System::Debian, "Other Linux with systemd")]
                .into_iter()
                .filter_map(|(system, title)| pull_text(system, title, &url, status.as_deref()))
                .collect(),
            url,
            unread_friends: unread > 0,
            friends: friends
                .into_iter()
                .map(|friend| FriendView {
                    stale: friend.read.happened(self.state.now()).is_none_or(|read| read < stale),
                    login: friend.login,
                    addresses: friend.addresses,
                    read: friend.read,
                })
                .collect(),
        })
    }

    async fn make_token(&self, id: NodeId, tells: bool) -> Result<String, Fault> {
        let (node, tailnet) = self.my_node(id).await?;
        let token = self.state.random.new_token();
        let also = if tells { ", and tells which devices friends have" } else { "" };
        let what = format!("made a token with which {} fetches its firewall text{also}", node.name);
        let entry = self.node_entry(&tailnet, &node, what).await?;
        let (db, now) = (&self.state.db, self.state.now());
        db.put_pull_token(id, (Some(&hash_token(&token)), tells), now, &entry)
            .await
            .or_internal("store the token")?;
        Ok(token)
    }

    async fn revoke_token(&self, id: NodeId) -> Result<(), Fault> {
        let (node, tailnet) = self.my_node(id).await?;
        let what = format!("took the token of {} away: it fetches no firewall text any more", node.name);
        let entry = self.node_entry(&tailnet, &node, what).await?;
        let (db, now) = (&self.state.db, self.state.now());
        db.put_pull_token(id, (None, false), now, &entry).await.or_internal("take the token away")
    }

    async fn read_rules(&self, id: NodeId, pasted: String) -> Result<Verdict, Fault> {
        let (node, tailnet) = self.my_node(id).await?;
        if pasted.trim().is_empty() || pasted.len() > LONGEST_PASTE {
            return Err(Fault::field(
                "rules",
                "paste what the check command printed on the host, at most a megabyte",
            ));
        }
        let Some(backend) = chosen(&node.firewall_backend) else {
            return Err(Fault::Conflict("choose the kind of this host first, on its firewall page".into()));
        };
        let input = hosts::current_input(&self.state, &node).await?;
        let Said { words, good, seen } = match compare_pasted(&input, backend, &pasted) {
            Ok(compared) => verdict(&compared, input.revision(), &pasted),
            // A guard that is fetched is in nft, and not in this list.
            Err(error @ LiveError::NoChain) if !self.pulls(id).await? => nothing(&error),
            Err(error) => return Err(Fault::field("rules", error)),
        };
        if let Some(seen) = seen {
            let entry = self
                .node_entry(&tailnet, &node, format!("looked at the rules of {}: {words}", node.name))
                .await?;
            let (db, now) = (&self.state.db, self.state.now());
            db.mark_seen_on_host(id, seen, now, &entry).await.or_internal("remember what is in place")?;
        }
        Ok(Verdict { words, good })
    }

    async fn read_status(&self, id: NodeId, pasted: String) -> Result<usize, Fault> {
        let (node, tailnet) = self.my_node(id).await?;
        if pasted.len() > LONGEST_PASTE {
            return Err(Fault::field(
                "status",
                "this is more than a megabyte; paste the output of tailscale status --json",
            ));
        }
        let friends = hosts::friends_of(&pasted, self.state.now())?;
        let what = format!("read friends' addresses on {}", node.name);
        self.put_friends(&tailnet, &node, &friends, what).await?;
        Ok(friends.len())
    }

    async fn forget_friends(&self, id: NodeId) -> Result<(), Fault> {
        let (node, tailnet) = self.my_node(id).await?;
        let what = format!("forgot friends' addresses on {}", node.name);
        self.put_friends(&tailnet, &node, &[], what).await
    }
}

impl Asker {
    async fn put_friends(
        &self,
        tailnet: &Tailnet,
        node: &Node,
        friends: &[FriendAddresses],
        what: String,
    ) -> Result<(), Fault> {
        let entry = self.node_entry(tailnet, node, what).await?;
        hosts::put_friends(&self.state, node.id, (friends, true), &entry).await
    }

    /// Whether the host's own lock is in place, as far as it is known.
    pub(super) async fn standing(&self, node: &Node) -> Result<HostStanding, Fault> {
        let host = self.state.db.find_host(node.id).await.or_internal("read what is known of the host")?;
        Ok(standing(node.firewall_revision, &host.as_of(self.state.now())))
    }

    pub(super) async fn standing_of_node(&self, id: NodeId) -> Result<HostStanding, Fault> {
        let node = self.state.db.find_node(id).await.or_internal("read the machine")?;
        self.standing(&node.ok_or(Fault::NotFound)?).await
    }

    async fn pulls(&self, id: NodeId) -> Result<bool, Fault> {
        let host = self.state.db.find_host(id).await.or_internal("read what is known of the host")?;
        Ok(host.token_made.is_some())
    }

    async fn node_entry(&self, tailnet: &Tailnet, node: &Node, what: String) -> Result<NewEntry, Fault> {
        let object = Object { kind: ObjectKind::Node, id: node.id.uuid(), name: node.name.clone() };
        self.entry(tailnet, object, what, None, None).await
    }

    fn pull_url(&self, id: NodeId) -> String {
        format!("{}{}", self.state.config.base(), app::paths::pull(id))
    }
}

/// Of what the host said and what was pasted the newer one counts. But a number that a host says does not outweigh
/// rules that were looked at and found to be others.
pub(super) fn standing(current: Revision, host: &Host) -> HostStanding {
    let place = |(at, revision, whole): (_, Revision, bool), how| InPlace {
        at,
        revision,
        found: match whole {
            false if revision.is_none() => Found::Nothing,
            _ if revision != current => Found::Older,
            true => Found::Current,
            false => Found::Altered,
        },
        how,
    };
    let altered = host.seen.and_then(|(_, revision, whole)| (!whole).then_some(revision));
    let told = host.told.filter(|(_, revision)| altered != Some(*revision));
    let told = told.map(|(at, revision)| place((at, revision, true), "told by the host"));
    let seen = host.seen.map(|seen| place(seen, "pasted"));
    HostStanding { revision: current, in_place: told.into_iter().chain(seen).max_by_key(|known| known.at) }
}

fn pull_text(system: System, title: &str, url: &str, status: Option<&str>) -> Option<PullText> {
    let text = pull(system, url, status, TOKEN_FILE).ok()?;
    Some(PullText {
        title: title.into(),
        file: text.file_name,
        lines: text
            .lines
            .into_iter()
            .map(|line| SnippetLine { text: line.text, reason: line.reason })
            .collect(),
    })
}
