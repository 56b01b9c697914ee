//! How long pages about reach take in a tailnet of a thousand and of ten thousand machines, and how large they are.
//!
//! Run with `cargo bench -p server`, or quicker and less exact with `cargo test -p server --bench reach`.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement that people read")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Request, StatusCode};
use futures_util::StreamExt as _;
use model::{ObjectKind, TailnetId};
use server::clock::System;
use server::config::Config;
use server::random::Random;
use server::secrets::Sealer;
use server::session::Sessions;
use server::state::AppState;
use server::store::Db;
use server::store::audit::{Actor, NewEntry, Object};
use server::store::people::Person;
use server::store::snapshots::Reading;
use server::store::tailnets::Tailnet;
use tower::ServiceExt as _;
use tower_sessions::Session;

#[path = "../../crates/policy/benches/worlds/tailnet.rs"]
mod tailnet;

const SIZES: [usize; 2] = [1000, 10_000];

struct Scene {
    state: AppState,
    router: axum::Router,
    cookie: String,
    tailnet: TailnetId,
    _folder: tempfile::TempDir,
}

impl Scene {
    async fn new(nodes: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open_sqlite(&folder.path().join("acequia.db")).await.unwrap();
        let base_url = url::Url::parse("http://gate.example.org").unwrap();
        let config = Config::new(([127, 0, 0, 1], 0).into(), base_url, Path::new("/nowhere"));
        let state = AppState::new(config, db, Arc::new(System), Random::system(), Sealer::ephemeral());
        let now = state.now();
        let owner = state.new_id();
        let person =
            Person { id: owner, name: "Ana".into(), instance_owner: false, demo_about: None, created: now };
        state.db.insert_person(&person).await.unwrap();
        let tailnet = Tailnet {
            id: state.new_id(),
            owner,
            name: "large".into(),
            control_plane: "tailscale".into(),
            base_url: "http://127.0.0.1:9".into(),
            kind: model::PlaneKind::Tailscale,
            base_domain: None,
            login_server: None,
            owner_reviews: true,
            settings: Ok(control_plane::Settings::default()),
            sync_started: None,
            synced: Some(now),
            sync_failed: None,
            observed_at: None,
            observe_error: None,
            look: None,
        };
        let entry = NewEntry {
            id: state.new_id(),
            at: now,
            actor: Actor::Person(owner, "Ana".into()),
            what: "connected it".into(),
            object: Object { kind: ObjectKind::Tailnet, id: tailnet.id.uuid(), name: tailnet.name.clone() },
            tailnet: Some(tailnet.id),
            before: None,
            after: None,
            policy: None,
            owner: Some(owner),
            friend: None,
        };
        state.db.insert_tailnet(&tailnet, &[], (u32::MAX, now), &entry).await.unwrap();
        let (policy, network) = tailnet::tailnet(nodes);
        let reading = Reading {
            policy: Ok((policy, None)),
            network,
            sharing_missing: None,
            dialect: policy::Dialect::Tailscale,
        };
        state.db.put_snapshot(tailnet.id, &reading, now).await.unwrap();
        let session = Session::new(None, Arc::new(Sessions::new(state.clone())), None);
        session.insert("person", owner.to_string()).await.unwrap();
        session.insert("agent", "a measurement").await.unwrap();
        session.save().await.unwrap();
        let cookie = format!("acequia={}", session.id().unwrap());
        let router = server::router::router(state.clone());
        Self { state, router, cookie, tailnet: tailnet.id, _folder: folder }
    }

    /// One page: how long until its first byte and its last, and how many there are.
    async fn page(&self, path: &str) -> (Duration, Duration, usize) {
        let request = Request::get(path)
            .header("host", "gate.example.org")
            .header("accept", "text/html")
            .header("cookie", &self.cookie)
            .body(Body::empty())
            .unwrap();
        let start = Instant::now();
        let answer = self.router.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        let mut body = answer.into_body().into_data_stream();
        let mut bytes = body.next().await.unwrap().unwrap().len();
        let first = start.elapsed();
        while let Some(part) = body.next().await {
            bytes += part.unwrap().len();
        }
        (first, start.elapsed(), bytes)
    }
}

/// Megabytes that the process holds; nothing where the system does not say.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse::<usize>().ok()).unwrap_or_default() / 1024
}

#[tokio::main]
async fn main() {
    println!(
        "{:>6} {:>20} {:>10} {:>10} {:>10} {:>10} {:>7}",
        "nodes", "page", "first byte", "cold", "warm", "bytes", "MB held"
    );
    for nodes in SIZES {
        let scene = Scene::new(nodes).await;
        let to = format!("/tailnets/{}", scene.tailnet);
        let pages = [
            ("matrix and findings", format!("{to}/reach")),
            ("one question", format!("{to}/reach?who=u1@example.com&node=n00003&port=1003")),
            ("everything on a port", format!("{to}/reach?port=443")),
            ("graph, nobody yet", format!("{to}/reach/graph")),
            ("graph of a person", format!("{to}/reach/graph?who=u1@example.com")),
            ("graph of a machine", format!("{to}/reach/graph?node=n00003")),
            ("graph of a router", format!("{to}/reach/graph?node=n00013")),
            ("table", format!("{to}/reach.csv")),
            ("file for programs", format!("{to}/reach.json")),
        ];
        for (name, path) in pages {
            // As after a reading that changed something: nothing of it is in memory.
            scene.state.reach.forget(scene.tailnet);
            let (first, cold, bytes) = scene.page(&path).await;
            let (_, warm, _) = scene.page(&path).await;
            println!(
                "{nodes:>6} {name:>20} {first:>10.1?} {cold:>10.1?} {warm:>10.1?} {bytes:>10} {:>7}",
                resident()
            );
        }
    }
}
