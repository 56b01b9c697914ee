//! The policy as a text.

use serde_json::json;

use crate::headscale::Dialect;
use crate::headscale::fields::{Field, Kind, field};
use crate::headscale::ids::YEAR_ONE;
use crate::headscale::refusal::{Code, Refusal};
use crate::headscale::routes::{Answer, Call};
use crate::headscale::verdict::{network, policy_verdict};
use crate::headscale::wire::Reply;

/// The body of both writes.
pub const TEXT: &[Field] = &[field("policy", Kind::Text)];

/// Said of every write in file mode, before the text is looked at.
pub const FILE_MODE: &str = "update is disabled for modes other than 'database'";

/// What is stored, or stands in the file: in force or not.
pub fn get(call: &mut Call<'_>) -> Answer {
    let policy = &call.server.policy;
    let Some(text) = &policy.text else {
        return Err(match &policy.path {
            None => Refusal::both(Code::Unknown, 500, "loading ACL from database", "acl policy not found"),
            Some(path) => {
                let doing = format!("reading policy from path \"{path}\"");
                Refusal::both(Code::Unknown, 500, &doing, policy.unreadable())
            }
        });
    };
    let updated = match (policy.is_file(), call.dialect()) {
        (false, _) => json!(policy.updated.to_string()),
        (true, Dialect::V0_30) => json!(YEAR_ONE),
        (true, _) => json!(null),
    };
    Ok(Reply::json(&json!({ "policy": text, "updatedAt": updated })))
}

/// There is no condition. An empty text is taken.
pub fn set(call: &mut Call<'_>) -> Answer {
    if call.server.policy.is_file() {
        return Err(Refusal::plain(Code::Unknown, 400, FILE_MODE).but_reason(FILE_MODE));
    }
    let text = call.text("policy").to_owned();
    if !text.is_empty() {
        policy_verdict(&text, call.dialect(), &network(call.server))
            .map_err(|words| Refusal::both(Code::Unknown, 400, "setting policy", words))?;
    }
    let now = call.now;
    call.server.policy.store(&text, now);
    Ok(Reply::json(&json!({ "policy": text, "updatedAt": now.to_string() })))
}

/// Changes nothing, in either mode.
pub fn check(call: &mut Call<'_>) -> Answer {
    policy_verdict(call.text("policy"), call.dialect(), &network(call.server))
        .map_err(|words| Refusal::plain(Code::Invalid, 400, words.clone()).but_reason(words))?;
    Ok(Reply::done())
}
