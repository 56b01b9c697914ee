//! How a share stands: the gate, its steps, and what is said aloud when the page turns to them by itself.

use leptos::prelude::*;
use model::text::capitalised;

use crate::islands::Live;
use crate::paths;
use crate::ports::gate::GateState;
use crate::ports::shares::{Party, ShareView, StepState, StepView};
use crate::site::here::Here;
use crate::site::parts::follow::{again, follow};
use crate::site::parts::gate::large;
use crate::site::parts::when::when;

/// The gate and its steps; renewed by script, or by the refresh of a browser without.
pub fn section_of(here: &Here, view: &ShareView) -> AnyView {
    let shown = shown(view);
    let said = said(view, shown);
    let steps = (!shown.is_empty()).then(|| {
        view! { <ol class="steps">{shown.iter().map(|step| step_row(here, step)).collect_view()}</ol> }
    });
    let waits =
        view.party == Party::Friend && matches!(view.gate.state, GateState::Accepted | GateState::Paused);
    let live = (view.in_progress || waits).then(|| {
        let events = here.to(&paths::share_events(view.id));
        view! { <Live events /> }
    });
    let words = view.in_progress.then(|| {
        let words = if is_moving(view) {
            "This page follows what happens."
        } else {
            "This page follows what happens. It may be closed: it is in your list of shares."
        };
        // Whoever reads and copies the link is not disturbed by a page that loads itself again.
        if view.invite_link.is_some() { again(here, words) } else { follow(here, words) }
    });
    view! {
        <section aria-label="State">
            <div id="live" data-said=said>
                {large(here, &view.gate)}
                {steps}
            </div>
            {live}
            {words}
        </section>
    }
    .into_any()
}

fn is_moving(view: &ShareView) -> bool {
    matches!(view.gate.state, GateState::Applying | GateState::Pausing | GateState::Ending)
}

/// What a friend has to do matters more to them than what was done for it.
fn shown(view: &ShareView) -> &[StepView] {
    if view.party == Party::Owner || is_moving(view) { &view.steps } else { &[] }
}

/// In few words.
fn said(view: &ShareView, shown: &[StepView]) -> String {
    let step = shown.iter().find(|step| step.state == StepState::Now);
    match step {
        Some(step) => step.title.clone(),
        None if view.invite_link.is_some() => "Open the invite".into(),
        None => capitalised(view.gate.state.word()),
    }
}

fn step_row(here: &Here, step: &StepView) -> AnyView {
    let (class, word) = match step.state {
        StepState::ToDo => ("to-do", "to do"),
        StepState::Now => ("now", "now"),
        StepState::Done => ("done", "done"),
        StepState::Stopped => ("stopped", "stopped here"),
    };
    let current = (step.state == StepState::Now).then_some("step");
    let detail = step.detail.clone().map(|text| view! { <p class="soft">{text}</p> });
    let at = step.at.map(|at| view! { <span class="soft small">{when(here, at)}</span> });
    view! {
        <li class=class aria-current=current>
            <p><span class="title">{step.title.clone()}</span>" "<span class="word">{word}</span>" "{at}</p>
            {detail}
        </li>
    }
    .into_any()
}
