//! What changed behind our back: open shares that are no longer in force as agreed, and what stands at the control
//! plane without a share here. Nothing is written there: an outside edit is somebody's will.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use control_plane::{
    ControlPlane, ControlPlaneError, Device, DeviceId, DeviceList, PolicyFile, User, UserKind,
};
use futures_util::StreamExt as _;
use model::{
    Attention, JobKind, Need, NodeId, Phase, ShareEvent, ShareId, ShareState, TailnetId, Trouble,
    UnmanagedKind,
};
use policy::unshare::UnshareError;
use policy::{Policy, ShareRules};
use sharing::{Action, Observation, Reading, SeenInvite, SeenMachine, Steps, rule};

use crate::planes::{headscale, in_words};
use crate::queue;
use crate::shares;
use crate::state::AppState;
use crate::store::audit::Actor;
use crate::store::nodes::Node;
use crate::store::shares::{Along, Share};
use crate::store::tailnets::{NameClash, Tailnet};
use crate::store::unmanaged::Seen;
use crate::tailnet::snapshot::{self, Invites};
use crate::tailnet::{Inventory, SharedTo, elsewhere, exposures};
use crate::words;

/// How often a machine without shares is asked about by itself: whoever presses a button asks about all. One with a share
/// is asked about in each look, because that is how a share that was ended elsewhere is noticed.
const EVERY_SECONDS: i64 = 60 * 60;
/// Calls beside each other. The client has fewer places and makes the others wait.
const AT_ONCE: usize = 16;
/// After so many answers they are stored, so that the page can say how far it is and nothing is asked twice.
const PART: usize = 200;

/// What the control plane says at this moment. There may be many of everything: each share and each machine finds its
/// own without a search.
struct Now<'a> {
    devices: HashMap<&'a str, &'a Device>,
    /// The same, as they were told.
    listed: &'a [Device],
    users: &'a [User],
    policy: PolicyFile,
    rules: Result<ShareRules, UnshareError>,
    /// By the id of the machine; absent where the machine went away meanwhile. `None`: there are no invites.
    invites: Option<Invites>,
}

/// Looks at policy and invites of a tailnet whose machines and users were read just now. What cannot be read is
/// said on the page of the tailnet, and changes nothing.
///
/// # Errors
/// When the store fails.
pub async fn observe_tailnet(
    state: &AppState,
    id: TailnetId,
    plane: &Arc<dyn ControlPlane>,
    devices: &[Device],
    users: &[User],
) -> anyhow::Result<()> {
    let Some(tailnet) = state.db.find_tailnet(id).await? else { return Ok(()) };
    let policy = plane.get_policy().await;
    let language = headscale::in_force(tailnet.kind);
    state.db.mark_policy(id, unread(&policy, language).as_ref(), state.now()).await?;
    let clashes = policy.as_ref().map_or_else(|_| None, |file| clashes(&tailnet, file, devices, users));
    if let Some(clashes) = clashes {
        state.db.mark_names(id, &clashes, state.now()).await?;
    }
    let invites = if plane.capabilities().invites {
        invites_of(state, id, plane, (devices, users)).await?
    } else {
        Ok(Invites::new())
    };
    if let Ok(file) = &policy {
        elsewhere::account(state, id, &file.text).await?;
    }
    let in_words_of = (id, headscale::dialect(tailnet.kind));
    snapshot::keep(state, in_words_of, (devices, users), &policy, &invites).await?;
    exposures::renew(state, id).await?;
    let now = match (policy, invites) {
        (Ok(policy), Ok(invites)) => {
            let listed = devices;
            let devices = listed.iter().map(|device| (device.id.as_str(), device)).collect();
            let rules = ShareRules::read(&policy.text);
            let invites = plane.capabilities().invites.then_some(invites);
            Now { devices, listed, users, policy, rules, invites }
        }
        (Err(error), _) | (_, Err(error)) => {
            state.db.set_observe_error(id, &in_words(&error)).await?;
            return Ok(());
        }
    };
    let nodes = state.db.list_nodes(id).await?;
    let listed = state.db.list_open_shares(id).await?;
    let all_known = listed.damaged.is_empty();
    let unreadable: Vec<ShareId> = listed.damaged.iter().filter_map(|one| one.row.parse().ok()).collect();
    state.db.notice_shares(&unreadable, state.now()).await?;
    let shares = listed.readable();
    let by_id: HashMap<NodeId, &Node> = nodes.iter().map(|node| (node.id, node)).collect();
    let mut in_force = Vec::new();
    for share in &shares {
        let Some(node) = by_id.get(&share.node) else { continue };
        in_force.extend(judge(state, share, node, &now).await?);
    }
    state.db.mark_in_force(&in_force, state.now()).await?;
    // What belongs to a share that cannot be read was not made elsewhere.
    let seen = if all_known {
        all_unmanaged(&now, &nodes, &shares)
    } else {
        Err(words::unmanaged::SHARE_UNREAD.to_owned())
    };
    match seen {
        Ok(seen) => {
            let new_id = || state.new_id::<()>().uuid();
            state.db.put_unmanaged(id, &seen, state.now(), new_id).await?;
        }
        Err(why) => state.db.set_observe_error(id, &why).await?,
    }
    Ok(())
}

