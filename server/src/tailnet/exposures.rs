//! What people with open shares reach in a tailnet beyond what was agreed, worked out with each snapshot that is stored.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::ids::ExposureId;
use model::{Attention, Decision, NodeId, ShareId, ShareState, TailnetId, Timestamp};
use policy::reach::Entry;
use policy::share::{ShareId as Mark, ShareRule};
use policy::withhold::{Terms, Withholding, openers};
use policy::{Engine, Network, Query, Reading, Who, WithholdError, withhold};
use sharing::exposure::{self, Beyond, Opener, Opening, Place};
use sharing::rule;

use crate::reach::{self, ReachModel};
use crate::state::AppState;
use crate::store::decode::Listed;
use crate::store::exposures::Exposure;
use crate::store::shares::Share;

/// How often it is worked out while others change what it is worked out from.
const TRIES: u32 = 3;

/// What is agreed with one login that has an open share.
#[derive(Clone, Debug)]
pub struct Agreed {
    /// As it was written.
    pub login: String,
    /// The oldest open one of their shares.
    pub share: ShareId,
    pub openings: Vec<Opening>,
    /// The rules of their shares, by their marks.
    pub rules: Vec<(Mark, ShareRule)>,
    /// An account of a Headscale that was made for a share: what it reaches there it has by that, member or not.
    pub guest: bool,
}

/// By login in lower case. What is agreed for a share that is not open yet counts too, so that nobody is alarmed while it
/// opens. Absent where a share cannot be read: then it is not known what was agreed.
///
/// # Errors
/// When the store fails.
pub async fn agreed(state: &AppState, id: TailnetId) -> anyhow::Result<Option<BTreeMap<String, Agreed>>> {
    let listed = state.db.list_open_shares(id).await?;
    agreed_of(state, id, &listed).await
}

/// The same from shares that were read already: all that are not over.
///
/// # Errors
/// When the store fails.
pub async fn agreed_of(
    state: &AppState,
    id: TailnetId,
    listed: &Listed<Share>,
) -> anyhow::Result<Option<BTreeMap<String, Agreed>>> {
    if !listed.damaged.is_empty() {
        return Ok(None);
    }
    let names =
        if listed.rows.is_empty() { HashMap::new() } else { state.db.names_of_shared_nodes(id).await? };
    let guests =
        if listed.rows.is_empty() { BTreeSet::new() } else { state.db.list_guest_logins(id).await? };
    Ok(Some(of_shares(&listed.rows, &names, &guests)))
}

/// Whether more reach than was agreed is told of its friend: they have the invite, and it is settled what they may. So it is where
/// the rule stands in a file and nothing tells that it is in force: a friend may be in.
pub fn is_told_of(share: &Share) -> bool {
    let in_file = share.state.attention().is_some_and(Attention::is_in_file);
    in_file
        || matches!(
            share.state,
            ShareState::Active { .. } | ShareState::Drifted { .. } | ShareState::Paused { .. }
        )
}

fn of_shares(
    shares: &[Share],
    names: &HashMap<NodeId, String>,
    guests: &BTreeSet<String>,
) -> BTreeMap<String, Agreed> {
    let mut all: BTreeMap<String, Agreed> = BTreeMap::new();
    for share in shares.iter().filter(|share| is_told_of(share)) {
        let (key, login) = (share.login.as_str().to_lowercase(), share.login.to_string());
        let (openings, rules) = (Vec::new(), Vec::new());
        let guest = guests.contains(&key);
        let known = all.entry(key).or_insert(Agreed { login, share: share.id, openings, rules, guest });
        known.share = known.share.min(share.id);
    }
    for share in shares {
        let Some(known) = all.get_mut(&share.login.as_str().to_lowercase()) else { continue };
        let Some(yes) = &share.deeds.approved else { continue };
        let Some(machine) = names.get(&share.node) else { continue };
        // What is paused is not to be reached for now, but for what other rules open that were agreed with it.
        let paused = matches!(share.state, ShareState::Paused { .. });
        if !paused {
            known.openings.extend(exposure::of_ports(machine, &share.ports));
        }
        // It was agreed of this machine, whatever it is called today.
        let kept = yes.reach.iter().flatten();
        known.openings.extend(kept.map(|opening| Opening { machine: machine.clone(), ..opening.clone() }));
        if yes.reach.is_none() && yes.decision == Decision::WholeNode {
            known.openings.extend(everything(machine));
        }
        if paused {
            continue;
        }
        known.rules.extend(share.rule().ok().flatten().map(|written| (rule::mark(share.id), written)));
    }
    all
}

/// "Yes, the whole node", of a time when its lines were not kept.
fn everything(machine: &str) -> impl Iterator<Item = Opening> {
    let ports = vec![(0, u16::MAX)];
    let opening =
        Opening { machine: machine.to_owned(), place: Place::Itself, protocol: 0, ports, certain: true };
    (0..=u8::MAX).map(move |protocol| Opening { protocol, ..opening.clone() })
}

