//! Home: what waits for the viewer, and the first steps of somebody new.

use app::fault::Fault;
use app::paths;
use app::ports::hosts::Found;
use app::ports::inbox::{HomeView, Inbox, Item, Kind, Step};
use async_trait::async_trait;
use model::{Id, Need, PersonId, ShareState, Timestamp};

use super::Asker;
use super::hosts::standing;
use crate::failure::OrInternal as _;
use crate::services::Viewer;
use crate::store::decode::{Damaged, Listed};
use crate::store::hosts::HostOfNode;
use crate::store::shares::Share;
use crate::store::standing::{self, LeftAlone};

const DAY: i64 = 24 * 60 * 60;
/// A host that fetches does so every five minutes; after three times something is wrong.
const FETCHES_WITHIN: i64 = 15 * 60;

#[async_trait]
impl Inbox for Asker {
    async fn home(&self) -> Result<HomeView, Fault> {
        let me = self.me()?;
        let listed = self.services.db.list_shares_of_person(me).await.or_internal("list the shares")?;
        let (unread, shares) = (listed.damaged.clone(), listed.readable());
        let mut open: Vec<&Share> =
            shares.iter().filter(|share| matches!(share.state, ShareState::Active { .. })).collect();
        open.sort_by_key(|share| (share.ends.is_none(), share.ends, share.id));
        open.truncate(10);
        let open: Vec<Share> = open.into_iter().cloned().collect();
        Ok(HomeView {
            items: self.waiting(me, &shares, &unread).await?,
            steps: self.steps(me, &shares).await?,
            open: self.gates_of_shares(&open).await?,
        })
    }
}

impl Asker {
    /// How much waits, for the counter in the frame.
    pub(super) async fn inbox_count(&self, me: PersonId) -> Result<u32, Fault> {
        let Listed { rows, damaged } =
            self.services.db.list_shares_of_person(me).await.or_internal("list the shares")?;
        Ok(u32::try_from(self.waiting(me, &rows, &damaged).await?.len()).unwrap_or(u32::MAX))
    }

    async fn waiting(&self, me: PersonId, shares: &[Share], unread: &[Damaged]) -> Result<Vec<Item>, Fault> {
        let mut items = self.offers_to_answer(me).await?;
        items.extend(unread.iter().filter_map(|damaged| about_unread(damaged, self.services.now())));
        for share in shares {
            items.extend(self.about_share(me, share).await?);
        }
        items.extend(self.about_left_alone(me).await?);
        items.extend(self.about_credentials(me).await?);
        items.extend(self.about_strays(me).await?);
        items.extend(self.about_hosts(me).await?);
        items.extend(self.about_the_database());
        items.sort_by_key(|item| std::cmp::Reverse(item.at));
        Ok(items)
    }

    /// For whoever can do something about it.
    fn about_the_database(&self) -> Option<Item> {
        let services = &self.services;
        let (trouble, overdue) = (services.health.trouble(), services.overdue.count());
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
        Some(Item {
            kind: Kind::Attention,
            title,
            detail: Some(format!("{why}{then}")),
            href: paths::home(),
            action: "Look again".into(),
            at: services.now(),
        })
    }

    async fn offers_to_answer(&self, me: PersonId) -> Result<Vec<Item>, Fault> {
        let db = &self.services.db;
        let mut items = Vec::new();
        for offer in db.list_offers_of_person(me).await.or_internal("list the offers")? {
            if offer.to_person != Some(me) || offer.closed(self.services.now()).is_some() {
                continue;
            }
            if db.find_answer(offer.id, me).await.or_internal("look for an answer")?.is_some() {
                continue;
            }
            let names = db.names_of_offer(offer.id).await.or_internal("name the offer")?;
            items.push(Item {
                kind: Kind::Offer,
                title: format!("{} offers you {}", names.owner, names.service),
                detail: (!offer.note.is_empty()).then(|| offer.note.clone()),
                href: paths::invitation(&offer.id.to_string()),
                action: "Answer".into(),
                at: offer.created,
            });
        }
        Ok(items)
    }

