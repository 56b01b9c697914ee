//! A service as a notice on the board.

use leptos::prelude::*;
use model::ServiceKind;

use super::gate::{state_mark, whose};
use super::icon::{drawn, of_kind, symbol};
use super::when::{until, when};
use crate::islands::Copy;
use crate::paths;
use crate::ports::services::{Probe, ServiceCard, Standing};
use crate::site::here::Here;

/// The board: a list of notices. The drawing of each kind stands there once, however many notices have it.
pub fn board(here: &Here, cards: &[ServiceCard]) -> AnyView {
    let kinds = ServiceKind::ALL.into_iter().filter(|kind| cards.iter().any(|card| card.kind == *kind));
    let drawings = kinds.map(|kind| symbol(stamp_id(kind), "0 0 24 24", of_kind(kind))).collect_view();
    view! {
        <svg class="symbols" aria-hidden="true">{drawings}</svg>
        <ul class="board">{cards.iter().map(|card| notice(here, card)).collect_view()}</ul>
    }
    .into_any()
}

fn stamp_id(kind: ServiceKind) -> String {
    format!("stamp-{}", kind.as_str())
}

fn notice(here: &Here, card: &ServiceCard) -> AnyView {
    let href = here.to(&paths::service(card.id));
    // What it is looked for by besides what stands there.
    let words = card.kind.label().to_lowercase();
    let about = (!card.about.is_empty()).then(|| view! { <p class="about">{card.about.clone()}</p> });
    let address = card.address.clone().map(|text| view! { <Copy text /> });
    let motd = motd(card).map(|text| view! { <p class="motd">{text}</p> });
    view! {
        <li class="notice" data-words=words>
            <div class="notice-head">
                <span class=format!("stamp {}", card.kind.as_str())>{drawn("icon", "0 0 24 24", &stamp_id(card.kind))}</span>
                <div>
                    <h3><a href=href>{card.name.clone()}</a></h3>
                    <p class="soft">{whose(&card.owner, &card.node)}</p>
                </div>
                {presence(here, card)}
            </div>
            {about}
            {motd}
            {address}
            <p class="standing">{standing(here, card)}</p>
        </li>
    }
    .into_any()
}

/// Whether the service answers, else whether its machine is there, in words and a shape.
pub fn presence(here: &Here, card: &ServiceCard) -> AnyView {
    match &card.probe {
        Probe::Answered { at, result, .. } => {
            let result: String = result.iter().flat_map(|word| [" · ", word.as_str()]).collect();
            return view! { <p class="presence on">"answered "{when(here, *at)}{result}</p> }.into_any();
        }
        Probe::Silent { since, .. } => {
            return view! { <p class="presence off">"no answer since "{when(here, *since)}</p> }.into_any();
        }
        Probe::NotYet | Probe::Impossible | Probe::LeftAlone | Probe::Off(_) => {}
    }
    if card.online {
        return view! { <p class="presence on">"online"</p> }.into_any();
    }
    match card.last_seen {
        Some(seen) => view! { <p class="presence off">"seen "{when(here, seen)}</p> }.into_any(),
        None => view! { <p class="presence off">"not seen yet"</p> }.into_any(),
    }
}

/// What the service says of itself.
pub fn motd(card: &ServiceCard) -> Option<String> {
    match &card.probe {
        Probe::Answered { motd, .. } => motd.clone(),
        _ => None,
    }
}

fn standing(here: &Here, card: &ServiceCard) -> AnyView {
    match &card.standing {
        Standing::Owner => {
            let offer = here.to(&paths::new_offer(Some(card.id)));
            view! {
                <span class="soft">"Yours"</span>
                <a class="button small" href=offer>"Offer it"<span class="sr">" ("{card.name.clone()}")"</span></a>
            }
            .into_any()
        }
        Standing::Shared(share) => {
            let href = here.to(&share.href);
            view! {
                <a class="state-link" href=href>{state_mark(share.state)}</a>
                <span class="soft">{until(here, share.until)}</span>
            }
            .into_any()
        }
        Standing::Listed => {
            let ask = here.to(&paths::ask_for(card.id));
            view! {
                <span class="soft">"Listed for you"</span>
                <a class="button small" href=ask>"Ask for it"<span class="sr">" ("{card.name.clone()}")"</span></a>
            }
            .into_any()
        }
    }
}
