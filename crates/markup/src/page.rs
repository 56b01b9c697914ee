//! What a browser makes of the bytes of a page.

use scraper::{ElementRef, Html};

/// What stands in them is no sentence.
const COMMANDS: [&str; 5] = ["code", "pre", "kbd", "script", "style"];

/// A page after parsing.
pub struct Page {
    html: Html,
    /// As a browser without script reads it: what stands in `<noscript>` counts.
    without_script: Html,
}

/// A form with what it would send, before anybody typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    pub action: String,
    pub method: String,
    /// Name and value; choices as they are chosen.
    pub fields: Vec<(String, String)>,
    /// Names of the fields into which a person types.
    pub typed: Vec<String>,
}

impl Page {
    pub fn parse(html: &str) -> Self {
        // The parser takes script to be on and would read what stands in `<noscript>` as one text.
        let without_script = html.replace("<noscript>", "<div>").replace("</noscript>", "</div>");
        Self { html: Html::parse_document(html), without_script: Html::parse_document(&without_script) }
    }

    /// Every element in its place with the names of its attributes, and where its forms go; twice, with and without
    /// script. Texts and other values are left out.
    pub fn tree(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for html in [&self.html, &self.without_script] {
            for element in html.root_element().descendent_elements() {
                let depth = element.ancestors().count();
                let mut names: Vec<&str> = element.value().attrs().map(|(name, _)| name).collect();
                names.sort_unstable();
                let about = ["action", "formaction", "method", "http-equiv"];
                let values: Vec<&str> = about.iter().filter_map(|name| element.attr(name)).collect();
                lines.push(format!(
                    "{depth} {} [{}] {}",
                    element.value().name(),
                    names.join(" "),
                    values.join(" ")
                ));
            }
        }
        lines
    }

    /// Every address on the page, with the attribute in which it stands.
    pub fn addresses(&self) -> Vec<(String, String)> {
        const ATTRIBUTES: [&str; 10] = [
            "href",
            "src",
            "action",
            "formaction",
            "xlink:href",
            "poster",
            "data",
            "cite",
            "background",
            "ping",
        ];
        let elements = self.without_script.root_element().descendent_elements();
        let attributes = elements.flat_map(|element| element.value().attrs());
        attributes
            .filter(|(name, _)| ATTRIBUTES.contains(name))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    /// All of them, as a browser without script reads the page.
    pub(crate) fn elements(&self) -> impl Iterator<Item = ElementRef<'_>> {
        self.without_script.root_element().descendent_elements()
    }

    /// What the title bar shows.
    pub fn title(&self) -> String {
        let mut titles = self.html.root_element().descendent_elements();
        titles.find(|element| element.value().name() == "title").map(text).unwrap_or_default()
    }

    /// What a person reads in the main part of the page, names of things that have no text besides; not what is to be typed
    /// somewhere as it stands (`code`, `pre`, `kbd`).
    pub fn main_without_commands(&self) -> String {
        let elements = self.without_script.root_element().descendent_elements();
        let main = elements.filter(|element| element.value().name() == "main");
        let mut words = Vec::new();
        for node in main.flat_map(|main| main.descendants()) {
            let mut around = node.ancestors().filter_map(ElementRef::wrap);
            if around.any(|element| COMMANDS.contains(&element.value().name())) {
                continue;
            }
            if let Some(text) = node.value().as_text() {
                words.push(text.trim());
            }
            if let Some(element) = node.value().as_element() {
                words.extend(
                    ["aria-label", "title", "placeholder", "alt"]
                        .iter()
                        .filter_map(|name| element.attr(name)),
                );
            }
        }
        words.join(" ")
    }

    /// What a browser would send for the field of this name: of a text area what is in it, of anything else its value.
    pub fn value(&self, name: &str) -> Option<String> {
        let mut fields = self.html.root_element().descendent_elements();
        fields.find(|element| element.attr("name") == Some(name)).map(value)
    }

    pub fn forms(&self) -> Vec<Form> {
        let elements = self.html.root_element().descendent_elements();
        elements.filter(|element| element.value().name() == "form").map(form).collect()
    }
}

fn text(element: ElementRef<'_>) -> String {
    element.text().collect()
}

fn value(element: ElementRef<'_>) -> String {
    if element.value().name() == "textarea" {
        text(element)
    } else {
        element.attr("value").unwrap_or_default().to_owned()
    }
}

fn form(form: ElementRef<'_>) -> Form {
    let attr = |name| form.attr(name).unwrap_or_default().to_owned();
    let (mut fields, mut typed) = (Vec::new(), Vec::new());
    for element in form.descendent_elements() {
        let Some(name) = element.attr("name") else { continue };
        let kind = match element.value().name() {
            "input" => element.attr("type").unwrap_or("text"),
            other => other,
        };
        match kind {
            "radio" | "checkbox" if element.attr("checked").is_none() => continue,
            "radio" | "checkbox" | "hidden" | "select" | "button" => {}
            _ => typed.push(name.to_owned()),
        }
        let chosen = element.descendent_elements().find(|option| option.attr("selected").is_some());
        fields.push((name.to_owned(), value(chosen.unwrap_or(element))));
    }
    Form { action: attr("action"), method: attr("method"), fields, typed }
}
