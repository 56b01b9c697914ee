//! The pages of `docs/`, as they lie in the repository, for everybody. They are rendered without session or store, so that
//! they can be read while something is broken.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use app::fault::Fault;
use app::request::theme_of;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{Html, IntoResponse as _, Response};
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};
use rust_embed::RustEmbed;

use super::Web;
use super::problem::Problem;

#[derive(RustEmbed)]
#[folder = "../docs"]
struct Docs;

/// Made once, by the names in their addresses; links in them still begin with [`HERE`].
static PAGES: LazyLock<BTreeMap<String, Page>> = LazyLock::new(|| {
    let page = |file: &str| {
        let text = String::from_utf8(Docs::get(file)?.data.into_owned()).ok()?;
        Some((file.strip_suffix(".md")?.to_owned(), Page::of(&text)))
    };
    Docs::iter().filter_map(|file| page(&file)).collect()
});

const INDEX: &str = "README";
/// Stands in links until it is known below which path this app is.
const HERE: &str = "acequia-help:";

struct Page {
    title: String,
    body: String,
}

pub async fn index(State(web): State<Web>, headers: HeaderMap) -> Result<Response, Problem> {
    show(&web, INDEX, &headers)
}

pub async fn page(
    State(web): State<Web>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    show(&web, &name, &headers)
}

fn show(web: &Web, name: &str, headers: &HeaderMap) -> Result<Response, Problem> {
    let page = PAGES.get(name).ok_or(Fault::NotFound)?;
    let framed = page.framed(web.state.config.base_path(), theme_of(headers), name == INDEX);
    Ok(Html(framed).into_response())
}

impl Page {
    fn of(text: &str) -> Self {
        let options = Options::ENABLE_TABLES;
        let events: Vec<Event<'_>> = Parser::new_ext(text, options).map(ours).collect();
        let mut title = String::new();
        let mut within = false;
        for event in &events {
            match event {
                Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }) => within = true,
                Event::End(TagEnd::Heading(HeadingLevel::H1)) => break,
                Event::Text(text) | Event::Code(text) if within => title.push_str(text),
                _ => {}
            }
        }
        let mut body = String::new();
        html::push_html(&mut body, scrolled(events).into_iter());
        Self { title, body }
    }

    /// In the theme that this browser was told, if it was.
    fn framed(&self, base: &str, theme: Option<&str>, is_index: bool) -> String {
        let title = html_escape(&self.title);
        let body = self.body.replace(HERE, &format!("{}/help", html_escape(base)));
        let base = html_escape(base);
        let theme = theme.map(|theme| format!(" data-theme=\"{theme}\"")).unwrap_or_default();
        let back = if is_index {
            String::new()
        } else {
            format!("<p class=\"back\"><a href=\"{base}/help\">All pages of the help</a></p>\n")
        };
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\"{theme}>\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title} · Acequia</title>\n<link rel=\"stylesheet\" href=\"{base}/style.css\">\n\
             <link rel=\"icon\" href=\"{base}/favicon.svg\">\n</head>\n<body>\n\
             <a class=\"skip\" href=\"#main\">Skip to the content</a>\n\
             <header class=\"top\"><a class=\"wordmark\" href=\"{base}/\">\
             <img src=\"{base}/favicon.svg\" alt=\"\" width=\"32\" height=\"32\"><span>Acequia</span></a></header>\n\
             <main id=\"main\" tabindex=\"-1\">\n<article class=\"help\">\n{body}</article>\n{back}</main>\n</body>\n</html>\n"
        )
    }
}

/// What is wider than the page is scrolled, by keyboard too: whoever comes to it hears under which heading it stands.
fn scrolled(events: Vec<Event<'_>>) -> Vec<Event<'_>> {
    let (mut heading, mut within, mut all) = (String::new(), false, Vec::new());
    let open = |what: &str, heading: &str| {
        let label = html_escape(&format!("{what}: {heading}"));
        Event::Html(
            format!("<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{label}\">").into(),
        )
    };
    for event in events {
        match &event {
            Event::Start(Tag::Heading { .. }) => {
                heading.clear();
                within = true;
            }
            Event::End(TagEnd::Heading(_)) => within = false,
            Event::Text(text) | Event::Code(text) if within => heading.push_str(text),
            Event::Start(Tag::CodeBlock(_)) => all.push(open("Text", &heading)),
            Event::Start(Tag::Table(_)) => all.push(open("Table", &heading)),
            _ => {}
        }
        let closes = matches!(event, Event::End(TagEnd::CodeBlock | TagEnd::Table));
        all.push(event);
        if closes {
            all.push(Event::Html("</div>\n".into()));
        }
    }
    all
}

/// Pages lead to each other, and to the web; what is no Markdown is shown as it stands.
fn ours(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            let dest_url = address(dest_url);
            Event::Start(Tag::Link { link_type, dest_url, title, id })
        }
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        other => other,
    }
}

fn address(to: CowStr<'_>) -> CowStr<'_> {
    let (file, place) = to.split_once('#').map_or((&*to, ""), |(file, place)| (file, place));
    let Some(name) = file.strip_suffix(".md").filter(|name| !name.contains(['/', ':'])) else { return to };
    let place = if place.is_empty() { String::new() } else { format!("#{place}") };
    let name = if name == INDEX { String::new() } else { format!("/{name}") };
    format!("{HERE}{name}{place}").into()
}

fn html_escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sabotage: `scrolled` left out, a heading that is not cleared, or a table or block that is not named.
    #[test]
    fn whatever_takes_the_focus_to_be_scrolled_says_under_which_heading_it_stands() {
        let page = Page::of(
            "# Run `it`\n\n```sh\nls\n```\n\n## A \"b\"\n\n| x |\n| - |\n| y |\n\n1. so:\n\n       indented\n",
        );
        let named: Vec<_> =
            page.body.split("aria-label=\"").skip(1).map(|rest| rest.split("\">").next()).collect();
        let expected = ["Text: Run it", "Table: A &quot;b&quot;", "Text: A &quot;b&quot;"];
        assert_eq!(named, expected.map(Some));
        for (name, Page { body, .. }) in PAGES.iter() {
            let (blocks, tables) = (body.matches("<pre>").count(), body.matches("<table>").count());
            let open = "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"";
            assert_eq!(body.matches(open).count(), blocks + tables, "{name}");
            assert_eq!(body.matches("tabindex").count(), blocks + tables, "{name}");
        }
    }

    #[test]
    fn links_between_pages_lead_below_the_path_of_the_app_and_markup_is_text() {
        let page = Page::of(
            "# A `b`\n\n[one](backup.md#x) [all](README.md) [web](https://e.org/a.md)\n\n<script>x</script>\n",
        );
        assert_eq!(page.title, "A b");
        let html = page.framed("/gate", Some("dark"), false);
        for part in [
            "<html lang=\"en\" data-theme=\"dark\">",
            "href=\"/gate/help/backup#x\"",
            "href=\"/gate/help\"",
            "href=\"https://e.org/a.md\"",
            "&lt;script&gt;",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert!(!html.contains(HERE) && !html.contains("<script"));
    }
}