/// Why nothing can be said about a policy, if so.
fn unread(policy: &Result<PolicyFile, ControlPlaneError>, language: policy::Language) -> Option<Trouble> {
    match policy {
        // The control plane has taken it.
        Ok(file) => Policy::read(&file.text, language)
            .err()
            .map(|error| Trouble::NotUnderstood { why: error.to_string() }),
        Err(error) => Some(Trouble::Call { error: error.into(), maybe_done: false }),
    }
}

/// Names in the policy of a Headscale that several of its accounts have; nothing where that cannot be said.
fn clashes(
    tailnet: &Tailnet,
    file: &PolicyFile,
    devices: &[Device],
    users: &[User],
) -> Option<Vec<NameClash>> {
    if !tailnet.kind.is_headscale() {
        return Some(Vec::new());
    }
    let policy = Policy::read(&file.text, headscale::in_force(tailnet.kind)).ok()?;
    let devices = DeviceList { devices: devices.to_vec(), shared_in_listed: true };
    let inventory = Inventory { devices, users: users.to_vec(), shared_to: SharedTo::default() };
    let network = inventory.network().ok()?;
    let named = policy::check_names(&policy, &network, None);
    let told = |clash: policy::accounts::Clash| NameClash {
        name: clash.name,
        accounts: clash.accounts.iter().map(|one| format!("{} ({})", one.id, one.name)).collect(),
    };
    Some(named.err().map(|all| all.0.into_iter().map(told).collect()).unwrap_or_default())
}

/// Of each own machine. Beside each other, as many as are waited for anyway: shares wait while a tailnet is looked at.
async fn invites_of(
    state: &AppState,
    id: TailnetId,
    plane: &Arc<dyn ControlPlane>,
    (devices, users): (&[Device], &[User]),
) -> sqlx::Result<Result<Invites, ControlPlaneError>> {
    let now = state.now();
    let mut known = state.db.list_invites(id, now.plus_seconds(-EVERY_SECONDS), now).await?;
    if has_newcomer(state, id, &known, users).await? {
        // Somebody opened an invite since: what was told before is out of date.
        known.clear();
    }
    let own = || devices.iter().filter(|device| !device.external);
    let kept = own().filter_map(|device| known.remove_entry(device.id.as_str()));
    let mut invites: Invites = kept.collect();
    let all = own().count();
    let unknown: Vec<DeviceId> =
        own().map(|device| &device.id).filter(|id| !invites.contains_key(id.as_str())).cloned().collect();
    let asked = unknown.into_iter().map(|device| async move { (plane.list_invites(&device).await, device) });
    let mut asked = futures_util::stream::iter(asked).buffer_unordered(AT_ONCE);
    let mut told = Vec::new();
    let mut failed = None;
    while failed.is_none()
        && let Some((answer, device)) = asked.next().await
    {
        match answer {
            Ok(list) => told.push((device, list.iter().map(SeenInvite::from).collect())),
            Err(ControlPlaneError::NotFound) => {}
            Err(error) => failed = Some(error),
        }
        if told.len() >= PART {
            keep(state, id, &mut told, &mut invites).await?;
            state.db.mark_look(id, invites.len(), all).await?;
        }
    }
    keep(state, id, &mut told, &mut invites).await?;
    Ok(failed.map_or(Ok(invites), Err))
}

