//! Everybody gets what the table says, and no route is without its row.

pub mod table;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::access::table::{Access, Role, Row, TABLE};
use ::app::fault::Fault;
use ::app::ports::flash::Message;
use ::app::ports::shares::EndForm;
use axum::http::StatusCode;
use model::ids::AuditId;
use model::{AskId, CircleId, PersonId};
use server::hosts;
use server::session::BrowserSession;
use server::session::Sessions;
use server::store::audit::{Reader, Search};
use server::store::identities::Identity;
use tower_sessions::Session;

use crate::harness::{Answer, Browser, TestApp, World};

/// An id that nobody has.
const UNKNOWN: &str = "01900000000070008000000000000000";

/// One of everything, and what each route is called with.
pub struct Scene {
    pub app: TestApp,
    pub world: World,
    auditor: PersonId,
    /// One of the trail, about the tailnet.
    entry: AuditId,
    /// Of somebody to whom the service is shown.
    ask: AskId,
    /// Of the owner of the tailnet, with the steward in it.
    circle: CircleId,
}

impl Scene {
    pub async fn new() -> Self {
        Self::of(TestApp::demo().await).await
    }

    /// In an app that is empty.
    pub async fn of(app: TestApp) -> Self {
        let world = World::seed(&app).await;
        let auditor = app.person("Paula").await;
        app.state.db.add_auditor(world.tailnet, auditor, &world.entry(&app)).await.unwrap();
        let found = Search { tailnet: Some(world.tailnet), ..Search::of(Reader::Operator, 1) };
        let entry = app.state.db.search_entries(&found).await.unwrap().remove(0).id;
        let form = EndForm { until: "evening".into(), note: "Please".into(), ..EndForm::default() };
        app.ask(world.listed).asks.create(world.service, form).await.unwrap();
        let ask = app.state.db.find_ask_of(world.service, world.listed).await.unwrap().unwrap().id;
        let circle = circle(&app, &world).await;
        let scene = Self { app, world, auditor, entry, ask, circle };
        let (app, world) = (&scene.app, &scene.world);
        for role in Role::ALL {
            if let Some(person) = scene.person(role) {
                let identity = Identity {
                    id: app.state.new_id(),
                    person,
                    provider: "forge".into(),
                    subject: person.to_string(),
                    label: "somebody".into(),
                    email: None,
                    linked: app.state.now(),
                };
                app.state.db.insert_identity(&identity).await.unwrap();
            }
        }
        // The machine has a first firewall text.
        let node = world.node;
        app.state
            .db
            .choose_host(node, firewall::Backend::Nftables, "tailscale0", &world.entry(app))
            .await
            .unwrap();
        assert_eq!(hosts::renew(&app.state, node).await.unwrap().number(), 1);
        scene
    }

    /// Calls the row about what is in the world, or about what does not exist.
    pub async fn call(&self, row: &Row, role: Role, exists: bool) -> (Access, String) {
        let mut browser = self.browser(role).await;
        let mut fields = Vec::new();
        for name in row.fields {
            let value = if exists { self.value(name, role).await } else { UNKNOWN.into() };
            fields.push(((*name).to_owned(), value));
        }
        let answer = self.send(&mut browser, row, &fields, exists).await;
        let fault = self.message(&browser, &answer).await.and_then(|message| message.fault);
        (judge(row, &answer, fault.as_ref()), format!("{answer:?} {fault:?}"))
    }

    pub fn person(&self, role: Role) -> Option<PersonId> {
        let world = &self.world;
        Some(match role {
            Role::Stranger => return None,
            Role::SignedIn => world.other,
            Role::Audience => world.listed,
            Role::Friend => world.friend,
            Role::Auditor => self.auditor,
            Role::Steward => world.steward,
            Role::TailnetOwner => world.owner,
            Role::InstanceOwner => world.instance_owner,
        })
    }

    pub async fn browser(&self, role: Role) -> Browser {
        match self.person(role) {
            Some(person) => self.app.signed_in(person).await,
            None => self.app.browser(),
        }
    }

    /// Calls the row with these fields, about what is in the world or about what does not exist.
    pub async fn send(
        &self,
        browser: &mut Browser,
        row: &Row,
        fields: &[(String, String)],
        exists: bool,
    ) -> Answer {
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let path = self.path(row.path, exists);
        if row.method == "POST" {
            return browser.post(&path, &fields).await;
        }
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let query = if query.is_empty() { query } else { format!("?{query}") };
        browser.get(&format!("{path}{query}")).await
    }

