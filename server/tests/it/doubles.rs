//! Two answers at once, over HTTP: one of them counts, and whoever sent the other one reads what happened.

use std::collections::BTreeMap;

use model::{OfferId, PersonId, ShareId};
use server::config::Limits;
use server::on;
use server::store::identities::Identity;
use server::store::offers::Offer;
use server::store::people::Person;
use server::store::registrations::{Admission, Registered};
use tokio::task::JoinSet;

use crate::harness::database::TestDatabase;
use crate::harness::{Answer, Browser, TestApp, World, app};

/// As many as the promise is about.
const PAIRS: usize = 500;
/// That many at the same time.
const BESIDE: usize = 8;

/// An app with its world, and a browser of whoever answers.
struct Stage {
    app: TestApp,
    world: World,
    friend: Browser,
    owner: Browser,
}

async fn stages() -> Vec<Stage> {
    let mut stages = Vec::new();
    for database in TestDatabase::each().await {
        let app = TestApp::on(crate::harness::app::config(), database);
        let world = World::seed(&app).await;
        let (friend, owner) = (app.signed_in(world.other).await, app.signed_in(world.owner).await);
        stages.push(Stage { app, world, friend, owner });
    }
    stages
}

impl Stage {
    /// A fresh offer with one place, to whoever has the link.
    async fn offer(&self) -> (OfferId, String) {
        let services = &self.app.state;
        let (id, token, now) = (services.new_id(), services.random.new_token(), services.now());
        let offer = Offer {
            id,
            service: self.world.service,
            made_by: self.world.owner,
            to_person: None,
            to_email: None,
            token_hash: server::secrets::hash_token(&token),
            ends: None,
            note: String::new(),
            uses_left: 1,
            created: now,
            lapses: now.plus_seconds(86_400),
            withdrawn: None,
            declined: false,
            circle: None,
        };
        // So many wait for an answer here as nobody has.
        let limits =
            Limits { offers_between_two: u32::MAX, offers_per_service: u32::MAX, ..app::config().limits };
        let entry = self.world.entry(&self.app);
        assert_eq!(services.db.insert_offer(&offer, &limits, &entry).await.unwrap(), None);
        (id, token)
    }

    /// What became of an offer: shares, noes, whether it was withdrawn, and places left.
    async fn became(&self, offer: OfferId) -> (i64, i64, i64, i64) {
        let sql = "SELECT (SELECT COUNT(*) FROM shares WHERE offer_id = o.id),
                          (SELECT COUNT(*) FROM declines WHERE offer_id = o.id),
                          CASE WHEN o.withdrawn IS NULL THEN 0 ELSE 1 END, o.uses_left
                   FROM offers o WHERE o.id = $1";
        // PostgreSQL calls a constant in a CASE an INTEGER.
        let sql = sql.replace("CASE", "CAST(CASE").replace("END,", "END AS BIGINT),");
        on!(&self.app.state.db, pool => sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(offer).fetch_one(pool).await)
        .unwrap()
    }
}

/// A form that somebody posts.
#[derive(Clone)]
struct Post {
    browser: Browser,
    path: &'static str,
    fields: Vec<(&'static str, String)>,
}

impl Post {
    fn new(browser: &Browser, path: &'static str, fields: &[(&'static str, &str)]) -> Self {
        let fields = fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Self { browser: browser.clone(), path, fields }
    }

    async fn send(mut self) -> Answer {
        let fields: Vec<(&str, &str)> =
            self.fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.browser.post(self.path, &fields).await
    }
}

/// Both at the same moment, each on a task of its own.
async fn both(one: Post, two: Post) -> [Answer; 2] {
    let (one, two) = (tokio::spawn(one.send()), tokio::spawn(two.send()));
    let answers = [one.await.unwrap(), two.await.unwrap()];
    for answer in &answers {
        assert_eq!(answer.status, 303, "an answer leads on: {answer:?}");
    }
    answers
}

/// Runs pairs of answers to fresh offers, some of them beside each other, and counts what became of the offers.
async fn outcomes(
    stage: &Stage,
    answers: impl Fn(&OfferId, &str) -> (Post, Post),
) -> BTreeMap<(i64, i64, i64, i64), usize> {
    let (mut offers, mut going) = (Vec::new(), JoinSet::new());
    for _ in 0..PAIRS {
        let (id, token) = stage.offer().await;
        let (one, two) = answers(&id, &token);
        offers.push(id);
        going.spawn(both(one, two));
        if going.len() >= BESIDE {
            going.join_next().await.unwrap().unwrap();
        }
    }
    while let Some(done) = going.join_next().await {
        done.unwrap();
    }
    let mut outcomes = BTreeMap::new();
    for offer in offers {
        *outcomes.entry(stage.became(offer).await).or_default() += 1;
    }
    outcomes
}

const LOGIN: &str = "olaf@example.com";

