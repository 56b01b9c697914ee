//! Words that are Tailscale's own do not stand on the pages of a Headscale.

use std::collections::{BTreeSet, VecDeque};

use app::ports::offers::OfferForm;
use model::{PersonId, ShareId, ShareState, TailnetId};
use simulator::headscale::world::Headscale;
use simulator::{Dialect, Fault, FaultRule, Moment, Operation};

use super::guests::WIDE;
use super::told::{by_hand, in_file};
use crate::friend_words;
use crate::harness::community::{Community, POLICY, world};
use crate::harness::neighbours::yes;

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
    for (who, share) in [(all.carla, open), (all.bruno, over), (all.bruno, waits)] {
        assert!(friend_words::read(&all.app, who, &theirs(share), &[], "on a server").await > 2);
    }
    crawl(&all, all.bruno, &[app::paths::invitation(&token), app::paths::share(over)]).await;
    crawl(&all, all.ana, &[app::paths::invitation(&token)]).await;
}

/// Everything that both sides are led to from a share as it is now.
async fn read(all: &Community, mill: TailnetId, share: ShareId, friend: PersonId) {
    let page = [app::paths::share(share), app::paths::end_share(share), app::paths::shares(), "/".to_owned()];
    let owners = [app::paths::review(share), app::paths::tailnet(mill), app::paths::unproven_share(share)];
    let own: Vec<String> = page.iter().chain(&owners).cloned().collect();
    assert!(crawl(all, all.ana, &own).await > 5);
    assert!(crawl(all, friend, &page).await > 2);
}

/// Sabotage: `pauses` with the words of a tailnet, or any other word of [`OWN`] in a state that only one of these has.
#[tokio::test]
async fn nor_does_one_in_any_state_of_a_share() {
    let all = Community::on(Headscale { policy: Some(WIDE.into()), ..world(Dialect::V0_29) }).await;
    let mill = all.connect().await;
    let (dora, asked) = (all.app.person("Dora").await, all.ask(all.ana));
    let share = all.accepted(mill, "tcp:25565", dora, "dora").await;
    read(&all, mill, share, dora).await;
    asked.members.wait_for_sign_in(share).await.unwrap();
    let came = ("https://id.example.com/u-eve", "eve", "");
    all.simulator.headscale_signs_in("mill", came, "phone").unwrap();
    all.sync(mill).await;
    read(&all, mill, share, dora).await;
    asked.members.make_new(share, "dora".into(), true).await.unwrap();
    read(&all, mill, share, dora).await;
    yes(&asked, share).await.unwrap();
    read(&all, mill, share, dora).await;
    all.drain().await;
    assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);
    read(&all, mill, share, dora).await;
    asked.shares.pause(share).await.unwrap();
    all.drain().await;
    assert!(matches!(all.state(share).await, ShareState::Paused { .. }), "{:?}", all.state(share).await);
    read(&all, mill, share, dora).await;
    asked.shares.open_again(share).await.unwrap();
    all.drain().await;

    // Somebody takes the rule out, and puts another one of ours in that nobody knows.
    let with = all.policy();
    let stray = POLICY.replace("\t],\n}", "\t\t// acequia:share=0192f5b0-0000-7000-8000-00000000000f\n\t\t{\"action\": \"accept\", \"proto\": \"tcp\", \"src\": [\"bruno@\"], \"dst\": [\"100.64.0.1:22\"]},\n\t],\n}");
    all.simulator.headscale_policy("mill", Some(&stray)).unwrap();
    all.sync(mill).await;
    assert!(matches!(all.state(share).await, ShareState::Drifted { .. }), "{:?}", all.state(share).await);
    read(&all, mill, share, dora).await;
    all.simulator.headscale_policy("mill", Some(&with)).unwrap();
    all.sync(mill).await;
    let refused = Fault::Status { status: 403, message: None };
    let (target, moment) = (Operation::V1SetPolicy.into(), Moment::BeforeEffect);
    all.simulator.fail(FaultRule { target, fault: refused, times: 9, moment });
    asked.shares.end(share).await.unwrap();
    all.drain().await;
    assert!(all.state(share).await.attention().is_some(), "{:?}", all.state(share).await);
    read(&all, mill, share, dora).await;
    all.simulator.clear_faults();
    asked.shares.end_unproven(share).await.unwrap();
    all.drain().await;
    read(&all, mill, share, dora).await;
}

#[tokio::test]
async fn nor_does_one_whose_policy_is_a_file() {
    let all = Community::on(in_file()).await;
    let mill = all.connect().await;
    let share = all.accepted(mill, "tcp:25565", all.bruno, "bruno").await;
    all.approved(share, "bruno").await;
    all.drain().await;
    read(&all, mill, share, all.bruno).await;
    by_hand(&all, share).await;
    read(&all, mill, share, all.bruno).await;
    all.ask(all.ana).shares.end(share).await.unwrap();
    all.drain().await;
    read(&all, mill, share, all.bruno).await;
    by_hand(&all, share).await;
    assert!(all.state(share).await.is_over());
    read(&all, mill, share, all.bruno).await;
}

/// What somebody who lends on it reads, and what both read of an offer to a person.
#[tokio::test]
async fn nor_does_one_of_somebody_who_lends_on_it() {
    let all = Community::of(Dialect::V0_29).await;
    let mill = all.connect().await;
    let _ = all.ask(all.bruno).tailnets.connect(all.form()).await;
    crawl(&all, all.ana, &["/".to_owned(), app::paths::lenders(mill)]).await;
    all.ask(all.ana).lenders.accept(mill, all.bruno, all.account("bruno")).await.unwrap();
    let laptop = all.node(mill, "bruno-laptop").await;
    let form = app::ports::services::ServiceForm {
        name: "Films".into(),
        kind: "other".into(),
        ports: "tcp:8096".into(),
        audience: "everybody".into(),
        ..Default::default()
    };
    let service = all.ask(all.bruno).services.create(laptop, form).await.unwrap();
    let form = OfferForm {
        service: service.to_string(),
        to: "link".into(),
        until: "ended".into(),
        ..OfferForm::default()
    };
    let (_, token) = all.ask(all.bruno).offers.create(form).await.unwrap();
    crawl(&all, all.carla, &[app::paths::invitation(&token)]).await;
    let share = all.ask(all.carla).offers.accept(token, "carla@example.com".into()).await.unwrap();
    let own = [app::paths::share(share), app::paths::tailnets(), "/".to_owned()];
    assert!(crawl(&all, all.bruno, &own).await > 5);
}