/// Whether there is a share recipient of whom nothing that is known tells why.
async fn has_newcomer(
    state: &AppState,
    id: TailnetId,
    known: &HashMap<String, Vec<SeenInvite>>,
    users: &[User],
) -> sqlx::Result<bool> {
    let recipients = users.iter().filter(|user| user.kind == UserKind::Shared);
    let mut strangers: HashSet<String> = recipients.map(|user| user.login.to_lowercase()).collect();
    for invite in known.values().flatten() {
        strangers.remove(&invite.accepted_by.as_deref().unwrap_or_default().to_lowercase());
    }
    if strangers.is_empty() || known.is_empty() {
        return Ok(false);
    }
    for share in state.db.list_open_shares(id).await?.readable() {
        strangers.remove(&share.login.as_str().to_lowercase());
    }
    for item in state.db.list_unmanaged(id).await?.readable() {
        strangers.remove(&item.seen.login.unwrap_or_default().to_lowercase());
    }
    Ok(!strangers.is_empty())
}

async fn keep(
    state: &AppState,
    id: TailnetId,
    told: &mut Vec<(DeviceId, Vec<SeenInvite>)>,
    invites: &mut Invites,
) -> sqlx::Result<()> {
    state.db.put_invites(id, told, state.now()).await?;
    invites.extend(told.drain(..).map(|(device, list)| (device.as_str().to_owned(), list)));
    Ok(())
}

/// Stops a share that is no longer in force as agreed, and lets one go on whose trouble is gone. Gives it if it is
/// in force.
async fn judge(
    state: &AppState,
    share: &Share,
    node: &Node,
    now: &Now<'_>,
) -> anyhow::Result<Option<ShareId>> {
    let put_back = |attention: &Attention| attention.need == Need::Review;
    match &share.state {
        ShareState::Active { .. } | ShareState::Drifted { .. } | ShareState::Paused { .. } => {}
        ShareState::NeedsAttention { phase: Phase::Pause, attention } if put_back(attention) => {}
        ShareState::NeedsAttention { phase: Phase::Apply, attention } if is_looked_at(attention) => {}
        // What never was in force has its own job, and its own words.
        _ => return Ok(None),
    }
    let (steps, mut seen) = (Steps::new(), observe(share, node, now)?);
    if let Some(Attention { trouble: Trouble::OpensMore { .. }, .. }) = share.state.attention() {
        seen.opens_more = opens_more(state, share, node, now).await?;
    }
    let plain = shares::plain(share, &steps, node);
    let action = if matches!(share.state, ShareState::NeedsAttention { phase: Phase::Apply, .. }) {
        sharing::look_at_filed(&plain, &seen)
    } else {
        sharing::decide(&plain, &seen, &shares::moment(state))
    };
    match action {
        Action::InForce => return Ok(Some(share.id)),
        Action::Drifted(attention) => shares::drifted(state, share, attention).await?,
        Action::Resume => {
            let mut changed = Share { state: share.state.clone().resume()?, ..share.clone() };
            let entry = shares::entry(share, Actor::Acequia, ShareEvent::AsAgreedAgain).at(state);
            let job = queue::job(state, JobKind::Share, share.id);
            let along = Along { entries: vec![entry], jobs: vec![job], ..Along::default() };
            shares::store(state, &mut changed, along).await?;
            state.signals.poke.notify_one();
        }
        // The rule of what is paused was put back, or is out again.
        Action::Stop(attention) => drop(shares::stop(state, &mut share.clone(), attention).await?),
        Action::Paused => {
            let mut changed = Share { state: share.state.clone().paused(state.now())?, ..share.clone() };
            let event = ShareEvent::Paused { in_file: false };
            let entry = shares::entry(share, Actor::Acequia, event).at(state);
            shares::store(state, &mut changed, Along::of(entry)).await?;
        }
        Action::Rest => {}
        other => tracing::error!(share = %share.id, "a look at what is open decided {other:?}"),
    }
    Ok(None)
}

/// What stands in a file that nothing proves to be in force is looked at for its friend alone, and so is what that stopped.
fn is_looked_at(attention: &Attention) -> bool {
    let of_friend = matches!(attention.trouble, Trouble::AccountGone { .. } | Trouble::OpensMore { .. });
    attention.is_in_file() || (attention.need == Need::Review && of_friend)
}

/// Whether whoever is new would have more still.
async fn opens_more(
    state: &AppState,
    share: &Share,
    node: &Node,
    now: &Now<'_>,
) -> anyhow::Result<Option<Vec<usize>>> {
    let devices = DeviceList { devices: now.listed.to_vec(), shared_in_listed: true };
    let inventory = Inventory { devices, users: now.users.to_vec(), shared_to: SharedTo::default() };
    let machine = DeviceId::new(&node.control_id);
    shares::opens_more(state, share, &now.policy.text, inventory, &machine).await
}

