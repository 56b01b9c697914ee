use leptos::prelude::*;
use model::ids::JoiningId;
use model::{NewNode, TailnetId};

use super::{done, done_once, id};
use crate::fault::Fault;
use crate::paths;
use crate::ports::joining::{Came, Stopped};
use crate::request::{answer, backend};

/// A key that is shown once, and the wait for the machine that uses it.
#[server(prefix = "/fn", endpoint = "joining/key")]
pub async fn make_key(
    #[server(default)] tailnet: String,
    #[server(default)] system: String,
    #[server(default)] routing: String,
    #[server(default)] key_file: String,
    #[server(default)] login_server: String,
    #[server(default)] tags: Vec<String>,
) -> Result<(), Fault> {
    let chosen = NewNode { system, routing, key_file, login_server, tags };
    let tailnet: TailnetId = id(&tailnet)?;
    let back = paths::new_node_as(tailnet, &chosen);
    let outcome = backend().joining.make_key(tailnet, chosen).await.map(|(joining, key)| {
        let text = "The key is made. It is shown once: put it on the machine now.";
        done_once("joining/key", paths::joining(tailnet, joining), text, key)
    });
    answer("joining/key", &back, Vec::new(), outcome).await
}

/// The same wait for a key that was made in the console.
#[server(prefix = "/fn", endpoint = "joining/wait")]
pub async fn wait_for_node(
    #[server(default)] tailnet: String,
    #[server(default)] system: String,
    #[server(default)] routing: String,
    #[server(default)] key_file: String,
    #[server(default)] login_server: String,
    #[server(default)] tags: Vec<String>,
) -> Result<(), Fault> {
    let chosen = NewNode { system, routing, key_file, login_server, tags };
    let tailnet: TailnetId = id(&tailnet)?;
    let back = paths::new_node_as(tailnet, &chosen);
    let outcome = backend().joining.wait(tailnet, chosen).await;
    let outcome = outcome.map(|joining| done(paths::joining(tailnet, joining), "Looking for a new machine."));
    answer("joining/wait", &back, Vec::new(), outcome).await
}

#[server(prefix = "/fn", endpoint = "joining/cancel")]
pub async fn cancel_joining(
    #[server(default)] tailnet: String,
    #[server(default)] joining: String,
) -> Result<(), Fault> {
    let (tailnet, id): (TailnetId, JoiningId) = (id(&tailnet)?, id(&joining)?);
    let outcome = backend().joining.cancel(id).await;
    let outcome = outcome.map(|stopped| done(paths::joining(stopped.tailnet, id), in_words(&stopped)));
    answer("joining/cancel", &paths::joining(tailnet, id), Vec::new(), outcome).await
}

/// Only a key that was made here is known to work no longer.
fn in_words(stopped: &Stopped) -> String {
    let by_hand =
        "The key that was made by hand works until it is used, or ends, or you revoke it in the console.";
    let nobody = if stopped.revoked {
        "Nobody is waited for any more, and the key no longer works.".to_owned()
    } else {
        format!("Nobody is waited for any more. {by_hand}")
    };
    match &stopped.came {
        Came::Nobody => nobody,
        Came::Machines(names) => {
            let key = if stopped.revoked { "The key no longer works." } else { by_hand };
            format!("{} came in a moment before. {key}", names.join(", "))
        }
        Came::Unknown(why) => {
            format!("{nobody} Whether a machine came a moment before could not be seen: {why}")
        }
    }
}

/// A pasted module comes back on the page with what is wrong with it. Keys in it do not.
#[server(prefix = "/fn", endpoint = "joining/module")]
pub async fn look_at_module(
    #[server(default)] tailnet: String,
    #[server(default)] module: String,
) -> Result<(), Fault> {
    let tailnet: TailnetId = id(&tailnet)?;
    let back = paths::new_node(tailnet);
    let module = model::secrets::without_keys(&module);
    let values = vec![("module".to_owned(), module.clone())];
    let outcome = match backend().joining.flaws(tailnet, module).await {
        // Said on the same page, beside what was pasted.
        Ok(_) => Err(Fault::Invalid(Vec::new())),
        Err(fault) => Err(fault),
    };
    answer("joining/module", &back, values, outcome).await
}
