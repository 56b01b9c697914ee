//! A stated limit for work that a short text can ask for in plenty: an error instead of a hang.

use std::cell::Cell;

use crate::error::{PolicyError, PolicyErrorKind};

/// Steps that are left for one kind of work.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    left: Cell<u64>,
    limit: u64,
    what: &'static str,
}

impl Budget {
    pub(crate) const fn new(what: &'static str, limit: u64) -> Self {
        Self { left: Cell::new(limit), limit, what }
    }

    /// Takes steps away.
    ///
    /// # Errors
    /// [`PolicyError`] of kind `TooLarge` when none are left.
    pub(crate) fn spend(&self, steps: usize) -> Result<(), PolicyError> {
        let left = u64::try_from(steps).ok().and_then(|steps| self.left.get().checked_sub(steps));
        let Some(left) = left else {
            let message = format!(
                "{} need more than {} steps, the limit of the engine; use fewer or simpler rules",
                self.what, self.limit
            );
            return Err(PolicyError { kind: PolicyErrorKind::TooLarge, message, span: None, line: None });
        };
        self.left.set(left);
        Ok(())
    }
}
