//! kill -9 between each two steps of telling somebody: what is written down is told by the next process, under the same id.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use model::Channel;
use server::config::{Config, Database, Secret};
use server::store::Db;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::Notify;
use url::Url;

use super::mail_at;
use crate::harness::app::config;
use crate::harness::database::{PostgresDatabase, postgres_server};
use crate::harness::mailbox::Mailbox;
use crate::harness::receiver::{Answers, Receiver, id};
use crate::harness::{TestApp, World};

/// Something to tell to one person by every way, in a folder that another process goes on with.
pub struct Written {
    folder: TempDir,
    database: Option<PostgresDatabase>,
    pub app: TestApp,
    pub mail: Mailbox,
    pub ntfy: Receiver,
    pub hook: Receiver,
}

impl Written {
    /// One on each database, with a mail server that falls silent the first time that it comes to this step.
    pub async fn each(hold: &str) -> Vec<Self> {
        let mut all = Vec::new();
        for postgres in [None, postgres_server()] {
            if all.is_empty() || postgres.is_some() {
                let database = postgres.map(|server| PostgresDatabase::create(&server));
                all.extend(Self::on(database, hold).await);
            }
        }
        all
    }

    async fn on(database: Option<PostgresDatabase>, hold: &str) -> Option<Self> {
        let mail = Mailbox::holding(hold).await?;
        let (ntfy, hook) = (Receiver::start().await, Receiver::start().await);
        let folder = tempfile::tempdir().unwrap();
        let base = config();
        let mut config = Config::new(base.listen, base.base_url.clone(), folder.path());
        config.limits = base.limits;
        if let Some(database) = &database {
            config.database = Database::Postgres(Secret::new(&database.url));
        }
        config.mail = Some(mail_at(mail.port));
        config.notifications.ntfy = vec![Url::parse(&ntfy.url).unwrap()];
        config.notifications.webhook_hosts = vec![hook.host.clone()];
        let app = TestApp::on_disk(config).await;
        app.left_over.may_be("another process does them");
        let db = &app.state.db;
        db.put_mail_on(true).await.unwrap();
        let world = World::seed(&app).await;
        // Nothing else is to be done there.
        for table in ["joinings", "edits", "jobs"] {
            db.query(sqlx::AssertSqlSafe(format!("DELETE FROM {table}")), ()).execute().await.unwrap();
        }
        let identity = server::store::identities::Identity {
            id: app.state.new_id(),
            person: world.listed,
            provider: "house".into(),
            subject: "lea".into(),
            label: "lea".into(),
            email: Some("lea@example.com".into()),
            linked: app.state.now(),
        };
        db.insert_identity(&identity).await.unwrap();
        let ways = app.ask(world.listed).notifications;
        ways.set_ntfy(ntfy.url.clone(), "maple".into()).await.unwrap();
        ways.set_webhook(hook.url.clone()).await.unwrap();
        let form = app::ports::offers::OfferForm {
            service: world.service.to_string(),
            to: "person".into(),
            person: world.listed.to_string(),
            until: "ended".into(),
            ..Default::default()
        };
        app.ask(world.owner).offers.create(form).await.unwrap();
        Some(Self { folder, database, app, mail, ntfy, hook })
    }

    fn start(&self) -> Child {
        let file = self.folder.path().join("acequia.toml");
        let folder: &Path = self.folder.path();
        let database =
            self.database.as_ref().map(|one| format!("database = '{}'\n", one.url)).unwrap_or_default();
        // The next process waits no longer than this for what a killed one had in its hands.
        let text = format!(
            "base_url = 'https://gate.example.org'\nlisten = '127.0.0.1:0'\ndata = '{}'\n{database}\
             [timing]\njobs = '50ms'\nretry = '50ms'\nlease = '3s'\nsync = '1h'\n\
             [mail]\nserver = '127.0.0.1'\nport = {}\nsecurity = 'none'\nfrom = 'gate@example.org'\ntimeout = '30s'\n\
             [notifications]\nntfy = ['{}']\nwebhook_hosts = ['{}']\ntimeout = '30s'\n",
            folder.display(),
            self.mail.port,
            self.ntfy.url,
            self.hook.host,
        );
        std::fs::write(&file, text).unwrap();
        Command::new(env!("CARGO_BIN_EXE_acequia"))
            .args(["serve", "--config"])
            .arg(file)
            .env_clear()
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap()
    }

