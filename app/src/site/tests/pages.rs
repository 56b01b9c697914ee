//! What a person needs from each page.

use super::sample::Sample;
use super::{Answer, get};
use crate::fault::Fault;
use std::sync::Arc;

const ID: &str = "000000000000000000000000000000";

pub fn with(path: &str) -> String {
    path.replace('#', ID)
}

/// Every route with what its page must say, as `title`, then texts.
pub const PAGES: [(&str, &str, &[&str]); 57] = [
    ("/", "Home", &["Hello, Ana", "Dario accepted Minecraft", "Open gates"]),
    (
        "/directory",
        "Directory",
        &["Minecraft", "maple.tail1234.ts.net", "More services", "online", "2 of 20 playing"],
    ),
    ("/services/new?node=#02", "List a service of maple", &["/fn/services/create", "Ports"]),
    ("/services/#03", "Minecraft", &["maple.tail1234.ts.net:25565", "How to join", "TCP 25565"]),
    ("/services/#15", "Minecraft", &["Offer it to a friend", "everybody here"]),
    ("/services/#03/edit", "Edit Minecraft", &["/fn/services/update", "Survival."]),
    ("/services/#03/remove", "Take Minecraft off the board?", &["End those first"]),
    ("/offers/new?service=#03", "Offer a service", &["/fn/offers/create", "Somebody here", "Until when"]),
    ("/offers/#05", "Offer: Minecraft for whoever has the link", &["/fn/offers/link", "Withdraw the offer"]),
    ("/offers/#05/withdraw", "Withdraw the offer", &["/fn/offers/withdraw"]),
    (
        "/o/token",
        "Ana offers you Minecraft",
        &["/fn/offers/accept", "/fn/offers/decline", "dario@example.com", "What Ana learns of you"],
    ),
    (
        "/people",
        "People",
        &["Dario", "blocked", "being removed", "More people", "gives 1 share, receives 2 shares"],
    ),
    ("/people/#0d", "Dario", &["Signs in as", "dario@example.com", "0d/block", "acequia people link"]),
    (
        "/people/#0d/block",
        "Block Dario?",
        &["/fn/people/act", "2 shares received by them", "Among them", "Leave it"],
    ),
    ("/sign-in/again/token", "Come back as Ana", &["/sign-in/with/github", "name=\"again\"", "used up"]),
    (
        "/tailnets/#01/stewards/#20/remove",
        "Take the stewardship from Sven?",
        &["/fn/stewards/remove", "revoke[]", "checked", "fetches nothing more"],
    ),
    ("/o/gone", "Ana offers you Minecraft", &["This offer was withdrawn."]),
    ("/shares", "Shares", &["Waiting for somebody", "Ending soon", "lapsed"]),
    (
        "/shares/#07",
        "Minecraft for Dario",
        &["open", "End this share", "revision 6 was there", "What happened"],
    ),
    ("/shares/#08", "Minecraft for Dario", &["Write the policy", "http-equiv=\"refresh\"", "Refresh"]),
    (
        "/shares/#09",
        "Minecraft from Ana",
        &["Open the invite", "How to join", "Give it back", "What you reach there"],
    ),
    (
        "/shares/#0a",
        "Minecraft for Dario",
        &[
            "This needs attention",
            "/fn/shares/invite",
            "/fn/shares/retry",
            "By hand",
            "The whole new file",
            "left alone until then",
        ],
    ),
    (
        "/shares/#07/review",
        "Review: Minecraft for Dario",
        &[
            "Line 8 of your policy",
            "Narrow the wildcard first",
            "Have it loaded at boot",
            "/fn/shares/apply",
            "acequia:share=7",
        ],
    ),
    ("/shares/#07/end", "End Minecraft for Dario?", &["/fn/shares/end", "Dario can no longer join"]),
    (
        "/shares/#0a/unproven",
        "Call Minecraft for Dario ended without proof?",
        &["/fn/shares/unproven", "may still stand"],
    ),
    (
        "/elsewhere/#20",
        "maple is shared with dario@example.com",
        &["/fn/elsewhere/adopt", "/fn/elsewhere/keep", "Minecraft"],
    ),
    ("/elsewhere/#20/end", "End it?", &["/fn/elsewhere/end", "loses maple"]),
    ("/elsewhere/#21", "A rule of a share that is over", &["End it"]),
    ("/elsewhere/#22", "eve@example.com is listed", &["In the admin console", "/fn/tailnets/sync"]),
    ("/tailnets", "Tailnets", &["Maple Street", "could not be read"]),
    ("/tailnets/new", "Connect a tailnet", &["/fn/tailnets/connect", "What becomes readable"]),
    (
        "/tailnets/#01",
        "Maple Street",
        &[
            "acequia-madre",
            "gone since",
            "/fn/tailnets/sync",
            "share recipient",
            "Made elsewhere",
            "kept as they are",
        ],
    ),
    ("/tailnets/#01/stewards", "Stewards of Maple Street", &["Sven", "20/remove", "/fn/stewards/add"]),
    (
        "/tailnets/#01/policy/plan?what=narrow",
        "Narrow the wildcard",
        &["Who loses reach", "erik@example.org", "/fn/edits/apply", "Open shares were agreed"],
    ),
    ("/tailnets/#01/policy/edits/#30", "Narrow the wildcard", &["Who lost reach", "Take it back", "undo%3A"]),
    ("/tailnets/#01/policy/edits/#31", "Narrow the wildcard", &["asks us to wait", "http-equiv=\"refresh\""]),
    (
        "/tailnets/#01/policy/edits/#32",
        "Narrow the wildcard",
        &["Not written", "Somebody changed the policy"],
    ),
    (
        "/tailnets/#01/policy",
        "Policy of Maple Street",
        &["dario@example.com", "ben@example.com → maple", "Nothing uses group:house", "Edits made here"],
    ),
    (
        "/tailnets/#01/reach",
        "Reach in Maple Street",
        &["Nobody asked for it", "See the fix", "Minecraft", "only from laptop", "reach.csv", "5 of 40"],
    ),
    (
        "/tailnets/#01/reach?who=dario@example.com&node=maple&port=25565",
        "Reach in Maple Street",
        &["Yes: Dario reaches maple.", "By these rules", "#L8", "other way round"],
    ),
    (
        "/tailnets/#01/reach?who=dario@example.com&node=maple&port=22",
        "Reach in Maple Street",
        &["No: Dario does not reach maple.", "It is for other ports."],
    ),
    (
        "/tailnets/#01/reach?who=dario@example.com&port=0",
        "Reach in Maple Street",
        &["`0` is not a port", "aria-invalid=\"true\"", "value=\"dario@example.com\""],
    ),
    ("/tailnets/#04/reach", "Reach in Maple Street", &["Nothing can be said", "is not known here (line 3)"]),
    (
        "/tailnets/#01/nodes/#02",
        "maple",
        &["fd7a:115c:a1e0::5", "List a service", "waits to be put in place"],
    ),
    (
        "/tailnets/#01/nodes/#02/firewall",
        "Firewall of maple",
        &[
            "table inet acequia",
            "the end of the share stands in the rule",
            "Undo",
            "waits to be put in place",
            "/fn/hosts/rules",
            "acequia-pull.nix",
            "old: read them again",
            "firewall/revisions/6",
            "This host was ufw before",
        ],
    ),
    (
        "/tailnets/#01/nodes/#02/firewall/revisions/6",
        "Revision 6",
        &[
            "Minecraft for Dario is let in.",
            "up to revision 7",
            "Another end",
            "added",
            "Shares that it covered",
        ],
    ),
    (
        "/tailnets/#01/nodes/new",
        "Bring a machine in",
        &["/fn/joining/key", "/fn/joining/wait", "/fn/joining/module", "tag:game", "a string, not a path"],
    ),
    (
        "/tailnets/#01/joining/#40",
        "Waiting for a machine",
        &[
            "/fn/joining/cancel",
            "http-equiv=\"refresh\"",
            "/demo/join",
            "Refresh",
            "acequia 28a3",
            "is not told",
        ],
    ),
    ("/tailnets/#01/joining/#41", "maple is here", &["List a service of maple", "If this is that one"]),
    ("/tailnets/#01/joining/#42", "Not waited for any more", &["Start again"]),
    ("/tailnets/#01/joining/#43", "No machine came", &["Start again"]),
    ("/tailnets/#01/joining/#44", "Was a key made?", &["and revoked", "http-equiv=\"refresh\""]),
    ("/tailnets/#01/reach/graph", "Graph of Maple Street", &["dario@example.com", "Draw it", "Read again"]),
    (
        "/tailnets/#01/reach/graph?who=dario%40example.com",
        "What dario@example.com reaches",
        &["class=\"ditch\"", "The same as a list", "policy?line=6#L6", "reach/graph?node=maple"],
    ),
    (
        "/tailnets/#01/reach/graph?node=maple",
        "Who reaches maple",
        &[
            "and 23 more",
            "And 23 more",
            "page=2",
            "possible: every port",
            "reach/graph?who=eve%40example.com",
        ],
    ),
    ("/tailnets/#01/reach/graph?who=tag:idle", "What tag:idle reaches", &["tag:idle reaches nothing here."]),
    ("/audit", "Audit", &["offered Minecraft to Dario", "Earlier"]),
];

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
    for (path, name, texts) in PAGES {
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

#[tokio::test]
async fn a_page_without_anything_says_what_to_do_first() {
    let bare = || Arc::new(Sample { bare: true, ..Sample::default() });
    let expect = [
        ("/directory", "Connect your tailnet and list it"),
        ("/shares", "Offer a friend one of your services"),
        ("/tailnets", "Connect a tailnet"),
        ("/offers/new", "List a service of one of your machines first"),
        ("/audit", "Nothing has happened yet"),
        ("/tailnets/#01/nodes/#02", "It offers nothing yet"),
        ("/tailnets/#01/nodes/#02/firewall", "Choose the kind of host"),
        ("/services/#03/remove", "/fn/services/remove"),
        ("/tailnets/#01/reach", "No services are listed here"),
        ("/tailnets/#01/policy/plan?what=narrow", "Replace it by this text"),
        ("/tailnets/#01/nodes/new", "The user token may not make keys."),
        ("/tailnets/#01/nodes/new?key_file=.key", "s not an absolute path"),
        ("/tailnets/#01/stewards", "Then only you look after this tailnet"),
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
    for (path, ..) in PAGES {
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
    for (path, ..) in PAGES {
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

#[tokio::test]
async fn a_fault_that_was_kept_is_shown_and_gone() {
    let sample = Sample::new();
    *sample.flash.lock().unwrap() = Some(crate::ports::flash::Message {
        fault: Some(Fault::Unavailable("tailscale did not answer; nothing was changed".into())),
        ..Default::default()
    });
    assert!(get(&sample, "/shares").await.html.contains("Tailscale did not answer; nothing was changed."));
    assert!(!get(&sample, "/shares").await.html.contains("did not answer; nothing was changed."));
}

#[tokio::test]
async fn an_error_in_the_address_is_not_repeated() {
    let answer = get(&Sample::new(), "/shares?__path=x&__err=PGI-aGFja2VkPC9iPg").await;
    assert!(answer.html.contains("The form could not be read; nothing was changed."));
    assert!(!answer.html.contains("hacked"));
}
