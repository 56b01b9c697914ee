//! The plan of a share, made from what stands now. Nothing is written.

use std::sync::Arc;

use anyhow::Context as _;
use control_plane::{ControlPlane, ControlPlaneError, DeviceId, PolicyFile};
use model::{Login, TailnetId};
use policy::Language;
use policy::membership::{Besides, besides};

use super::without_newcomer;
use crate::plan::{Plan, PlanError, lines_of};
use crate::planes;
use crate::planes::headscale::in_force;
use crate::state::AppState;
use crate::store::guests::Guest;
use crate::store::shares::Share;
use crate::tailnet::{Inventory, SharedTo, known, name_of};

/// A plan with what it was made from.
pub struct Planned {
    pub policy: PolicyFile,
    pub plan: Plan,
    pub plane: Arc<dyn ControlPlane>,
    pub shared_to: SharedTo,
    /// What the machine of the share is called in it.
    pub node: String,
    /// On a server: what the friend reaches, or would reach, because they are one of its accounts.
    pub besides: Option<Besides>,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum Unplanned {
    /// The store, or the key file.
    #[error(transparent)]
    Failed(#[from] anyhow::Error),
    #[error(transparent)]
    Plane(ControlPlaneError),
    /// This machine is no longer in the tailnet.
    #[error("{0} is gone")]
    MachineGone(String),
    #[error(transparent)]
    Plan(#[from] PlanError),
}

/// Reads what a plan is made of, and makes it.
///
/// # Errors
/// As [`Unplanned`] has them.
pub async fn planned(state: &AppState, share: &Share) -> Result<Planned, Unplanned> {
    let db = &state.db;
    let plane = planes::of(state, share.tailnet).await?;
    let policy = plane.get_policy().await.map_err(Unplanned::Plane)?;
    let node = db.find_node(share.node).await.map_err(anyhow::Error::from)?;
    let node = node.context("the machine of the share is not stored")?;
    // By its id: the name in the store may be older than the machine's.
    let device = DeviceId::new(&node.control_id);
    let read = known::read(state, (share.tailnet, plane.as_ref()), None, Some(&device)).await;
    let mut inventory = read.map_err(anyhow::Error::from)?.map_err(Unplanned::Plane)?;
    let guest = db.find_guest(share.tailnet, share.friend).await.map_err(anyhow::Error::from)?;
    let guest = guest.filter(|guest: &Guest| guest.login() == share.login.as_str());
    without_newcomer(&mut inventory, guest.as_ref());
    let name = inventory.device(&device).map(name_of);
    let name = name.ok_or_else(|| Unplanned::MachineGone(node.name.clone()))?;
    let language = language_of(state, share.tailnet).await?;
    let (text, share, shared_to) = (policy.text.clone(), share.clone(), inventory.shared_to.clone());
    let node = name.clone();
    let made = tokio::task::spawn_blocking(move || {
        let plan = Plan::make(&text, &inventory, &share, &name, language)?;
        Ok::<_, PlanError>((plan, besides_of(&text, &inventory, (&share.login, name.as_str()), language)?))
    });
    let (plan, besides) = made.await.map_err(anyhow::Error::from)??;
    Ok(Planned { policy, plan, plane, shared_to, node, besides })
}

/// By which lines of a policy whoever is new on a server would reach more than was agreed, with machines and accounts that were
/// read just now. What cannot be planned is not known to open no more: then there are no lines.
///
/// # Errors
/// When the store fails.
pub async fn opens_more(
    state: &AppState,
    share: &Share,
    text: &str,
    mut inventory: Inventory,
    machine: &DeviceId,
) -> anyhow::Result<Option<Vec<usize>>> {
    let guest = state.db.find_guest(share.tailnet, share.friend).await?;
    let guest = guest.filter(|guest: &Guest| guest.login() == share.login.as_str());
    without_newcomer(&mut inventory, guest.as_ref());
    let Some(name) = inventory.device(machine).map(name_of) else { return Ok(Some(Vec::new())) };
    let language = language_of(state, share.tailnet).await?;
    let (text, share) = (text.to_owned(), share.clone());
    let made = tokio::task::spawn_blocking(move || Plan::make(&text, &inventory, &share, &name, language));
    Ok(match made.await? {
        Ok(plan) => plan.excess_of_newcomer().map(lines_of),
        Err(error) => Some(error.excess_of_newcomer().map(lines_of).unwrap_or_default()),
    })
}

async fn language_of(state: &AppState, id: TailnetId) -> anyhow::Result<Language> {
    let tailnet = state.db.find_tailnet(id).await?;
    Ok(in_force(tailnet.context("the tailnet of the share is not stored")?.kind))
}

/// What somebody reaches on a server as one of its accounts of the machines of whoever lends this one, or would reach of all.
fn besides_of(
    text: &str,
    inventory: &Inventory,
    (login, machine): (&Login, &str),
    language: Language,
) -> Result<Option<Besides>, PlanError> {
    if !language.dialect.is_headscale() {
        return Ok(None);
    }
    let network = inventory.network().map_err(|error| PlanError::Inventory(error.to_string()))?;
    let found = besides(text, &network, login, language);
    let found = found.map_err(|error| PlanError::Besides(Box::new(error)))?;
    Ok(Some(found.for_lender_of(&network, machine)))
}
