//! What jobs and pages do with the credentials of somebody who may not come in: nothing but ending.

use super::*;

/// A tailnet whose credentials are there, with a control plane that counts who comes and says nothing.
struct Counted {
    scene: Scene,
    came: Arc<AtomicUsize>,
}

impl Counted {
    async fn new() -> Self {
        let scene = Scene::new().await;
        let services = &scene.app.state;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let came = Arc::new(AtomicUsize::new(0));
        let counter = came.clone();
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::SeqCst);
                drop(connection);
            }
        });
        let tailnet = scene.world.tailnet;
        for (kind, text) in [
            (CredentialKind::Client, join_client("client", "secret")),
            (CredentialKind::UserToken, "token".to_owned()),
        ] {
            let credential = Credential {
                kind,
                sealed: planes::seal_credential(services, tailnet, kind, &text),
                hint: "…".into(),
                report: None,
                refused: None,
                checked: services.now(),
                expires: None,
            };
            let entry = scene.world.entry(&scene.app);
            assert!(services.db.replace_credential(tailnet, &credential, &entry).await.unwrap());
        }
        // Its key would be revoked, which is ending: that has its own test.
        for sql in
            ["UPDATE tailnets SET base_url = $1", "UPDATE joinings SET state = 'cancelled' WHERE $1 = $1"]
        {
            on!(&services.db, pool => sqlx::query(sql).bind(&base).execute(pool).await.map(drop)).unwrap();
        }
        Self { scene, came }
    }

    async fn calls(&self, row: &Row) -> usize {
        self.came.store(0, Ordering::SeqCst);
        self.scene.call(row, Role::Steward, true).await;
        let runner = Runner::new(self.scene.app.state.clone());
        for _ in 0..2 {
            runner.round().await.unwrap();
            self.scene.app.clock.advance_seconds(86_400);
        }
        self.came.load(Ordering::SeqCst)
    }
}

/// Every route as a steward, who may still come in, and everything that jobs do afterwards.
#[tokio::test]
async fn nothing_but_ending_uses_the_credentials_of_somebody_blocked() {
    // What takes back something that was given.
    let ending = ["/fn/elsewhere/end"];
    let rows = |row: &&Row| row.may.contains(&Role::Steward) && !is_about_nobody(row);
    let free = Counted::new().await;
    assert!(free.calls(TABLE.iter().find(|row| row.path == "/tailnets/{id}/policy").unwrap()).await > 0);
    let blocked = Counted::new().await;
    act(&blocked.scene.app, blocked.scene.world.owner, Deed::Block).await.unwrap();
    let mut looked = 0;
    for row in TABLE.iter().filter(rows) {
        looked += 1;
        let calls = blocked.calls(row).await;
        let may = ending.contains(&row.path);
        assert!(calls == 0 || may, "{} {} came {calls} times to the control plane", row.method, row.path);
    }
    assert!(looked > 60, "{looked}");
    let probed = blocked.scene.app.state.db.list_probed().await.unwrap();
    assert!(probed.is_empty(), "{} services are probed", probed.len());
    let refused = planes::of(&blocked.scene.app.state, blocked.scene.world.tailnet).await.map(drop);
    assert!(refused.unwrap_err().to_string().contains("may no longer come in"));
}
