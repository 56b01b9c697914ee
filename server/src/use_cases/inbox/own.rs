//! What waits in one's own networks and shares. As many statements, however much there is.

use app::fault::Fault;
use app::paths;
use app::ports::hosts::Found;
use app::ports::inbox::{Item, Kind};
use model::{Need, PersonId, ShareState, Timestamp};
use sharing::words::words;

use crate::failure::OrInternal as _;
use crate::state::Viewer;
use crate::store::decode::{Damaged, Listed};
use crate::store::gates::Names;
use crate::store::hosts::HostOfNode;
use crate::store::shares::Share;
use crate::store::standing::LeftAlone;
use crate::store::tailnets::Failing;
use crate::use_cases::Asker;
use crate::use_cases::hosts::standing;

const DAY: i64 = 24 * 60 * 60;
/// A host that fetches does so every five minutes; after three times something is wrong.
const FETCHES_WITHIN: i64 = 15 * 60;

/// One of them, with its place in the list: the newest first.
pub(super) struct Waiting {
    pub since: Timestamp,
    /// Two of the same time are told apart by it.
    pub name: String,
    pub item: Item,
}

impl Waiting {
    fn new(since: Timestamp, item: Item) -> Self {
        Self { since, name: format!("{} {}", item.href, item.title), item }
    }
}

impl Asker {
    /// With what is about these shares: all that `me` gives or receives.
    pub(super) async fn own(&self, me: PersonId, shares: &Listed<Share>) -> Result<Vec<Waiting>, Fault> {
        let mut all = self.about_shares(me, &shares.rows).await?;
        all.extend(shares.damaged.iter().filter_map(|damaged| about_unread(damaged, self.state.now())));
        all.extend(self.about_the_database());
        all.extend(self.about_left_alone(me).await?);
        all.extend(self.about_credentials(me).await?);
        all.extend(self.about_strays(me).await?);
        all.extend(self.about_hosts(me).await?);
        all.sort_by(|a, b| (b.since, &b.name).cmp(&(a.since, &a.name)));
        Ok(all)
    }

    /// For whoever can do something about it.
    fn about_the_database(&self) -> Option<Waiting> {
        let state = &self.state;
        let (trouble, overdue) = (state.signals.health.trouble(), state.signals.overdue.count());
        let owner = matches!(self.viewer, Viewer::Person { instance_owner: true, .. });
        if !owner || (trouble.is_none() && overdue == 0) {
            return None;
        }
        let why =
            trouble.map(|trouble| format!("The database takes no writes: {trouble}. ")).unwrap_or_default();
        let (title, then) = match overdue {
            0 => (
                "Nothing can be kept at the moment".to_owned(),
                "What was confirmed is safe; what is asked for now is refused until that is mended.",
            ),
            1 => (
                "One share whose time is over could not be ended".to_owned(),
                "It is tried again every few seconds and ends by itself; until then it is still open.",
            ),
            many => (
                format!("{many} shares whose time is over could not be ended"),
                "They are tried again every few seconds and end by themselves; until then they are still open.",
            ),
        };
        let now = state.now();
        let item = Item {
            kind: Kind::Attention,
            title,
            detail: Some(format!("{why}{then}")),
            href: paths::home(),
            action: "Look again".into(),
            at: now,
        };
        Some(Waiting::new(now, item))
    }

    async fn about_shares(&self, me: PersonId, shares: &[Share]) -> Result<Vec<Waiting>, Fault> {
        let (db, now) = (&self.state.db, self.state.now());
        // Most shares need nobody, and their names are not looked up on every page.
        let may_need = |share: &&Share| match share.state {
            ShareState::Active { .. } => share.ends.is_some_and(|ends| ends <= now.plus_seconds(3 * DAY)),
            _ => !share.state.is_over(),
        };
        let shares: Vec<&Share> = shares.iter().filter(may_need).collect();
        let ids = shares.iter().map(|share| share.id).collect();
        let mut names = db.names_of_shares(ids).await.or_internal("name the shares")?;
        self.known().await?;
        let waiting = |share: &Share| {
            let names = self.told_apart(share, names.remove(&share.id)?);
            let item = about_share(share, names, share.friend != me, now)?;
            Some(Waiting::new(share.accepted, item))
        };
        Ok(shares.into_iter().filter_map(waiting).collect())
    }

    /// For a while: what somebody lends who may no longer come in here.
    async fn about_left_alone(&self, me: PersonId) -> Result<Vec<Waiting>, Fault> {
        let recent = self.state.now().plus_seconds(-14 * DAY);
        let left = self.state.db.list_left_alone(me, recent).await;
        let left = left.or_internal("look whose owners may not come in")?.into_iter();
        self.known().await?;
        let item = |share: LeftAlone| {
            let until = match share.ends {
                Some(ends) => format!("It goes on until {}, or until you give it back.", ends.to_minutes()),
                None => "It goes on until you give it back.".to_owned(),
            };
            let owner = self.known_as(share.owner, share.owner_name);
            let item = Item {
                kind: Kind::Finding,
                title: format!("{owner} no longer looks after {}", share.service),
                detail: Some(format!("They may not come in here any more. {until} Nobody here mends it.")),
                href: paths::share(share.share),
                action: "Look".into(),
                at: share.since,
            };
            Waiting::new(share.since, item)
        };
        Ok(left.map(item).collect())
    }

