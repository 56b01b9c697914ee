//! Calls held before their effect, or after it and before their answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::operation::Target;

/// Where in a call something happens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// The call has arrived, and nothing has changed yet.
    #[default]
    BeforeEffect,
    /// Everything has changed, and nothing was answered yet.
    AfterEffect,
}

/// How far a hold is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum HoldState {
    Waiting,
    Held,
    Released,
    Abandoned,
}

/// One call to be held.
#[derive(Debug)]
pub(crate) struct HoldCell {
    pub id: u64,
    pub target: Target,
    pub moment: Moment,
    /// How many calls pass before the one that is held.
    passing: AtomicU32,
    state: watch::Sender<HoldState>,
}

impl HoldCell {
    pub fn new(id: u64, target: Target, moment: Moment, passing: u32) -> Self {
        let passing = AtomicU32::new(passing);
        Self { id, target, moment, passing, state: watch::Sender::new(HoldState::Waiting) }
    }

    pub fn state(&self) -> HoldState {
        *self.state.borrow()
    }

    /// Whether this call is the one that was waited for; from now on it is held.
    pub fn catch(&self) -> bool {
        let one_less = |left: u32| left.checked_sub(1);
        if self.passing.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_ok() {
            return false;
        }
        self.state.send_if_modified(|state| {
            let caught = *state == HoldState::Waiting;
            if caught {
                *state = HoldState::Held;
            }
            caught
        })
    }

    /// Waits until somebody lets go. False: the call is to vanish.
    pub async fn let_go(&self) -> bool {
        let mut changes = self.state.subscribe();
        let end = changes.wait_for(|state| matches!(state, HoldState::Released | HoldState::Abandoned)).await;
        end.is_ok_and(|state| *state == HoldState::Released)
    }

    pub async fn held(&self) {
        // The sender lives in `self`, so there is no error to swallow.
        let _ = self.state.subscribe().wait_for(|state| *state != HoldState::Waiting).await;
    }

    pub fn set(&self, state: HoldState) {
        self.state.send_replace(state);
    }
}

/// A call that is, or will be, held. Letting go of this value changes nothing.
#[derive(Clone, Debug)]
pub struct Hold(pub(crate) Arc<HoldCell>);

impl Hold {
    /// The number by which the control listener knows it.
    pub fn id(&self) -> u64 {
        self.0.id
    }

    /// Waits until a call stands there.
    pub async fn held(&self) {
        self.0.held().await;
    }

    /// The call goes on, even if whoever made it is gone by now.
    pub fn release(&self) {
        self.0.set(HoldState::Released);
    }

    /// The call vanishes: no effect (any more), no answer.
    pub fn abandon(&self) {
        self.0.set(HoldState::Abandoned);
    }
}
