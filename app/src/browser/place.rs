//! Where somebody is on a page: what has the focus, what is unfolded, what was typed. It is found again on the next one.

use leptos::prelude::document;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{
    Element, FocusOptions, HtmlElement, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement,
};

use super::Outcome;
use super::patch::{key, within};

/// An element, told so that it is found on another page too.
#[derive(PartialEq, Eq)]
struct Told {
    name: String,
    key: Option<String>,
    /// The form or the fold that it stands in: several have a button of the same words.
    around: Option<String>,
}

impl Told {
    fn of(one: &Element) -> Self {
        let around =
            one.parent_element().and_then(|up| up.closest("form, details, leptos-island").ok().flatten());
        Self { name: one.local_name(), key: key(one), around: around.and_then(|around| key(&around)) }
    }

    fn find(&self, around: &Element) -> Vec<Element> {
        if self.key.is_none() {
            return Vec::new();
        }
        within(around, &self.name).into_iter().filter(|one| Self::of(one) == *self).collect()
    }
}

pub struct Place {
    focus: Option<Told>,
    open: Vec<Told>,
    begun: Vec<Element>,
}

impl Place {
    /// None: something was typed for which `new` has no form any more, so the page has to stay.
    pub fn take(old: &Element, new: &Element) -> Option<Self> {
        let begun = begun(old);
        let forms = within(new, "form");
        if !begun.iter().all(|form| forms.iter().any(|one| key(one) == key(form))) {
            return None;
        }
        let focus = document().active_element();
        let focus = focus.filter(|one| one.closest("main, header").ok().flatten().is_some());
        Some(Self {
            focus: focus.as_ref().map(Told::of),
            open: within(old, "details[open]").iter().map(Told::of).collect(),
            begun,
        })
    }

    /// Puts back what did not stay by itself.
    pub fn give_back(&self, main: &Element) -> Outcome {
        for form in self.begun.iter().filter(|form| !form.is_connected()) {
            if let Some(new) = within(main, "form").iter().find(|one| key(one) == key(form)) {
                new.replace_with_with_node_1(form)?;
            }
        }
        for open in &self.open {
            let found = open.find(main);
            if let Some(first) = found.first().filter(|_| !found.iter().any(|one| one.has_attribute("open")))
            {
                first.set_attribute("open", "")?;
            }
        }
        let lost = document().active_element().is_none_or(|now| now.local_name() == "body");
        let Some(focus) = self.focus.as_ref().filter(|_| lost) else { return Ok(()) };
        if let Some(again) = focus.find(main).first()
            && hold(again)?
        {
            return Ok(());
        }
        // It is gone: people go on from what the page is about.
        if let Some(heading) = main.query_selector("h1")? {
            heading.set_attribute("tabindex", "-1")?;
            hold(&heading)?;
        }
        Ok(())
    }
}

/// Whether anything was typed that would be lost with the page.
pub fn is_begun(main: &Element) -> bool {
    !begun(main).is_empty()
}

fn begun(main: &Element) -> Vec<Element> {
    let touched = |form: &Element| within(form, "input, select, textarea").iter().any(is_touched);
    within(main, "form").into_iter().filter(touched).collect()
}

/// It has another value than the page gave it, or came back with what is wrong with it.
fn is_touched(one: &Element) -> bool {
    if one.has_attribute("aria-invalid") {
        return true;
    }
    if let Some(field) = one.dyn_ref::<HtmlInputElement>() {
        return field.value() != field.default_value() || field.checked() != field.default_checked();
    }
    if let Some(text) = one.dyn_ref::<HtmlTextAreaElement>() {
        return text.default_value().is_ok_and(|given| given != text.value());
    }
    let Some(list) = one.dyn_ref::<HtmlSelectElement>() else { return false };
    let given = within(list, "option").iter().position(|option| option.has_attribute("selected"));
    usize::try_from(list.selected_index()).is_ok_and(|now| now != given.unwrap_or_default())
}

/// Gives it the focus where it stands. Whether it took it: what is hidden does not.
fn hold(one: &Element) -> Outcome<bool> {
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    one.unchecked_ref::<HtmlElement>().focus_with_options(&options)?;
    Ok(document().active_element().is_some_and(|now| now == *one))
}