/// What the look at the whole tailnet says of one share.
fn observe(share: &Share, node: &Node, now: &Now<'_>) -> anyhow::Result<Observation> {
    let device = now.devices.get(node.control_id.as_str());
    let rule = share.rule()?;
    let named = |device: &Device| {
        rule.iter()
            .flat_map(|rule| &rule.dst)
            .all(|to| device.addresses.iter().any(|at| at.to_string() == *to))
    };
    let machine = match device {
        None => SeenMachine::Gone,
        Some(device) if named(device) => SeenMachine::AsAgreed,
        Some(_) => SeenMachine::OtherAddresses,
    };
    let invites = match now.invites.as_ref().map(|all| all.get(&node.control_id)) {
        Some(Some(invites)) => Reading::Read(invites.clone()),
        Some(None) => Reading::Failed(ControlPlaneError::NotFound),
        None => Reading::Read(Vec::new()),
    };
    let opens_by_rule = now.invites.is_none();
    let is_theirs = |user: &User| user.login.eq_ignore_ascii_case(share.login.as_str());
    Ok(Observation {
        policy: Reading::Read(shares::facts_among(share, now.rules.as_ref(), now.policy.etag.is_some())),
        machine: Reading::Read(machine),
        invites,
        opens_by_rule,
        account_gone: opens_by_rule && !now.users.iter().any(is_theirs),
        ..Observation::default()
    })
}

/// What no open share accounts for; or why that cannot be said.
fn all_unmanaged(now: &Now<'_>, nodes: &[Node], shares: &[Share]) -> Result<Vec<Seen>, String> {
    let mut seen = unmanaged_rules(now, shares)?;
    let ours: BTreeSet<&str> =
        shares.iter().filter_map(|share| share.deeds.invite.as_ref()).map(|deed| deed.id.as_str()).collect();
    let mut accounted: BTreeSet<String> =
        shares.iter().map(|share| share.login.as_str().to_lowercase()).collect();
    let by_control_id: HashMap<&str, NodeId> =
        nodes.iter().map(|node| (node.control_id.as_str(), node.id)).collect();
    let asked = asked_for(shares);
    for (device, invites) in now.invites.iter().flatten() {
        let node = by_control_id.get(device.as_str()).copied();
        for invite in invites {
            accounted.extend(invite.accepted_by.as_deref().map(str::to_lowercase));
            let id = &invite.id;
            let before = node.and_then(|node| asked.get(&node)).into_iter().flatten();
            let on_its_way = before.clone().any(|before| !before.contains(id));
            if !ours.contains(id.as_str()) && !on_its_way {
                seen.push(Seen {
                    kind: UnmanagedKind::Invite,
                    name: id.clone(),
                    node,
                    login: invite.accepted_by.clone().filter(|_| invite.accepted),
                    rule: None,
                });
            }
        }
    }
    let recipients = now.users.iter().filter(|user| user.kind == UserKind::Shared);
    for user in recipients.filter(|user| !accounted.contains(&user.login.to_lowercase())) {
        let (name, login) = (user.login.to_lowercase(), Some(user.login.clone()));
        seen.push(Seen { kind: UnmanagedKind::Recipient, name, node: None, login, rule: None });
    }
    Ok(seen)
}

/// Of each machine the invites that were there before a share asked for one without knowing yet whether it was made:
/// any other may be that one.
fn asked_for(shares: &[Share]) -> HashMap<NodeId, Vec<&[String]>> {
    let mut asked: HashMap<NodeId, Vec<&[String]>> = HashMap::new();
    for share in shares.iter().filter(|share| share.deeds.invite.is_none()) {
        if let Some(before) = &share.deeds.invites_before {
            asked.entry(share.node).or_default().push(before);
        }
    }
    asked
}

fn unmanaged_rules(now: &Now<'_>, shares: &[Share]) -> Result<Vec<Seen>, String> {
    let rules = now.rules.as_ref();
    let rules = rules.map_err(words::share::by_hand::not_understood)?;
    let known: HashSet<_> = shares.iter().map(|share| rule::mark(share.id)).collect();
    Ok(rules
        .marks()
        .filter(|(mark, _)| !known.contains(mark))
        .map(|(mark, rule)| Seen {
            kind: UnmanagedKind::Rule,
            name: mark.as_str().to_owned(),
            node: None,
            login: None,
            rule: now.policy.text.get(rule.start..rule.end).map(str::to_owned),
        })
        .collect())
}
