//! A friend's pages are for people who know no networks: no word of the trade stands there, and nothing that a server said,
//! whatever state their share is in and whatever goes wrong. Commands are left out: those are to be typed as they are.

use std::collections::{BTreeSet, VecDeque};

use app::ports::offers::OfferForm;
use app::ports::shares::EndForm;
use markup::Page;
use model::{PersonId, ShareId, ShareState, Trouble};

use crate::harness::TestApp;
use crate::harness::Who::{self, Ana, Dario};
use crate::harness::neighbours::Neighbours;

/// Whole words, in small letters.
const TRADE: [&str; 19] = [
    "tailnet",
    "tailnets",
    "grant",
    "grants",
    "acl",
    "acls",
    "cidr",
    "node",
    "nodes",
    "policy",
    "api",
    "token",
    "json",
    "http",
    "credential",
    "credentials",
    "wildcard",
    "subnet",
    "syncs",
];

/// Of several words, in small letters; the last are how clients and systems say that something failed.
const PHRASES: [&str; 15] = [
    "control plane",
    "admin console",
    "os error",
    "no answer to the call",
    "error sending request",
    "error trying to connect",
    "connection refused",
    "connection closed",
    "connection reset",
    "operation timed out",
    "deadline has elapsed",
    "tcp connect",
    "dns error",
    "it answered 5",
    "it answered 4",
];

/// What a friend is led to and that is about something else: their own networks, their account, help.
fn is_of_friends(path: &str) -> bool {
    const OTHER: [&str; 9] = [
        "/tailnets",
        "/settings",
        "/account",
        "/people",
        "/help",
        "/sign",
        "/theme",
        "/offers/new",
        "/audit",
    ];
    path.starts_with('/') && !path.contains("/pkg/") && !OTHER.iter().any(|other| path.starts_with(other))
}

/// The first word of the trade in it.
pub fn wrong(text: &str) -> Option<&'static str> {
    let text = text.to_lowercase();
    let words: BTreeSet<&str> = text.split(|c: char| !c.is_alphanumeric()).collect();
    let trade = TRADE.into_iter().find(|word| words.contains(word));
    trade.or_else(|| PHRASES.into_iter().find(|phrase| text.contains(phrase)))
}

/// What went wrong as it was told by others, which its owner reads and nobody else.
fn said(state: &ShareState) -> Vec<String> {
    let Some(Trouble::Call { error, .. }) = state.attention().map(|attention| &attention.trouble) else {
        return Vec::new();
    };
    let told = serde_json::to_value(error).unwrap();
    ["said", "reason", "what"].iter().filter_map(|key| told[key].as_str().map(str::to_owned)).collect()
}

/// The pages on which a friend sees how their share stands.
pub async fn is_plain(all: &Neighbours, who: Who, share: ShareId, told: &str) {
    let said = said(&all.state(share).await);
    let mut browser = all.app.signed_in(all.people[who].id).await;
    for path in [app::paths::share(share), app::paths::home()] {
        must_be_plain(&Page::parse(&browser.get(&path).await.body), &said, &format!("{told}, {path}"));
    }
}

fn must_be_plain(page: &Page, said: &[String], told: &str) {
    let text = page.main_without_commands();
    let found = wrong(&text);
    assert!(found.is_none(), "{told}: they read “{}”: {text}", found.unwrap_or_default());
    for said in said {
        assert!(!text.contains(said.as_str()), "{told}: they read “{said}”: {text}");
    }
}

/// All pages that the friend is led to from their share.
async fn are_plain(all: &Neighbours, who: Who, share: ShareId, told: &str) {
    let said = said(&all.state(share).await);
    let start = [app::paths::share(share), app::paths::end_share(share), app::paths::share_time(share)];
    read(&all.app, all.people[who].id, &start, &said, told).await;
}

