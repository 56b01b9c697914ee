//! The few things that islands ask of the browser. Every one may be missing or refused; then nothing happens and
//! the page is as it was without script.

mod follow;
mod pairs;
mod patch;
mod place;

use leptos::prelude::{document, window};
use leptos::wasm_bindgen::closure::Closure;
use leptos::wasm_bindgen::{JsCast, JsValue};
use leptos::web_sys::js_sys::Intl::DateTimeFormat;
use leptos::web_sys::js_sys::{Array, Object, Reflect};
use web_sys::{Clipboard, HtmlDocument};

pub use follow::follow;

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

/// Loads the page as a whole.
fn reload() -> Outcome {
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
