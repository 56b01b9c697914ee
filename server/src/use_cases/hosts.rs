//! The host of a machine: is the text in place, how does it get there, where do friends come from.

use std::collections::{BTreeMap, BTreeSet};

use app::fault::Fault;
use app::ports::firewall::SnippetLine;
use app::ports::hosts::{Found, FriendView, HostStanding, HostView, Hosts, InPlace, PullText, Verdict};
use async_trait::async_trait;
use firewall::{LiveError, System, TailnetAddress, compare_pasted, friends_in_status, pull};
use model::{Login, NodeId, ObjectKind, Revision, Timestamp};

use self::verdict::{Said, nothing, verdict};
use super::Asker;
use crate::failure::OrInternal as _;
use crate::revision::chosen;
use crate::secrets::hash_token;
use crate::services::Services;
use crate::store::audit::{Actor, NewEntry, Object};
use crate::store::hosts::{FriendAddresses, Host};
use crate::store::nodes::Node;
use crate::store::tailnets::Tailnet;

/// People get new phones; after a month their addresses are worth another look.
const STALE: i64 = 30 * 86_400;
/// The status of a tailnet with a thousand machines is below a megabyte, the largest form that is taken.
const LONGEST_PASTE: usize = 1 << 20;
/// Of one friend: thirty devices. Every text has them all.
const MOST_ADDRESSES: usize = 64;
/// Where the token lies on the host in the texts that are shown.
const TOKEN_FILE: &str = "/var/lib/acequia/token";

mod verdict;

#[async_trait]
impl Hosts for Asker {
    async fn get(&self, id: NodeId) -> Result<HostView, Fault> {
        let (node, _) = self.my_node(id).await?;
        let db = &self.services.db;
        let host = db.find_host(id).await.or_internal("read what is known of the host")?;
        let host = host.as_of(self.services.now());
        let standing = standing(node.firewall_revision, &host);
        let listed = db.list_friend_addresses(id).await.or_internal("read friends' addresses")?;
        let unread = listed.damaged.len();
        let friends = listed.readable();
        let url = self.pull_url(id);
        let status = host.tells.then(|| format!("{}{}", self.services.config.base(), app::paths::status(id)));
        let stale = self.services.now().plus_seconds(-STALE);
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
                    stale: friend.read.happened(self.services.now()).is_none_or(|read| read < stale),
                    login: friend.login,
                    addresses: friend.addresses,
                    read: friend.read,
                })
                .collect(),
        })
    }

    async fn make_token(&self, id: NodeId, tells: bool) -> Result<String, Fault> {
        let (node, tailnet) = self.my_node(id).await?;
        let token = self.services.random.new_token();
        let also = if tells { ", and tells which devices friends have" } else { "" };
        let what = format!("made a token with which {} fetches its firewall text{also}", node.name);
        let entry = self.node_entry(&tailnet, &node, what).await?;
        let (db, now) = (&self.services.db, self.services.now());
        db.put_pull_token(id, (Some(&hash_token(&token)), tells), now, &entry)
            .await
            .or_internal("store the token")?;
        Ok(token)
    }

    async fn revoke_token(&self, id: NodeId) -> Result<(), Fault> {
        let (node, tailnet) = self.my_node(id).await?;
        let what = format!("took the token of {} away: it fetches no firewall text any more", node.name);
        let entry = self.node_entry(&tailnet, &node, what).await?;
        let (db, now) = (&self.services.db, self.services.now());
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
        let input = self.services.current_input(&node).await?;
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
            let (db, now) = (&self.services.db, self.services.now());
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
        let friends = friends_of(&pasted, self.services.now())?;
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
        self.services.put_friends(node.id, (friends, true), &entry).await
    }

    /// Whether the host's own lock is in place, as far as it is known.
    pub(super) async fn standing(&self, node: &Node) -> Result<HostStanding, Fault> {
        let host = self.services.db.find_host(node.id).await.or_internal("read what is known of the host")?;
        Ok(standing(node.firewall_revision, &host.as_of(self.services.now())))
    }

    pub(super) async fn standing_of_node(&self, id: NodeId) -> Result<HostStanding, Fault> {
        let node = self.services.db.find_node(id).await.or_internal("read the machine")?;
        self.standing(&node.ok_or(Fault::NotFound)?).await
    }

    async fn pulls(&self, id: NodeId) -> Result<bool, Fault> {
        let host = self.services.db.find_host(id).await.or_internal("read what is known of the host")?;
        Ok(host.token_made.is_some())
    }

    async fn node_entry(&self, tailnet: &Tailnet, node: &Node, what: String) -> Result<NewEntry, Fault> {
        let object = Object { kind: ObjectKind::Node, id: node.id.uuid(), name: node.name.clone() };
        self.entry(tailnet, object, what, None, None).await
    }

    fn pull_url(&self, id: NodeId) -> String {
        format!("{}{}", self.services.config.base(), app::paths::pull(id))
    }
}

