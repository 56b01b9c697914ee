//! Shares: the list, the page of one, and the page that asks before it ends.

use leptos::prelude::*;
use model::ShareId;

pub mod account;
mod companion;
mod pause;
mod progress;
mod time;
mod way_in;

pub use pause::page as pause;
pub use time::page as time;

use super::{after, hosts, param};
use crate::fault::Fault;
use crate::islands::Copy;
use crate::paths;
use crate::ports::gate::Gate;
use crate::ports::shares::{Attention, Held, Manual, OwnReach, Party, ShareView, SharesView, ToldView};
use crate::site::frame::{NavSection, Page, open};
use crate::site::here::Here;
use crate::site::parts::code::code;
use crate::site::parts::diff::diff;
use crate::site::parts::empty::empty;
use crate::site::parts::exposure;
use crate::site::parts::field::{Field, Form, hidden, submit};
use crate::site::parts::gate::{gates, large};
use crate::site::parts::head::{danger, head, head_with, primary, secondary, section, sentences};
use crate::site::parts::history::history;
use crate::site::parts::more::more;
use crate::site::parts::ports;
use crate::site::parts::reach;
use crate::site::parts::when::{exactly, when};

pub fn list() -> AnyView {
    let after = after("after");
    open(|backend, here| async move {
        let view = backend.shares.list_page(after).await?;
        Ok(Page::new("Shares", NavSection::Shares, shares(&here, &view)))
    })
}

fn shares(here: &Here, view: &SharesView) -> AnyView {
    let part = |id: &'static str, title: &'static str, list: &[Gate]| {
        (!list.is_empty()).then(|| section(id, title, gates(here, list)))
    };
    let nothing = *view == SharesView::default();
    let nothing = nothing.then(|| {
        empty(
            "No share yet",
            "Offer a friend one of your services, or open the link of an offer that somebody sent you.",
            primary(here, &paths::new_offer(None), "Offer a service"),
        )
    });
    let over = (!view.ended.is_empty()).then(|| {
        view! { <details class="over-list"><summary>"Over"</summary>{gates(here, &view.ended)}</details> }
    });
    // Where there is nothing the way to an offer stands in the middle of the page.
    let offer = nothing.is_none().then(|| primary(here, &paths::new_offer(None), "Offer a service"));
    let action = view! { {secondary(here, &paths::circles(), "Circles")}{secondary(here, &paths::offers(false), "Offers")}{offer} };
    view! {
        {head_with(here, vec![], "Shares", "Every gate that you opened, or that was opened for you.", action)}
        {nothing}
        {part("waiting", "Waiting for somebody", &view.waiting)}
        {part("offers", "Offered", &view.offers)}
        {part("ending-soon", "Ending soon", &view.ending_soon)}
        {part("given", "Given", &view.given)}
        {part("received", "Received", &view.received)}
        {over}
        {more(here, "after", "", view.next.as_ref(), "More shares")}
    }
    .into_any()
}

pub fn page() -> AnyView {
    let id = param::<ShareId>("id");
    open(|backend, here| async move {
        let view = backend.shares.get(id?).await?;
        let title = match view.party {
            Party::Owner => format!("{} for {}", view.gate.service, view.gate.who),
            Party::Friend => format!("{} from {}", view.gate.service, view.gate.owner),
        };
        Ok(Page::new(title.clone(), NavSection::Shares, share(&here, &view, title)))
    })
}

fn share(here: &Here, view: &ShareView, title: String) -> AnyView {
    let lede = match view.party {
        Party::Owner if view.login.is_empty() => {
            "A share that you give. Its friend has no account yet.".into()
        }
        Party::Owner => format!("A share that you give. It is for {}.", view.login),
        Party::Friend if view.login.is_empty() => {
            format!("{} shares this with you. What is missing is an account of yours.", view.gate.owner)
        }
        Party::Friend => format!("{} shares this with you, for your login {}.", view.gate.owner, view.login),
    };
    let action = view.can_review.then(|| primary(here, &paths::review(view.id), "Review what it opens"));
    let note = (!view.note.is_empty())
        .then(|| view! { <blockquote class="letter">{view.note.clone()}</blockquote> });
    let invite = view.invite_link.clone().map(|link| {
        // It was pasted, or comes from a control plane.
        let open = paths::on_the_web(&link).map(|open| {
            let open = open.to_owned();
            view! { <p class="actions"><a class="button primary" href=open rel="noreferrer">"Open the invite"</a></p> }
        });
        section("invite", "Your way in", view! {
            <div class="sheet">
                <p>"This link brings the machine into your network. It is for you only, and works once."</p>
                <Copy text=link />
                {open}
            </div>
        })
    });
    let other_ports = view.other_ports.as_ref().map(|ports| {
        let ports = ports::in_words(ports);
        view! { <p class="note">{format!("The service has other ports by now. With your yes this gate leads to {ports}; until then it stays as it is.")}</p> }
    });
    let steps = (!view.join.is_empty()).then(|| section("join", "How to join", companion::steps(here, view)));
    let account = view.account.as_ref().map(|account| account::steps(here, view, account));
    let wish = view.longer.as_ref().map(|wished| time::wish(here, view, wished, true));
    let life = life(here, view);
    let ending = view.can_end.then(|| {
        let words = if view.party == Party::Owner { "End this share" } else { "Give it back" };
        danger(here, &paths::end_share(view.id), words)
    });
    view! {
        {head_with(here, vec![(paths::shares(), "Shares".into())], title, lede, action)}
        {other_ports}
        {view.attention.as_ref().map(|attention| attend(here, view, attention))}
        {view.beyond.as_ref().map(|beyond| exposure::beyond(here, view.tailnet, beyond))}
        {progress::section_of(here, view)}
        {wish}
        {account}
        {invite}
        {view.way_in.as_ref().map(|way| way_in::section_of(here, view.id, way))}
        {steps}
        {view.own_reach.as_ref().map(|own| own_reach(here, own))}
        {note}
        {facts(here, view)}
        <div class="actions">{life}{ending}</div>
        {history(here, &view.history)}
    }
    .into_any()
}

