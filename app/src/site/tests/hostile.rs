//! Text is text: what people and other programs write is never markup, and comes back as it was typed.
//!
//! Each page is made twice, with texts of the same shape, one harmless and one not, and read as a browser reads it.

use std::sync::Arc;

use markup::{Page, hostile, plain};

use super::get;
use super::pages::{all, with};
use super::sample::{Sample, Telling};
use crate::fault::{Fault, Reason};
use crate::ports::flash::Message;

type Make = fn() -> Sample;

/// Who looks at which state of the sample.
fn lookers() -> [(&'static str, Make); 3] {
    [
        ("", Sample::default),
        ("with nothing there", || Sample { bare: true, ..Sample::default() }),
        ("to a stranger", || Sample { stranger: true, ..Sample::default() }),
    ]
}

/// Every page that there is, and those that are only reached when something is missing or asked for.
fn paths() -> Vec<String> {
    let more = ["/account", "/sign-in", "/tailnets/#01/disconnect", "/offers/new", "/nowhere", "/shares/#ff"];
    let asked = [
        "/directory?q=",
        "/sign-in?next=/shares/",
        "/services/new?node=",
        "/offers/new?service=",
        "/audit?before=",
    ];
    let asked = asked.into_iter().chain([
        "/tailnets/#01/reach?port=0&node=maple&who=",
        "/tailnets/#01/reach?who=ben&port=22&node=",
        "/tailnets/#01/reach?who=ben&node=maple&port=",
        "/tailnets/#01/reach/graph?who=",
        "/tailnets/#01/reach/graph?node=",
        "/tailnets/#01/policy/plan?what=",
        "/tailnets/#01/nodes/new?key_file=",
        "/shares?__err=",
    ]);
    let asked = asked.map(|path| format!("{path}TEXT"));
    all().map(|(path, ..)| path).chain(more).map(str::to_owned).chain(asked).map(|path| with(&path)).collect()
}

fn asked(path: &str, text: &str) -> String {
    path.replace("TEXT", &crate::paths::encoded(text))
}

/// What is not equal, in few words.
fn difference(left: &Page, right: &Page) -> Option<String> {
    let (left, right) = (left.tree(), right.tree());
    let at = left.iter().zip(&right).position(|(left, right)| left != right);
    let at = at.or_else(|| (left.len() != right.len()).then(|| left.len().min(right.len())))?;
    Some(format!("element {at}: {:?} became {:?}", left.get(at), right.get(at)))
}

/// Addresses that lead a browser to where no page of ours leads.
fn astray(page: &Page) -> Vec<String> {
    let fine = |address: &str| {
        let ours = address.is_empty() || address.starts_with(['#', '?']);
        let local = address.starts_with('/') && !address[1..].starts_with(['/', '\\']);
        ours || local || ["http://", "https://", "mailto:?"].iter().any(|scheme| address.starts_with(scheme))
    };
    page.addresses()
        .into_iter()
        .filter(|(_, to)| !fine(to))
        .map(|(name, to)| format!("{name}={to}"))
        .collect()
}

async fn page(sample: Sample, path: &str) -> Page {
    Page::parse(&get(&Arc::new(sample), path).await.html)
}

#[tokio::test]
async fn no_text_on_any_page_is_markup() {
    let plain = plain();
    let mut wrong = Vec::new();
    for (whom, sample) in lookers() {
        for path in paths() {
            let harmless = {
                let _telling = Telling::followed_by(&plain);
                page(sample(), &asked(&path, &plain)).await
            };
            let _telling = Telling::followed_by(hostile());
            let hurt = page(sample(), &asked(&path, hostile())).await;
            wrong.extend(difference(&harmless, &hurt).map(|what| format!("{path} {whom}: {what}")));
            wrong.extend(astray(&hurt).into_iter().map(|to| format!("{path} {whom}: {to}")));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn no_message_and_nothing_that_comes_back_into_a_form_is_markup() {
    let mut wrong = Vec::new();
    for (path, ..) in all().chain([("/account", "", &[] as &[&str]), ("/sign-in", "", &[])]) {
        let path = with(path);
        for form in page(Sample::default(), &path).await.forms() {
            let Some((_, name)) = form.action.split_once("/fn/") else { continue };
            let with_message = |text: &str| {
                let each = || form.fields.iter().map(|(name, _)| (name.clone(), text.to_owned())).collect();
                let message = Message {
                    form: name.into(),
                    done: None,
                    once: Some(text.to_owned()),
                    errors: each(),
                    values: each(),
                    fault: Some(Fault::Unavailable(Reason::as_said(text))),
                };
                Sample { flash: Some(message).into(), ..Sample::default() }
            };
            let harmless = page(with_message(&plain()), &path).await;
            let hurt = page(with_message(hostile()), &path).await;
            wrong.extend(difference(&harmless, &hurt).map(|what| format!("{path} {name}: {what}")));
        }
        let done = |text: &str| Sample {
            flash: Some(Message { done: Some(text.to_owned()), ..Message::default() }).into(),
            ..Sample::default()
        };
        let (harmless, hurt) = (page(done(&plain()), &path).await, page(done(hostile()), &path).await);
        wrong.extend(difference(&harmless, &hurt).map(|what| format!("{path} done: {what}")));
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn an_address_from_outside_leads_to_the_web_or_is_no_link() {
    let mut wrong = Vec::new();
    for address in [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "//evil.example/x",
        "/\\evil.example/x",
        "file:///etc/passwd",
        "ms-settings:x",
    ] {
        let _telling = Telling::leading_to(address);
        for (path, ..) in all() {
            let path = with(path);
            let astray = astray(&page(Sample::default(), &path).await);
            wrong.extend(astray.into_iter().map(|to| format!("{path}: {to}")));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Fails too when a later version of Leptos escapes what is escaped here already.
#[tokio::test]
async fn what_was_typed_comes_back_to_the_byte() {
    let texts = [
        "",
        "\n",
        "\nafter one",
        "\n\nafter two",
        "at the end\n\n",
        " around ",
        "\tin",
        "&lt;b&gt;",
        "&amp;lt;",
        "a & b",
        "</textarea><script>",
        "<!-- -->",
        "<!>",
        "'\"`",
        "ä 漢 👩‍👩‍👧 \u{200e}",
        "two\nlines",
        hostile(),
    ];
    for text in texts {
        let message = Message {
            form: "services/update".into(),
            errors: vec![("ports".into(), "no".into())],
            values: vec![("about".into(), text.into()), ("name".into(), text.into())],
            ..Message::default()
        };
        let sample = Sample { flash: Some(message).into(), ..Sample::default() };
        let page = page(sample, &with("/services/#03/edit")).await;
        assert_eq!(page.value("about").as_deref(), Some(text), "several lines");
        assert_eq!(page.value("name").as_deref(), Some(text), "one line");
    }
    let _telling = Telling::followed_by(hostile());
    let page = page(Sample::default(), &with("/services/#03")).await;
    assert!(page.title().contains(&format!("Minecraft{}", hostile())), "{}", page.title());
}
