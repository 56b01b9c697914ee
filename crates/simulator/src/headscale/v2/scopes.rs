//! What an access token may do.

use crate::headscale::refusal::Refusal;
use crate::headscale::state::Actor;

/// # Errors
/// A token without the scope. API keys may everything.
pub fn need(actor: &Actor, wanted: &str) -> Result<(), Refusal> {
    match actor {
        Actor::Token { scopes, .. } if !covers(scopes, wanted) => {
            Err(Refusal::v2(403, format!("token is missing the required scope {wanted}")))
        }
        _ => Ok(()),
    }
}

/// Whether it may, without a refusal where it may not.
pub fn may(actor: &Actor, wanted: &str) -> bool {
    need(actor, wanted).is_ok()
}

/// `X` gives `X:read`, `all` everything, `all:read` every reading.
pub fn covers(held: &[String], wanted: &str) -> bool {
    let reading = wanted.strip_suffix(":read");
    held.iter().any(|held| match held.as_str() {
        "all" => true,
        "all:read" => reading.is_some(),
        held => held == wanted || Some(held) == reading,
    })
}
