//! How a friend comes into the network of the owner's server.

use leptos::prelude::*;
use model::ShareId;

use crate::islands::Copy;
use crate::ports::members::{KEY, WayIn};
use crate::ports::services::JoinStep;
use crate::site::here::Here;
use crate::site::parts::field::{Field, Form, hidden, submit};
use crate::site::parts::head::section;
use crate::site::parts::join;

/// A key for their device, or the id of the page at which it waits.
pub fn section_of(here: &Here, share: ShareId, way: &WayIn) -> AnyView {
    let key = here.once(&["members/key"]);
    let told = key.clone().unwrap_or_else(|| KEY.to_owned());
    let commands: Vec<JoinStep> = way
        .with_key
        .iter()
        .map(|step| JoinStep {
            copy: step.copy.as_ref().map(|text| text.replace(KEY, &told)),
            ..step.clone()
        })
        .collect();
    let shown = key.map(|key| {
        view! {
            <div class="sheet once">
                <div>
                    <h3>"Your key, shown this once"</h3>
                    <Copy text=key />
                    <p class="soft">"It is not kept here, and lets one device in. Lost it? Ask for another one; this one ends by that."</p>
                </div>
            </div>
        }
    });
    let leaves = way.ephemeral.then(|| {
        view! { <p class="note">"Your device leaves that network by itself when it disconnects; to come back you ask for another key."</p> }
    });
    let ask = way.can_make_key.then(|| {
        let words = if way.had_key { "Ask for another key" } else { "Ask for a key" };
        Form::new(here, "members/key").view("actions", view! { {hidden("share", share)}{submit(words)} })
    });
    let steps = (!commands.is_empty()).then(|| {
        view! {
            <p>"The network that your device is in now stays, as a profile of its own: tailscale switch brings it back."</p>
            {join::steps(&commands)}
        }
    });
    let no_key = way.no_key.clone().map(|why| view! { <p class="note">{why}</p> });
    let form = Form::new(here, "members/let-in");
    let let_in = way.can_let_in.then(|| {
        let body = form.view("form", view! {
            {hidden("share", share)}
            {Field::new("waiting", "What its page shows").hint("The id, or the whole address of the page that begins with the server’s own.").required().max(300).view(&form)}
            <p class="actions"><button class="button" type="submit">"Let this device in"</button></p>
        });
        view! { <details><summary>"A phone, or a device that takes no key"</summary><p>"Choose the server’s address in the Tailscale app, under its accounts. The device then shows a page with an id."</p>{body}</details> }
    });
    section("way-in", "Your way in", view! { {shown}{ask}{no_key}{leaves}{steps}{let_in} })
}
