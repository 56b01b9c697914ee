//! The policy as v2 has it: with a mark and a condition, and without its comments.

use sha2::{Digest as _, Sha256};

use crate::headscale::refusal::{Code, Refusal};
use crate::headscale::routes::{Answer, Call};
use crate::headscale::v1::FILE_MODE;
use crate::headscale::verdict::{network, policy_verdict};
use crate::headscale::wire::{Reply, Request};

/// What is shown where nothing is stored.
const DEFAULT: &str = "{\n\t// Headscale default policy. Allows all communication.\n\t\"acls\": [\n\t\t{\"action\": \
                       \"accept\", \"src\": [\"*\"], \"dst\": [\"*:*\"]},\n\t],\n}\n";

const HUJSON: &str = "application/hujson";

pub fn get(call: &mut Call<'_>) -> Answer {
    let policy = &call.server.policy;
    let missing = policy.path.as_deref().is_some_and(|path| !path.is_empty()) && policy.text.is_none();
    if missing {
        return Err(Refusal::v2_cause(500, "reading policy file", policy.unreadable()));
    }
    Ok(text(call, stored(call).unwrap_or(DEFAULT)))
}

pub fn set(call: &mut Call<'_>) -> Answer {
    if call.server.policy.is_file() {
        return Err(Refusal::v2_cause(400, FILE_MODE, FILE_MODE));
    }
    if call.request.body.is_empty() {
        return Err(Refusal::plain(Code::Invalid, 400, "request body is required"));
    }
    let holds = match call.request.if_match.as_deref() {
        None | Some("*") => true,
        Some("ts-default" | "\"ts-default\"") => stored(call).is_none(),
        Some(mark) => mark == etag(stored(call).unwrap_or(DEFAULT)),
    };
    if !holds {
        return Err(Refusal::v2(412, "precondition failed, invalid old hash"));
    }
    let sent = String::from_utf8_lossy(&call.request.body).into_owned();
    policy_verdict(&sent, call.dialect(), &network(call.server))
        .map_err(|words| Refusal::v2_cause(400, "setting policy", words))?;
    let kept = without_comments(&sent);
    let now = call.now;
    call.server.policy.store(&kept, now);
    Ok(text(call, &kept))
}

fn stored<'a>(call: &'a Call<'_>) -> Option<&'a str> {
    call.server.policy.text.as_deref().filter(|text| !text.is_empty())
}

fn text(call: &Call<'_>, text: &str) -> Reply {
    let kind = if wants_hujson(call.request) { HUJSON } else { "application/json" };
    Reply::new(200, kind, text).with("etag", etag(text))
}

/// Of the bytes as they are, in quotes.
fn etag(text: &str) -> String {
    format!("\"{:x}\"", Sha256::digest(text))
}

fn wants_hujson(request: &Request) -> bool {
    request.accept.as_deref().is_some_and(|accept| accept.trim() == HUJSON)
}

/// A refusal has the name that was asked for, whatever is in it.
pub fn named_as_asked(request: &Request, reply: Reply) -> Reply {
    if request.path.ends_with("/acl") && wants_hujson(request) {
        return reply.with("content-type", HUJSON);
    }
    reply
}

/// Every comment as spaces; lines and trailing commas stay.
fn without_comments(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let comment = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else {
            let length = if first == '"' { string_length(rest) } else { first.len_utf8() };
            kept.push_str(&rest[..length]);
            rest = &rest[length..];
            continue;
        };
        kept.extend(rest[..comment].bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        rest = &rest[comment..];
    }
    kept
}

/// How long the string is that begins here, quotes included.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}
