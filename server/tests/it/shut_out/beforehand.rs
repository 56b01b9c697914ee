//! What is said before somebody is shut out, to whom, and what a row that cannot be read holds up.

use super::*;

/// The number of shares is told to every owner of the instance, and with whom only to who has a part in them.
#[tokio::test]
async fn what_ends_is_counted_for_everybody_and_named_to_who_has_a_part_in_it() {
    let app = TestApp::start().await;
    let world = World::seed(&app).await;
    on!(&app.state.db, pool => sqlx::query("UPDATE people SET instance_owner = $2 WHERE id = $1")
        .bind(world.owner).bind(true).execute(pool).await.map(drop))
    .unwrap();
    for deed in [Deed::Block, Deed::Remove] {
        let counts = |means: &[String]| means.iter().any(|sentence| sentence.contains("1 share received"));
        let part = app.ask(world.owner).people.plan(world.friend, deed).await.unwrap();
        assert!(counts(&part.means), "{:?}", part.means);
        let named: Vec<_> = part.gates.iter().map(|gate| gate.share).collect();
        assert_eq!(named, [Some(world.share)], "{deed:?}");
        let none = app.ask(world.instance_owner).people.plan(world.friend, deed).await.unwrap();
        assert_eq!(none.means, part.means, "{deed:?}");
        assert!(none.gates.is_empty(), "{deed:?}: {:?}", none.gates);
        let page = format!("/people/{}/{}", world.friend, deed.as_str());
        let text = app.signed_in(world.instance_owner).await.get(&page).await;
        assert!(text.status.is_success() && text.text().contains("1 share received"), "{text:?}");
        assert!(!text.text().contains("Minecraft"), "{}", text.text());
    }
}

#[tokio::test]
async fn nobody_shuts_themselves_out() {
    let app = TestApp::start().await;
    let world = World::seed(&app).await;
    let ines = world.instance_owner;
    for deed in [Deed::Block, Deed::Remove, Deed::SignOut] {
        let answer = app.ask(ines).people.act(ines, deed).await;
        assert!(
            matches!(&answer, Err(Fault::Conflict(why)) if why.what.contains("yourself")),
            "{deed:?}: {answer:?}"
        );
    }
    assert_eq!(standing_of(&app, ines).await, Standing::Here);
}

/// A share of theirs that cannot be read ends as soon as its row is mended, however long that takes.
#[tokio::test]
async fn a_share_that_could_not_be_read_when_its_friend_was_blocked_ends_once_it_can() {
    for database in TestDatabase::each().await {
        let app = TestApp::on(config(), database);
        let world = World::seed(&app).await;
        let state = async |text: &str| {
            let sql = "UPDATE shares SET state_data = $2 WHERE id = $1";
            on!(&app.state.db, pool => sqlx::query(sql).bind(world.share).bind(text.to_owned())
                .execute(pool).await.map(drop))
            .unwrap();
        };
        let sql = "SELECT state_data FROM shares WHERE id = $1";
        let (whole,): (String,) = on!(&app.state.db, pool => sqlx::query_as(sql)
            .bind(world.share).fetch_one(pool).await)
        .unwrap();
        state("{").await;
        act(&app, world.friend, Deed::Block).await.unwrap();
        let runner = Runner::new(app.state.clone());
        runner.drain().await.unwrap();
        state(&whole).await;
        app.clock.advance_seconds(3_601);
        runner.drain().await.unwrap();
        let share = app.state.db.find_share(world.share).await.unwrap().unwrap();
        let ends = matches!(&share.state, ShareState::Ending { why } | ShareState::Ended { why, .. }
            if *why == EndReason::ShutOut)
            || matches!(&share.state, ShareState::NeedsAttention { phase: model::Phase::End { .. }, .. });
        assert!(ends, "{:?}", share.state);
    }
}

/// Whoever was on their way to offer something when they were shut out, or to somebody who was, has offered nothing.
#[tokio::test]
async fn nothing_is_offered_by_or_to_somebody_who_was_shut_out_meanwhile() {
    for database in TestDatabase::each().await {
        let app = TestApp::on(config(), database);
        let world = World::seed(&app).await;
        let db = &app.state.db;
        let known = db.find_offer(world.offer).await.unwrap().unwrap();
        let of = |from: PersonId, to: PersonId| server::store::offers::Offer {
            id: app.state.new_id(),
            made_by: from,
            to_person: Some(to),
            token_hash: app.state.new_id::<()>().to_string(),
            ..known.clone()
        };
        let limits = &app.state.config.limits;
        let entry = world.entry(&app);
        act(&app, world.listed, Deed::Block).await.unwrap();
        for offer in [of(world.listed, world.friend), of(world.owner, world.listed)] {
            let stored = db.insert_offer(&offer, limits, &entry).await.unwrap();
            assert_eq!(stored, Some(server::store::offers::NotStored::ShutOut));
            assert!(db.find_offer(offer.id).await.unwrap().is_none());
        }
        let stored = db.insert_offer(&of(world.owner, world.friend), limits, &entry).await.unwrap();
        assert_eq!(stored, None);
    }
}
