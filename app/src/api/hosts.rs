use leptos::prelude::*;
use model::{NodeId, TailnetId};

use super::{done, done_once, id, typed};
use crate::fault::{Fault, Reason};
use crate::paths;
use crate::ports::hosts::{May, Verdict};
use crate::request::{answer, backend};

/// Both ids of a machine from the hidden fields of its forms, and the way back to its firewall page.
fn place(tailnet: &str, node: &str) -> Result<(NodeId, String), Fault> {
    let (tailnet, node): (TailnetId, NodeId) = (id(tailnet)?, id(node)?);
    Ok((node, paths::firewall(tailnet, node)))
}

/// What was pasted, to be there again beside the answer; not what is too long to be put right by hand.
fn pasted(field: &str, text: &str) -> Vec<(String, String)> {
    if text.len() <= 1 << 16 { typed([(field, text)]) } else { Vec::new() }
}

#[server(prefix = "/fn", endpoint = "hosts/token")]
pub async fn make_pull_token(
    #[server(default)] tailnet: String,
    #[server(default)] node: String,
    #[server(default)] tells: String,
    #[server(default)] lists: String,
) -> Result<(), Fault> {
    let (node, back) = place(&tailnet, &node)?;
    let may = May { tells: !tells.is_empty(), lists: !lists.is_empty() };
    let outcome = backend().hosts.make_token(node, may).await;
    let text = "This is the token. It is shown this once; an older one has stopped working.";
    let outcome = outcome.map(|token| done_once("hosts/token", back.clone(), text, token));
    answer("hosts/token", &back, Vec::new(), outcome).await
}

#[server(prefix = "/fn", endpoint = "hosts/revoke")]
pub async fn revoke_pull_token(
    #[server(default)] tailnet: String,
    #[server(default)] node: String,
) -> Result<(), Fault> {
    let (node, back) = place(&tailnet, &node)?;
    let outcome = backend().hosts.revoke_token(node).await;
    let text = "The token has stopped working. The host keeps the last text that it fetched.";
    answer("hosts/revoke", &back, Vec::new(), outcome.map(|()| done(back.clone(), text))).await
}

#[server(prefix = "/fn", endpoint = "hosts/rules")]
pub async fn read_rules(
    #[server(default)] tailnet: String,
    #[server(default)] node: String,
    #[server(default)] rules: String,
) -> Result<(), Fault> {
    let (node, back) = place(&tailnet, &node)?;
    let values = pasted("rules", &rules);
    let outcome = backend().hosts.read_rules(node, rules).await;
    let outcome = outcome.and_then(|verdict| {
        match verdict {
            Verdict { good: true, words, .. } => Ok(done(back.clone(), words)),
            // The page says from now on what was found: so it does not say that nothing was changed.
            Verdict { noted: true, words, .. } => Err(Fault::Conflict(Reason::as_said(words))),
            Verdict { words, .. } => Err(Fault::field("rules", words)),
        }
    });
    answer("hosts/rules", &back, values, outcome).await
}

#[server(prefix = "/fn", endpoint = "hosts/status")]
pub async fn read_status(
    #[server(default)] tailnet: String,
    #[server(default)] node: String,
    #[server(default)] status: String,
) -> Result<(), Fault> {
    let (node, back) = place(&tailnet, &node)?;
    let values = pasted("status", &status);
    let outcome = backend().hosts.read_status(node, status).await;
    let text = |count| match count {
        0 => "The machine has no friends' devices in its list. Nothing is held to addresses now.".to_owned(),
        1 => "One friend's devices were read.".to_owned(),
        count => format!("The devices of {count} friends were read."),
    };
    answer("hosts/status", &back, values, outcome.map(|count| done(back.clone(), text(count)))).await
}

#[server(prefix = "/fn", endpoint = "hosts/forget")]
pub async fn forget_friends(
    #[server(default)] tailnet: String,
    #[server(default)] node: String,
) -> Result<(), Fault> {
    let (node, back) = place(&tailnet, &node)?;
    let outcome = backend().hosts.forget_friends(node).await;
    let text = "Forgotten. Everybody outside reaches the shared ports again, and nothing more.";
    answer("hosts/forget", &back, Vec::new(), outcome.map(|()| done(back.clone(), text))).await
}
