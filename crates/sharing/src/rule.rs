//! The rule of a share in a policy text: whether it stands there, and the text without it.

use model::ShareId;
use policy::share::ShareRule;
use policy::unshare::{UnshareError, Unshared};
use policy::{unshare, unshare_matching};

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

/// The rule with the mark of this share; nothing if there is none.
///
/// # Errors
/// As [`without`].
pub fn marked(text: &str, id: ShareId) -> Result<Option<Unshared>, UnshareError> {
    find(text, id, None)
}

/// Whether a rule that was found says what this one does.
pub fn says(text: &str, found: &Unshared, id: ShareId, rule: &ShareRule) -> bool {
    let written = text.get(found.rule.start..found.rule.end).unwrap_or_default();
    let same = serde_json::from_str::<ShareRule>(written).is_ok_and(|written| written == *rule);
    // Somebody may have written the same in another way: then it is found by content, with its mark taken off.
    same || unshare_matching(&text.replace(&format!("acequia:share={id}"), ""), rule).is_ok()
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
