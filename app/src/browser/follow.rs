//! A page on which something goes on by itself is told of it, and becomes what it would be if it were loaded again.

use std::cell::Cell;

use leptos::prelude::{document, window};
use leptos::wasm_bindgen::closure::Closure;
use leptos::wasm_bindgen::{JsCast, JsValue};
use leptos::web_sys::js_sys::Function;
use leptos::web_sys::{Document, Element, Event, EventSource};
use web_sys::{XmlHttpRequest, XmlHttpRequestResponseType};

use super::patch::{patch, within};
use super::place::{Place, is_begun};
use super::{Outcome, reload};

thread_local! {
    /// Somebody pressed a button or followed a link: loading this page again would take them back from there.
    static LEAVES: Cell<bool> = const { Cell::new(false) };
    /// How often the page was asked for, and which of these askings it shows: a late answer changes nothing back.
    static ASKED: Cell<u32> = const { Cell::new(0) };
    static SHOWN: Cell<u32> = const { Cell::new(0) };
}

/// Renews the page when the stream of events opens and for each `changed` in it, as long as the page follows anything.
pub fn follow(url: &str) {
    let Ok(source) = EventSource::new(url) else { return };
    let leave: Function = Closure::<dyn Fn()>::new(|| LEAVES.set(true)).into_js_value().unchecked_into();
    let _ = window().add_event_listener_with_callback("beforeunload", &leave);
    let told = source.clone();
    let on_change = move || {
        let _ = ask(told.clone());
    };
    let on_change: Function = Closure::<dyn Fn()>::new(on_change).into_js_value().unchecked_into();
    source.set_onopen(Some(&on_change));
    let _ = source.add_event_listener_with_callback("changed", &on_change);
}

/// This page, without the place in it.
fn address() -> Outcome<String> {
    let href = window().location().href()?;
    Ok(href.split('#').next().unwrap_or_default().to_owned())
}

fn ask(source: EventSource) -> Outcome {
    let number = ASKED.get() + 1;
    ASKED.set(number);
    let request = XmlHttpRequest::new()?;
    request.open("GET", &address()?)?;
    request.set_response_type(XmlHttpRequestResponseType::Document);
    // What waits to be read on this page goes on waiting.
    request.set_request_header(crate::request::RENEWS, "1")?;
    let answered = request.clone();
    let onload = Closure::once_into_js(move || {
        if number > SHOWN.replace(number.max(SHOWN.get())) {
            let _ = show(&answered, &source);
        }
    });
    request.set_onload(Some(onload.unchecked_ref()));
    request.send()
}

/// An answer that is no page changes nothing: the next event asks again. One that leads elsewhere is for people.
fn show(request: &XmlHttpRequest, source: &EventSource) -> Outcome {
    let status = request.status()?;
    let main = document().query_selector("main")?.ok_or(JsValue::NULL)?;
    if request.response_url() != address()? || matches!(status, 401 | 403 | 404 | 410) {
        let stays = LEAVES.get() || is_begun(&main) || main.query_selector(".once")?.is_some();
        return if stays { Ok(()) } else { reload() };
    }
    let page = request.response_xml()?.filter(|_| status == 200).ok_or(JsValue::NULL)?;
    turn(&main, &page)?;
    if document().query_selector("[data-follows]")?.is_none() {
        source.close();
    }
    Ok(())
}

/// What the page is makes room for what it is now.
fn turn(main: &Element, page: &Document) -> Outcome {
    let new = page.query_selector("main")?.ok_or(JsValue::NULL)?;
    // A parsed page has elements in there, such as the one that loads it again.
    for one in within(&new, "noscript") {
        one.set_text_content(None);
    }
    // What is shown once would be gone with a link to the same page.
    if main.query_selector(".once")?.is_some() {
        within(&new, ".refresh").iter().for_each(Element::remove);
    }
    let Some(place) = Place::take(main, &new) else { return Ok(()) };
    let (before, now) = (said(main), said(&new));
    patch(main, &new)?;
    // With what waits for somebody.
    let navigation = "header.top > nav";
    if let (Some(old), Some(new)) = (document().query_selector(navigation)?, page.query_selector(navigation)?)
    {
        patch(&old, &new)?;
    }
    document().set_title(&page.title());
    // `wake.js` hears of it.
    document().dispatch_event(&Event::new("renewed")?)?;
    place.give_back(main)?;
    if let Some(now) = now.filter(|now| before.as_ref() != Some(now))
        && let Some(aloud) = document().get_element_by_id("said")
    {
        aloud.set_text_content(Some(&now));
    }
    Ok(())
}

/// What a page says of how things stand, in few words.
fn said(main: &Element) -> Option<String> {
    main.query_selector("[data-said]").ok().flatten()?.get_attribute("data-said")
}
