//! The rule of a share in a policy text: whether it stands there, and the text without it.

use model::ShareId;
use policy::share::ShareRule;
use policy::unshare::{UnshareError, Unshared};
use policy::{unshare, unshare_matching};

use crate::Journal;

/// The mark of a share in a policy file.
pub fn mark(id: ShareId) -> policy::share::ShareId {
    // 32 hex digits are within what a mark may have.
    id.to_string().parse().expect("a uuid in hex is a mark")
}

/// The text without the rule of this share; nothing if it is not there. Found by its mark, or, where a tool pushed
/// the file without comments, by its content.
///
/// # Errors
/// When the text is no policy, or what is marked is no share's rule any more.
pub fn without(text: &str, id: ShareId, rule: Option<&ShareRule>) -> Result<Option<String>, UnshareError> {
    Ok(find(text, id, rule)?.map(|found| found.after))
}

/// The same for a share with this journal: also a rule that another one is to replace is its rule, and what was taken out
/// for a pause is found by its mark only.
///
/// # Errors
/// As [`without`].
pub fn without_all(text: &str, id: ShareId, journal: &Journal) -> Result<Option<String>, UnshareError> {
    let read = |rule: Option<&str>| rule.and_then(|rule| serde_json::from_str(rule).ok());
    if journal.taken_out {
        return without(text, id, None);
    }
    if let Some(rest) = without(text, id, read(journal.rule.as_deref()).as_ref())? {
        return Ok(Some(rest));
    }
    let former = journal.former.as_ref().and_then(|former| former.rule.as_deref());
    without(text, id, read(former).as_ref())
}

fn find(text: &str, id: ShareId, rule: Option<&ShareRule>) -> Result<Option<Unshared>, UnshareError> {
    match (unshare(text, &mark(id)), rule) {
        (Err(UnshareError::NotFound), None) => Ok(None),
        (Err(UnshareError::NotFound), Some(rule)) => match unshare_matching(text, rule) {
            Err(UnshareError::NotFound) => Ok(None),
            other => other.map(Some),
        },
        (other, _) => other.map(Some),
    }
}