impl Services {
    /// What a host says by itself of friends' devices, with a token that may.
    ///
    /// # Errors
    /// [`Fault::NotFound`] for a wrong token and an unknown node alike, and for a token that may not; a text that is no
    /// status.
    pub async fn told_status(&self, node: NodeId, token: &str, status: &str) -> Result<(), Fault> {
        let db = &self.db;
        let known = db.is_pull_token(node, &hash_token(token)).await.or_internal("look for the token")?;
        let tells = known && db.find_host(node).await.or_internal("read what is known of the host")?.tells;
        let node = db.find_node(node).await.or_internal("read the machine")?.filter(|_| tells);
        let node = node.ok_or(Fault::NotFound)?;
        let before =
            db.list_friend_addresses(node.id).await.or_internal("read friends' addresses")?.readable();
        let shares = self.shares_in_snippet(&node).await.or_internal("list its shares")?;
        let has_share =
            |login: &str| shares.iter().any(|share| share.login.as_str().eq_ignore_ascii_case(login));
        let mut told = friends_of(status, self.now())?;
        told.retain(|friend| has_share(&friend.login));
        // Whom it does not name keeps what was known: forgetting opens ports to more people, and is a person's deed.
        let known = |friend: &FriendAddresses| {
            before.iter().any(|one| (&one.login, &one.addresses) == (&friend.login, &friend.addresses))
        };
        // Every five minutes the same is nothing to write down.
        if told.iter().all(known) {
            for friend in &told {
                db.mark_friend_read(node.id, &friend.login, self.now()).await.or_internal("note the date")?;
            }
            return Ok(());
        }
        let tailnet = db.find_tailnet(node.tailnet).await.or_internal("read the tailnet")?;
        let tailnet = tailnet.ok_or(Fault::NotFound)?;
        let object = Object { kind: ObjectKind::Node, id: node.id.uuid(), name: node.name.clone() };
        let what = format!("was told by {} which devices friends have", node.name);
        let entry = self.entry_by(Actor::Acequia, &tailnet, object, what, None, None);
        self.put_friends(node.id, (&told, false), &entry).await
    }

    async fn put_friends(
        &self,
        node: NodeId,
        friends: (&[FriendAddresses], bool),
        entry: &NewEntry,
    ) -> Result<(), Fault> {
        self.db.put_friend_addresses(node, friends, entry).await.or_internal("store friends' addresses")?;
        self.try_renew_firewall(node).await;
        Ok(())
    }
}

/// Friends whose login a status names, with their devices. One login may be several users there.
fn friends_of(status: &str, now: Timestamp) -> Result<Vec<FriendAddresses>, Fault> {
    let mut friends: BTreeMap<String, BTreeSet<TailnetAddress>> = BTreeMap::new();
    for friend in friends_in_status(status).map_err(|error| Fault::field("status", error))? {
        // What is no login is the login of no share.
        if let Some(login) = friend.login.filter(|login| login.parse::<Login>().is_ok()) {
            friends.entry(login.to_lowercase()).or_default().extend(friend.addresses);
        }
    }
    let one = |(login, addresses): (String, BTreeSet<TailnetAddress>)| FriendAddresses {
        login,
        addresses: addresses.iter().take(MOST_ADDRESSES).map(ToString::to_string).collect(),
        read: now,
    };
    Ok(friends.into_iter().map(one).collect())
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