    /// Starts it, and waits until it serves: what it says is read on, so that it can say it.
    pub async fn serving(&self) -> Child {
        let mut child = self.start();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = String::new();
        while let Some(line) = lines.next_line().await.unwrap() {
            said.push_str(&line);
            if line.contains("listening on") {
                tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
                return child;
            }
        }
        panic!("it does not start: {said}");
    }

    pub const fn db(&self) -> &Db {
        &self.app.state.db
    }

    const fn end_of(&mut self, channel: Channel) -> &mut Receiver {
        match channel {
            Channel::Ntfy => &mut self.ntfy,
            Channel::Webhook | Channel::Mail => &mut self.hook,
        }
    }

    pub async fn all_told(&self) {
        let open = "SELECT COUNT(*) FROM deliveries WHERE settled IS NULL OR why IS NOT NULL";
        let told = async {
            while self.db().query(open, ()).count().await.unwrap() > 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), told).await.expect("everything is told");
        let wrong = self.db().check_notices(self.app.state.now()).await.unwrap();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

async fn killed_when_the_mail_server_is_at(step: &str) {
    for mut written in Written::each(step).await {
        let mut child = written.serving().await;
        written.mail.at(step).await;
        child.kill().await.unwrap();
        let _next = written.serving().await;
        let mail = written.mail.mail().await;
        let hook = written.hook.received().await;
        assert_eq!(mail.to, ["lea@example.com"], "{step}");
        let id = hook.header("webhook-id");
        assert_eq!(mail.header("Message-ID").unwrap(), format!("<{id}@gate.example.org>"), "{step}");
        written.all_told().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_at_each_step_of_a_mail_loses_none() {
    for step in ["connect", "mail", "rcpt", "data"] {
        killed_when_the_mail_server_is_at(step).await;
    }
}

/// Sabotage: a row settled before it is sent in `telling::run`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_before_the_answer_of_ntfy_or_a_webhook_tells_it_again_under_its_id() {
    for channel in [Channel::Ntfy, Channel::Webhook] {
        for mut written in Written::each("nowhere").await {
            written.end_of(channel).answers([Answers::Hangs]);
            let mut child = written.serving().await;
            let first = written.end_of(channel).received().await;
            child.kill().await.unwrap();
            let _next = written.serving().await;
            let second = written.end_of(channel).received().await;
            assert_eq!(id(&first), id(&second));
            assert_eq!(first.body, second.body);
            written.mail.mail().await;
            written.all_told().await;
        }
    }
}

/// The answer came, and could not be written down before the kill.
///
/// Sabotage: as above.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_after_the_answer_tells_it_again_rather_than_never() {
    for channel in [Channel::Ntfy, Channel::Webhook] {
        for mut written in Written::each("nowhere").await {
            let go = Arc::new(Notify::new());
            written.end_of(channel).answers([Answers::After(go.clone())]);
            let mut child = written.serving().await;
            let first = written.end_of(channel).received().await;
            let mut tx = written.db().begin().await.unwrap();
            if written.database.is_some() {
                tx.query("LOCK TABLE deliveries IN EXCLUSIVE MODE", ()).execute().await.unwrap();
            }
            go.notify_one();
            child.kill().await.unwrap();
            tx.rollback().await.unwrap();
            let _next = written.serving().await;
            let second = written.end_of(channel).received().await;
            assert_eq!(id(&first), id(&second));
            written.all_told().await;
        }
    }
}
