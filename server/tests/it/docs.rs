//! What the pages of the help tell somebody to type is typed here, and does what they say.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use ::app::ports::gate::GateState;

use crate::harness::instance::Instance;

const POLICY: &str = r#"{
  // Everybody of the house reaches the machine.
  "grants": [{"src": ["ana@example.com"], "dst": ["*"], "ip": ["*"]}],
}
"#;
const NETWORK: &str = r#"{"users": [{"id": 1, "name": "ana", "email": "ana@example.com"},
  {"id": 2, "name": "ben", "email": "ben@example.com"}],
  "nodes": {"maple": {"hostname": "maple", "ipv4": "100.64.0.1", "ipv6": "fd7a:115c:a1e0::1", "user": "ben"},
  "birch": {"hostname": "birch", "ipv4": "100.64.0.2", "ipv6": "fd7a:115c:a1e0::2", "user": "ana"}}}"#;
const NODE: &str = r#"{"node": "maple", "revision": 1, "interface": "tailscale0", "own": ["100.64.0.1"],
  "shares": [{"id": "mc", "tcp": ["25565"], "udp": []}]}"#;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

/// Every page with its text.
fn pages() -> Vec<(String, String)> {
    let mut pages: Vec<_> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "md"))
        .map(|path| {
            (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(path).unwrap())
        })
        .collect();
    pages.sort();
    pages
}

/// What stands after the fence, and what is in it.
fn blocks(page: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in page.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => open = Some((info.trim().to_owned(), String::new())),
            (Some(_), Some(_)) => all.extend(open.take()),
            (Some((_, text)), None) => text.extend([line, "\n"]),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block without an end");
    all
}

/// Commands are run, or it is said why not. Each page has a folder and an instance of its own.
#[test]
fn every_command_of_the_help_does_what_it_says() {
    let mut run = 0;
    for (page, text) in pages() {
        let instance = Instance::sqlite();
        let place = tempfile::tempdir().unwrap();
        for (name, content) in [("policy.hujson", POLICY), ("network.json", NETWORK), ("node.json", NODE)] {
            fs::write(place.path().join(name), content).unwrap();
        }
        // The pages speak of a server that was started once.
        assert_eq!(instance.run(&["setup-code"]).code, Some(0));
        let own = Path::new(env!("CARGO_BIN_EXE_acequia")).parent().unwrap().display().to_string();
        for (info, commands) in blocks(&text) {
            match info.split_once(' ').unwrap_or((info.as_str(), "")) {
                ("sh", "run") => {}
                ("sh", reason) => {
                    let reason = reason.strip_prefix("not run: ").unwrap_or_default();
                    assert!(reason.len() > 20, "{page}: say why it is not run:\n{commands}");
                    continue;
                }
                ("" | "toml" | "nix" | "json" | "yaml", "") => continue,
                (other, _) => panic!("{page}: `{other}` is no kind of block"),
            }
            let mut shell = instance.command_through(&["sh", "-euc", &commands], &[]);
            shell.current_dir(place.path()).env("PATH", format!("{own}:/usr/bin:/bin")).stdin(Stdio::null());
            let output = shell.output().unwrap();
            assert!(
                output.status.success(),
                "{page}:\n{commands}\n{}",
                String::from_utf8_lossy(&output.stderr)
            );
            run += 1;
        }
    }
    assert!(run > 5, "{run}");
}

#[test]
fn what_the_help_links_to_is_there_and_every_page_is_linked_to() {
    let pages = pages();
    let (_, index) = pages.iter().find(|(name, _)| name == "README.md").unwrap();
    for (name, text) in &pages {
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for target in targets.filter(|target| !target.contains("://") && !target.starts_with('#')) {
            let file = target.split('#').next().unwrap_or_default();
            // That page comes with what it is about.
            assert!(file == "headscale.md" || folder().join(file).exists(), "{name} links to {target}");
        }
        let listed = matches!(name.as_str(), "README.md" | "asvs.md") || index.contains(&format!("({name})"));
        assert!(listed, "{name} is not in the list of pages");
    }
}

#[test]
fn the_pages_name_settings_that_there_are() {
    let place = tempfile::tempdir().unwrap();
    let secret = place.path().join("secret");
    fs::write(&secret, "what a provider gave us").unwrap();
    let secret = secret.display().to_string();
    for (page, text) in pages() {
        for (_, toml) in blocks(&text).iter().filter(|(info, _)| info == "toml") {
            let placed = toml.replace("$CREDENTIALS_DIRECTORY/secrets_oidc", &secret);
            let told = server::config::read(Some(&placed), []);
            let problems = told.err().map_or_else(Vec::new, |problems| problems.0);
            assert_eq!(problems, Vec::<String>::new(), "{page}");
        }
    }
}

/// What the sources say, each text in one line.
fn said() -> String {
    let root = folder().join("..");
    let mut folders: Vec<PathBuf> = ["server/src", "app/src", "crates"].map(|part| root.join(part)).into();
    let mut said = String::new();
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(path).unwrap();
                said.extend(text.split("\\\n").map(str::trim_start));
            }
        }
    }
    said.to_lowercase()
}

/// Symptoms are found by what somebody reads. Fails if one is said otherwise than the page quotes it.
#[test]
fn the_symptoms_are_quoted_as_they_are_said() {
    let (said, page) = (said(), fs::read_to_string(folder().join("troubleshooting.md")).unwrap());
    // Every second part stands between quotation marks.
    let quoted: Vec<&str> = page.split('"').skip(1).step_by(2).collect();
    assert!(quoted.len() > 10, "{quoted:?}");
    for part in quoted.iter().flat_map(|quoted| quoted.split('…')) {
        let part = part.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let part = part.trim_matches([' ', ',', '.']);
        assert!(said.contains(part), "nothing says `{part}`");
    }
}

/// Fails if the picture leaves a state out, or calls it otherwise than pages do.
#[test]
fn the_picture_of_a_share_has_every_state_by_its_word() {
    let page = fs::read_to_string(folder().join("how-it-works.md")).unwrap();
    let picture =
        blocks(&page).into_iter().map(|(_, text)| text).find(|text| text.contains("offered")).unwrap();
    for state in [
        GateState::Offered,
        GateState::AccountMissing,
        GateState::Accepted,
        GateState::Applying,
        GateState::WaitingForFriend,
        GateState::Active,
        GateState::Pausing,
        GateState::Paused,
        GateState::NeedsAttention,
        GateState::Ending,
        GateState::Ended,
        GateState::Declined,
        GateState::Withdrawn,
        GateState::Lapsed,
    ] {
        assert!(picture.contains(state.word()), "{}", state.word());
    }
}

#[tokio::test]
async fn the_help_is_read_by_everybody_and_leads_to_all_of_itself() {
    let app = crate::harness::TestApp::start().await;
    let mut browser = app.browser();
    let index = browser.get("/help").await;
    assert_eq!(index.status, axum::http::StatusCode::OK, "{index:?}");
    for (name, text) in pages() {
        let name = name.trim_end_matches(".md");
        if name != "README" && name != "asvs" {
            assert!(index.body.contains(&format!("href=\"/help/{name}\"")), "{name}: {index:?}");
        }
        let page = browser.get(&format!("/help/{name}")).await;
        assert_eq!(page.status, axum::http::StatusCode::OK, "{name}: {page:?}");
        let title = text.lines().next().unwrap().trim_start_matches("# ");
        assert!(page.body.contains(&format!("<h1>{title}</h1>")), "{name}: {page:?}");
    }
    assert_eq!(browser.get("/help/nothing").await.status, axum::http::StatusCode::NOT_FOUND);
}
