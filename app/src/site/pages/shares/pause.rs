//! The page that asks before a share is paused.

use leptos::prelude::*;
use model::ShareId;

use super::param;
use crate::paths;
use crate::ports::shares::PauseView;
use crate::site::frame::{NavSection, Page, open};
use crate::site::here::Here;
use crate::site::parts::field::{Form, hidden};
use crate::site::parts::gate::large;
use crate::site::parts::head::{head, secondary, section, sentences};
use crate::site::parts::reach;

pub fn page() -> AnyView {
    let id = param::<ShareId>("id");
    open(|backend, here| async move {
        let view = backend.shares.pausing(id?).await?;
        let title = format!("Pause {} for {}?", view.gate.service, view.gate.who);
        Ok(Page::new(title.clone(), NavSection::Shares, pause(&here, &view, title)))
    })
}

fn pause(here: &Here, view: &PauseView, title: String) -> AnyView {
    let form = Form::new(here, "shares/pause");
    let button = view.can.then(|| {
        form.view(
            "actions",
            view! {
                {hidden("share", view.id)}
                <button class="button grave" type="submit">"Pause it"</button>
            },
        )
    });
    let cannot = (!view.can).then(|| view! { <p class="note">"Only what is open can be paused."</p> });
    let little = (!view.little.is_empty()).then(|| {
        section(
            "little",
            "Little is taken away",
            view! {
                {sentences("plain", &view.little)}
                {(!view.anyway.is_empty()).then(|| reach::list("anyway", &view.anyway, ""))}
            },
        )
    });
    view! {
        {head(here, vec![(paths::share(view.id), "The share".into())], title, "This is what happens when you say yes.")}
        {large(here, &view.gate)}
        {cannot}
        {little}
        {sentences("plain means", &view.means)}
        <div class="actions">{button}{secondary(here, &paths::share(view.id), "Leave it open")}</div>
    }
    .into_any()
}
