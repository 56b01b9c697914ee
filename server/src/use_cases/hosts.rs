//! The host of a machine: is the text in place, how does it get there, where do friends come from.

use app::fault::Fault;
use app::ports::firewall::SnippetLine;
use app::ports::hosts::{FriendView, HostStanding, HostView, Hosts, PullText, Verdict};
use async_trait::async_trait;
use firewall::{Backend, LiveError, System, Tells, compare_pasted, pull_telling};
use model::host::{May, in_place};
use model::{NodeId, Revision};

use super::Asker;
use crate::failure::OrInternal as _;
use crate::hosts::{self, chosen};
use crate::secrets::hash_token;
use crate::store::audit::Object;
use crate::store::hosts::{FriendAddresses, Host, Seen};
use crate::store::nodes::Node;
use crate::store::tailnets::Tailnet;
use crate::words;
use crate::words::verdict::{self, nothing, verdict};

/// People get new phones; after a month their addresses are worth another look.
const STALE: i64 = 30 * 86_400;
/// The status of a tailnet with a thousand machines is below a megabyte, the largest form that is taken.
const LONGEST_PASTE: usize = 1 << 20;
/// Where the token lies on the host in the texts that are shown.
const TOKEN_FILE: &str = "/var/lib/acequia/token";

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
        let tells = host.may.tells.then(|| {
            let base = self.state.config.base();
            [app::paths::status(id), app::paths::filter(id)].map(|path| format!("{base}{path}"))
        });
        let backend = chosen(&node.firewall_backend);
        let stale = self.state.now().plus_seconds(-STALE);
        Ok(HostView {
            standing,
            token_made: host.token_made,
            may: host.may,
            fetched: host.asked,
            refused: host.refused.map(|(_, why)| words::host::text_refused(&why, node.firewall_revision)),
            may_fetch: backend.is_none_or(Backend::pulls),
            pulls: [(System::Nixos, "NixOS"), (System::Debian, words::host::OTHER_LINUX)]
                .into_iter()
                // A host of which nothing is known yet may be either.
                .filter(|(system, _)| {
                    backend.is_none_or(|kind| kind.pulls() && kind.is_nixos() == (*system == System::Nixos))
                })
                .filter_map(|(system, title)| pull_text(system, title, &url, tells.as_ref()))
                .collect(),
            url,
            list_url: format!("{}{}", self.state.config.base(), app::paths::services_of(id)),
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

    async fn make_token(&self, id: NodeId, may: May) -> Result<String, Fault> {
        let (node, tailnet) = self.my_node(id).await?;
        if chosen(&node.firewall_backend).is_some_and(|kind| !kind.pulls()) {
            return Err(words::host::cannot_fetch());
        }
        let token = self.state.random.new_token();
        let what = words::host::made_token(&node.name, may);
        let entry = self.about(Object::from(&node)).await?.says(what).of(&tailnet).at(&self.state);
        let (db, now) = (&self.state.db, self.state.now());
        db.put_pull_token(id, (Some(&hash_token(&token)), may), now, &entry)
            .await
            .or_internal("store the token")?;
        Ok(token)
    }

    async fn revoke_token(&self, id: NodeId) -> Result<(), Fault> {
        let (node, tailnet) = self.my_node(id).await?;
        let what = words::host::took_token(&node.name);
        let entry = self.about(Object::from(&node)).await?.says(what).of(&tailnet).at(&self.state);
        let (db, now) = (&self.state.db, self.state.now());
        db.put_pull_token(id, (None, May::default()), now, &entry).await.or_internal("take the token away")
    }

    async fn read_rules(&self, id: NodeId, pasted: String) -> Result<Verdict, Fault> {
        let (node, tailnet) = self.my_node(id).await?;
        if pasted.trim().is_empty() || pasted.len() > LONGEST_PASTE {
            return Err(Fault::field("rules", words::host::PASTE_THE_CHECK));
        }
        let Some(backend) = chosen(&node.firewall_backend) else {
            return Err(words::host::choose_kind_first());
        };
        let input = hosts::current_input(&self.state, &node).await?;
        let host = self.state.db.find_host(id).await.or_internal("read what is known of the host")?;
        let told = match compare_pasted(&input, backend, &pasted) {
            Ok(compared) => {
                let told = verdict(&compared, input.revision(), &pasted);
                // Of other rules a counter of before says nothing.
                let same = |(revision, _)| host.pasted.is_some_and(|before| before.revision == revision);
                let before = host.unseen.filter(|_| told.seen.is_some_and(same));
                let hold = compared.grip.hold(before.and_then(|before| before.try_into().ok()));
                verdict::holding(told, hold, &compared.grip)
            }
            // A guard that is fetched is in nft, and not in this list.
            Err(error @ LiveError::NoChain) if host.token_made.is_none() => nothing(&error),
            Err(error) => return Err(Fault::field("rules", error)),
        };
        let verdict::Verdict { words, good, seen, hold, unseen } = told;
        let noted = seen.is_some();
        if let Some((revision, whole)) = seen {
            let entry = self
                .about(Object::from(&node))
                .await?
                .says(words::host::looked_at_rules(&node.name, &words))
                .of(&tailnet)
                .at(&self.state);
            let (db, now) = (&self.state.db, self.state.now());
            let unseen = unseen.and_then(|unseen| unseen.try_into().ok());
            let seen = Seen { revision, whole, hold, unseen };
            db.mark_seen_on_host(id, seen, now, &entry).await.or_internal("remember what is in place")?;
        }
        Ok(Verdict { words, good, noted })
    }

    async fn read_status(&self, id: NodeId, pasted: String) -> Result<usize, Fault> {
        let (node, tailnet) = self.my_node(id).await?;
        if pasted.len() > LONGEST_PASTE {
            return Err(Fault::field("status", words::host::STATUS_TOO_LONG));
        }
        let friends = hosts::friends_of(&pasted, self.state.now())?;
        let what = words::host::read_friends(&node.name);
        self.put_friends(&tailnet, &node, &friends, what).await?;
        Ok(friends.len())
    }

    async fn forget_friends(&self, id: NodeId) -> Result<(), Fault> {
        let (node, tailnet) = self.my_node(id).await?;
        let what = words::host::forgot_friends(&node.name);
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
        let entry = self.about(Object::from(node)).await?.says(what).of(tailnet).at(&self.state);
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

    fn pull_url(&self, id: NodeId) -> String {
        format!("{}{}", self.state.config.base(), app::paths::pull(id))
    }
}

pub(super) fn standing(current: Revision, host: &Host) -> HostStanding {
    HostStanding { revision: current, in_place: in_place(current, host.told, host.pasted) }
}

fn pull_text(system: System, title: &str, url: &str, tells: Option<&[String; 2]>) -> Option<PullText> {
    let told = tells
        .map_or_else(Tells::default, |[status, filter]| Tells { status: Some(status), filter: Some(filter) });
    let text = pull_telling(system, url, told, TOKEN_FILE).ok()?;
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