/// What can become of it besides its end.
fn life(here: &Here, view: &ShareView) -> AnyView {
    let time = match view.party {
        Party::Owner => "Another end",
        Party::Friend => "Ask for more time",
    };
    let time = view.can_change_end.then(|| secondary(here, &paths::share_time(view.id), time));
    let pause = view.can_pause.then(|| secondary(here, &paths::pause_share(view.id), "Pause it"));
    let again = view.can_open_again.then(|| {
        Form::new(here, "shares/open-again").view(
            "inline",
            view! { {hidden("share", view.id)}<button class="button primary" type="submit">"Open it again"</button> },
        )
    });
    view! { {again}{time}{pause} }.into_any()
}

fn attend(here: &Here, view: &ShareView, attention: &Attention) -> AnyView {
    let paste = attention.wants_invite.then(|| {
        let form = Form::new(here, "shares/invite");
        form.view("form", view! {
            {hidden("share", view.id)}
            {Field::new("link", "The invite’s link").hint("As the console shows it after you made it, such as https://login.tailscale.com/admin/invite/…").required().max(500).view(&form)}
            <p class="actions">{submit("Pass it on")}</p>
        })
    });
    let again = attention.again.filter(|again| *again > here.now()).map(|again| {
        let why = if view.party == Party::Owner {
            "The control plane asked to be left alone until then: it"
        } else {
            "It"
        };
        view! { <p>{why}" is tried again "{when(here, again)}"."</p> }
    });
    let give_up = attention
        .can_give_up
        .then(|| danger(here, &paths::unproven_share(view.id), "Call it ended without proof"));
    let retry = attention.can_retry.then(|| {
        let form = Form::new(here, "shares/retry");
        form.view(
            "actions",
            view! { {hidden("share", view.id)}<button class="button" type="submit">"Try again now"</button> },
        )
    });
    let review = attention.wants_review.then(|| primary(here, &paths::review(view.id), "Review it again"));
    let renew = view.can_renew_invite.then(|| {
        Form::new(here, "shares/new-invite").view(
            "inline",
            view! { {hidden("share", view.id)}<button class="button" type="submit">{format!("New invite for {}", view.login)}</button> },
        )
    });
    let loaded = attention.wants_load.then(|| {
        Form::new(here, "members/loaded").view(
            "inline",
            view! { {hidden("share", view.id)}<button class="button primary" type="submit">"Headscale has loaded it"</button> },
        )
    });
    view! {
        <section class="attend" aria-labelledby="attend-heading">
            <h2 id="attend-heading">"This needs attention"</h2>
            <p>{attention.reason.clone()}</p>
            <p><strong>{attention.next_step.clone()}</strong></p>
            {again}
            {paste}
            <div class="actions">{loaded}{review}{renew}{retry}{give_up}</div>
            {view.manual.as_ref().map(manual)}
        </section>
    }
    .into_any()
}

/// The exact text, for whoever has to do it by hand.
fn manual(manual: &Manual) -> AnyView {
    let steps = manual.steps.iter().cloned().map(|text| view! { <li>{text}</li> }).collect_view();
    let unknown = manual.unknown.clone().map(|why| view! { <p class="note">{why}</p> });
    let change = (!manual.diff.is_empty()).then(|| diff("The change to make by hand", &manual.diff));
    let lines = (manual.diff.is_empty() && !manual.lines.is_empty())
        .then(|| code("The lines to put in", manual.lines.clone()));
    let whole = manual.whole.clone().map(|text| {
        view! { <details><summary>"The whole new file, to paste"</summary>{code("The whole new file", text)}</details> }
    });
    view! {
        <div class="by-hand">
            <h3>"By hand"</h3>
            {unknown}
            <ol class="plain">{steps}</ol>
            {change}
            {lines}
            {whole}
        </div>
    }
    .into_any()
}

