//! Bringing a machine in: the text for its host, a key that is shown once, and the wait until it appears.

use leptos::prelude::*;
use model::ids::JoiningId;
use model::{JoiningState, NewNode, TailnetId};

use super::{param, queries, query};
use crate::islands::{Copy, Live};
use crate::paths;
use crate::ports::joining::{BootstrapText, FlawView, JoiningView, NewNodeView};
use crate::site::frame::{NavSection, Page, open};
use crate::site::here::Here;
use crate::site::parts::code::code;
use crate::site::parts::field::{Choice, Field, Form, hidden, radios, select, submit};
use crate::site::parts::follow::follow;
use crate::site::parts::head::{head, head_with, primary, secondary, section};
use crate::site::parts::snippet;
use crate::site::parts::when::{exactly, when};

pub fn new() -> AnyView {
    let id = param::<TailnetId>("id");
    let chosen = NewNode {
        system: query("system"),
        routing: query("routing"),
        key_file: query("key_file"),
        login_server: query("login_server"),
        tags: queries("tags[]"),
    };
    open(|backend, here| async move {
        let id = id?;
        let view = backend.joining.form(id, chosen).await?;
        let pasted = Form::new(&here, "joining/module").value("module", "");
        let flaws = match pasted.trim() {
            "" => None,
            text => Some(backend.joining.flaws(id, text.to_owned()).await?),
        };
        Ok(Page::new("Bring a machine in", NavSection::Tailnets, form(&here, &view, flaws.as_deref())))
    })
}

fn form(here: &Here, view: &NewNodeView, flaws: Option<&[FlawView]>) -> AnyView {
    let crumbs = vec![
        (paths::tailnets(), "Tailnets".into()),
        (paths::tailnet(view.tailnet), view.tailnet_name.clone()),
    ];
    let waiting = view.waiting.iter().map(|(id, words)| {
        let href = here.to(&paths::joining(view.tailnet, *id));
        view! { <p class="note">"A machine is waited for already: "<a href=href>{words.clone()}</a>"."</p> }
    });
    let unsure = view.unsure.iter().map(|(id, words)| {
        let href = here.to(&paths::joining(view.tailnet, *id));
        view! { <p class="note">"It is not known yet whether this key was made: "<a href=href>{words.clone()}</a>"."</p> }
    });
    let text = view.errors.is_empty().then(|| {
        view! {
            {section("text", "What to put on it", text(here, &view.text))}
            {section("key", "The key, and the wait", key(here, view))}
        }
    });
    view! {
        {head(here, crumbs, "Bring a machine in", "The text for its host, a key for this one machine, and a look-out until it appears here.")}
        {waiting.collect_view()}
        {unsure.collect_view()}
        {section("machine", "The machine", choices(here, view))}
        {text}
        {section("older", "An older module?", older(here, view.tailnet, flaws))}
    }
    .into_any()
}

