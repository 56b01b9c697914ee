//! The gate: a share as it is drawn everywhere. Who → service, open until.
//!
//! The friend's side is left, the owner's right. Water stands behind a closed gate and runs under an open one;
//! the state is also a word and a mark on the board, so that nothing depends on colour.

use leptos::prelude::*;

use super::icon::{drawn, symbol};
use super::ports::in_words;
use super::when::until;
use crate::ports::gate::{Gate, GateState};
use crate::site::here::Here;

/// Several gates, each a link to its page.
pub fn gates(here: &Here, list: &[Gate]) -> AnyView {
    let items = list.iter().map(|gate| {
        let review = gate.review.as_ref().map(|review| {
            let words = format!(" {} for {}", gate.service, gate.who);
            view! { <p class="actions"><a class="button primary small" href=here.to(review)>"Review"<span class="sr">{words}</span></a></p> }
        });
        view! { <li>{linked(here, gate)}{review}</li> }
    });
    view! { <ul class="gates">{items.collect_view()}</ul> }.into_any()
}

/// One gate that leads to its page.
pub fn linked(here: &Here, gate: &Gate) -> AnyView {
    let class = format!("gate {}", class(gate.state));
    view! { <a class=class href=here.to(&gate.href)>{inside(here, gate)}</a> }.into_any()
}

/// The gate of the page that one is on.
pub fn large(here: &Here, gate: &Gate) -> AnyView {
    let class = format!("gate large {}", class(gate.state));
    view! { <div class=class>{inside(here, gate)}</div> }.into_any()
}

fn inside(here: &Here, gate: &Gate) -> AnyView {
    let reason = gate.reason.clone().map(|reason| view! { <span class="gate-reason">{reason}</span> });
    let end =
        (!gate.state.is_over()).then(|| view! { <span class="gate-until">{until(here, gate.until)}</span> });
    view! {
        <span class="gate-row">
            <span class="gate-who"><strong>{gate.who.clone()}</strong></span>
            <span class="sr">" may reach "</span>
            <span class="gate-what">
                <strong>{gate.service.clone()}</strong>
                <span class="gate-where">{whose(&gate.owner, &gate.node)}<span class="gate-dot">" · "</span><span class="gate-ports">{in_words(&gate.ports)}</span></span>
            </span>
        </span>
        <span class="channel" aria-hidden="true"><span class="bed friend"></span>{drawn("sluice", VIEW_BOX, Board::of(gate.state).id())}<span class="bed owner"></span></span>
        <span class="gate-foot">{state_mark(gate.state)}{end}{reason}</span>
    }
    .into_any()
}

/// "Ana’s maple", "your maple".
pub fn whose(owner: &str, node: &str) -> String {
    if owner.eq_ignore_ascii_case("you") { format!("your {node}") } else { format!("{owner}’s {node}") }
}

/// The state's word with its shape.
pub fn state_mark(state: GateState) -> AnyView {
    view! {
        <span class=format!("state {}", class(state))>
            <svg viewBox="0 0 16 16" aria-hidden="true" inner_html=mark(state)></svg>
            {state.word()}
        </span>
    }
    .into_any()
}

/// Colour family and position of the board.
const fn class(state: GateState) -> &'static str {
    match state {
        GateState::Offered => "waiting offered",
        GateState::AccountMissing | GateState::Accepted => "waiting accepted",
        GateState::Paused => "waiting paused",
        GateState::Applying => "moving applying",
        GateState::WaitingForFriend => "waiting half",
        GateState::Active => "open",
        GateState::NeedsAttention => "attention",
        GateState::Pausing | GateState::Ending => "moving ending",
        GateState::Ended => "over ended",
        GateState::Declined => "over declined",
        GateState::Withdrawn => "over withdrawn",
        GateState::Lapsed => "over lapsed",
    }
}

