//! What changed behind our back.

use model::{Attention, Step};

use super::attention;
use crate::store::shares::Share;

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
