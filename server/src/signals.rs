//! What parts of this process tell each other. None of it lasts.

use std::sync::Arc;

use calls::Tally;
use model::ShareId;
use model::ids::JoiningId;
use tokio::sync::{Notify, broadcast, watch};

use crate::health::{Health, Overdue};
use crate::probe::Switch;
use crate::store::Db;

/// Cheap to clone; clones hear and say the same.
#[derive(Clone, Debug)]
pub struct Signals {
    /// A share changed: its page tells the browsers that look at it.
    pub share_changes: broadcast::Sender<ShareId>,
    /// Something is known of a machine that is waited for.
    pub joining_changes: broadcast::Sender<JoiningId>,
    /// Wakes the runner of jobs.
    pub poke: Arc<Notify>,
    /// Becomes true when the process is asked to stop: jobs and open streams end.
    pub stop: watch::Sender<bool>,
    /// Whether the database takes writes.
    pub health: Arc<Health>,
    /// Shares whose end could not be done yet.
    pub overdue: Arc<Overdue>,
    /// How calls to control planes went.
    pub calls: Arc<Tally>,
    /// Whether services are asked from here if they answer.
    pub probing: watch::Sender<Switch>,
}

impl Signals {
    pub fn new(db: Db) -> Self {
        Self {
            share_changes: broadcast::channel(64).0,
            joining_changes: broadcast::channel(64).0,
            poke: Arc::default(),
            stop: watch::Sender::new(false),
            health: Arc::new(Health::new(db)),
            overdue: Arc::default(),
            calls: Arc::default(),
            probing: watch::Sender::new(Switch::Off("not yet".into())),
        }
    }
}