    pub fn path(&self, path: &str, exists: bool) -> String {
        let world = &self.world;
        let about = match path.split('/').nth(1) {
            Some("services") => world.service.to_string(),
            Some("asks") => self.ask.to_string(),
            Some("circles") => self.circle.to_string(),
            Some("offers") => world.offer.to_string(),
            Some("shares") => world.share.to_string(),
            Some("elsewhere") => world.unmanaged.to_string(),
            Some("people") => world.other.to_string(),
            _ => world.tailnet.to_string(),
        };
        let or_unknown = |id: String| if exists { id } else { UNKNOWN.to_owned() };
        path.replace("{id}", &or_unknown(about))
            .replace("{tailnet}", &or_unknown(world.tailnet.to_string()))
            .replace("{edit}", &or_unknown(world.edit.to_string()))
            .replace("{entry}", &or_unknown(self.entry.to_string()))
            .replace("{node}", &or_unknown(world.node.to_string()))
            .replace("{person}", &or_unknown(world.steward.to_string()))
            .replace("{deed}", "block")
            .replace("{revision}", "1")
            .replace("{provider}", "github")
            .replace("{joining}", &or_unknown(world.joining.to_string()))
            .replace(
                "{token}",
                &or_unknown(if path.starts_with("/unsubscribe/") {
                    self.unsubscribe()
                } else {
                    world.token.clone()
                }),
            )
    }

    /// What a mail has that ends mails of its kind.
    fn unsubscribe(&self) -> String {
        let stop = server::unsubscribe::Stop::Address("of nobody".into());
        server::unsubscribe::token(&self.app.state.sealer, &stop)
    }

    /// What a field is filled with so that it is about the world.
    pub async fn value(&self, field: &str, role: Role) -> String {
        let who = self.person(role);
        let world = &self.world;
        let db = &self.app.state.db;
        match (field, who) {
            ("service", _) => world.service.to_string(),
            ("node", _) => world.node.to_string(),
            ("offer" | "object", _) => world.offer.to_string(),
            ("ask", _) => self.ask.to_string(),
            ("circle", _) => self.circle.to_string(),
            ("token", _) => world.token.clone(),
            ("stop", _) => self.unsubscribe(),
            ("List-Unsubscribe", _) => "One-Click".into(),
            ("channel", _) => "ntfy".into(),
            ("share", _) => world.share.to_string(),
            ("stray", _) => world.unmanaged.to_string(),
            ("joining", _) => world.joining.to_string(),
            ("tailnet", _) => world.tailnet.to_string(),
            ("person", _) => world.steward.to_string(),
            ("handle", Some(person)) => {
                let (now, lifetime) = (self.app.state.now(), self.app.state.config.session_lifetime);
                let theirs = db.list_sessions(person, now, lifetime, None, 100).await.unwrap();
                // Who is shut out has none.
                theirs.into_iter().next().map_or_else(|| UNKNOWN.into(), |session| session.handle)
            }
            ("identity", Some(person)) => db.list_identities(person).await.unwrap().remove(0).id.to_string(),
            ("identity", None) => UNKNOWN.into(),
            ("deed", _) => "block".into(),
            ("what", _) => "narrow".into(),
            ("kind", _) => "declined".into(),
            ("service_kind", _) => "minecraft".into(),
            ("decision", _) => "apply".into(),
            _ => "something".into(),
        }
    }

    /// The message that waits for this browser on the page to which it is sent.
    async fn message(&self, browser: &Browser, answer: &Answer) -> Option<Message> {
        let to = answer.location()?;
        let id = browser.cookie(self.app.cookie_name())?.parse().ok()?;
        let store = Arc::new(Sessions::new(self.app.state.clone()));
        BrowserSession::new(Session::new(Some(id), store, None)).take_flash(to).await.unwrap()
    }
}

/// One of the owner's, with somebody in it and a kind that is approved beforehand.
async fn circle(app: &TestApp, world: &World) -> CircleId {
    let circles = app.ask(world.owner).circles;
    let id = circles.create("Players".into()).await.unwrap();
    circles.add(id, world.steward.to_string()).await.unwrap();
    circles.approve(id, "minecraft".into(), "7".into()).await.unwrap();
    id
}

