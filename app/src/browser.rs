//! The few things that islands ask of the browser. Every one may be missing or refused; then nothing happens and
//! the page is as it was without script.

use std::cell::Cell;

use leptos::prelude::{document, window};
use leptos::wasm_bindgen::closure::Closure;
use leptos::wasm_bindgen::{JsCast, JsValue};
use leptos::web_sys::EventSource;
use leptos::web_sys::js_sys::Intl::DateTimeFormat;
use leptos::web_sys::js_sys::{Array, Function, Object, Reflect};
use web_sys::{Clipboard, HtmlDocument, XmlHttpRequest, XmlHttpRequestResponseType};

type Outcome<T = ()> = Result<T, JsValue>;

/// Without TLS there is none, except on localhost, though its type does not say so.
fn clipboard() -> Option<Clipboard> {
    let clipboard = window().navigator().clipboard();
    (!clipboard.is_undefined()).then_some(clipboard)
}

/// Whether there is a clipboard.
pub fn has_clipboard() -> bool {
    clipboard().is_some()
}

/// Puts `text` on the clipboard and calls `done` when it is there.
pub fn copy(text: &str, done: impl FnOnce() + 'static) {
    let Some(clipboard) = clipboard() else { return };
    let done = Closure::once(move |_: JsValue| done());
    let refused = Closure::once(|_: JsValue| ());
    let _ = clipboard.write_text(text).then2(&done, &refused);
    // Whichever of the two is called, the browser calls it once and lets go of both.
    done.forget();
    refused.forget();
}

/// Wears the theme at once and keeps it in a cookie, as the form would.
pub fn set_theme(theme: Option<&str>, path: &str) {
    let show = || -> Outcome {
        let root = document().document_element().ok_or(JsValue::NULL)?;
        let age = if let Some(theme) = theme {
            root.set_attribute("data-theme", theme)?;
            31_536_000
        } else {
            root.remove_attribute("data-theme")?;
            0
        };
        let cookie =
            format!("acequia-theme={}; Path={path}; Max-Age={age}; SameSite=Lax", theme.unwrap_or_default());
        document().unchecked_into::<HtmlDocument>().set_cookie(&cookie)
    };
    let _ = show();
}

/// Keeps the name of the time zone in a cookie, so that the next page has times in it. Told once: until it is another one.
pub fn tell_zone() {
    let tell = || -> Outcome {
        let options = DateTimeFormat::new(&Array::new(), &Object::new()).resolved_options();
        let zone = Reflect::get(&options, &"timeZone".into())?.as_string().ok_or(JsValue::NULL)?;
        let document = document().unchecked_into::<HtmlDocument>();
        let told = format!("{}={zone}", crate::request::ZONE);
        if document.cookie()?.split(';').any(|one| one.trim() == told) {
            return Ok(());
        }
        // The path of the theme's cookie: what all pages are under.
        let base = document.document_element().and_then(|root| root.get_attribute("data-base"));
        let path = base.unwrap_or_default();
        document.set_cookie(&format!("{told}; Path={path}/; Max-Age=31536000; SameSite=Lax"))
    };
    let _ = tell();
}

thread_local! {
    /// Somebody pressed a button or followed a link: loading this page again would take them back from there.
    static LEAVES: Cell<bool> = const { Cell::new(false) };
}

/// Calls `on_change` when the stream of events opens and for each `changed` in it, as long as the page is open.
pub fn listen(url: &str, on_change: impl Fn() + 'static) {
    let Ok(source) = EventSource::new(url) else { return };
    let leave: Function = Closure::<dyn Fn()>::new(|| LEAVES.set(true)).into_js_value().unchecked_into();
    let _ = window().add_event_listener_with_callback("beforeunload", &leave);
    let on_change: Function = Closure::<dyn Fn()>::new(on_change).into_js_value().unchecked_into();
    source.set_onopen(Some(&on_change));
    let _ = source.add_event_listener_with_callback("changed", &on_change);
}

/// Fetches this page again and replaces what is in the element `id` by its new self, and tells the text of its
/// current step; reloads the page as a whole once the new one has no attribute `while_attribute` any more.
pub fn renew(id: &'static str, while_attribute: &'static str, on_change: impl FnOnce(String) + 'static) {
    let ask = || -> Outcome {
        let request = XmlHttpRequest::new()?;
        request.open("GET", &window().location().href()?)?;
        request.set_response_type(XmlHttpRequestResponseType::Document);
        // What waits to be read on this page goes on waiting.
        request.set_request_header(crate::request::RENEWS, "1")?;
        let answered = request.clone();
        let swap = move || -> Outcome {
            let page = answered.response_xml()?.ok_or(JsValue::NULL)?;
            let new = page.get_element_by_id(id).filter(|new| new.has_attribute(while_attribute));
            match (document().get_element_by_id(id), new) {
                (Some(old), Some(new)) => {
                    if old.inner_html() != new.inner_html() {
                        old.set_inner_html(&new.inner_html());
                        let step = old.query_selector("[aria-current=step]")?;
                        on_change(step.and_then(|step| step.text_content()).unwrap_or_default());
                    }
                    Ok(())
                }
                _ => reload(),
            }
        };
        let onload = Closure::once_into_js(move || {
            let _ = swap();
        });
        request.set_onload(Some(onload.unchecked_ref()));
        request.send()
    };
    let _ = ask();
}

fn reload() -> Outcome {
    if LEAVES.get() {
        return Ok(());
    }
    window().location().reload()
}

/// Hides elements of the class that do not have all of `words` in their text or `data-words`; says how many are left.
pub fn filter(class: &str, words: &str) -> u32 {
    let words: Vec<String> = words.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let list = document().get_elements_by_class_name(class);
    let mut left = 0;
    for item in (0..list.length()).filter_map(|at| list.item(at)) {
        let shown = item.text_content().unwrap_or_default().to_lowercase();
        let text = format!("{shown} {}", item.get_attribute("data-words").unwrap_or_default());
        let fits = words.iter().all(|word| text.contains(word.as_str()));
        let _ = item.toggle_attribute_with_force("hidden", !fits);
        left += u32::from(fits);
    }
    left
}