/// What the friend reaches: the same answer that the owner sees, as far as it concerns them.
fn own_reach(here: &Here, own: &OwnReach) -> AnyView {
    let read = own
        .read
        .map(|read| view! { <p class="soft small">"As the network was read "{when(here, read)}"."</p> });
    let body = match own.unknown.clone() {
        Some(why) => view! { <p class="soft">{why}</p> }.into_any(),
        None => reach::list("gains", &own.lines, "Nothing at the moment. Ask the owner to look at it."),
    };
    section("reach", "What you reach there", view! { {body}{read} })
}

fn facts(here: &Here, view: &ShareView) -> AnyView {
    let seen = match view.seen_in_force {
        Some(seen) => view! { "yes, "{when(here, seen)} }.into_any(),
        None => "not yet".into_any(),
    };
    let owner = (view.party == Party::Owner).then(|| {
        let node = here.to(&paths::node(view.tailnet, view.node_id));
        let wall = here.to(&paths::firewall(view.tailnet, view.node_id));
        let policy = here.to(&paths::policy(view.tailnet));
        view! {
            <div><dt>"Look closer"</dt><dd class="links"><a href=node>"The node"</a><a href=wall>"Its firewall text"</a><a href=policy>"The policy"</a></dd></div>
        }
    });
    let check = view.can_check.then(|| {
        let form = Form::new(here, "shares/check");
        form.view("inline", view! { {hidden("share", view.id)}<button class="button" type="submit">"Look again now"</button> })
    });
    view! {
        <dl class="facts">
            <div><dt>"Accepted"</dt><dd>{exactly(here, view.accepted)}</dd></div>
            <div><dt>"Seen in force"</dt><dd>{seen}{check}</dd></div>
            {view.told.as_ref().map(|told| in_force(here, told))}
            {view.host.as_ref().and_then(|host| hosts::fact(here, host))}
            {owner}
        </dl>
    }
    .into_any()
}

/// What the machine itself tells, which no control plane can.
fn in_force(here: &Here, view: &ToldView) -> AnyView {
    let node = &view.node;
    let (before, after) = match view.held {
        Held::All => (format!("in force on {node} since "), format!(", told by {node} ")),
        Held::Some => (format!("a part of it is in force on {node} since "), format!(", told by {node} ")),
        Held::None => (format!("not in force on {node} since "), format!(", told by {node} ")),
    };
    view! { <div><dt>"On its machine"</dt><dd>{before}{exactly(here, view.since)}{after}{when(here, view.told)}</dd></div> }
        .into_any()
}

pub fn end() -> AnyView {
    let id = param::<ShareId>("id");
    open(|backend, here| async move {
        let view = backend.shares.get(id?).await?;
        let title = match view.party {
            Party::Owner => format!("End {} for {}?", view.gate.service, view.gate.who),
            Party::Friend => format!("Give {} back?", view.gate.service),
        };
        let form = Form::new(&here, "shares/end");
        let button = view.can_end.then(|| form.view("actions", view! {
            {hidden("share", view.id)}
            <button class="button grave" type="submit">{if view.party == Party::Owner { "Close the gate" } else { "Give it back" }}</button>
        }));
        let cannot = (!view.can_end)
            .then(|| view! { <p class="note">"It cannot be ended now: it is over, or being ended."</p> });
        let body = view! {
            {head(&here, vec![(paths::share(view.id), "The share".into())], title.clone(), "This is what happens when you say yes.")}
            {large(&here, &view.gate)}
            {cannot}
            {sentences("plain means", &view.ending_means)}
            <div class="actions">{button}{secondary(&here, &paths::share(view.id), "Leave it open")}</div>
        };
        Ok(Page::new(title, NavSection::Shares, body.into_any()))
    })
}

/// The owner's last resort: it is over here, and nobody can see whether it is over there.
pub fn unproven() -> AnyView {
    let id = param::<ShareId>("id");
    open(|backend, here| async move {
        let view = backend.shares.get(id?).await?;
        if view.party != Party::Owner {
            return Err(Fault::Forbidden);
        }
        let title = format!("Call {} for {} ended without proof?", view.gate.service, view.gate.who);
        let can = view.attention.as_ref().is_some_and(|attention| attention.can_give_up);
        let form = Form::new(&here, "shares/unproven");
        let button = can.then(|| {
            form.view(
                "actions",
                view! {
                    {hidden("share", view.id)}
                    <button class="button grave" type="submit">"Call it ended, not proven"</button>
                },
            )
        });
        let cannot = (!can).then(|| {
            view! { <p class="note">"That is for shares whose ending has stopped. End it first; most often that is all."</p> }
        });
        let body = view! {
            {head(&here, vec![(paths::share(view.id), "The share".into())], title.clone(), "Only for when the control plane, or every key for it, is gone for good.")}
            {large(&here, &view.gate)}
            {cannot}
            {sentences("plain means", &view.unproven_means)}
            <div class="actions">{button}{secondary(&here, &paths::share(view.id), "Keep trying")}</div>
        };
        Ok(Page::new(title, NavSection::Shares, body.into_any()))
    })
}
