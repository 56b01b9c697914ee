//! What changed behind our back: open shares that are no longer in force as agreed, and what stands at the control
//! plane without a share here. Nothing is written there: an outside edit is somebody's will.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use control_plane::{ControlPlane, ControlPlaneError, Device, PolicyFile, User, UserKind};
use model::{JobKind, NodeId, ShareId, ShareState, StrayKind, TailnetId};
use sharing::{Action, Observation, Reading, SeenInvite, SeenMachine, Steps, rule};
use tokio::task::JoinSet;

use crate::planes::in_words;
use crate::queue;
use crate::shares;
use crate::state::AppState;
use crate::store::audit::Actor;
use crate::store::elsewhere::Seen;
use crate::store::nodes::Node;
use crate::store::shares::{Along, Share};
use crate::tailnet::snapshot::{self, Invites};

const SHARE_CANNOT_BE_READ: &str = "What is stored of a share of this tailnet cannot be read, so it is not known what was made elsewhere. The \
     log names the row.";

/// What the control plane says at this moment.
struct Now<'a> {
    devices: &'a [Device],
    users: &'a [User],
    policy: PolicyFile,
    /// By the id of the machine; absent where the machine went away meanwhile.
    invites: Invites,
}

/// Looks at policy and invites of a tailnet whose machines and users were read just now. What cannot be read is
/// said on the page of the tailnet, and changes nothing.
///
/// # Errors
/// When the store fails.
pub async fn look(
    state: &AppState,
    id: TailnetId,
    plane: &Arc<dyn ControlPlane>,
    devices: &[Device],
    users: &[User],
) -> anyhow::Result<()> {
    let policy = plane.get_policy().await;
    let invites = invites_of(plane, devices).await;
    snapshot::keep(state, id, (devices, users), &policy, &invites).await?;
    let now = match (policy, invites) {
        (Ok(policy), Ok(invites)) => Now { devices, users, policy, invites },
        (Err(error), _) | (_, Err(error)) => {
            state.db.mark_look_failed(id, &in_words(&error)).await?;
            return Ok(());
        }
    };
    let nodes = state.db.list_nodes(id).await?;
    let listed = state.db.list_open_shares(id).await?;
    let all_known = listed.damaged.is_empty();
    let shares = listed.readable();
    let mut in_force = Vec::new();
    for share in &shares {
        let Some(node) = nodes.iter().find(|node| node.id == share.node) else { continue };
        in_force.extend(judge(state, share, node, &now).await?);
    }
    state.db.mark_in_force(&in_force, state.now()).await?;
    // What belongs to a share that cannot be read was not made elsewhere.
    let seen = if all_known { strays(&now, &nodes, &shares) } else { Err(SHARE_CANNOT_BE_READ.to_owned()) };
    match seen {
        Ok(seen) => {
            let new_id = || state.new_id::<()>().uuid();
            state.db.put_strays(id, &seen, state.now(), new_id).await?;
        }
        Err(why) => state.db.mark_look_failed(id, &why).await?,
    }
    Ok(())
}

async fn invites_of(plane: &Arc<dyn ControlPlane>, devices: &[Device]) -> Result<Invites, ControlPlaneError> {
    // Beside each other, as many as the client allows: shares wait while a tailnet is looked at.
    let mut asked = JoinSet::new();
    for device in devices.iter().filter(|device| !device.external) {
        let (plane, device) = (Arc::clone(plane), device.id.clone());
        asked.spawn(async move { (plane.list_invites(&device).await, device) });
    }
    let mut invites = BTreeMap::new();
    while let Some(answer) = asked.join_next().await {
        let stopped = |_| ControlPlaneError::Garbled { reason: "the question was not asked".into() };
        match answer.map_err(stopped)? {
            (Ok(list), device) => drop(invites.insert(device.as_str().to_owned(), list)),
            (Err(ControlPlaneError::NotFound), _) => {}
            (Err(error), _) => return Err(error),
        }
    }
    Ok(invites)
}

