//! The head of a page: where one is, what it is, what it says first.

use leptos::prelude::*;

use crate::site::here::Here;

/// The way back up: (path, words).
pub type Crumbs = Vec<(String, String)>;

pub fn head(here: &Here, crumbs: Crumbs, title: impl Into<String>, lede: impl IntoView + 'static) -> AnyView {
    head_with(here, crumbs, title, lede, ())
}

/// With the page's primary action.
pub fn head_with(
    here: &Here,
    crumbs: Crumbs,
    title: impl Into<String>,
    lede: impl IntoView + 'static,
    action: impl IntoView + 'static,
) -> AnyView {
    let way = (!crumbs.is_empty()).then(|| {
        let links =
            crumbs.into_iter().map(|(path, words)| view! { <li><a href=here.to(&path)>{words}</a></li> });
        view! { <nav class="crumbs" aria-label="Where this is"><ol>{links.collect_view()}</ol></nav> }
    });
    view! {
        <header class="head">
            {way}
            <div class="head-row">
                <h1>{title.into()}</h1>
                <div class="actions">{action.into_view().into_any()}</div>
            </div>
            <div class="lede">{lede.into_view().into_any()}</div>
        </header>
    }
    .into_any()
}

/// A link that looks like a button.
pub fn primary(here: &Here, path: &str, words: impl Into<String>) -> AnyView {
    view! { <a class="button primary" href=here.to(path)>{words.into()}</a> }.into_any()
}

pub fn secondary(here: &Here, path: &str, words: impl Into<String>) -> AnyView {
    view! { <a class="button" href=here.to(path)>{words.into()}</a> }.into_any()
}

/// Leads to a page that says what will happen before it does.
pub fn danger(here: &Here, path: &str, words: impl Into<String>) -> AnyView {
    view! { <a class="button grave" href=here.to(path)>{words.into()}</a> }.into_any()
}

/// A part of a page with its heading.
pub fn section(id: &'static str, title: impl Into<String>, body: impl IntoView + 'static) -> AnyView {
    let heading = format!("{id}-heading");
    let label = heading.clone();
    view! {
        <section id=id aria-labelledby=label>
            <h2 id=heading>{title.into()}</h2>
            {body.into_view().into_any()}
        </section>
    }
    .into_any()
}

/// Sentences as a list.
pub fn sentences(class: &'static str, list: &[String]) -> AnyView {
    let items = list.iter().cloned().map(|text| view! { <li>{text}</li> }).collect_view();
    view! { <ul class=class>{items}</ul> }.into_any()
}