/// A shape of its own for each state, 16 by 16.
const fn mark(state: GateState) -> &'static str {
    match state {
        GateState::Offered => r#"<circle cx="8" cy="8" r="5.5" class="line" stroke-dasharray="3 2.2"/>"#,
        GateState::Accepted => {
            r#"<circle cx="8" cy="8" r="6" class="line"/><path class="line" d="M8 4.5V8l2.5 1.5"/>"#
        }
        GateState::AccountMissing => {
            r#"<circle cx="8" cy="5" r="2.8" class="line"/><path class="line" d="M3 13.5a5 5 0 0 1 10 0"/>"#
        }
        GateState::Applying => r#"<path class="line" d="M8 13V3M4 7l4-4 4 4"/>"#,
        GateState::WaitingForFriend => {
            r#"<circle cx="8" cy="8" r="5.5" class="line"/><path class="full" d="M8 2.5a5.5 5.5 0 0 1 0 11z"/>"#
        }
        GateState::Active => r#"<circle cx="8" cy="8" r="6" class="full"/>"#,
        GateState::Pausing => r#"<path class="line" d="M8 3v7M5 7l3 3 3-3M4 13.5h8"/>"#,
        GateState::Paused => r#"<path class="full" d="M4 3h3v10H4zM9 3h3v10H9z"/>"#,
        GateState::NeedsAttention => {
            r#"<path class="line" d="M8 2 1.5 13.5h13z"/><path class="line" d="M8 6.5v3M8 11.5v.2"/>"#
        }
        GateState::Ending => r#"<path class="line" d="M8 3v10M4 9l4 4 4-4"/>"#,
        GateState::Ended => r#"<path class="full" d="M3 3h10v10H3z"/>"#,
        GateState::Declined => r#"<path class="line" d="m4 4 8 8M12 4l-8 8"/>"#,
        GateState::Withdrawn => r#"<path class="line" d="M13 8H3M7 4 3 8l4 4"/>"#,
        GateState::Lapsed => r#"<path class="line" d="M4 2.5h8L4 13.5h8z"/>"#,
    }
}

const VIEW_BOX: &str = "0 0 96 72";

/// How a gate stands.
#[derive(Clone, Copy)]
enum Board {
    Shut,
    Moving,
    Lifted,
    /// Shut and askew.
    Askew,
}

impl Board {
    const ALL: [Self; 4] = [Self::Shut, Self::Moving, Self::Lifted, Self::Askew];

    const fn of(state: GateState) -> Self {
        match state {
            GateState::Active | GateState::WaitingForFriend => Self::Lifted,
            GateState::Applying | GateState::Pausing | GateState::Ending => Self::Moving,
            GateState::NeedsAttention => Self::Askew,
            GateState::Offered
            | GateState::AccountMissing
            | GateState::Accepted
            | GateState::Paused
            | GateState::Ended
            | GateState::Declined
            | GateState::Withdrawn
            | GateState::Lapsed => Self::Shut,
        }
    }

    const fn id(self) -> &'static str {
        match self {
            Self::Shut => "sluice-shut",
            Self::Moving => "sluice-moving",
            Self::Lifted => "sluice-lifted",
            Self::Askew => "sluice-askew",
        }
    }

    /// Posts, beam, spindle and board, 96 by 72; the beds on both sides are drawn by the style sheet.
    fn drawing(self) -> String {
        let (top, water, surface) = match self {
            Self::Shut | Self::Askew => (34, "M66 46h30v22H66z", "M72 46h24v2H72z"),
            Self::Moving => {
                (23, "M0 62h30v6H0zM30 60h36v8H30zM66 50h30v18H66z", "M0 62h24v2H0zM72 50h24v2H72z")
            }
            Self::Lifted => (10, "M0 56h96v12H0z", "M0 56h24v2H0zM31 56h34v2H31zM72 56h24v2H72z"),
        };
        let tilt = if matches!(self, Self::Askew) { " transform=\"rotate(-7 48 50)\"" } else { "" };
        let (spindle, first, second) = (top - 2, top + 11, top + 22);
        format!(
            "<path class=\"pool\" d=\"{water}\"/><path class=\"surface\" d=\"{surface}\"/>\
             <path class=\"ripple\" d=\"M34 62q4-3 8 0t8 0 8 0 8 0\"/><path class=\"ground\" d=\"M0 68h96v4H0z\"/>\
             <g class=\"lift\"{tilt}><path class=\"spindle\" d=\"M46.5 4h3v{spindle}h-3z\"/>\
             <path class=\"plank\" d=\"M31 {top}h34v34H31z\"/>\
             <path class=\"grain\" d=\"M31 {first}h34M31 {second}h34\"/></g>\
             <path class=\"post\" d=\"M24 6h7v64h-7zM65 6h7v64h-7zM18 12h60v6H18z\"/>\
             <path class=\"wheel\" d=\"M41 4h14M48 1v6\"/>"
        )
    }
}

/// What gates are drawn with, once for each page: a list of fifty does not hold the same drawing fifty times.
pub fn drawings() -> AnyView {
    let all = Board::ALL.map(|board| symbol(board.id().into(), VIEW_BOX, board.drawing()));
    view! { <svg class="symbols" aria-hidden="true">{all.into_iter().collect_view()}</svg> }.into_any()
}
