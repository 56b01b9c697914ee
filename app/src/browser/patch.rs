//! A part of the page becomes what the server says now, and what is the same stays the same element: it keeps the focus, what
//! is unfolded, what was typed, and islands that are awake.

use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Element, Node, NodeList};

use super::Outcome;
use super::pairs::{Mark, pairs};

/// What somebody sees once: no new page has it again.
const ONCE: &str = ".messages, .once";
/// What somebody may have begun to fill in.
const FIELDS: &str = "input:not([type=hidden]), select, textarea";
/// Whether it is unfolded is up to who reads it.
const OPEN: &str = "open";
/// Also put on headings that were given the focus.
const TABINDEX: &str = "tabindex";

/// Makes `old` what `new` is. Of `new` only the rest is left.
pub fn patch(old: &Element, new: &Element) -> Outcome {
    attributes(old, new)?;
    let (before, after) = (nodes(&old.child_nodes()), nodes(&new.child_nodes()));
    let mut next = 0;
    for (child, pair) in after.iter().zip(pairs(&marks(&before), &marks(&after))) {
        if let Some(at) = pair {
            drop_all(old, before.get(next..at))?;
            next = at + 1;
            if let Some(known) = before.get(at) {
                renew(known, child)?;
            }
        } else {
            old.insert_before(child, before.get(next))?;
        }
    }
    drop_all(old, before.get(next..))
}

/// Everything below that a selector finds.
pub fn within(around: &Element, selector: &str) -> Vec<Element> {
    let found = around.query_selector_all(selector).map(|list| nodes(&list)).unwrap_or_default();
    found.into_iter().filter_map(|node| node.dyn_into().ok()).collect()
}

/// What an element is known again by; none for those that are like others beside them.
pub fn key(one: &Element) -> Option<String> {
    let of = |name: &str| one.get_attribute(name).unwrap_or_default();
    let text = || one.text_content().unwrap_or_default().trim().to_owned();
    if one.has_attribute("id") {
        return Some(format!("#{}", of("id")));
    }
    match one.local_name().as_str() {
        "leptos-island" => Some(of("data-component") + &of("data-props")),
        "a" => Some(of("href")),
        "form" => Some(of("action")),
        "input" if matches!(of("type").as_str(), "radio" | "checkbox") => {
            Some(of("name") + "=" + &of("value"))
        }
        "input" | "select" | "textarea" => Some(of("name")),
        "button" | "summary" => Some(text()),
        "details" => one.query_selector("summary").ok().flatten().and_then(|summary| key(&summary)),
        // Drawings are kept or replaced, never mended.
        "svg" => Some(one.outer_html()),
        _ => None,
    }
}

fn nodes(list: &NodeList) -> Vec<Node> {
    (0..list.length()).filter_map(|at| list.item(at)).collect()
}

fn marks(list: &[Node]) -> Vec<Mark> {
    list.iter().map(mark).collect()
}

fn mark(node: &Node) -> Mark {
    let Some(one) = node.dyn_ref::<Element>() else { return Mark { kind: node.node_name(), key: None } };
    let (name, key) = (one.local_name(), key(one));
    let class = one.get_attribute("class").filter(|_| key.is_none()).unwrap_or_default();
    Mark { kind: format!("{name} {class}"), key }
}

fn drop_all(from: &Element, list: Option<&[Node]>) -> Outcome {
    for node in list.unwrap_or_default() {
        if !node.dyn_ref::<Element>().is_some_and(is_seen_once) {
            from.remove_child(node)?;
        }
    }
    Ok(())
}

fn renew(old: &Node, new: &Node) -> Outcome {
    if old.is_equal_node(Some(new)) {
        return Ok(());
    }
    match (old.dyn_ref::<Element>(), new.dyn_ref::<Element>()) {
        (Some(old), Some(_)) if stays(old) => {}
        (Some(old), Some(new)) => patch(old, new)?,
        _ => old.set_node_value(new.node_value().as_deref()),
    }
    Ok(())
}

/// What goes on as it is, whatever the new page says.
fn stays(old: &Element) -> bool {
    match old.local_name().as_str() {
        // Known by what it was made with: it is the same, and lives. What is for browsers without script is read by none with it.
        "leptos-island" | "noscript" => true,
        "form" => has(old, FIELDS),
        _ => is_seen_once(old),
    }
}

fn is_seen_once(old: &Element) -> bool {
    old.matches(ONCE).unwrap_or(false) || (old.local_name() == "section" && has(old, ".once"))
}

fn has(around: &Element, selector: &str) -> bool {
    around.query_selector(selector).is_ok_and(|found| found.is_some())
}

fn attributes(old: &Element, new: &Element) -> Outcome {
    for name in names(new).into_iter().filter(|name| name != OPEN) {
        let value = new.get_attribute(&name);
        if let Some(value) = value.filter(|value| old.get_attribute(&name).as_ref() != Some(value)) {
            old.set_attribute(&name, &value)?;
        }
    }
    for name in names(old).into_iter().filter(|name| name != OPEN && name != TABINDEX) {
        if !new.has_attribute(&name) {
            old.remove_attribute(&name)?;
        }
    }
    Ok(())
}

fn names(one: &Element) -> Vec<String> {
    one.get_attribute_names().iter().filter_map(|name| name.as_string()).collect()
}
