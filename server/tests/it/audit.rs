//! The audit trail: filters, what a change of a policy did, files, and who may read what.

use app::fault::Fault;
use app::ports::audit::{Entry, Filters, Query};
use app::ports::export::{Export, Format};
use model::{EntryKind, ShareId, TailnetId};
use serde_json::Value;
use server::on;
use server::store::Db;
use server::store::audit::{Reader, Search};
use server::use_cases::audit::for_operator;

use crate::harness::Who::{self, Ana, Dario};
use crate::harness::database::TestDatabase;
use crate::harness::neighbours::Neighbours;
use crate::harness::{TestApp, World};

struct Life {
    all: Neighbours,
    ana: TailnetId,
    share: ShareId,
}

impl Life {
    /// A share that was opened, with the wildcard narrowed before.
    async fn open(database: TestDatabase) -> Self {
        let all = Neighbours::on(database, |_| {}).await;
        let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
        let share = all.accepted(Ana, all.node(ana, "maple").await, "tcp:25565", Dario).await;
        all.approved(Ana, share).await;
        all.drain().await;
        Self { all, ana, share }
    }

    async fn find(&self, owner: Who, filters: Filters) -> Vec<Entry> {
        let page = self.all.ask(owner).audit.list(Query { filters, after: None }).await.unwrap();
        assert_eq!(page.errors, [], "{page:?}");
        page.entries
    }
}

fn whats(entries: &[Entry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.what.as_str()).collect()
}

async fn whole(mut file: Box<dyn Export>) -> String {
    let mut all = String::new();
    while let Some(part) = file.next().await.unwrap() {
        all.push_str(&part);
    }
    all
}

#[tokio::test]
async fn each_filter_finds_what_it_names_and_nothing_else() {
    for database in TestDatabase::each().await {
        let life = Life::open(database).await;
        let everything = life.find(Ana, Filters::default()).await;
        let share = life.share.to_string();
        let narrow = async |filters: Filters, is_meant: &dyn Fn(&Entry) -> bool| {
            let found = life.find(Ana, filters.clone()).await;
            let expected: Vec<&Entry> = everything.iter().filter(|entry| is_meant(entry)).collect();
            assert!(!expected.is_empty() && expected.len() < everything.len(), "{filters:?}: {expected:?}");
            assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{filters:?}");
        };
        let of = |kind: EntryKind| Filters { kind: kind.to_string(), ..Filters::default() };
        narrow(of(EntryKind::Share), &|entry| entry.object.starts_with("share with")).await;
        narrow(of(EntryKind::Tailnet), &|entry| entry.kind == model::ObjectKind::Tailnet).await;
        narrow(of(EntryKind::Policy), &|entry| entry.policy.is_some()).await;
        let filters = Filters { share: share.clone(), ..Filters::default() };
        narrow(filters, &|entry| entry.object.starts_with("share with")).await;
        let about_service =
            |entry: &Entry| entry.kind != model::ObjectKind::Tailnet && !entry.object.contains("Ana");
        let filters = Filters { service: "minecraft".into(), ..Filters::default() };
        narrow(filters, &about_service).await;
        let filters = Filters { machine: "Maple".into(), ..Filters::default() };
        narrow(filters, &about_service).await;
        let filters = Filters { q: "wrote the RULE".into(), ..Filters::default() };
        narrow(filters, &|entry| entry.what.contains("wrote the rule")).await;

        // Done by somebody, or with them on the other side: everything about the share, and nothing of the tailnet.
        let his = life
            .find(Ana, Filters { person: life.all.people[Dario].id.to_string(), ..Filters::default() })
            .await;
        assert!(whats(&his).iter().any(|what| what.contains("wrote the rule")), "{his:?}");
        assert!(his.iter().all(|entry| entry.kind != model::ObjectKind::Tailnet), "{his:?}");
        // By days.
        let day = |from: &str, until: &str| Filters {
            from: from.into(),
            until: until.into(),
            ..Filters::default()
        };
        assert_eq!(life.find(Ana, day("2026-12-01", "2026-12-01")).await, everything);
        assert_eq!(life.find(Ana, day("2026-12-02", "")).await, []);
        assert_eq!(life.find(Ana, day("", "2026-11-30")).await, []);
    }
}

#[tokio::test]
async fn every_entry_about_a_share_an_offer_or_a_service_says_which_machine_and_service_it_is_about() {
    for database in TestDatabase::each().await {
        let life = Life::open(database).await;
        life.all.ask(Ana).shares.end(life.share).await.unwrap();
        life.all.drain().await;
        let sql = "SELECT what FROM audit WHERE object_kind IN ('share', 'offer', 'service')
             AND (node_id IS NULL OR service_id IS NULL) OR object_kind = 'share' AND share_id IS NULL";
        let missing: Vec<(String,)> =
            on!(&life.all.app_state().db, pool => sqlx::query_as(sql).fetch_all(pool).await).unwrap();
        assert_eq!(missing, []);
        // A tailnet takes its machines with it; what they are called by then is found all the same.
        life.all.ask(Ana).tailnets.disconnect(life.ana).await.unwrap();
        let found = Search { share: Some(life.share), ..Search::of(Reader::Operator, 100) };
        assert!(life.all.app_state().db.search_entries(&found).await.unwrap().len() > 5);
    }
}