    async fn about_share(&self, me: PersonId, share: &Share) -> Result<Option<Item>, Fault> {
        let giving = share.friend != me;
        // Most shares need nobody, and their names are not looked up on every page.
        if share.state.is_over() || matches!(share.state, ShareState::Active { .. }) && share.ends.is_none() {
            return Ok(None);
        }
        let names = self.services.db.names_of_share(share.id).await.or_internal("name the share")?;
        let (who, what) = (names.friend, names.service);
        let now = self.services.now();
        let item = |kind, title, detail, href, action: &str, at| {
            Some(Item { kind, title, detail, href, action: action.into(), at })
        };
        Ok(match &share.state {
            ShareState::Accepted { again } if giving => item(
                Kind::Review,
                format!("{who} accepted {what}: review what it opens"),
                again.clone(),
                paths::review(share.id),
                "Review",
                share.accepted,
            ),
            ShareState::NeedsAttention { attention, .. } if giving && attention.need != Need::Time => item(
                Kind::Attention,
                format!("{what} for {who} needs you"),
                Some(attention.reason.clone()),
                paths::share(share.id),
                "Look",
                now,
            ),
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
        })
    }

    /// For a while: what somebody lends who may no longer come in here.
    async fn about_left_alone(&self, me: PersonId) -> Result<Vec<Item>, Fault> {
        let recent = self.services.now().plus_seconds(-14 * DAY);
        let left = standing::list_left_alone(&self.services.db, me, recent).await;
        let left = left.or_internal("look whose owners may not come in")?.into_iter();
        let item = |share: LeftAlone| {
            let until = match share.ends.map(Timestamp::from_micros) {
                Some(ends) => format!("It goes on until {}, or until you give it back.", ends.to_minutes()),
                None => "It goes on until you give it back.".to_owned(),
            };
            Item {
                kind: Kind::Finding,
                title: format!("{} no longer looks after {}", share.owner, share.service),
                detail: Some(format!("They may not come in here any more. {until} Nobody here mends it.")),
                href: paths::share(Id::new(share.share)),
                action: "Look".into(),
                at: Timestamp::from_micros(share.since),
            }
        };
        Ok(left.map(item).collect())
    }

    async fn about_credentials(&self, me: PersonId) -> Result<Vec<Item>, Fault> {
        let db = &self.services.db;
        let soon = self.services.now().plus_seconds(14 * DAY);
        let mut items = Vec::new();
        for tailnet in db.list_tailnets_of(me).await.or_internal("list the tailnets")? {
            for credential in db.list_credentials(tailnet.id).await.or_internal("list the credentials")?.rows
            {
                let ends = credential.expires.filter(|at| *at <= soon);
                if credential.refused.is_none() && ends.is_none() {
                    continue;
                }
                let which = crate::jobs::credential_words(credential.kind);
                items.push(Item {
                    kind: Kind::Credential,
                    title: match ends {
                        Some(at) => format!("The {which} of {} ends on {}", tailnet.name, at.to_date()),
                        None => format!("The {which} of {} is refused", tailnet.name),
                    },
                    detail: credential.refused,
                    href: paths::tailnet(tailnet.id),
                    action: "Replace".into(),
                    at: credential.checked,
                });
            }
        }
        Ok(items)
    }

