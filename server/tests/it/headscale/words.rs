//! Words that are Tailscale's own do not stand on the pages of a Headscale.

use std::collections::{BTreeSet, VecDeque};

use model::ShareState;
use simulator::Dialect;

use crate::harness::community::Community;

/// What there is not on a Headscale, as people read it.
const OWN: [&str; 6] =
    ["invite", "tailnet lock", "admin console", "tailscale login", "oauth client", "user token"];

/// Pages that are about no network, or about any.
fn is_of_any(path: &str) -> bool {
    [
        "/tailnets/new",
        "/account",
        "/people",
        "/sign",
        "/theme",
        "/assets",
        "/offers/new",
        "/help",
        "/settings",
    ]
    .iter()
    .any(|start| path.starts_with(start))
}

fn links(page: &str) -> Vec<String> {
    let hrefs = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let own = hrefs.filter(|href| href.starts_with('/') && !href.contains("/pkg/"));
    own.map(|href| href.split(['#', '?']).next().unwrap_or_default().to_owned()).collect()
}

/// Every page that is linked from these, as one person sees them.
async fn crawl(all: &Community, who: model::PersonId, from: &[String]) -> usize {
    let mut browser = all.app.signed_in(who).await;
    let (mut seen, mut next) = (BTreeSet::new(), VecDeque::from(from.to_vec()));
    while let Some(path) = next.pop_front() {
        if path.is_empty() || is_of_any(&path) || !seen.insert(path.clone()) {
            continue;
        }
        let answer = browser.get(&path).await;
        let (page, text) = (answer.body.clone(), answer.text().to_lowercase());
        // Commands and the client's own name aside.
        let text = text.replace("tailscale login --login-server", "");
        for word in OWN {
            assert!(!text.contains(word), "“{word}” stands on {path}: …{}…", around(&text, word));
        }
        next.extend(links(&page));
    }
    seen.len()
}

fn around(text: &str, word: &str) -> String {
    let at = text.find(word).unwrap_or_default();
    text.chars().skip(text[..at].chars().count().saturating_sub(120)).take(260).collect()
}

#[tokio::test]
async fn no_page_of_a_headscale_speaks_of_what_it_has_not() {
    let all = Community::of(Dialect::V0_29).await;
    let mill = all.connect().await;
    let token = all.offered(mill, "tcp:8080").await;
    let waits = all.accepted(mill, "tcp:25565", all.bruno, "bruno").await;
    let open = all.accepted(mill, "tcp:24454", all.carla, "carla@example.com").await;
    all.approved(open, "carla").await;
    all.drain().await;
    assert!(matches!(all.state(open).await, ShareState::Active { .. }));
    let over = all.accepted(mill, "tcp:2222", all.bruno, "bruno").await;
    all.approved(over, "bruno").await;
    all.drain().await;
    all.ask(all.ana).shares.end(over).await.unwrap();
    all.drain().await;
    let own = [
        "/".to_owned(),
        app::paths::tailnets(),
        app::paths::tailnet(mill),
        app::paths::shares(),
        app::paths::share(open),
        app::paths::end_share(open),
        app::paths::review(waits),
        app::paths::share(over),
    ];
    assert!(crawl(&all, all.ana, &own).await > 20);
    let theirs = |share| [app::paths::share(share), app::paths::end_share(share), app::paths::shares()];
    crawl(&all, all.carla, &theirs(open)).await;
    crawl(&all, all.bruno, &[app::paths::invitation(&token), app::paths::share(over)]).await;
    crawl(&all, all.ana, &[app::paths::invitation(&token)]).await;
}