#[tokio::test(flavor = "multi_thread")]
async fn accepting_twice_is_accepting_once() {
    for stage in stages().await {
        let outcomes = outcomes(&stage, |_, token| {
            let accept = Post::new(&stage.friend, "/fn/offers/accept", &[("token", token), ("login", LOGIN)]);
            (accept.clone(), accept)
        })
        .await;
        assert_eq!(outcomes, BTreeMap::from([((1, 0, 0, 0), PAIRS)]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_yes_and_a_no_one_counts() {
    for stage in stages().await {
        let outcomes = outcomes(&stage, |_, token| {
            let accept = Post::new(&stage.friend, "/fn/offers/accept", &[("token", token), ("login", LOGIN)]);
            (accept, Post::new(&stage.friend, "/fn/offers/decline", &[("token", token)]))
        })
        .await;
        let one_of = |outcome: &(i64, i64, i64, i64)| matches!(outcome, (1, 0, 0, 0) | (0, 1, 0, 1));
        assert!(outcomes.keys().all(one_of), "{outcomes:?}");
        assert_eq!(outcomes.values().sum::<usize>(), PAIRS);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_yes_and_a_withdrawal_one_counts() {
    for stage in stages().await {
        let outcomes = outcomes(&stage, |id, token| {
            let accept = Post::new(&stage.friend, "/fn/offers/accept", &[("token", token), ("login", LOGIN)]);
            (Post::new(&stage.owner, "/fn/offers/withdraw", &[("offer", &id.to_string())]), accept)
        })
        .await;
        let one_of = |outcome: &(i64, i64, i64, i64)| matches!(outcome, (1, 0, 0, 0) | (0, 0, 1, 1));
        assert!(outcomes.keys().all(one_of), "{outcomes:?}");
        assert_eq!(outcomes.values().sum::<usize>(), PAIRS);
    }
}

/// What the page says to which an answer leads.
async fn read(mut browser: Browser, answer: &Answer) -> String {
    browser.get(answer.location().unwrap()).await.text()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_second_reads_what_happened() {
    for mut stage in stages().await {
        for _ in 0..10 {
            let (id, token) = stage.offer().await;
            let accept =
                Post::new(&stage.friend, "/fn/offers/accept", &[("token", &token), ("login", LOGIN)]);
            let withdraw = Post::new(&stage.owner, "/fn/offers/withdraw", &[("offer", &id.to_string())]);
            let [accepted, withdrawn] = both(accept, withdraw).await;
            let (friend, owner) =
                (read(stage.friend.clone(), &accepted).await, read(stage.owner.clone(), &withdrawn).await);
            if stage.became(id).await.0 == 1 {
                assert!(friend.contains("Accepted. The owner now looks"), "{friend}");
                assert!(owner.contains("accepted already"), "{owner}");
            } else {
                assert!(friend.contains("withdrawn this offer"), "{friend}");
                assert!(owner.contains("The offer is withdrawn"), "{owner}");
            }
        }
        // One after the other, so that it is known who comes second.
        let (_, token) = stage.offer().await;
        let answer = Post::new(&stage.friend, "/fn/offers/decline", &[("token", &token)]).send().await;
        assert_eq!(answer.location(), Some("/"));
        let accept = Post::new(&stage.friend, "/fn/offers/accept", &[("token", &token), ("login", LOGIN)]);
        let text = read(stage.friend.clone(), &accept.send().await).await;
        assert!(text.contains("declined this offer"), "{text}");

        let share = stage.world.share.to_string();
        let mut friend = stage.app.signed_in(stage.world.friend).await;
        let end = |browser: &Browser| Post::new(browser, "/fn/shares/end", &[("share", &share)]);
        both(end(&stage.owner), end(&friend)).await;
        let pages = [friend.get(&format!("/shares/{share}/end")).await, stage.owner.get("/shares").await];
        assert!(pages.iter().all(|page| page.status.as_u16() < 500), "{pages:?}");
        let late = end(&friend).send().await;
        let text = read(friend.clone(), &late).await;
        assert!(text.contains("is ending already"), "{text}");
    }
}

/// Everything else that two people, or one with a nervous finger, may do at the same moment.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_done_twice_at_once_breaks() {
    for stage in stages().await {
        let world = &stage.world;
        let (tailnet, node, service) =
            (world.tailnet.to_string(), world.node.to_string(), world.service.to_string());
        let (share, unmanaged, joining) =
            (world.share.to_string(), world.unmanaged.to_string(), world.joining.to_string());
        let other = world.other.to_string();
        let host: Vec<(&str, &str)> = vec![("tailnet", &tailnet), ("node", &node)];
        let status = r#"{"Peer": {"a": {"UserID": 7, "TailscaleIPs": ["100.101.102.103"], "ShareeNode": true}},
                         "User": {"7": {"LoginName": "dario@example.com"}}}"#;
        let deeds: Vec<(&'static str, Vec<(&'static str, &str)>)> = vec![
            ("/fn/stewards/add", vec![("tailnet", &tailnet), ("person", &other)]),
            ("/fn/stewards/remove", vec![("tailnet", &tailnet), ("person", &other)]),
            ("/fn/inbox/dismiss", vec![("kind", "ends_soon"), ("object", &share)]),
            ("/fn/hosts/token", host.clone()),
            ("/fn/hosts/revoke", host.clone()),
            ("/fn/hosts/status", [host.clone(), vec![("status", status)]].concat()),
            ("/fn/hosts/forget", host.clone()),
            ("/fn/firewall/choose", [host.clone(), vec![("backend", "nftables")]].concat()),
            ("/fn/tailnets/sync", vec![("tailnet", &tailnet)]),
            (
                "/fn/services/update",
                vec![
                    ("service", &service),
                    ("name", "Minecraft"),
                    ("kind", "minecraft"),
                    ("ports", "tcp:25565"),
                    ("audience", "people"),
                    ("people[0]", &other),
                ],
            ),
            ("/fn/elsewhere/keep", vec![("stray", &unmanaged)]),
            ("/fn/joining/cancel", vec![("tailnet", &tailnet), ("joining", &joining)]),
            ("/fn/account/rename", vec![("name", "Ana")]),
            ("/fn/shares/apply", vec![("share", &share), ("plan", "x"), ("decision", "apply")]),
            ("/fn/shares/end", vec![("share", &share)]),
            ("/fn/services/remove", vec![("service", &service)]),
            ("/fn/tailnets/disconnect", vec![("tailnet", &tailnet)]),
        ];
        for (path, fields) in deeds {
            for _ in 0..4 {
                let post = Post::new(&stage.owner, path, &fields);
                let (one, two) = (tokio::spawn(post.clone().send()), tokio::spawn(post.send()));
                for answer in [one.await.unwrap(), two.await.unwrap()] {
                    let status = answer.status.as_u16();
                    assert!(status < 500 || status == 503, "{path} answers {answer:?}");
                    let Some(to) = answer.location() else { continue };
                    let page = stage.owner.clone().get(to).await;
                    let status = page.status.as_u16();
                    assert!(status < 500 || status == 503, "{path} leads to {page:?}");
                    assert!(!page.text().contains("omething broke"), "{path} leads to {page:?}");
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_and_a_yes_of_the_owner_at_once_leave_one_of_them() {
    for stage in stages().await {
        for _ in 0..20 {
            let (_, token) = stage.offer().await;
            let accept =
                Post::new(&stage.friend, "/fn/offers/accept", &[("token", &token), ("login", LOGIN)]);
            let answer = accept.send().await;
            let share: ShareId = answer.location().unwrap().trim_start_matches("/shares/").parse().unwrap();
            let end =
                |browser: &Browser| Post::new(browser, "/fn/shares/end", &[("share", &share.to_string())]);
            both(end(&stage.owner), end(&stage.friend)).await;
            let stored = stage.app.state.db.find_share(share).await.unwrap().unwrap();
            assert_eq!(stored.state.name(), "ending");
            let told = stage.app.state.db.list_entries(stage.world.owner, share.uuid());
            let ends = told.await.unwrap();
            let ends: Vec<_> = ends
                .iter()
                .filter(|entry| {
                    entry.what.contains("ended the share") || entry.what.contains("gave the share")
                })
                .collect();
            assert_eq!(ends.len(), 1, "one of them ended it: {ends:?}");
        }
    }
}

/// Two people, and one person twice, with the same link; one identity for two accounts.
#[tokio::test(flavor = "multi_thread")]
async fn who_comes_twice_at_once_is_here_once() {
    for stage in stages().await {
        let (services, db) = (&stage.app.state, &stage.app.state.db);
        for round in 0..50 {
            let (offer, token) = stage.offer().await;
            let admission = Admission::Offer { offer, token_hash: server::secrets::hash_token(&token) };
            let newcomer = || {
                let person = Person {
                    id: services.new_id(),
                    name: format!("New {round}"),
                    instance_owner: false,
                    demo_about: None,
                    created: services.now(),
                };
                (identity(&stage, person.id, &format!("new{round}")), person)
            };
            let (one, two) = (newcomer(), newcomer());
            let (e1, e2) = (stage.world.entry(&stage.app), stage.world.entry(&stage.app));
            let (a, b) = tokio::join!(
                db.register(&one.1, &one.0, &admission, &e1),
                db.register(&two.1, &two.0, &admission, &e2)
            );
            let mut came = [a.unwrap(), b.unwrap()];
            came.sort_by_key(|came| *came != Registered::Now);
            assert_eq!(came, [Registered::Now, Registered::Known], "the same person, twice");

            let (ana, olaf) = (
                identity(&stage, stage.world.owner, &format!("linked{round}")),
                identity(&stage, stage.world.other, &format!("linked{round}")),
            );
            let (e1, e2) = (stage.world.entry(&stage.app), stage.world.entry(&stage.app));
            let (a, b) = tokio::join!(db.link_identity(&ana, &e1), db.link_identity(&olaf, &e2));
            assert!(a.unwrap() ^ b.unwrap(), "one of them has it");
        }
        let people = db.list_people().await.unwrap();
        assert_eq!(people.iter().filter(|person| person.name.starts_with("New ")).count(), 50);
    }
}

fn identity(stage: &Stage, person: PersonId, subject: &str) -> Identity {
    Identity {
        id: stage.app.state.new_id(),
        person,
        provider: "forge".into(),
        subject: subject.into(),
        label: subject.into(),
        email: None,
        linked: stage.app.state.now(),
    }
}