    /// One for each tailnet in which something stands that nobody has looked at.
    async fn about_strays(&self, me: PersonId) -> Result<Vec<Item>, Fault> {
        let db = &self.services.db;
        let mut items = Vec::new();
        for tailnet in db.list_tailnets_of(me).await.or_internal("list the tailnets")? {
            let strays = db.list_strays(tailnet.id).await.or_internal("list what was found")?.rows;
            let new: Vec<_> = strays.iter().filter(|stray| stray.kept.is_none()).collect();
            let Some(first) = new.iter().map(|stray| stray.found).min() else { continue };
            let title = match new.len() {
                1 => format!("Something in {} was made elsewhere", tailnet.name),
                many => format!("{many} things in {} were made elsewhere", tailnet.name),
            };
            items.push(Item {
                kind: Kind::Finding,
                title,
                detail: Some("An invite or a rule stands there that no share here accounts for.".into()),
                href: paths::elsewhere(tailnet.id),
                action: "Look".into(),
                at: first,
            });
        }
        Ok(items)
    }

    /// Machines of which it is known that another text is in force than the current one.
    async fn about_hosts(&self, me: PersonId) -> Result<Vec<Item>, Fault> {
        let db = &self.services.db;
        let now = self.services.now();
        let late = now.plus_seconds(-FETCHES_WITHIN);
        let mut items = Vec::new();
        for tailnet in db.list_tailnets_of(me).await.or_internal("list the tailnets")? {
            for HostOfNode { node, name, revision, made, host } in
                db.list_hosts(tailnet.id).await.or_internal("list the hosts")?
            {
                let Some(known) = standing(revision, &host.clone().as_of(now)).in_place else { continue };
                let (title, detail) = match known.found {
                    Found::Current => continue,
                    // One that fetches by itself has not come by yet.
                    Found::Older
                        if host.token_made.is_some() && made > late && made.happened(now).is_some() =>
                    {
                        continue;
                    }
                    Found::Older => (
                        format!("{name} waits for its new firewall text"),
                        format!(
                            "Revision {revision} is current; revision {} was last seen there.",
                            known.revision
                        ),
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
                items.push(Item {
                    kind: Kind::Attention,
                    title,
                    detail: Some(detail),
                    href: paths::firewall(tailnet.id, node),
                    action: "Look".into(),
                    at: made.max(known.at),
                });
            }
        }
        Ok(items)
    }

    async fn steps(&self, me: PersonId, shares: &[Share]) -> Result<Vec<Step>, Fault> {
        let db = &self.services.db;
        let tailnets = db.list_tailnets_of(me).await.or_internal("list the tailnets")?;
        let services = db.list_services_of_person(me).await.or_internal("list the services")?;
        let offers = db.list_offers_of_person(me).await.or_internal("list the offers")?;
        let offered = offers.iter().any(|offer| offer.made_by == me);
        // Somebody who only receives has nothing to set up.
        if tailnets.is_empty() && !shares.is_empty() {
            return Ok(Vec::new());
        }
        let node_page = tailnets.first().map_or_else(paths::connect_tailnet, |t| paths::tailnet(t.id));
        let steps = vec![
            step(
                "Connect your tailnet",
                "Reading comes first: you see your machines, and what would be shared, before anything can be written.",
                paths::connect_tailnet(),
                !tailnets.is_empty(),
            ),
            step(
                "List a service",
                "Choose a machine and say what runs on it, such as a Minecraft server.",
                node_page,
                !services.is_empty(),
            ),
            step(
                "Offer it to a friend",
                "A link for one person, for an evening or until you end it.",
                paths::new_offer(services.first().map(|placed| placed.service.id)),
                offered,
            ),
        ];
        Ok(if steps.iter().all(|step| step.done) { Vec::new() } else { steps })
    }
}

/// A share of which nobody knows what it is: its page says so, and nothing is opened by it.
fn about_unread(damaged: &Damaged, now: Timestamp) -> Option<Item> {
    Some(Item {
        kind: Kind::Attention,
        title: "A share cannot be read".into(),
        detail: Some("What is stored of it makes no sense, so nothing is done for it.".into()),
        href: paths::share(damaged.row.parse().ok()?),
        action: "Look".into(),
        at: now,
    })
}

fn step(title: &str, detail: &str, href: String, done: bool) -> Step {
    Step { title: title.into(), detail: detail.into(), href, done }
}