/// A question by GET: a choice is in the address, and nothing is done.
fn choices(here: &Here, view: &NewNodeView) -> AnyView {
    let chosen = &view.chosen;
    let form = Form::asking(here, "joining/new", view.errors.clone());
    let ways = [
        ("none", "Nothing more", "Enough for lending services."),
        ("client", "Uses others’ routes", "Exit nodes and subnets of your other machines."),
        ("server", "Routes for others", "Is an exit node or subnet router."),
        ("both", "Both", ""),
    ];
    let ways = ways
        .map(|(value, title, about)| Choice {
            value: value.into(),
            title: title.into(),
            about: about.into(),
            more: None,
        })
        .into();
    let tags = (!view.tags.is_empty()).then(|| {
        let boxes = view.tags.iter().map(|tag| {
            let id = format!("joining-new-tag-{}", tag.trim_start_matches("tag:"));
            let checked = chosen.tags.contains(tag);
            view! {
                <div class="tick">
                    <input id=id.clone() type="checkbox" name="tags[]" value=tag.clone() checked=checked />
                    <label for=id>{tag.clone()}</label>
                </div>
            }
        });
        view! {
            <fieldset class="choices">
                <legend>"Tags"<span class="optional">" optional"</span></legend>
                <p class="hint">"A tagged machine belongs to the tailnet instead of a person. The key carries the tags."</p>
                {boxes.collect_view()}
            </fieldset>
        }
    });
    let body = view! {
        {select(&form, "system", "System", &chosen.system, view.systems.clone())}
        {radios(&form, "routing", "What it does for traffic", &chosen.routing, ways)}
        {Field::new("key_file", "Where the key will lie on it").initial(&chosen.key_file).max(200)
            .hint("An absolute path. Empty: the usual one for this system.").view(&form)}
        {Field::new("login_server", "Login server").initial(&chosen.login_server).max(200)
            .hint("Only for a control server of your own, such as Headscale: https://…").view(&form)}
        {tags}
        <p class="actions"><button class="button" type="submit">"Show the text for it"</button></p>
    };
    Form::asks("form", here.to(&paths::new_node(view.tailnet)), body)
}

fn text(here: &Here, text: &BootstrapText) -> AnyView {
    let about = match &text.file {
        Some(file) => {
            view! { <p>"Keep it as "<code>{file.clone()}</code>" and import it in the host’s configuration."</p> }
                .into_any()
        }
        None => view! { <p>"Commands to type on the machine, one after the other."</p> }.into_any(),
    };
    let whole = text.lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n");
    let notes = text.notes.iter().cloned().map(|note| view! { <p class="note">{note}</p> }).collect_view();
    view! {
        {about}
        {snippet::table(here, "Text for the machine", &text.lines)}
        <details class="whole"><summary>"All of it, to copy"</summary>{code("The whole text", whole)}</details>
        {notes}
    }
    .into_any()
}

fn key(here: &Here, view: &NewNodeView) -> AnyView {
    let fields = || {
        let chosen = &view.chosen;
        let tags = chosen.tags.iter().map(|tag| hidden("tags[]", tag)).collect_view();
        view! {
            {hidden("tailnet", view.tailnet)}
            {hidden("system", &chosen.system)}
            {hidden("routing", &chosen.routing)}
            {hidden("key_file", &chosen.key_file)}
            {hidden("login_server", &chosen.login_server)}
            {tags}
        }
    };
    let make = view.no_key.is_none().then(|| {
        let form = Form::new(here, "joining/key");
        form.view("form compact", view! {
            {fields()}
            <p>"Acequia asks the control plane for a key that works for one machine, for one hour, without a further approval. You see it once; it is not kept here."</p>
            <p class="actions">{submit("Make a key and wait")}</p>
        })
    });
    let tags = match view.chosen.tags.join(", ") {
        tags if tags.is_empty() => "none".to_owned(),
        tags => tags,
    };
    let why = view.no_key.clone().map(|why| view! { <p class="note">{why}</p> });
    let form = Form::new(here, "joining/wait");
    let by_hand = form.view("form compact", view! {
        {fields()}
        <p>"Make it in the console of the control plane, under Settings, Keys, Generate auth key, with these settings:"</p>
        <ul class="plain">
            <li>"Reusable: off"</li>
            <li>"Expiration: 1 day, the shortest"</li>
            <li>"Ephemeral: off"</li>
            <li>"Pre-approved: on"</li>
            <li>{format!("Tags: {tags}")}</li>
        </ul>
        <p class="actions"><button class="button" type="submit">"I have a key: wait for the machine"</button></p>
    });
    let by_hand = if make.is_some() {
        view! { <details><summary>"Or make the key by hand"</summary>{by_hand}</details> }.into_any()
    } else {
        by_hand
    };
    view! { {why}{make}{by_hand} }.into_any()
}

