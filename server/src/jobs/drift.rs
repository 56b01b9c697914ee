//! What changed behind our back: open shares that are no longer in force as agreed, and what stands at the control
//! plane without a share here. Nothing is written there: an outside edit is somebody's will.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use control_plane::{ControlPlane, ControlPlaneError, Device, PolicyFile, User, UserKind};
use model::{Attention, JobKind, Need, NodeId, Phase, ShareId, ShareState, Step, StrayKind, TailnetId};
use policy::unshare::UnshareError;
use tokio::task::JoinSet;

use super::attention;
use crate::planes::in_words;
use crate::rule;
use crate::services::Services;
use crate::store::audit::Actor;
use crate::store::elsewhere::Seen;
use crate::store::jobs;
use crate::store::nodes::Node;
use crate::store::shares::{Along, Share};
use crate::tailnet::snapshot::{self, Invites};

/// The rule was there, and is not any more as it was agreed. It is not written again without a word: whoever took
/// it out had a reason.
pub fn rule_gone() -> Attention {
    attention::review(
        Step::Rule,
        "The rule of this share is no longer in the policy: somebody took it out or changed it.",
        "Review the share again to put it back, or end it.",
    )
}

/// The invite was opened with another login than the one that the rule names.
pub fn another_login(by: &str, share: &Share) -> Attention {
    attention::review(
        Step::Confirm,
        format!("The invite was opened by {by}, and the rule names {}.", share.login),
        "Review the share again for that login, or end it.",
    )
}

/// Without it nobody can tell whether the friend still has the machine.
pub fn invite_gone(share: &Share) -> Attention {
    attention::review(
        Step::Invite,
        format!(
            "The invite of this share is no longer at the control plane: it was deleted, so {} may have lost the machine.",
            share.login
        ),
        "Review the share again to make a new invite, or end it.",
    )
}

fn addresses_changed(node: &Node) -> Attention {
    attention::review(
        Step::Rule,
        format!(
            "{} has other addresses than those in the rule, so the rule no longer leads to it.",
            node.name
        ),
        "Review the share again to put the new addresses into the rule, or end it.",
    )
}

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
    services: &Services,
    id: TailnetId,
    plane: &Arc<dyn ControlPlane>,
    devices: &[Device],
    users: &[User],
) -> anyhow::Result<()> {
    let policy = plane.get_policy().await;
    let invites = invites_of(plane, devices).await;
    snapshot::keep(services, id, (devices, users), &policy, &invites).await?;
    let now = match (policy, invites) {
        (Ok(policy), Ok(invites)) => Now { devices, users, policy, invites },
        (Err(error), _) | (_, Err(error)) => {
            services.db.mark_look_failed(id, &in_words(&error)).await?;
            return Ok(());
        }
    };
    let nodes = services.db.list_nodes(id).await?;
    let listed = services.db.list_open_shares(id).await?;
    let all_known = listed.damaged.is_empty();
    let shares = listed.readable();
    let mut in_force = Vec::new();
    for share in &shares {
        let Some(node) = nodes.iter().find(|node| node.id == share.node) else { continue };
        in_force.extend(judge(services, share, node, &now).await?);
    }
    services.db.mark_in_force(&in_force, services.now()).await?;
    // What belongs to a share that cannot be read was not made elsewhere.
    let seen = if all_known { strays(&now, &nodes, &shares) } else { Err(SHARE_CANNOT_BE_READ.to_owned()) };
    match seen {
        Ok(seen) => {
            let new_id = || services.new_id::<()>().uuid();
            services.db.put_strays(id, &seen, services.now(), new_id).await?;
        }
        Err(why) => services.db.mark_look_failed(id, &why).await?,
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
    services: &Services,
    share: &Share,
    node: &Node,
    now: &Now<'_>,
) -> anyhow::Result<Option<ShareId>> {
    // What never was in force has its own job, and its own words.
    let stopped = match &share.state {
        ShareState::Active { .. } => false,
        ShareState::NeedsAttention { phase: Phase::Apply, attention }
            if matches!(attention.need, Need::Review | Need::Look) && share.seen_in_force.is_some() =>
        {
            true
        }
        _ => return Ok(None),
    };
    let found = compare(share, node, now)?;
    let mut changed = share.clone();
    match (found, stopped) {
        (None, false) => return Ok(Some(share.id)),
        (None, true) => {
            changed.state = share.state.clone().resume()?;
            let what = "was found as agreed again: it goes on".to_owned();
            let entry = services.share_entry(share, Actor::Acequia, what, None, None);
            let job = services.job(JobKind::Share, share.id);
            let along = Along { entries: vec![entry], jobs: vec![job], ..Along::default() };
            services.store_share(&mut changed, along).await?;
            services.poke.notify_one();
        }
        (Some(attention), _) => {
            let told = matches!(&share.state,
                ShareState::NeedsAttention { attention: before, .. } if before.is_the_same_as(&attention));
            if !told {
                let what = format!("is no longer in force as agreed: {}", attention.reason);
                changed.state = share.state.clone().drift(attention)?;
                let entry = services.share_entry(share, Actor::Acequia, what, None, None);
                services.store_share(&mut changed, Along::of(entry)).await?;
            }
        }
    }
    Ok(None)
}

/// The first thing that is not as it was agreed.
fn compare(share: &Share, node: &Node, now: &Now<'_>) -> anyhow::Result<Option<Attention>> {
    let device = now.devices.iter().find(|device| device.id.as_str() == node.control_id);
    let invites = now.invites.get(&node.control_id);
    let (Some(device), Some(invites)) = (device, invites) else {
        return Ok(Some(attention::machine_gone(Step::Confirm, &node.name)));
    };
    let Some(rule) = share.rule()? else { return Ok(Some(rule_gone())) };
    match rule::stands(&now.policy.text, share.id, &rule, true) {
        Ok(true) => {}
        Ok(false) | Err(UnshareError::Changed { .. } | UnshareError::Ambiguous { .. }) => {
            return Ok(Some(rule_gone()));
        }
        Err(error) => {
            return Ok(Some(attention::look(
                Step::Rule,
                format!(
                    "The policy in force is not understood, so it is not known whether this share is open: {error}."
                ),
                "Mend the policy by hand; this then goes on by itself.",
            )));
        }
    }
    if !rule.dst.iter().all(|to| device.addresses.iter().any(|address| address.to_string() == *to)) {
        return Ok(Some(addresses_changed(node)));
    }
    let Some(deed) = &share.deeds.invite else { return Ok(None) };
    let Some(invite) = invites.iter().find(|invite| invite.id.as_str() == deed.id) else {
        return Ok(Some(invite_gone(share)));
    };
    let by = invite.accepted_by.as_deref().unwrap_or_default();
    Ok((!by.eq_ignore_ascii_case(share.login.as_str())).then(|| another_login(by, share)))
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
