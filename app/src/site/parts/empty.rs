//! What stands where nothing is yet: it says what to do first.

use leptos::prelude::*;

use super::icon::dry_gate;

pub fn empty(title: &'static str, text: &'static str, action: impl IntoView + 'static) -> AnyView {
    view! {
        <div class="empty">
            {dry_gate()}
            <p class="empty-title">{title}</p>
            <p>{text}</p>
            <div class="actions">{action.into_view().into_any()}</div>
        </div>
    }
    .into_any()
}
