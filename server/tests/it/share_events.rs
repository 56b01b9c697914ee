//! What happened to a share is a code with parameters: both sentences are made of those, and both databases keep them.

use std::collections::BTreeSet;

use model::guest::WhyStays;
use model::{Decision, EndReason, Need, OpenBy, ShareEvent, Step, Timestamp};
use server::on;
use server::shares;
use server::store::audit::{Actor, NewEntry, Reader, Search};
use sharing::trail;

use crate::friend_words;
use crate::harness::app;
use crate::harness::database::TestDatabase;
use crate::harness::{TestApp, World};

/// What an owner's server said, in its words.
const SAID: &str = "SAID BY A SERVER of the tailnet's policy";

/// Events whose parameters are one of a few.
fn of_few() -> Vec<ShareEvent> {
    let both = [false, true];
    let ends = [None, Some(Timestamp::from_seconds(1_798_149_600))];
    let why = [
        EndReason::Expired,
        EndReason::OwnerEnded,
        EndReason::FriendEnded,
        EndReason::InviteLapsed,
        EndReason::ShutOut,
    ];
    let mut all = Vec::new();
    for decision in Decision::ALL {
        all.extend(both.map(|on_server| ShareEvent::Approved { decision, on_server }));
    }
    for why in WhyStays::ALL {
        all.extend(both.map(|in_file| ShareEvent::UserStays { name: "dora".into(), why, in_file }));
    }
    all.extend([1, 30].map(|days| ShareEvent::ApprovedBeforehand { by: "Ana".into(), days }));
    all.extend(OpenBy::ALL.map(|by| ShareEvent::Opened { by }));
    all.extend(both.map(|on_server| ShareEvent::Pausing { on_server }));
    all.extend(both.map(|in_file| ShareEvent::Paused { in_file }));
    all.extend(ends.map(|ends| ShareEvent::EndSet { ends }));
    all.extend(ends.map(|ends| ShareEvent::EndWanted { ends }));
    all.extend(why.map(|why| ShareEvent::Ending { why }));
    all.extend(both.map(|was_applied| ShareEvent::Ended { was_applied }));
    all.extend(both.map(|ephemeral| ShareEvent::NewUserChosen {
        friend: "Dario".into(),
        name: "dora".into(),
        ephemeral,
    }));
    all
}

/// Events with a text in them.
fn with_texts() -> Vec<ShareEvent> {
    let (service, login) = (|| "Minecraft".to_owned(), || "dario@example.com".to_owned());
    let (name, machine, said) = (|| "dora".to_owned(), || "maple".to_owned(), || SAID.to_owned());
    vec![
        ShareEvent::Accepted { service: service(), login: login() },
        ShareEvent::Taken { service: service(), login: login(), approved_by: "Ana".into() },
        ShareEvent::Adopted { service: service() },
        ShareEvent::ReviewAgain { why: said() },
        ShareEvent::Stopped { step: Step::Rule, need: Need::Look, reason: said() },
        ShareEvent::Drifted { step: Step::Confirm, need: Need::Review, reason: said() },
        ShareEvent::EndProven { machine: machine() },
        ShareEvent::PolicyLoaded { machine: machine() },
        ShareEvent::AccountChosen { friend: "Dario".into(), login: login() },
        ShareEvent::SignInChosen { friend: "Dario".into() },
        ShareEvent::KeyEnded { key: "k1".into(), name: name() },
        ShareEvent::MachineRemoved { machine: "7".into(), name: name() },
        ShareEvent::UserRemoved { name: name() },
        ShareEvent::BeyondAccepted { login: login() },
    ]
}

fn every_event() -> Vec<ShareEvent> {
    let plain = [
        ShareEvent::AcceptedWithoutAccount,
        ShareEvent::AccountNamed,
        ShareEvent::PolicyNarrowed,
        ShareEvent::DefaultWrittenOut,
        ShareEvent::RuleWritten,
        ShareEvent::RuleRemoved,
        ShareEvent::InviteMade,
        ShareEvent::InviteUsed,
        ShareEvent::InvitePasted,
        ShareEvent::InviteDeleted,
        ShareEvent::InviteWanted,
        ShareEvent::PortsWanted,
        ShareEvent::PortsKept,
        ShareEvent::AsAgreedAgain,
        ShareEvent::RetryWanted,
        ShareEvent::Reopened,
        ShareEvent::EndKept,
        ShareEvent::CalledEnded,
        ShareEvent::OwnerShutOut,
        ShareEvent::LoadConfirmed,
        ShareEvent::UserMade,
        ShareEvent::KeyMade,
        ShareEvent::LostKeyEnded,
        ShareEvent::MachineLetIn,
    ];
    plain.into_iter().chain(of_few()).chain(with_texts()).collect()
}