/// Works it out anew. What cannot be known, because policy or invites could not be read, stays as it is.
///
/// # Errors
/// When the store fails.
pub async fn renew(state: &AppState, id: TailnetId) -> anyhow::Result<()> {
    for _ in 0..TRIES {
        let before = state.db.list_exposures(id).await?.readable();
        let Some(agreed) = agreed(state, id).await? else { return Ok(()) };
        if agreed.is_empty() && before.is_empty() {
            return Ok(());
        }
        let Some(seen) = reach::of(&state.db, &state.reach, id).await? else { return Ok(()) };
        let (now, fresh) = (state.now(), state.clone());
        let (old, revision) = (before.clone(), seen.head.revision);
        let work = move || {
            let known = seen.evaluation.known().filter(|known| known.sharing_known);
            let new_id = || fresh.new_id();
            work_out(known, (id, &agreed), &old, new_id, now)
        };
        let worked_out = tokio::task::spawn_blocking(work).await?;
        if state.db.put_exposures(id, Some(&revision), (&before, &worked_out), now).await? {
            return Ok(());
        }
    }
    Ok(())
}

fn work_out(
    known: Option<&ReachModel>,
    (tailnet, agreed): (TailnetId, &BTreeMap<String, Agreed>),
    before: &[Exposure],
    new_id: impl Fn() -> ExposureId,
    now: Timestamp,
) -> Vec<Exposure> {
    let mut all = Vec::new();
    for (login, agreed) in agreed {
        let old = before.iter().find(|old| old.login == *login);
        let Some(known) = known else {
            all.extend(old.cloned());
            continue;
        };
        let reached = of_friend(&known.engine, agreed);
        let accepted = old.map(|old| exposure::still(&old.accepted, &reached)).unwrap_or_default();
        let settled: Vec<Opening> = agreed.openings.iter().chain(&accepted).cloned().collect();
        let beyond = exposure::beyond(reached, &settled);
        let certain = beyond.iter().any(|entry| !entry.is_unproven());
        let found = beyond.iter().map(|entry| told(&known.engine, entry, &known.text, now)).collect();
        let found = exposure::since(found, old.map(|old| &*old.found).unwrap_or_default());
        if found.is_empty() && accepted.is_empty() {
            continue;
        }
        let fix = certain.then(|| without(&known.text, known.network(), agreed, &accepted));
        all.push(Exposure {
            id: old.map_or_else(&new_id, |old| old.id),
            tailnet,
            login: login.clone(),
            share: agreed.share,
            found,
            no_fix: fix.and_then(Result::err),
            accepted_by: old.and_then(|old| old.accepted_by.clone()).filter(|_| !accepted.is_empty()),
            accepted,
        });
    }
    all.sort_by_key(|one| one.id);
    all
}

/// Nothing of a member: what members reach is not given by a share. But of one who is there for a share, on machines of
/// others.
fn of_friend(engine: &Engine, agreed: &Agreed) -> Vec<Entry> {
    let Agreed { login, guest, .. } = agreed;
    if !guest && !engine.is_recipient(login) {
        return Vec::new();
    }
    let mut reached = engine.reach(&Query::from(Who::Login(login.clone())));
    let (network, user) = (engine.network(), engine.network().user_with_login(login));
    let is_own = |name: &str| {
        network.nodes().iter().any(|node| node.name == name && node.owner().is_some() && node.owner() == user)
    };
    reached.retain(|entry| !guest || !is_own(&entry.node));
    reached
}

fn told(engine: &Engine, entry: &Entry, text: &str, now: Timestamp) -> Beyond {
    let opener = |rule: &policy::RuleRef| Opener { line: rule.line, text: reach::rule_line(rule, text).text };
    let rules = openers(engine, entry).iter().map(opener).collect();
    Beyond { opening: Opening::from(entry), rules, since: now }
}

/// The policy without what is neither agreed nor accepted. What was accepted may go with it, what was agreed may not.
///
/// # Errors
/// [`WithholdError`].
pub fn without(
    text: &str,
    network: &Network,
    agreed: &Agreed,
    accepted: &[Opening],
) -> Result<Withholding, WithholdError> {
    // Who is an account of a server is in groups and rules of it like everybody: its owner changes those.
    if agreed.guest {
        return Err(WithholdError::Others);
    }
    let settled: Vec<Opening> = agreed.openings.iter().chain(accepted).cloned().collect();
    let terms = Terms {
        login: &agreed.login,
        beyond: &|engine| exposure::beyond(of_friend(engine, agreed), &settled),
        agreed: &|entries| exposure::within(entries.to_vec(), &agreed.openings),
        rules: &agreed.rules,
    };
    withhold(text, network, Reading::InForce, &terms)
}