/// Stops a share that is no longer in force as agreed, and lets one go on whose trouble is gone. Gives it if it is
/// in force.
async fn judge(
    state: &AppState,
    share: &Share,
    node: &Node,
    now: &Now<'_>,
) -> anyhow::Result<Option<ShareId>> {
    // What never was in force has its own job, and its own words.
    if !matches!(share.state, ShareState::Active { .. } | ShareState::Drifted { .. }) {
        return Ok(None);
    }
    let (steps, seen) = (Steps::new(), observe(share, node, now)?);
    match sharing::decide(&shares::plain(share, &steps, node), &seen, &shares::moment(state)) {
        Action::InForce => return Ok(Some(share.id)),
        Action::Drifted(attention) => shares::drifted(state, share, attention).await?,
        Action::Resume => {
            let mut changed = Share { state: share.state.clone().resume()?, ..share.clone() };
            let what = "was found as agreed again: it goes on".to_owned();
            let entry = shares::entry(state, share, Actor::Acequia, what, None, None);
            let job = queue::job(state, JobKind::Share, share.id);
            let along = Along { entries: vec![entry], jobs: vec![job], ..Along::default() };
            shares::store(state, &mut changed, along).await?;
            state.signals.poke.notify_one();
        }
        other => tracing::error!(share = %share.id, "a look at what is open decided {other:?}"),
    }
    Ok(None)
}

/// What the look at the whole tailnet says of one share.
fn observe(share: &Share, node: &Node, now: &Now<'_>) -> anyhow::Result<Observation> {
    let device = now.devices.iter().find(|device| device.id.as_str() == node.control_id);
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
    let invites = match now.invites.get(&node.control_id) {
        Some(invites) => Reading::Read(invites.iter().map(SeenInvite::from).collect()),
        None => Reading::Failed(ControlPlaneError::NotFound),
    };
    Ok(Observation {
        policy: Reading::Read(shares::policy_facts(share, &now.policy)),
        machine: Reading::Read(machine),
        invites,
        ..Observation::default()
    })
}

/// What no open share accounts for; or why that cannot be said.
fn strays(now: &Now<'_>, nodes: &[Node], shares: &[Share]) -> Result<Vec<Seen>, String> {
    let mut seen = stray_rules(now, shares)?;
    let ours: BTreeSet<&str> =
        shares.iter().filter_map(|share| share.deeds.invite.as_ref()).map(|deed| deed.id.as_str()).collect();
    let mut accounted: BTreeSet<String> =
        shares.iter().map(|share| share.login.as_str().to_lowercase()).collect();
    for (device, invites) in &now.invites {
        let node = nodes.iter().find(|node| node.control_id == *device).map(|node| node.id);
        for invite in invites {
            accounted.extend(invite.accepted_by.as_deref().map(str::to_lowercase));
            let id = invite.id.as_str();
            if !ours.contains(id) && !on_its_way(shares, node, id) {
                seen.push(Seen {
                    kind: StrayKind::Invite,
                    name: id.to_owned(),
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
        seen.push(Seen { kind: StrayKind::Recipient, name, node: None, login, rule: None });
    }
    Ok(seen)
}

/// An invite that a share has asked for without knowing yet whether it was made.
fn on_its_way(shares: &[Share], node: Option<NodeId>, invite: &str) -> bool {
    shares.iter().filter(|share| Some(share.node) == node && share.deeds.invite.is_none()).any(|share| {
        let before = share.deeds.invites_before.as_ref();
        before.is_some_and(|before| !before.iter().any(|id| id == invite))
    })
}

fn stray_rules(now: &Now<'_>, shares: &[Share]) -> Result<Vec<Seen>, String> {
    let marked = policy::marked_rules(&now.policy.text)
        .map_err(|error| format!("The policy in force is not understood: {error}."))?;
    let known = |mark: &str| shares.iter().any(|share| rule::mark(share.id).as_str() == mark);
    Ok(marked
        .into_iter()
        .filter(|(mark, _)| !known(mark.as_str()))
        .map(|(mark, rule)| Seen {
            kind: StrayKind::Rule,
            name: mark.as_str().to_owned(),
            node: None,
            login: None,
            rule: now.policy.text.get(rule.start..rule.end).map(str::to_owned),
        })
        .collect())
}
