//! A policy text with and without the rules that are marked as shares.

use policy::{marked_rules, unshare};

/// What stands in a policy.
pub struct Read {
    /// The text without any share's rule.
    pub outside: String,
    /// The shares' rules: id of the mark, text of the rule.
    pub rules: Vec<(String, String)>,
}

/// What the mark of a share's rule begins with (`design`: the rule in the policy file).
const MARK: &str = "acequia:share=";

/// Takes a text apart.
///
/// # Errors
/// In words: it is no policy, or has a mark that is above no share's rule.
pub fn read(text: &str) -> Result<Read, String> {
    let marked = marked_rules(text).map_err(|error| error.to_string())?;
    let rules: Vec<(String, String)> = marked
        .into_iter()
        .map(|(id, rule)| (id.to_string(), text.get(rule.start..rule.end).unwrap_or_default().to_owned()))
        .collect();
    let marks = text.matches(MARK).count();
    if marks != rules.len() {
        return Err(format!("{marks} marks of shares stand in it, and {} rules have one", rules.len()));
    }
    let mut outside = text.to_owned();
    for (id, _) in &rules {
        let id = id.parse().map_err(|_| format!("`{id}` is no mark"))?;
        outside = unshare(&outside, &id).map_err(|error| format!("the rule of {id}: {error}"))?.after;
    }
    Ok(Read { outside, rules })
}
