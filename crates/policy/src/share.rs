//! One share as a planned edit of the policy: the rule, and the proof that it adds exactly that share.

pub(crate) mod edit;
pub(crate) mod entry;
pub(crate) mod mark;
mod plan;
mod rule;

pub use edit::EditError;
pub use plan::{Mode, ShareError, SharePlan, ShareRequest, Warning, share};
pub use rule::{Form, ShareId, ShareIdError, ShareRule};
