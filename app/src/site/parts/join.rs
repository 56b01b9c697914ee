//! How to get in, step by step.

use leptos::prelude::*;

use crate::islands::Copy;
use crate::ports::services::JoinStep;

pub fn steps(list: &[JoinStep]) -> AnyView {
    let steps = list.iter().cloned().map(|step| {
        let copy = step.copy.map(|text| view! { <Copy text /> });
        view! { <li><h3>{step.title}</h3><p>{step.detail}</p>{copy}</li> }
    });
    view! { <ol class="join">{steps.collect_view()}</ol> }.into_any()
}
