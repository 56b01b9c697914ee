//! People, identities and sealed columns, on each database that there is.

use model::{ObjectKind, PersonId, UnmanagedKind};
use server::clock::Clock as _;
use server::secrets::Sealer;
use server::store::Db;
use server::store::audit::{Actor, NewEntry, Object};
use server::store::identities::Identity;
use server::store::people::Person;
use server::store::registrations::{Admission, Registered};
use server::store::unmanaged::Seen;

use crate::harness::app::{self, config};
use crate::harness::database::TestDatabase;
use crate::harness::{TestApp, World};

fn newcomer(app: &TestApp, name: &str, instance_owner: bool) -> (Person, Identity) {
    let id: PersonId = app.state.new_id();
    let now = app.clock.now();
    let person = Person { id, name: name.into(), instance_owner, demo_about: None, created: now };
    let identity = Identity {
        id: app.state.new_id(),
        person: id,
        provider: "forge".into(),
        subject: name.into(),
        label: name.into(),
        email: None,
        linked: now,
    };
    (person, identity)
}

#[tokio::test]
async fn of_two_who_come_with_the_set_up_code_at_once_one_owns_the_instance() {
    for database in TestDatabase::each().await {
        let app = TestApp::on(app::config(), database);
        let db = &app.state.db;
        let (ana, bea) = (newcomer(&app, "ana", true), newcomer(&app, "bea", true));
        let (code, entry) = (Admission::SetUpCode, entry(&app, &ana.0));
        let another = NewEntry { id: app.state.new_id(), ..entry.clone() };
        let (one, two) = tokio::join!(
            db.register(&ana.0, &ana.1, &code, &entry),
            db.register(&bea.0, &bea.1, &code, &another)
        );
        assert!((one.unwrap() == Registered::Now) ^ (two.unwrap() == Registered::Now));
        assert_eq!(db.list_people().await.unwrap().len(), 1);
        assert!(db.has_owner().await.unwrap());
    }
}

#[tokio::test]
async fn a_person_and_their_identity_are_made_together_or_not_at_all() {
    for database in TestDatabase::each().await {
        let app = TestApp::on(app::config(), database);
        let db = &app.state.db;
        let world = World::seed(&app).await;
        let link = world.admission();
        let (ana, identity) = newcomer(&app, "ana", false);
        let came = db.register(&ana, &identity, &link, &entry(&app, &ana)).await.unwrap();
        assert_eq!(came, Registered::Now);
        world.offer_places(&app, 2).await;
        let (twin, mut taken) = newcomer(&app, "twin", false);
        taken.subject = "ana".into();
        let came = db.register(&twin, &taken, &link, &entry(&app, &twin)).await.unwrap();
        assert_eq!(came, Registered::Known);
        assert_eq!(db.find_person(twin.id).await.unwrap(), None);
        assert_eq!(db.find_identity("forge", "ana").await.unwrap(), Some(identity));
    }
}

/// The places of an offer, each taken by an arrival, given back by an answer, and all free for a new link.
#[tokio::test]
async fn a_link_lets_in_as_many_as_its_offer_has_places_for_also_at_once() {
    for database in TestDatabase::each().await {
        let app = TestApp::on(app::config(), database);
        let db = &app.state.db;
        let world = World::seed(&app).await;
        let link = world.admission();
        let comes = async |name: &str| {
            let (person, identity) = newcomer(&app, name, false);
            let came = db.register(&person, &identity, &link, &entry(&app, &person)).await.unwrap();
            (came == Registered::Now).then_some(person.id)
        };
        // One place is left: another one is the friend's, who accepted.
        let (ana, bea) = tokio::join!(comes("ana"), comes("bea"));
        assert!(ana.is_some() ^ bea.is_some(), "{ana:?} {bea:?}");
        assert_eq!(comes("carla").await, None);

        let came = ana.or(bea).unwrap();
        let now = app.state.now();
        db.decline_offer(world.offer, came, now, &world.entry(&app)).await.unwrap();
        assert!(comes("dora").await.is_some(), "a no gives the place back");
        assert_eq!(comes("erik").await, None);

        let hash = server::secrets::hash_token("a new link");
        db.put_offer_token(world.offer, &hash, now, &world.entry(&app), None).await.unwrap();
        assert_eq!(comes("fritz").await, None, "the old link lets nobody in");
        let new = Admission::Offer { offer: world.offer, token_hash: hash };
        let (gina, identity) = newcomer(&app, "gina", false);
        let came = db.register(&gina, &identity, &new, &entry(&app, &gina)).await.unwrap();
        assert_eq!(came, Registered::Now);
    }
}

fn entry(app: &TestApp, person: &Person) -> NewEntry {
    NewEntry {
        id: app.state.new_id(),
        at: app.state.now(),
        actor: Actor::Person(person.id, person.name.clone()),
        what: "did something for a test".into(),
        object: Object { kind: ObjectKind::Person, id: person.id.uuid(), name: person.name.clone() },
        before: None,
        after: None,
        policy: None,
        tailnet: None,
        owner: None,
        friend: None,
    }
}

