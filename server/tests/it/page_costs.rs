//! What each page costs in a small world and in a large one: as many statements, as many calls to the control plane, and
//! no more bytes than a person waits for.

use std::collections::{BTreeMap, BTreeSet};

use crate::harness::statements::statements;

pub mod scene;
mod syncs;

use scene::{Scene, pages};

/// Machines. In the large one every list is longer than a page; ten thousand are for `cargo xtask bench`, because a
/// debug build takes minutes to make such a world.
const WORLDS: [usize; 2] = [50, 2_600];
/// In bytes, as it is before it is compressed.
const LARGEST_PAGE: usize = 60 << 10;

/// What grows with the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Grows {
    Statements,
    Calls,
    Bytes,
}

/// Pages that are not about anything in a world: no made network is a Headscale.
const LEFT_OUT: &[&str] =
    &["/sign-in", "/sign-in/again/{token}", "/tailnets/{id}/households", "/tailnets/{id}/lenders"];

struct Cost {
    statements: usize,
    calls: usize,
    bytes: usize,
}

async fn costs(machines: usize) -> BTreeMap<&'static str, Cost> {
    let scene = Scene::of(machines).await;
    let mut browser = scene.all.app.signed_in(scene.ana.id).await;
    let mut costs = BTreeMap::new();
    // The first visit of a day writes down that there was one, and who reaches what is worked out once.
    for page in ["/", "/tailnets/{id}/reach"] {
        browser.get(&scene.path(page)).await;
    }
    for page in pages() {
        let path = scene.path(page);
        scene.all.demo.simulator.clear_log();
        let (answer, run) = statements(browser.get(&path)).await;
        assert!(answer.status.is_success(), "{page} at {path}: {answer:?}");
        assert!(run.iter().any(|sql| sql.contains("FROM sessions")), "{page}: they were counted: {run:#?}");
        let (calls, bytes) = (scene.all.demo.simulator.log().len(), answer.body.len());
        costs.insert(page, Cost { statements: run.len(), calls, bytes });
    }
    costs
}

fn growth(small: &Cost, large: &Cost) -> BTreeSet<Grows> {
    let grows = [
        (Grows::Statements, small.statements != large.statements),
        (Grows::Calls, small.calls != large.calls),
        (Grows::Bytes, small.bytes.max(large.bytes) > LARGEST_PAGE),
    ];
    grows.into_iter().filter(|(_, grows)| *grows).map(|(what, _)| what).collect()
}

/// The page of a day has as many different looks as it shows. Fails for it if each of its parts may have as many lines as an
/// answer has (`most` in `use_cases/reach/day.rs`), or if one look more is worked out in a larger world.
#[tokio::test]
async fn a_page_costs_as_much_in_a_large_world_as_in_a_small_one() {
    let [small, large] = WORLDS;
    let (small, large) = (Box::pin(costs(small)).await, Box::pin(costs(large)).await);
    let mut found = BTreeSet::new();
    println!("statements, calls and bytes with {WORLDS:?} machines");
    for (page, small) in &small {
        let large = &large[page];
        let grows = growth(small, large);
        let pair = |of: fn(&Cost) -> usize| format!("{} {}", of(small), of(large));
        let (statements, calls) = (pair(|cost| cost.statements), pair(|cost| cost.calls));
        println!("{page}: {statements}, {calls}, {} {grows:?}", pair(|cost| cost.bytes));
        found.extend(grows.into_iter().map(|what| (*page, what)));
    }
    assert!(found.is_empty(), "these cost more in a larger world: {found:#?}");
}

#[tokio::test]
async fn every_page_is_counted() {
    let app = crate::harness::TestApp::start().await;
    let routes: BTreeSet<String> =
        server::web::pages::list(&app.state).iter().map(|page| page.path().to_owned()).collect();
    let counted: BTreeSet<String> = pages()
        .map(|page| page.split(['?', ' ']).next().unwrap_or_default().to_owned())
        .chain(LEFT_OUT.iter().map(|page| (*page).to_owned()))
        .collect();
    assert_eq!(counted, routes);
}
