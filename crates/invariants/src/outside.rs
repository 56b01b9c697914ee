//! A policy text with and without the rules that are marked as shares.

use std::collections::BTreeSet;

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
    let mut outside = text.to_owned();
    // On a Headscale a share has a rule for each protocol, each with its mark: the first stands for all, and they go together.
    let shares: BTreeSet<&str> = rules.iter().map(|(id, _)| id.as_str()).collect();
    for id in shares {
        let id = id.parse().map_err(|_| format!("`{id}` is no mark"))?;
        outside = unshare(&outside, &id).map_err(|error| format!("the rule of {id}: {error}"))?.after;
    }
    match outside.matches(MARK).count() {
        0 => Ok(Read { outside, rules }),
        left => Err(format!("{left} marks of shares in it are above no rule of a share")),
    }
}
