//! What a person needs from each page.

use super::sample::Sample;
use super::{Answer, get, past};
use crate::fault::Fault;
use std::sync::Arc;

mod asks;
mod circles;
mod table;

use table::PAGES;
pub use table::with;

/// All of them.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str, &'static [&'static str])> {
    PAGES.into_iter().chain(asks::PAGES).chain(circles::PAGES).chain(past::PAGES)
}

fn title(answer: &Answer) -> &str {
    let html = &answer.html;
    html.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next()).unwrap_or_default()
}

/// Nothing that a strict Content-Security-Policy forbids, or that only script would finish.
fn assert_plain(path: &str, answer: &Answer) {
    let html = &answer.html;
    for bad in ["<template", " style=\"", " onclick=", " onload=", "javascript:", "<style"] {
        assert!(!html.contains(bad), "{path} has {bad}");
    }
    for script in html.split("<script").skip(1) {
        let tag = script.split('>').next().unwrap_or_default();
        assert!(tag.contains("nonce="), "{path} has a script without a nonce: {tag}");
    }
    assert!(!html.contains("preload"), "{path} makes browsers without script fetch it");
    assert_paragraphs_hold_only_text(path, html);
    assert_eq!(html.matches("<h1").count(), 1, "{path} needs one main heading");
    assert!(html.contains("<main id=\"main\""), "{path}");
    assert!(title(answer).ends_with(" · Acequia"), "{path}: {}", title(answer));
}