fn older(here: &Here, tailnet: TailnetId, flaws: Option<&[FlawView]>) -> AnyView {
    let found = flaws.map(|flaws| {
        if flaws.is_empty() {
            return view! { <p class="note" role="status">"Nothing in it is of the old kind."</p> }.into_any();
        }
        let rows = flaws.iter().cloned().map(|flaw| {
            view! {
                <tr>
                    <th scope="row">{format!("Line {}", flaw.line)}</th>
                    <td data-label="Text"><code>{flaw.text}</code></td>
                    <td data-label="What to do">{model::text::capitalised(&flaw.advice)}</td>
                </tr>
            }
        });
        view! {
            <table class="cards">
                <thead><tr><th scope="col">"Line"</th><th scope="col">"Text"</th><th scope="col">"What it does, and what to write"</th></tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        }
        .into_any()
    });
    let form = Form::new(here, "joining/module");
    let paste = form.view("form", view! {
        {hidden("tailnet", tailnet)}
        {Field::new("module", "Your present NixOS module").rows(8).required().max(20_000)
            .hint("Such as one with a tailscale-autoconnect unit. Keys in it are blanked before anything else.").view(&form)}
        <p class="actions"><button class="button" type="submit">"Look at it"</button></p>
    });
    view! { {found}{paste} }.into_any()
}

pub fn page() -> AnyView {
    let id = param::<JoiningId>("joining");
    open(|backend, here| async move {
        let view = backend.joining.get(id?).await?;
        let title = match view.state {
            JoiningState::Making | JoiningState::Undoing => "Was a key made?".to_owned(),
            JoiningState::Waiting => "Waiting for a machine".to_owned(),
            JoiningState::Arrived => match view.arrived.as_slice() {
                [(_, name)] => format!("{name} is here"),
                _ => "New machines are here".to_owned(),
            },
            JoiningState::Cancelled => "Not waited for any more".to_owned(),
            JoiningState::Lapsed => "No machine came".to_owned(),
        };
        Ok(Page::new(title.clone(), NavSection::Tailnets, joining(&here, &view, title)))
    })
}

fn joining(here: &Here, view: &JoiningView, title: String) -> AnyView {
    let crumbs = vec![
        (paths::tailnets(), "Tailnets".into()),
        (paths::tailnet(view.tailnet), view.tailnet_name.clone()),
    ];
    let waiting = view.state == JoiningState::Waiting;
    let open = matches!(view.state, JoiningState::Making | JoiningState::Undoing | JoiningState::Waiting);
    let key = here.once(&["joining/key"]).map(|key| once(view, key));
    let said = title.clone();
    let live = open.then(|| {
        let events = here.to(&paths::joining_events(view.tailnet, view.id));
        // With the key on the page it is not loaded again: the key would be gone.
        let follow = key.is_none().then(|| follow(here, "This page follows what happens."));
        view! { <Live events />{follow} }
    });
    let cancel = waiting.then(|| {
        let words = if view.key_made { "Revoke the key and stop waiting" } else { "Stop waiting" };
        Form::new(here, "joining/cancel").view(
            "inline",
            view! {
                {hidden("tailnet", view.tailnet)}
                {hidden("joining", view.id)}
                <button class="button grave" type="submit">{words}</button>
            },
        )
    });
    let demo = (waiting && view.demo).then(|| demo(here, view));
    let bring = waiting.then(|| section("text", "What to put on it", text(here, &view.text)));
    view! {
        {head_with(here, crumbs, title, (), ())}
        {key}
        <section aria-label="State">
            <div id="live" data-said=said>{state(here, view)}{others(here, view)}</div>
            {live}
            {cancel}
        </section>
        {demo}
        {bring}
    }
    .into_any()
}

