//! What a person finds on a page.

use anyhow::Context as _;

/// The value of the first field of this name.
pub fn value<'a>(page: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = page.split_once(&format!("name=\"{name}\""))?;
    let tag = rest.split_once('>')?.0;
    Some(tag.split_once("value=\"")?.1.split_once('"')?.0)
}

/// What follows `start` in the first address that begins so, up to the end of an id or token.
pub fn after<'a>(page: &'a str, start: &str) -> Option<&'a str> {
    let rest = page.split_once(start)?.1;
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').unwrap_or(rest.len());
    rest.get(..end).filter(|id| !id.is_empty())
}

/// The word for the state of the share that a page is about.
pub fn state(page: &str) -> Option<String> {
    let live = page.split_once("id=\"live\"")?.1;
    let (_, rest) = live.split_once("class=\"state")?;
    let inner = rest.split_once('>')?.1.split_once("</span>")?.0;
    let mut word = String::new();
    let mut in_tag = false;
    for c in inner.chars() {
        match c {
            '<' => in_tag = true,
            '>' => in_tag = false,
            c if !in_tag => word.push(c),
            _ => {}
        }
    }
    Some(word.trim().to_owned())
}

/// The value of a hidden field in the form that has these words.
pub fn value_beside<'a>(page: &'a str, name: &str, words: &str) -> anyhow::Result<&'a str> {
    let form = page.split("<form").find(|form| form.contains(words));
    form.and_then(|form| value(form, name)).with_context(|| format!("no `{name}` beside `{words}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_links_and_states_are_found() {
        let page = r#"<form><input type="hidden" name="person" value="7"/><b>Ana</b></form>
            <form><input type="hidden" name="person" value="8"/><b>Ben</b></form>
            <a href="/tailnets/0a/nodes/0b-c_d">x</a>
            <p class="state x">old</p><div id="live"><span class="state open"><svg><path/></svg> open</span></div>"#;
        assert_eq!(value(page, "person"), Some("7"));
        assert_eq!(value_beside(page, "person", "Ben").ok(), Some("8"));
        assert_eq!(after(page, "/nodes/"), Some("0b-c_d"));
        assert_eq!(state(page).as_deref(), Some("open"));
    }
}