#[tokio::test]
async fn a_change_of_the_policy_is_told_line_by_line_with_who_gained_and_lost() {
    for database in TestDatabase::each().await {
        let life = Life::open(database).await;
        let kind = Filters { kind: EntryKind::Policy.to_string(), ..Filters::default() };
        let wrote = |entries: Vec<Entry>, what: &str| {
            entries.into_iter().find(|entry| entry.what.contains(what)).unwrap().policy.unwrap()
        };
        let opened = wrote(life.find(Ana, kind.clone()).await, "wrote the rule");
        let gained: Vec<_> =
            opened.gained.iter().map(|line| format!("{} {} {}", line.who, line.node, line.what)).collect();
        assert_eq!(gained, ["dario@nopal.example maple tcp 25565"]);
        assert_eq!(opened.lost, []);
        let added: Vec<&str> =
            opened.diff.iter().filter(|line| line.old.is_none()).map(|line| &*line.text).collect();
        assert!(added.iter().any(|text| text.contains(&life.share.to_string())), "{added:?}");

        life.all.ask(Ana).shares.end(life.share).await.unwrap();
        life.all.drain().await;
        let ended = wrote(life.find(Ana, kind).await, "took the rule out");
        assert_eq!(ended.lost, opened.gained, "what was given is what is taken");
        assert!(ended.gained.is_empty());
        // The friend reads that it happened, and nothing of the policy.
        let his = life.find(Dario, Filters { share: life.share.to_string(), ..Filters::default() }).await;
        for what in ["is open", "has ended"] {
            assert!(whats(&his).contains(&what), "{his:?}");
        }
        assert!(whats(&his).iter().all(|what| !what.contains("rule") && !what.contains("policy")), "{his:?}");
        assert!(his.iter().all(|entry| entry.policy.is_none() && entry.before.is_none()), "{his:?}");
    }
}

#[tokio::test]
async fn files_have_all_that_fits_the_filters_and_nothing_else() {
    for database in TestDatabase::each().await {
        let life = Life::open(database).await;
        for kind in ["", "share", "policy"] {
            let filters = Filters { kind: kind.into(), ..Filters::default() };
            let page = life.find(Ana, filters.clone()).await;
            let audit = life.all.ask(Ana).audit;
            let json = whole(audit.export(filters.clone(), Format::Json).await.unwrap()).await;
            let json: Vec<Value> = serde_json::from_str(&json).unwrap();
            let ids: Vec<String> = page.iter().map(|entry| entry.id.to_string()).collect();
            let told: Vec<&str> = json.iter().map(|entry| entry["id"].as_str().unwrap()).collect();
            assert_eq!(told, ids, "{kind}");
            let csv = whole(audit.export(filters, Format::Csv).await.unwrap()).await;
            assert_eq!(csv.trim_end().split("\r\n").count(), ids.len() + 1, "{csv}");
            if kind == "policy" {
                let rule =
                    json.iter().find(|entry| entry["what"].as_str().unwrap().contains("wrote the rule"));
                assert_eq!(rule.unwrap()["policy"]["gained"][0]["who"], "dario@nopal.example");
                assert_eq!(rule.unwrap()["code"], "rule_written");
                assert!(csv.contains(",\"rule_written\",\"\""), "{csv}");
                assert!(csv.contains("dario@nopal.example maple tcp 25565"), "{csv}");
            }
        }
    }
}

#[tokio::test]
async fn a_file_goes_on_behind_its_first_part() {
    let app = TestApp::start().await;
    let world = World::seed(&app).await;
    for _ in 0..230 {
        app.state.db.insert_entry(&world.entry(&app)).await.unwrap();
    }
    let all = Search::of(Reader::Operator, 1_000);
    let all = app.state.db.search_entries(&all).await.unwrap();
    for format in [Format::Json, Format::Csv] {
        let text = whole(for_operator(&app.state.db, &Filters::default(), format).await.unwrap()).await;
        match format {
            Format::Json => assert_eq!(serde_json::from_str::<Vec<Value>>(&text).unwrap().len(), all.len()),
            Format::Csv => assert_eq!(text.trim_end().split("\r\n").count(), all.len() + 1),
        }
    }
    let nothing = Filters { q: "what never happened".into(), ..Filters::default() };
    let text = whole(for_operator(&app.state.db, &nothing, Format::Json).await.unwrap()).await;
    assert_eq!(text, "[]\n");
}