fn state(here: &Here, view: &JoiningView) -> AnyView {
    match view.state {
        JoiningState::Making | JoiningState::Undoing => {
            let trouble = view.trouble.clone().map(|why| view! { <p class="note">{why}" It is tried again."</p> });
            view! {
                <p aria-current="step"><strong>"A key was asked for, and no answer has come back."</strong></p>
                {trouble}
                <p>"If it was made, it is found by its name, "<code>{view.description.clone()}</code>", and revoked. Nobody has seen it, and it ends by itself "{exactly(here, view.ends)}" at the latest."</p>
            }
            .into_any()
        }
        JoiningState::Waiting => {
            let looked = view.observed_at.map(|at| view! { " The list was last read "{when(here, at)}"." });
            let trouble = view.trouble.clone().map(|why| view! { <p class="note">{why}" It is tried again."</p> });
            view! {
                <p aria-current="step"><strong>"Waiting until a new machine appears in the machine list."</strong>{looked}</p>
                {trouble}
                <p>"The waiting ends "{exactly(here, view.ends)}". In the console the key is called "<code>{view.description.clone()}</code>"."</p>
            }
            .into_any()
        }
        JoiningState::Arrived => view
            .arrived
            .iter()
            .map(|(id, name)| {
                view! {
                    <p><strong>{name.clone()}" is here."</strong>" It is in the tailnet. What does it offer? Listing a service opens nothing yet."</p>
                    <p class="actions">
                        {primary(here, &paths::new_service(*id), format!("List a service of {name}"))}
                        {secondary(here, &paths::node(view.tailnet, *id), format!("Look at {name}"))}
                    </p>
                }
            })
            .collect_view()
            .into_any(),
        JoiningState::Cancelled => view! {
            <p>"Nothing joined, and nobody is waited for any more."</p>
            <p class="actions">{primary(here, &paths::new_node(view.tailnet), "Start again")}</p>
        }
        .into_any(),
        JoiningState::Lapsed => view! {
            <p>"The key ended "{when(here, view.ends)}" and no new machine had appeared. Make another; the text on the machine stays the same."</p>
            <p class="actions">{primary(here, &paths::new_node(view.tailnet), "Start again")}</p>
        }
        .into_any(),
    }
}

/// Which of two waits a machine was for is told nowhere.
fn others(here: &Here, view: &JoiningView) -> Option<AnyView> {
    let words = match view.state {
        JoiningState::Waiting => {
            "Which key a machine came in with is not told: the first to come is shown here or there, the next one at the other."
        }
        JoiningState::Arrived => "If this is that one, yours will be shown there.",
        JoiningState::Making | JoiningState::Undoing | JoiningState::Cancelled | JoiningState::Lapsed => {
            return None;
        }
    };
    let links = view.others.iter().map(|(id, name)| {
        let href = here.to(&paths::joining(view.tailnet, *id));
        view! { " "<a href=href>{name.clone()}</a> }
    });
    let links = links.collect::<Vec<_>>();
    (!links.is_empty()).then(|| {
        view! { <p class="note">"Another machine with the same tags is waited for:"{links}". "{words}</p> }.into_any()
    })
}

/// The key, this once.
fn once(view: &JoiningView, key: String) -> AnyView {
    let steps = view.place_key.iter().cloned().map(|text| view! { <li>{text}</li> }).collect_view();
    view! {
        <section class="sheet once" aria-labelledby="once-heading">
            <div>
                <h2 id="once-heading">"The key, shown this once"</h2>
                <Copy text=key />
                <ol class="plain">{steps}</ol>
                <p class="soft">"It is not kept here. Lost it? Stop waiting, and make another."</p>
            </div>
        </section>
    }
    .into_any()
}

fn demo(here: &Here, view: &JoiningView) -> AnyView {
    let action = here.to(&paths::demo_join());
    view! {
        <section class="sheet" aria-labelledby="demo-heading">
            <h2 id="demo-heading">"Demo only"</h2>
            <p>"There is no real machine here. This button lets a simulated one join with the key."</p>
            <form method="post" action=action class="inline">
                {hidden("joining", view.id)}
                <button class="button" type="submit">"Let a machine join"</button>
            </form>
        </section>
    }
    .into_any()
}