/// Sabotage: `for_friend` tells `Stopped` with its reason; or a new event that is not listed here.
#[test]
fn every_event_has_a_sentence_for_its_owner_and_one_in_plain_words_for_its_friend() {
    let all = every_event();
    let codes: BTreeSet<&str> = all.iter().map(ShareEvent::code).collect();
    assert_eq!(codes, BTreeSet::from(ShareEvent::CODES));
    assert_eq!(codes.len(), ShareEvent::CODES.len(), "each code is that of one event");
    let mut told = BTreeSet::new();
    for event in &all {
        let (owner, friend) = (trail::for_owner(event), trail::for_friend(event));
        assert!(!owner.trim().is_empty() && !friend.trim().is_empty(), "{event:?}");
        assert_eq!(friend_words::wrong(&friend), None, "{event:?}: {friend}");
        assert!(!friend.contains(SAID), "{event:?}: {friend}");
        told.insert((event.code(), owner));
    }
    // Of the yes without narrowing it is all the same on a server; and a user stays for that reason in every file but by version.
    let alike = 2 + (WhyStays::ALL.len() - 1);
    assert_eq!(told.len(), all.len() - alike, "each parameter is told: {told:#?}");
}

async fn stored(app: &TestApp, world: &World, event: ShareEvent) -> NewEntry {
    let share = app.state.db.find_share(world.share).await.unwrap().unwrap();
    let entry = shares::entry(&share, Actor::Acequia, event).at(&app.state);
    app.state.db.insert_entry(&entry).await.unwrap();
    entry
}

/// Sabotage: `parameters` gives none.
#[tokio::test]
async fn an_event_is_read_as_it_was_stored_and_its_friend_reads_their_sentence_alone() {
    for database in TestDatabase::each().await {
        let app = TestApp::on(app::config(), database);
        let world = World::seed(&app).await;
        for event in every_event() {
            let entry = stored(&app, &world, event.clone()).await;
            let search = Search { entry: Some(entry.id), ..Search::of(Reader::Operator, 1) };
            let read = app.state.db.search_entries(&search).await.unwrap().remove(0);
            assert_eq!((read.event.as_ref(), read.what), (Some(&event), trail::for_owner(&event)));
            let theirs = app.ask(world.owner).audit.get(entry.id).await.unwrap();
            assert_eq!((theirs.what, theirs.event), (trail::for_owner(&event), Some(event.clone())));
            let friends = app.ask(world.friend).audit.get(entry.id).await.unwrap();
            assert_eq!((friends.what, friends.event), (trail::for_friend(&event), None));
        }
    }
}

/// Entries from before there were codes, and from a version with others.
///
/// Sabotage: an event that cannot be read makes its entry one that cannot be.
#[tokio::test]
async fn an_entry_without_a_code_that_is_known_keeps_its_sentence() {
    for database in TestDatabase::each().await {
        let app = TestApp::on(app::config(), database);
        let world = World::seed(&app).await;
        let entry = stored(&app, &world, ShareEvent::Ended { was_applied: true }).await;
        for (code, parameters) in [
            (None, None),
            (Some("seen_by_a_later_version"), Some("{}")),
            (Some("stopped"), Some("{}")),
            (Some("stopped"), Some("no JSON")),
            (Some("stopped"), None),
        ] {
            let sql = "UPDATE audit SET code = $2, parameters = $3, what = $4 WHERE id = $1";
            let what = format!("stopped: {SAID}");
            on!(&app.state.db, pool => sqlx::query(sql).bind(entry.id).bind(code).bind(parameters)
                .bind(&what).execute(pool).await.map(drop))
            .unwrap();
            let theirs = app.ask(world.owner).audit.get(entry.id).await.unwrap();
            assert_eq!((theirs.what, theirs.event), (what, None), "{code:?}");
            let friends = app.ask(world.friend).audit.get(entry.id).await.unwrap();
            assert_eq!(friends.what, "stopped half-way", "{code:?}");
        }
    }
}