fn judge(row: &Row, answer: &Answer, fault: Option<&Fault>) -> Access {
    let to_sign_in = answer.location().is_some_and(|path| path.starts_with("/sign-in?next="));
    match (answer.status, fault) {
        _ if to_sign_in && row.path != "/fn/offers/remember" => Access::SignInFirst,
        (StatusCode::NOT_FOUND, _) | (_, Some(Fault::NotFound)) => Access::Unknown,
        (StatusCode::FORBIDDEN, _) | (_, Some(Fault::Forbidden)) => Access::Forbidden,
        (StatusCode::INTERNAL_SERVER_ERROR, _) | (_, Some(Fault::Internal { .. })) => {
            panic!("{} {} breaks: {answer:?} {fault:?}", row.method, row.path)
        }
        _ => Access::Allowed,
    }
}

/// Rows whose answer has nothing to do with who asks, and whose parameters are no ids of ours.
pub fn is_about_nobody(row: &Row) -> bool {
    row.path.starts_with("/pkg/")
        || row.path.starts_with("/api/")
        || row.path.starts_with("/sign-in/")
        || row.path.starts_with("/help")
        || matches!(row.path, "/metrics" | "/style.css" | "/icons.svg" | "/favicon.svg" | "/favicon.ico")
}

#[tokio::test]
async fn every_role_gets_what_the_table_says() {
    let mut wrong = Vec::new();
    let looks = Scene::new().await;
    for row in TABLE.iter().filter(|row| !is_about_nobody(row)) {
        // Whoever is refused changes nothing: they share a scene. Whoever may do it gets their own.
        let refused = if row.method == "POST" { Some(Scene::new().await) } else { None };
        for role in Role::ALL {
            let expected = row.access(role);
            let (found, how) = match &refused {
                Some(_) if expected == Access::Allowed => Scene::new().await.call(row, role, true).await,
                Some(scene) => scene.call(row, role, true).await,
                None => looks.call(row, role, true).await,
            };
            if found != expected {
                wrong.push(format!("{} {} as {role:?}: {expected:?}, not {how}", row.method, row.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn what_does_not_exist_looks_like_what_one_may_not_know_of() {
    let scene = Scene::new().await;
    let about_something = |row: &&Row| {
        let known = ["{id}", "{tailnet}", "{node}", "{edit}", "{entry}", "{joining}"]
            .iter()
            .any(|name| row.path.contains(name));
        !is_about_nobody(row) && row.access(Role::Stranger) == Access::SignInFirst && known
    };
    for row in TABLE.iter().filter(about_something) {
        for role in Role::ALL {
            let expected = if role == Role::Stranger { Access::SignInFirst } else { Access::Unknown };
            let (found, how) = scene.call(row, role, false).await;
            assert_eq!(found, expected, "{} {} as {role:?}: {how}", row.method, row.path);
        }
    }
}

#[tokio::test]
async fn every_route_has_its_row() {
    let app = TestApp::demo().await;
    let mut routes = BTreeSet::new();
    for page in server::web::pages::list(&app.state) {
        routes.insert(format!("GET {}", page.path()));
    }
    for (path, method) in leptos::server_fn::axum::server_fn_paths() {
        routes.insert(format!("{method} {path}"));
    }
    // Routes of the router itself are literals in one file.
    for line in include_str!("../../src/router.rs").split(".route(\"").skip(1) {
        let (path, rest) = line.split_once('"').unwrap();
        let (method, _) = rest.trim_start_matches([',', ' ']).split_once('(').unwrap();
        routes.insert(format!("{} {path}", method.to_uppercase()));
    }
    let rows: BTreeSet<String> = TABLE.iter().map(|row| format!("{} {}", row.method, row.path)).collect();
    assert_eq!(rows.len(), TABLE.len(), "each row once");
    let uncovered: Vec<&String> = routes.difference(&rows).collect();
    let known: Vec<&str> = include_str!("uncovered_routes.txt").lines().collect();
    assert_eq!(uncovered, known, "routes without a row in server/tests/it/access/table.rs");
    let gone: Vec<&String> = rows.difference(&routes).collect();
    assert_eq!(gone, [""; 0], "rows without a route");
}
