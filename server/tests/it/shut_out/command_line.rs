//! The same deeds by the command line.

use std::path::Path;
use std::process::{Command, Output};

use server::config::Config;

use super::*;

fn acequia(folder: &Path, arguments: &[&str]) -> Output {
    let file = folder.join("acequia.toml");
    let text = format!("base_url = 'https://gate.example.org'\ndata = '{}'\n", folder.display());
    std::fs::write(&file, text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_acequia"));
    command.arg("people").args(arguments).arg("--config").arg(&file).env_clear().output().unwrap()
}

fn said(output: &Output) -> String {
    format!("{:?} {}", output.status.code(), String::from_utf8_lossy(&output.stderr))
}

/// The commands are another process; what serves here has the database open, and is asked by a browser and a
/// stream that were there before.
#[tokio::test]
async fn commands_work_beside_what_serves_and_are_noticed_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let base = url::Url::parse("https://gate.example.org").unwrap();
    let app = TestApp::on_disk(Config::new(([127, 0, 0, 1], 0).into(), base, folder.path())).await;
    let ines = app.instance_owner("Ines").await;
    let (bea, mut browser) = app.newcomer("Bea").await;
    app.person("Twin").await;
    app.person("Twin").await;
    assert_eq!(browser.get("/account").await.status, 200);

    let listed = acequia(folder.path(), &["list", "--format", "json"]);
    let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    let names: Vec<&str> =
        listed.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Bea", "Ines", "Twin", "Twin"]);

    let only_said = said(&acequia(folder.path(), &["block", "bea"]));
    assert!(only_said.starts_with("Some(1)") && only_said.contains("signed out everywhere"), "{only_said}");
    assert!(only_said.contains("--yes"), "{only_said}");
    assert_eq!(browser.get("/account").await.status, 200, "nothing was done");

    let out = acequia(folder.path(), &["sign-out", "Bea"]);
    assert!(said(&out).starts_with("Some(0)"), "{}", said(&out));
    assert_eq!(browser.get("/account").await.status, 303);
    let mut browser = app.signed_in(bea).await;
    let block = acequia(folder.path(), &["block", "Bea", "--yes"]);
    assert!(said(&block).starts_with("Some(0)"), "{}", said(&block));
    assert_eq!(browser.get("/account").await.status, 303);
    assert_eq!(standing_of(&app, bea).await, Standing::Blocked);

    let link = acequia(folder.path(), &["link", "Bea"]);
    assert!(said(&link).starts_with("Some(1)"), "{}", said(&link));
    let back = acequia(folder.path(), &["unblock", "Bea"]);
    assert!(said(&back).starts_with("Some(0)"), "{}", said(&back));
    let link = acequia(folder.path(), &["link", &bea.to_string()]);
    let url = String::from_utf8(link.stdout.clone()).unwrap();
    assert!(url.starts_with("https://gate.example.org/sign-in/again/"), "{url} {}", said(&link));
    let page = url.trim().trim_start_matches("https://gate.example.org").to_owned();
    assert!(app.browser().get(&page).await.text().contains("Come back as Bea"));

    let several = said(&acequia(folder.path(), &["sign-out", "twin"]));
    assert!(several.starts_with("Some(1)") && several.contains("Several people"), "{several}");
    let nobody = said(&acequia(folder.path(), &["sign-out", "Nobody"]));
    assert!(nobody.starts_with("Some(1)") && nobody.contains("Nobody here is"), "{nobody}");
    let last = said(&acequia(folder.path(), &["remove", &ines.to_string(), "--yes"]));
    assert!(last.starts_with("Some(1)") && last.contains("last owner"), "{last}");
    assert!(said(&acequia(folder.path(), &["make-owner", "Bea"])).starts_with("Some(0)"));
    assert!(said(&acequia(folder.path(), &["remove", &ines.to_string(), "--yes"])).starts_with("Some(0)"));
    assert_eq!(standing_of(&app, ines).await, Standing::Removing);
    Runner::new(app.state.clone()).drain().await.unwrap();
    assert_eq!(standing_of(&app, ines).await, Standing::Removed);
}