/// How many pages there were.
pub async fn read(app: &TestApp, who: PersonId, start: &[String], said: &[String], told: &str) -> usize {
    let mut browser = app.signed_in(who).await;
    let (mut seen, mut next) = (BTreeSet::new(), VecDeque::from(start.to_vec()));
    while let Some(path) = next.pop_front() {
        if !is_of_friends(&path) || !seen.insert(path.clone()) {
            continue;
        }
        let page = Page::parse(&browser.get(&path).await.body);
        must_be_plain(&page, said, &format!("{told}, {path}"));
        let links = page.addresses().into_iter().filter(|(name, _)| name == "href");
        next.extend(links.map(|(_, href)| href.split(['#', '?']).next().unwrap_or_default().to_owned()));
    }
    seen.len()
}

#[tokio::test]
async fn no_state_of_a_share_speaks_of_networks_to_its_friend() {
    let all = Neighbours::demo().await;
    let ana = all.connect(Ana).await;
    let node = all.node(ana, "maple").await;
    let share = all.accepted_until(Ana, node, "tcp:25565", Dario, ("weekend", "")).await;
    let pages = async |told: &str| are_plain(&all, Dario, share, told).await;
    pages("accepted").await;
    all.approved(Ana, share).await;
    pages("approved").await;
    all.drain().await;
    assert!(matches!(all.state(share).await, ShareState::WaitingForFriend { .. }));
    pages("the invite waits").await;
    let link = all.ask(Dario).shares.get(share).await.unwrap().invite_link.unwrap();
    all.demo.simulator.accept("dario", Dario.login(), &link).unwrap();
    let look = async || {
        all.app.clock.advance_seconds(600);
        all.ask(Ana).tailnets.sync(ana).await.unwrap();
        all.drain().await;
        all.drain().await;
    };
    look().await;
    assert!(matches!(all.state(share).await, ShareState::Active { .. }));
    pages("open").await;
    all.ask(Dario)
        .shares
        .ask_longer(share, EndForm { until: "month".into(), ..EndForm::default() })
        .await
        .unwrap();
    pages("asked for longer").await;

    let open = all.policy("ana");
    let without = policy::unshare(&open, &share.to_string().parse().unwrap()).unwrap().after;
    all.demo.simulator.edit_policy("ana", &without).unwrap();
    look().await;
    assert!(matches!(all.state(share).await, ShareState::Drifted { .. }));
    pages("its rule is gone").await;
    all.demo.simulator.edit_policy("ana", "{ // nothing of it can be read\n").unwrap();
    look().await;
    pages("the policy cannot be read").await;
    all.demo.simulator.edit_policy("ana", &open).unwrap();
    look().await;

    all.ask(Ana).shares.pause(share).await.unwrap();
    pages("pausing").await;
    all.drain().await;
    pages("paused").await;
    all.demo.simulator.edit_policy("ana", &open).unwrap();
    look().await;
    pages("paused, and its rule is back").await;
    all.ask(Ana).shares.end(share).await.unwrap();
    pages("ending").await;
    all.drain().await;
    assert!(all.state(share).await.is_over());
    pages("over").await;
}

#[tokio::test]
async fn no_offer_speaks_of_networks_to_whom_it_is_made() {
    let all = Neighbours::demo().await;
    let node = all.node(all.connect(Ana).await, "maple").await;
    let service = all.listed(Ana, node, "tcp:25565").await;
    let offer = async |until: &str| {
        let form = OfferForm {
            service: service.to_string(),
            to: "link".into(),
            until: until.into(),
            ..OfferForm::default()
        };
        all.ask(Ana).offers.create(form).await.unwrap()
    };
    let pages = async |token: &str, told: &str| {
        let start = [app::paths::invitation(token), app::paths::service(service), "/".to_owned()];
        assert!(read(&all.app, all.people[Dario].id, &start, &[], told).await > 3);
    };
    let (_, open) = offer("weekend").await;
    pages(&open, "an offer").await;
    let (id, withdrawn) = offer("weekend").await;
    all.ask(Ana).offers.withdraw(id).await.unwrap();
    pages(&withdrawn, "a withdrawn offer").await;
    let (_, declined) = offer("weekend").await;
    all.ask(Dario).offers.decline(declined.clone()).await.unwrap();
    pages(&declined, "a declined offer").await;
    all.app.clock.advance_seconds(60 * 86_400);
    pages(&open, "a lapsed offer").await;
    pages("no-such-link", "no offer at all").await;
}
