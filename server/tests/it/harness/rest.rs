//! Ana's network at rest: something in every table, and nothing left to do.

use std::collections::BTreeMap;
use std::path::Path;

use model::EditKind;
use model::{
    EditState, JobKind, JoiningState, NewNode, NodeId, ShareId, ShareState, TailnetId, UnmanagedKind,
};
use server::on;
use server::queue;
use server::state::AppState;
use server::store::Db;
use server::store::edits::Edit;
use server::store::joinings::Joining;
use server::store::unmanaged::Seen;
use sqlx::AssertSqlSafe;

use super::Who::{Ana, Ben, Chiara, Dario};
use super::neighbours::Neighbours;

/// Whatever is opened afterwards was opened by what a test did to the database.
pub struct Rest {
    pub all: Neighbours,
    pub tailnet: TailnetId,
    pub node: NodeId,
    pub active: ShareId,
}

impl Rest {
    pub async fn new() -> Self {
        let all = Neighbours::demo().await;
        let tailnet = all.connect(Ana).await;
        all.connect(Dario).await;
        let node = all.node(tailnet, "maple").await;
        let ended = all.accepted(Ana, node, "tcp:8080", Chiara).await;
        all.approved(Ana, ended).await;
        all.drain().await;
        all.ask(Ana).shares.end(ended).await.unwrap();
        let active = all.accepted(Ana, node, "tcp:25565", Dario).await;
        all.approved(Ana, active).await;
        all.accepted(Ana, node, "tcp:9090", Ben).await;
        all.drain().await;
        assert!(matches!(all.state(active).await, ShareState::Active { .. }));
        assert!(matches!(all.state(ended).await, ShareState::Ended { .. }));
        all.ask(Ana).firewall.choose(node, "nftables".into(), String::new()).await.unwrap();
        let rest = Self { all, tailnet, node, active };
        rest.told().await;
        rest.fill().await;
        rest.all.app.left_over.may_be("tests break what is stored, and look what is left alone");
        rest
    }

    /// The machine tells Dario's addresses.
    pub async fn told(&self) {
        let status = r#"{"Peer": {"a": {"UserID": 7, "TailscaleIPs": ["100.101.102.103"], "ShareeNode": true}},
                         "User": {"7": {"LoginName": "dario@nopal.example"}}}"#;
        assert_eq!(self.all.ask(Ana).hosts.read_status(self.node, status.into()).await.unwrap(), 1);
    }

    /// Rows that a life of a share leaves out, each with the job that would work on it.
    async fn fill(&self) {
        let (services, db) = (self.all.app_state(), &self.all.app_state().db);
        let now = services.now();
        // A policy that stands there, so that nothing but the state keeps the edit from being written.
        let before = self.all.policy("ana");
        let edit = Edit {
            id: services.new_id(),
            tailnet: self.tailnet,
            what: EditKind::Narrow,
            title: "Open everything".into(),
            by: None,
            by_name: "Ana".into(),
            share: None,
            after: before.replacen('{', "{\n  // acequia opened this\n", 1),
            before,
            gained: Vec::new(),
            lost: Vec::new(),
            state: EditState::Applying { why: None },
            begun: now,
        };
        db.begin_edit(&edit, &queue::job(services, JobKind::Edit, edit.id)).await.unwrap();
        db.stop_edit(edit.id, "It was stopped.").await.unwrap();
        let joining = Joining {
            id: services.new_id(),
            tailnet: self.tailnet,
            chosen: NewNode {
                system: "nixos".into(),
                routing: "none".into(),
                tags: vec!["tag:door".into()],
                ..NewNode::default()
            },
            key: Some("k1".into()),
            description: "acequia test".into(),
            known: vec!["nobody".into()],
            created: now,
            ends: now.plus_seconds(3600),
            state: JoiningState::Waiting,
            observed_at: None,
            trouble: None,
            arrived: Vec::new(),
        };
        let job = queue::job(services, JobKind::Joining, joining.id);
        db.insert_joining(&joining, u32::MAX, &job, None).await.unwrap();
        db.enqueue(&queue::job(services, JobKind::Share, self.active)).await.unwrap();
        let rule = Seen {
            kind: UnmanagedKind::Rule,
            name: "gone".into(),
            node: None,
            login: None,
            rule: Some("{}".into()),
        };
        db.put_unmanaged(self.tailnet, &[rule], now, || services.new_id::<()>().uuid()).await.unwrap();
    }
}

/// How often each word stands in a column.
pub async fn words(db: &Db, sql: &'static str) -> BTreeMap<String, usize> {
    let rows: Vec<(String,)> = on!(db, pool => sqlx::query_as(sql).fetch_all(pool).await).unwrap();
    let mut all = BTreeMap::new();
    for (word,) in rows {
        *all.entry(word).or_default() += 1;
    }
    all
}

/// The database as it is, in a file of its own.
pub async fn copy(of: &AppState, to: &Path) {
    let sql = format!("VACUUM INTO '{}'", to.display());
    on!(&of.db, pool => sqlx::query(AssertSqlSafe(sql)).execute(pool).await.map(drop)).unwrap();
}

/// Done with a copy. Each has a name of its own: what is left beside a file would be read into the next one.
pub async fn close(db: &Db, file: &Path) {
    on!(db, pool => pool.close().await);
    std::fs::remove_file(file).unwrap();
}