/// A browser ends a paragraph at the first block inside it, and the page comes apart.
fn assert_paragraphs_hold_only_text(path: &str, html: &str) {
    let mut inside = false;
    for tag in html.split('<').skip(1) {
        let name: &str = tag.split([' ', '>']).next().unwrap_or_default();
        match name {
            "/p" => inside = false,
            "p" | "div" | "ul" | "ol" | "form" | "section" | "h2" | "h3" | "pre" | "dl" | "table" => {
                let around: String = tag.chars().take(60).collect();
                assert!(!inside, "{path}: a block inside a paragraph: <{around}");
                inside = name == "p";
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn every_page_names_its_object_and_says_what_it_must() {
    for (path, name, texts) in all() {
        let path = with(path);
        let answer = get(&Sample::new(), &path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_plain(&path, &answer);
        assert!(title(&answer).contains(name), "{path}: {}", title(&answer));
        for text in texts {
            assert!(answer.html.contains(text), "{path} does not say {text:?}");
        }
    }
}

/// WCAG 2.2.1: whoever reads slowly gets to the end, and can have it stay.
#[tokio::test]
async fn a_page_that_loads_itself_again_leaves_time_and_can_be_made_to_stay() {
    const REFRESH: &str = "http-equiv=\"refresh\" content=\"";
    let mut found = 0;
    for (path, ..) in all() {
        let path = with(path);
        let html = get(&Sample::new(), &path).await.html;
        let Some(pause) = html.split(REFRESH).nth(1).and_then(|rest| rest.split('"').next()) else {
            continue;
        };
        found += 1;
        assert!(pause.parse::<u32>().unwrap() >= 20, "{path}: {pause}");
        let links = html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        let stay = links.filter(|href| href.ends_with("still=1")).collect::<Vec<_>>();
        let [stay] = stay.as_slice() else { panic!("{path}: {stay:?}") };
        let still = get(&Sample::new(), &stay.replace("&amp;", "&")).await;
        assert_eq!(still.status, 200, "{path}");
        assert!(!still.html.contains(REFRESH), "{path} goes on loading itself");
    }
    assert!(found > 3, "some pages wait for something: {found}");
}

/// What a page that follows something turned to is said aloud, outside of what is renewed.
#[tokio::test]
async fn a_page_that_follows_something_has_words_for_how_it_stands() {
    let mut found = 0;
    for (path, ..) in all() {
        let path = with(path);
        let html = get(&Sample::new(), &path).await.html;
        let (_, after) = html.split_once("</main>").unwrap();
        assert!(after.contains("id=\"said\""), "{path}");
        if html.contains("data-follows") {
            found += 1;
            assert_eq!(html.matches("data-said=\"").count(), 1, "{path}");
            assert!(!html.contains("data-said=\"\""), "{path}");
        }
    }
    assert!(found > 1, "some pages follow something: {found}");
    let invited = get(&Sample::new(), &with("/shares/#09")).await.html;
    assert!(invited.contains("data-said=\"Open the invite\""));
}

#[tokio::test]
async fn a_page_without_anything_says_what_to_do_first() {
    let bare = || Arc::new(Sample { bare: true, ..Sample::default() });
    let expect = [
        ("/directory", "Connect your network and list it"),
        ("/shares", "Offer a friend one of your services"),
        ("/tailnets", "Connect a tailnet"),
        ("/offers/new", "List a service of one of your machines first"),
        ("/offers", "No offer waits"),
        ("/offers?over=1", "No offer is over"),
        ("/audit", "Nothing has happened yet"),
        ("/tailnets/#01/nodes/#02", "It offers nothing yet"),
        ("/tailnets/#01/nodes/#02/firewall", "Choose the kind of host"),
        ("/services/#03/remove", "/fn/services/remove"),
        ("/tailnets/#01/reach", "No services are listed here"),
        ("/tailnets/#01/policy/plan?what=narrow", "Replace it by this text"),
        ("/tailnets/#01/nodes/new", "The user token may not make keys."),
        ("/tailnets/#01/nodes/new?key_file=.key", "s not an absolute path"),
        ("/tailnets/#01/stewards", "Then only you look after this tailnet"),
        ("/tailnets/#01/stewards/#20/hand-over", "This cannot be done now."),
        ("/tailnets/#01/disconnect", "/fn/tailnets/disconnect"),
        ("/tailnets/#01/reach/graph", "was not read yet"),
        ("/sign-in", "set-up code"),
    ];
    for (path, text) in expect {
        let answer = get(&bare(), &with(path)).await;
        assert!(answer.html.contains(text), "{path} does not say {text:?}");
        assert_plain(path, &answer);
    }
}

#[tokio::test]
async fn who_is_not_signed_in_is_led_to_sign_in_and_back() {
    let sample = Arc::new(Sample { stranger: true, ..Sample::default() });
    let home = get(&sample, "/").await;
    assert!(home.html.contains("Not the whole house"), "strangers read what this is");
    assert!(!home.html.contains("aria-label=\"Main\""), "and see no navigation");
    let offer = get(&sample, "/o/token").await;
    assert!(offer.html.contains("/fn/offers/remember"), "an offer can be read before signing in");
    assert!(!offer.html.contains("/fn/offers/accept"));
    let sign_in = get(&sample, "/sign-in?next=/shares/1%3Fa=b").await;
    assert!(sign_in.html.contains("name=\"next\" value=\"/shares/1?a=b\""));
    assert!(sign_in.html.contains("/sign-in/with/github"));
    assert!(sign_in.html.contains("/sign-in/demo"));
}

#[tokio::test]
async fn what_is_not_there_is_a_real_404() {
    for path in ["/nowhere", "/services/not-an-id", "/shares/#ff", "/o/unknown", "/offers/#ff"] {
        let path = with(path);
        let answer = get(&Sample::new(), &path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.html.contains("Nothing here"), "{path}");
        assert_plain(&path, &answer);
    }
}

#[tokio::test]
async fn under_a_sub_path_every_link_form_and_file_stays_below_it() {
    for (path, ..) in all() {
        let sample =
            Arc::new(Sample { base_url: Some("https://example.org/water".into()), ..Sample::default() });
        let answer = get(&sample, &with(path)).await;
        for attribute in ["href=\"/", "action=\"/", "src=\"/"] {
            for rest in answer.html.split(attribute).skip(1) {
                assert!(
                    rest.starts_with("water/"),
                    "{path}: {attribute}{}",
                    rest.chars().take(40).collect::<String>()
                );
            }
        }
    }
}

#[tokio::test]
async fn every_input_has_a_label_and_every_reference_leads_somewhere() {
    for (path, ..) in all() {
        let path = with(path);
        let html = get(&Sample::new(), &path).await.html;
        for attribute in [" for=\"", " aria-describedby=\"", " aria-labelledby=\"", " list=\"", " href=\"#"] {
            for rest in html.split(attribute).skip(1) {
                for id in rest.split('"').next().unwrap_or_default().split(' ') {
                    assert_eq!(html.matches(&format!(" id=\"{id}\"")).count(), 1, "{path}: {attribute}{id}");
                }
            }
        }
    }
}

// Fails when a `pre` with `tabindex="0"` stands on a page by itself, not by `parts::code`.
#[tokio::test]
async fn whatever_takes_the_focus_to_be_scrolled_says_what_it_is() {
    let mut found = 0;
    for (path, ..) in all() {
        let path = with(path);
        let html = get(&Sample::new(), &path).await.html;
        for tag in html.split('<').filter_map(|tag| tag.split('>').next()) {
            if tag.contains(" tabindex=\"0\"") {
                found += 1;
                assert!(tag.contains(" role=\"") && tag.contains(" aria-label"), "{path}: {tag}");
            }
        }
    }
    assert!(found > 0, "there are some");
}

#[tokio::test]
async fn a_fault_that_was_kept_is_shown_and_gone() {
    let sample = Sample::new();
    *sample.flash.lock().unwrap() = Some(crate::ports::flash::Message {
        fault: Some(Fault::unavailable("Tailscale did not answer.")),
        ..Default::default()
    });
    assert!(get(&sample, "/shares").await.html.contains("Tailscale did not answer. Nothing was changed."));
    assert!(!get(&sample, "/shares").await.html.contains("did not answer. Nothing was changed."));
}

#[tokio::test]
async fn an_error_in_the_address_is_not_repeated() {
    let answer = get(&Sample::new(), "/shares?__path=x&__err=PGI-aGFja2VkPC9iPg").await;
    assert!(answer.html.contains("The form could not be read; nothing was changed."));
    assert!(!answer.html.contains("hacked"));
}