#[tokio::test]
async fn what_is_not_understood_is_said_and_never_an_error_page() {
    let app = TestApp::start().await;
    let world = World::seed(&app).await;
    let mut owner = app.signed_in(world.owner).await;
    for (query, said) in [
        ("machine=elm", "You may see no machine called “elm”"),
        ("service=nothing", "You may see no service called “nothing”"),
        ("tailnet=nowhere", "You may see no tailnet called “nowhere”"),
        ("person=Nobody", "You know nobody here called “Nobody”"),
        ("share=7", "This is no share that you may see"),
        ("kind=weather", "There is no kind “weather”"),
        ("from=yesterday", "“yesterday” is no day"),
        ("from=2026-12-02&until=2026-12-01", "The last day is before the first"),
    ] {
        let page = owner.get(&format!("/audit?{query}")).await;
        assert_eq!(page.status, 200, "{query}");
        assert!(page.text().contains(said), "{query}: {}", page.text());
        assert!(page.text().contains("A filter is not understood"), "{query}");
        let file = owner.get(&format!("/audit.csv?{query}")).await;
        assert_eq!(file.status, 422, "{query}: half of the truth is no file");
    }
    let page = owner.get("/audit?machine=maple&kind=offer").await;
    assert!(page.text().contains("Machine: maple") && page.text().contains("Kind: offers"), "{page:?}");
    assert!(page.body.contains("href=\"/audit?kind=offer\""), "each filter can be taken off: {}", page.body);
}

#[tokio::test]
async fn of_several_with_one_name_each_can_be_chosen() {
    let app = TestApp::start().await;
    let world = World::seed(&app).await;
    let twin = "INSERT INTO services (id, node_id, name, kind, ports, about, audience, created)
         SELECT $1, node_id, name, kind, ports, about, audience, created FROM services";
    let id = app.state.new_id::<()>().uuid();
    on!(&app.state.db, pool => sqlx::query(twin).bind(id).execute(pool).await.map(drop)).unwrap();
    let query = |service: String| Query { filters: Filters { service, ..Filters::default() }, after: None };
    let page = app.ask(world.owner).audit.list(query("Minecraft".into())).await.unwrap();
    assert!(page.errors[0].1.contains("Several are called"), "{page:?}");
    assert_eq!(page.choices.len(), 2);
    let chosen: Vec<usize> = {
        let mut counts = Vec::new();
        for choice in &page.choices {
            let page = app.ask(world.owner).audit.list(query(choice.value.clone())).await.unwrap();
            assert_eq!(page.errors, []);
            counts.push(page.entries.len());
        }
        counts
    };
    assert!(chosen.contains(&0) && chosen.iter().any(|count| *count > 0), "{chosen:?}");
}

/// What somebody may not know of cannot be named by them either.
#[tokio::test]
async fn a_filter_tells_nobody_what_they_may_not_know_of() {
    let app = TestApp::start().await;
    let world = World::seed(&app).await;
    for other in [world.other, world.instance_owner] {
        for filters in [
            Filters { machine: world.node.to_string(), ..Filters::default() },
            Filters { machine: "maple".into(), ..Filters::default() },
            Filters { service: world.service.to_string(), ..Filters::default() },
            Filters { tailnet: world.tailnet.to_string(), ..Filters::default() },
            Filters { share: world.share.to_string(), ..Filters::default() },
            Filters { person: world.owner.to_string(), ..Filters::default() },
        ] {
            let page =
                app.ask(other).audit.list(Query { filters: filters.clone(), after: None }).await.unwrap();
            assert_eq!(page.errors.len(), 1, "{filters:?}");
            assert_eq!(page.entries, []);
            let file = app.ask(other).audit.export(filters, Format::Json).await;
            assert!(matches!(file, Err(Fault::Invalid(_))));
        }
        let id = {
            let all = Search { tailnet: Some(world.tailnet), ..Search::of(Reader::Operator, 1) };
            app.state.db.search_entries(&all).await.unwrap()[0].id
        };
        assert_eq!(app.ask(other).audit.get(id).await.unwrap_err(), Fault::NotFound);
    }
}

/// The database finds a machine's, a service's and a share's entries by their index.
#[tokio::test]
async fn filters_are_answered_by_an_index() {
    let database = TestDatabase::sqlite().await;
    let Db::Sqlite(pool) = &database.db else { panic!("SQLite") };
    for (column, index) in [
        ("node_id", "audit_of_node"),
        ("service_id", "audit_of_service"),
        ("share_id", "audit_of_share"),
        ("object_id", "audit_of_object"),
    ] {
        let sql = format!(
            "EXPLAIN QUERY PLAN SELECT a.id FROM audit a WHERE a.{column} = $1 AND a.id < $2 ORDER BY a.id DESC LIMIT 51"
        );
        let plan: Vec<(i64, i64, i64, String)> =
            sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(pool).await.unwrap();
        assert!(plan.iter().any(|(.., step)| step.contains(index)), "{column}: {plan:?}");
    }
}