#[tokio::test]
async fn the_only_identity_stays_even_when_two_are_removed_at_once() {
    for database in TestDatabase::each().await {
        let app = TestApp::on(app::config(), database);
        let db = &app.state.db;
        let (ana, first) = newcomer(&app, "ana", false);
        let note = || entry(&app, &ana);
        db.register(&ana, &first, &Admission::SetUpCode, &note()).await.unwrap();
        assert!(!db.remove_identity_unless_last(ana.id, first.id, &note()).await.unwrap());
        let second = Identity { id: app.state.new_id(), subject: "ana2".into(), ..first.clone() };
        db.insert_identity(&second).await.unwrap();
        let (one_entry, two_entry) = (note(), note());
        let (one, two) = tokio::join!(
            db.remove_identity_unless_last(ana.id, first.id, &one_entry),
            db.remove_identity_unless_last(ana.id, second.id, &two_entry)
        );
        assert!(one.unwrap() ^ two.unwrap());
        assert_eq!(db.list_identities(ana.id).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_new_key_opens_everything_that_was_sealed_with_the_old_one() {
    for database in TestDatabase::each().await {
        let app = TestApp::on(app::config(), database);
        let db = &app.state.db;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        let old = Sealer::ephemeral();
        old.make_file(&file).unwrap();
        let world = World::seed(&app).await;
        fill(db, &old, &world).await;

        let new = Sealer::read(&file).unwrap().add_key(&file).unwrap();
        assert_eq!(db.reseal(&new).await.unwrap(), 4, "one of each column");
        let new = new.forget_old_keys(&file).unwrap();
        for (table, column, row, text) in rows(db, &world).await {
            assert_eq!(new.open_text(table, column, &row, &text).unwrap(), "hush", "{table}.{column}");
            assert!(old.open(table, column, &row, &text).is_err(), "{table}.{column}");
        }
        assert_eq!(db.find_setting("instance_owner").await.unwrap().as_deref(), Some("plain"));
    }
}

/// One sealed text in each column that has them.
async fn fill(db: &Db, sealer: &Sealer, world: &World) {
    let seal = |table, column, row: &str| sealer.seal(table, column, row, b"hush");
    db.put_setting("instance_owner", "plain").await.unwrap();
    db.put_setting("x_sealed", &seal("settings", "value", "x_sealed")).await.unwrap();
    let credential = format!("{}/user_token", world.tailnet);
    server::on!(db, pool => {
        let sql = "INSERT INTO sessions (id_hash, handle, data_sealed, agent, created, last_seen, expires) \
                   VALUES ('h', 'x', $1, '', 0, 0, 0)";
        sqlx::query(sql).bind(seal("sessions", "data_sealed", "h")).execute(pool).await.unwrap();
        let sql = "INSERT INTO credentials (tailnet_id, kind, secret_sealed, hint, facts, checked) \
                   VALUES ($1, 'user_token', $2, '', '{}', 0)";
        let text = seal("credentials", "secret_sealed", &credential);
        sqlx::query(sql).bind(world.tailnet).bind(text).execute(pool).await.unwrap();
        let text = seal("shares", "invite_url_sealed", &world.share.to_string());
        let sql = "UPDATE shares SET invite_url_sealed = $1 WHERE id = $2";
        sqlx::query(sql).bind(text).bind(world.share).execute(pool).await.unwrap();
    });
}

async fn rows(db: &Db, world: &World) -> Vec<(&'static str, &'static str, String, String)> {
    let mut all = Vec::new();
    for (table, column, row) in [
        ("sessions", "data_sealed", "h".to_owned()),
        ("credentials", "secret_sealed", format!("{}/user_token", world.tailnet)),
        ("shares", "invite_url_sealed", world.share.to_string()),
    ] {
        let sql = sqlx::AssertSqlSafe(format!("SELECT {column} FROM {table}"));
        let (text,): (String,) = server::on!(db, pool => sqlx::query_as(sql).fetch_one(pool).await).unwrap();
        all.push((table, column, row, text));
    }
    let text = db.find_setting("x_sealed").await.unwrap().unwrap();
    all.push(("settings", "value", "x_sealed".into(), text));
    all
}

#[tokio::test]
async fn what_was_made_elsewhere_stays_itself_and_waits_again_once_somebody_opens_it() {
    for database in TestDatabase::each().await {
        let app = TestApp::on(config(), database);
        let world = World::seed(&app).await;
        let db = &app.state.db;
        let now = app.state.now();
        let seen = |login: Option<&str>| Seen {
            kind: UnmanagedKind::Invite,
            name: "57".into(),
            node: Some(world.node),
            login: login.map(Into::into),
            rule: None,
        };
        let put = async |all: &[Seen]| {
            let new_id = || app.state.new_id::<()>().uuid();
            db.put_unmanaged(world.tailnet, all, now, new_id).await.unwrap();
            db.list_unmanaged(world.tailnet).await.unwrap().whole().unwrap()
        };
        assert_eq!(put(&[]).await, []);
        let open = put(&[seen(None)]).await.remove(0);
        db.keep_unmanaged(open.id, "Ana", &world.entry(&app)).await.unwrap();
        let again = put(&[seen(None)]).await.remove(0);
        assert_eq!((again.id, again.kept), (open.id, Some(("Ana".into(), now))));
        let opened = put(&[seen(Some("eve@example.com"))]).await.remove(0);
        assert_eq!((opened.id, &opened.kept), (open.id, &None), "that was not known when it was kept");
        assert_eq!(db.find_unmanaged(open.id).await.unwrap(), Some(opened));
        db.mark_in_force(&[world.share], now).await.unwrap();
        assert_eq!(db.find_share(world.share).await.unwrap().unwrap().seen_in_force, Some(now));
        assert_eq!(db.list_people_of_login("nobody@example.com").await.unwrap(), []);
        db.set_observe_error(world.tailnet, "no answer").await.unwrap();
        let tailnet = db.find_tailnet(world.tailnet).await.unwrap().unwrap();
        assert_eq!((tailnet.observed_at, tailnet.observe_error.as_deref()), (Some(now), Some("no answer")));
        assert_eq!(put(&[]).await, []);
    }
}
