//! The few things that islands ask of the browser. Every one may be missing or refused; then nothing happens and
//! the page is as it was without script.

use std::cell::Cell;

use leptos::prelude::{document, window};
use leptos::wasm_bindgen::closure::Closure;
use leptos::wasm_bindgen::{JsCast, JsValue};
use leptos::web_sys::js_sys::{Array, Function, Promise, Reflect};
use leptos::web_sys::{Document, EventSource};

type Outcome<T = ()> = Result<T, JsValue>;

fn get(object: &JsValue, name: &str) -> Outcome<JsValue> {
    Reflect::get(object, &name.into())
}

fn set(object: &JsValue, name: &str, value: &JsValue) -> Outcome {
    Reflect::set(object, &name.into(), value).map(drop)
}

fn method(object: &JsValue, name: &str) -> Outcome<Function> {
    get(object, name)?.dyn_into()
}

/// Whether there is a clipboard: not without TLS, except on localhost.
pub fn has_clipboard() -> bool {
    get(&window(), "navigator")
        .and_then(|navigator| get(&navigator, "clipboard"))
        .is_ok_and(|it| it.is_object())
}

/// Puts `text` on the clipboard and calls `done` when it is there.
pub fn copy(text: &str, done: impl FnOnce() + 'static) {
    let write = || -> Outcome {
        let clipboard = get(&get(&window(), "navigator")?, "clipboard")?;
        let promise: Promise =
            method(&clipboard, "writeText")?.call1(&clipboard, &text.into())?.dyn_into()?;
        let then: Function = Closure::once_into_js(move |_: JsValue| done()).dyn_into()?;
        let refused: Function = Closure::once_into_js(|_: JsValue| ()).dyn_into()?;
        method(&promise, "then")?.call2(&promise, &then, &refused).map(drop)
    };
    let _ = write();
}

/// Wears the theme at once and keeps it in a cookie, as the form would.
pub fn wear(theme: Option<&str>, path: &str) {
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
        set(&document(), "cookie", &cookie.into())
    };
    let _ = show();
}

thread_local! {
    /// Somebody pressed a button or followed a link: loading this page again would take them back from there.
    static LEAVES: Cell<bool> = const { Cell::new(false) };
}

/// Calls `tell` when the stream of events opens and for each `changed` in it, as long as the page is open.
pub fn listen(url: &str, tell: impl Fn() + 'static) {
    let Ok(source) = EventSource::new(url) else { return };
    let leave: Function = Closure::<dyn Fn()>::new(|| LEAVES.set(true)).into_js_value().unchecked_into();
    let _ = window().add_event_listener_with_callback("beforeunload", &leave);
    let tell: Function = Closure::<dyn Fn()>::new(tell).into_js_value().unchecked_into();
    source.set_onopen(Some(&tell));
    let _ = source.add_event_listener_with_callback("changed", &tell);
}

/// Fetches this page again and replaces what is in the element `id` by its new self, and tells the text of its
/// current step; reloads the page as a whole once the new one has no attribute `while_attribute` any more.
pub fn renew(id: &'static str, while_attribute: &'static str, tell: impl FnOnce(String) + 'static) {
    let ask = || -> Outcome {
        let maker: Function = get(&window(), "XMLHttpRequest")?.dyn_into()?;
        let request = Reflect::construct(&maker, &Array::new())?;
        let url = get(&get(&window(), "location")?, "href")?;
        method(&request, "open")?.call2(&request, &"GET".into(), &url)?;
        set(&request, "responseType", &"document".into())?;
        // What waits to be read on this page goes on waiting.
        let header = method(&request, "setRequestHeader")?;
        header.call2(&request, &crate::request::RENEWS.into(), &"1".into())?;
        let answered = request.clone();
        let swap = move || -> Outcome {
            let page: Document = get(&answered, "responseXML")?.dyn_into()?;
            let new = page.get_element_by_id(id).filter(|new| new.has_attribute(while_attribute));
            match (document().get_element_by_id(id), new) {
                (Some(old), Some(new)) => {
                    if old.inner_html() != new.inner_html() {
                        old.set_inner_html(&new.inner_html());
                        let step = old.query_selector("[aria-current=step]")?;
                        tell(step.and_then(|step| step.text_content()).unwrap_or_default());
                    }
                    Ok(())
                }
                _ => reload(),
            }
        };
        let onload = Closure::once_into_js(move || {
            let _ = swap();
        });
        set(&request, "onload", &onload)?;
        method(&request, "send")?.call0(&request).map(drop)
    };
    let _ = ask();
}

fn reload() -> Outcome {
    if LEAVES.get() {
        return Ok(());
    }
    let location = get(&window(), "location")?;
    method(&location, "reload")?.call0(&location).map(drop)
}

/// Hides elements of the class that do not have all of `words` in their text or `data-words`; says how many are left.
pub fn sift(class: &str, words: &str) -> u32 {
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