    async fn about_credentials(&self, me: PersonId) -> Result<Vec<Waiting>, Fault> {
        let soon = self.state.now().plus_seconds(14 * DAY);
        let failing = self.state.db.list_failing_credentials(me, soon).await;
        let failing = failing.or_internal("list the credentials")?.into_iter();
        let item = |Failing { tailnet, tailnet_name: name, credential }: Failing| {
            let which = crate::jobs::credential_words(credential.kind);
            let item = Item {
                kind: Kind::Credential,
                title: match credential.expires.filter(|at| *at <= soon) {
                    Some(at) => format!("The {which} of {name} ends on {}", at.to_date()),
                    None => format!("The {which} of {name} is refused"),
                },
                detail: credential.refused,
                href: paths::tailnet(tailnet),
                action: "Replace".into(),
                at: credential.checked,
            };
            Waiting::new(credential.checked, item)
        };
        Ok(failing.map(item).collect())
    }

    /// One for each tailnet in which something stands that nobody has looked at.
    async fn about_strays(&self, me: PersonId) -> Result<Vec<Waiting>, Fault> {
        let new = self.state.db.list_new_strays(me).await.or_internal("list what was found")?;
        let item = |strays: crate::store::inbox::NewStrays| {
            let title = match strays.count {
                1 => format!("Something in {} was made elsewhere", strays.name),
                many => format!("{many} things in {} were made elsewhere", strays.name),
            };
            let item = Item {
                kind: Kind::Finding,
                title,
                detail: Some("An invite or a rule stands there that no share here accounts for.".into()),
                href: paths::elsewhere(strays.tailnet),
                action: "Look".into(),
                at: strays.first,
            };
            Waiting::new(strays.first, item)
        };
        Ok(new.into_iter().map(item).collect())
    }

    /// Machines of which it is known that another text is in force than the current one.
    async fn about_hosts(&self, me: PersonId) -> Result<Vec<Waiting>, Fault> {
        let now = self.state.now();
        let hosts = self.state.db.list_hosts_of_person(me).await.or_internal("list the hosts")?;
        Ok(hosts.into_iter().filter_map(|host| about_host(host, now)).collect())
    }
}

fn about_share(share: &Share, names: Names, giving: bool, now: Timestamp) -> Option<Item> {
    let (who, what) = (names.friend, names.service);
    let item = |kind, title, detail, href, action: &str, at| {
        Some(Item { kind, title, detail, href, action: action.into(), at })
    };
    match &share.state {
        ShareState::Accepted { again } if giving => item(
            Kind::Review,
            format!("{who} accepted {what}: review what it opens"),
            again.clone(),
            paths::review(share.id),
            "Review",
            share.accepted,
        ),
        ShareState::Drifted { attention } | ShareState::NeedsAttention { attention, .. }
            if giving && attention.need != Need::Time =>
        {
            item(
                Kind::Attention,
                format!("{what} for {who} needs you"),
                Some(words(attention).reason),
                paths::share(share.id),
                "Look",
                now,
            )
        }
        ShareState::WaitingForFriend { since } if !giving => item(
            Kind::Attention,
            format!("Open the invite to reach {what}"),
            None,
            paths::share(share.id),
            "Open",
            *since,
        ),
        ShareState::Active { since } => match share.ends {
            Some(ends) if ends <= now.plus_seconds(3 * DAY) && ends > now => item(
                Kind::EndsSoon,
                if giving { format!("{what} for {who} ends soon") } else { format!("{what} ends soon") },
                None,
                paths::share(share.id),
                "Look",
                *since,
            ),
            _ => None,
        },
        _ => None,
    }
}

/// A share of which nobody knows what it is: its page says so, and nothing is opened by it.
fn about_unread(damaged: &Damaged, now: Timestamp) -> Option<Waiting> {
    let item = Item {
        kind: Kind::Attention,
        title: "A share cannot be read".into(),
        detail: Some("What is stored of it makes no sense, so nothing is done for it.".into()),
        href: paths::share(damaged.row.parse().ok()?),
        action: "Look".into(),
        at: now,
    };
    // Nobody knows since when: these come first.
    Some(Waiting::new(now, item))
}

fn about_host(host: HostOfNode, now: Timestamp) -> Option<Waiting> {
    let HostOfNode { node, tailnet, name, revision, made, host } = host;
    let late = now.plus_seconds(-FETCHES_WITHIN);
    let host = host.as_of(now);
    let known = standing(revision, &host).in_place?;
    let (title, detail) = match known.found {
        Found::Current => return None,
        // One that fetches by itself has not come by yet.
        Found::Older if host.token_made.is_some() && made > late && made.happened(now).is_some() => {
            return None;
        }
        Found::Older => (
            format!("{name} waits for its new firewall text"),
            format!("Revision {revision} is current; revision {} was last seen there.", known.revision),
        ),
        Found::Altered => (
            format!("The firewall rules of {name} were changed"),
            format!("They call themselves revision {revision}, and are not as its text says."),
        ),
        Found::Nothing => (
            format!("{name} has no guard in force"),
            format!("Revision {revision} of its firewall text is to be put in place."),
        ),
    };
    let at = made.max(known.at);
    let item = Item {
        kind: Kind::Attention,
        title,
        detail: Some(detail),
        href: paths::firewall(tailnet, node),
        action: "Look".into(),
        at,
    };
    Some(Waiting::new(at, item))
}
