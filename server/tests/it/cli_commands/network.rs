//! `network export`.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use server::store::Db;

use super::{Folder, acequia};

/// A running demo, which has connected tailnets and their control plane.
struct Demo(Child);

impl Demo {
    fn start(data: &Path) -> Self {
        let mut demo = Command::new(env!("CARGO_BIN_EXE_acequia"))
            .args(["demo", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(demo.stderr.take().unwrap()).lines();
        let demo = Self(demo);
        let (say, ready) = std::sync::mpsc::channel();
        // Read to the end: a full pipe would stop the demo.
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok).filter(|line| line.starts_with("Sign in as")) {
                let _ = say.send(line);
            }
        });
        ready.recv_timeout(std::time::Duration::from_mins(2)).unwrap();
        demo
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_network_of_a_connected_tailnet_is_what_policies_are_compiled_against() {
    let folder = Folder::new();
    let data = folder.0.path().join("data");
    fs::create_dir(&data).unwrap();
    let demo = Demo::start(&data);
    let db = Db::open_sqlite(&data.join("acequia.db")).await.unwrap();
    let Db::Sqlite(pool) = &db else { panic!("another database") };
    let tailnet: uuid::Uuid =
        sqlx::query_scalar("SELECT id FROM tailnets ORDER BY id LIMIT 1").fetch_one(pool).await.unwrap();
    let config = folder.write(
        "acequia.toml",
        format!(
            "base_url = 'https://gate.example.org'\nlisten = '127.0.0.1:1'\ndata = '{}'\n",
            data.display()
        ),
    );
    let export = |tailnet: &str| acequia(&["network", "export", "--config", &config, "--tailnet", tailnet]);

    let answer = export(&tailnet.to_string());
    let network = folder.write("network.json", answer.good());
    let nodes = answer.json()["nodes"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert!(!nodes.is_empty() && !answer.json()["users"].as_array().unwrap().is_empty());
    let policy = folder.write("policy.hujson", "{}");
    let compiled = acequia(&["policy", "compile", "--policy", &policy, "--network", &network]).json();
    assert_eq!(compiled["nodes"].as_object().unwrap().keys().cloned().collect::<Vec<_>>(), nodes);

    let stranger = export("01900000-0000-7000-8000-000000000000");
    assert_eq!((stranger.code, stranger.out.as_str()), (2, ""));
    assert!(stranger.err.contains("is not stored"), "{}", stranger.err);

    drop(demo);
    let silent = export(&tailnet.to_string());
    assert_eq!((silent.code, silent.out.as_str()), (2, ""));
    assert!(silent.err.contains("does not answer"), "{}", silent.err);
}
