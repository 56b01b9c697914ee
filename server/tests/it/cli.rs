//! The binary from outside.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

#[path = "../../build/commit.rs"]
mod build;

fn acequia(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_acequia"));
    command.args(arguments).env_clear().envs(environment.iter().copied()).output().unwrap()
}

fn config(folder: &Path, more: &str) -> String {
    let file = folder.join("acequia.toml");
    let data = folder.join("data");
    let text = format!(
        "base_url = 'https://gate.example.org'\nlisten = '127.0.0.1:1'\ndata = '{}'\n{more}",
        data.display()
    );
    fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn check_config_names_every_problem_and_says_no() {
    let folder = tempfile::tempdir().unwrap();
    let bad = config(folder.path(), "colour = 'blue'\n[timing]\nsync = 'soon'\n");
    let output = acequia(&["check-config", "--config", &bad], &[("ACEQUIA_LISTEN", "nowhere")]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    for problem in ["colour: there is no such setting", "timing.sync: `soon`", "listen: `nowhere`"] {
        assert!(text.contains(problem), "{text}");
    }
    assert_eq!(
        acequia(&["check-config", "--config", &config(folder.path(), "")], &[]).status.code(),
        Some(0)
    );
    let missing = acequia(&["check-config", "--config", "/nowhere/acequia.toml"], &[]);
    assert_eq!(missing.status.code(), Some(2), "unreadable input");
    assert_eq!(acequia(&["no-such-command"], &[]).status.code(), Some(2), "wrong use");
}

#[test]
fn the_set_up_code_survives_a_change_of_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let file = config(folder.path(), "");
    let code = || {
        let output = acequia(&["setup-code", "--config", &file], &[]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let before = code();
    assert_eq!(before.trim().len(), 35, "{before}");
    let key = || fs::read_to_string(folder.path().join("data/key")).unwrap();
    let old = key();
    let output = acequia(&["rotate-key", "--config", &file], &[]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_ne!(key(), old);
    assert_eq!(key().lines().count(), 1);
    assert_eq!(code(), before);
}

#[test]
fn a_server_without_an_owner_prints_the_set_up_code_and_stops_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let file = config(folder.path(), "");
    let mut server = Command::new(env!("CARGO_BIN_EXE_acequia"))
        .args(["serve", "--config", &file])
        .env("ACEQUIA_LISTEN", "127.0.0.1:0")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(server.stderr.take().unwrap()).lines();
    let mut line = |what: &str| lines.by_ref().map(Result::unwrap).find(|line| line.contains(what)).unwrap();
    let code = line("nobody owns this Acequia yet");
    line("listening on");
    let printed = String::from_utf8(acequia(&["setup-code", "--config", &file], &[]).stdout).unwrap();
    assert!(code.ends_with(printed.trim()), "{code} / {printed}");

    let output = acequia(&["rotate-key", "--config", &file], &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("stop it first"));

    let stop = Command::new("kill").arg(server.id().to_string()).status().unwrap();
    assert!(stop.success());
    assert_eq!(server.wait().unwrap().code(), Some(0));
}

#[test]
fn healthcheck_says_no_when_nobody_listens() {
    let folder = tempfile::tempdir().unwrap();
    let output = acequia(&["healthcheck", "--config", &config(folder.path(), "")], &[]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
}

#[test]
fn the_version_is_told_with_the_commit_that_was_built_if_that_can_be_known() {
    let told = String::from_utf8(acequia(&["--version"], &[]).stdout).unwrap();
    assert_eq!(told.trim(), format!("acequia {}", server::version::VERSION));
    assert!(server::version::VERSION.starts_with(env!("CARGO_PKG_VERSION")));

    let folder = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        let who = ["-c", "user.name=Ana", "-c", "user.email=ana@example.com"];
        let output = git.arg("-C").arg(folder.path()).args(who).args(arguments).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    git(&["init", "--quiet"]);
    git(&["commit", "--quiet", "--allow-empty", "--message", "first"]);
    let head = git(&["rev-parse", "HEAD"]);
    let built = build::commit(folder.path(), None).unwrap();
    assert!(built.len() == 12 && head.starts_with(&built), "{built} of {head}");
    assert!(build::log_of_commits(folder.path()).unwrap().ends_with("logs/HEAD"));
    assert_eq!(build::commit(folder.path(), Some("named".into())).as_deref(), Some("named"));
    // An archive that was unpacked somewhere in that checkout.
    let archive = folder.path().join("acequia");
    fs::create_dir(&archive).unwrap();
    assert_eq!(build::commit(&archive, Some(" ".into())), None);
}

#[test]
fn told_to_read_its_configuration_again_a_server_takes_over_what_it_can_and_keeps_what_is_right() {
    let folder = tempfile::tempdir().unwrap();
    let provider = |label: &str| {
        format!(
            "[providers.forge]\nkind = 'oidc'\nlabel = '{label}'\nissuer = 'http://127.0.0.1:9'\nclient_id = 'a'\n"
        )
    };
    let quiet = "[log]\nformat = 'json'\nlevel = 'info'\n";
    let file = config(folder.path(), &format!("{quiet}{}", provider("Our forge")));
    let mut server = Command::new(env!("CARGO_BIN_EXE_acequia"))
        .args(["serve", "--config", &file])
        .env_clear()
        .env("ACEQUIA_LISTEN", "127.0.0.1:0")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(server.stderr.take().unwrap()).lines().map(Result::unwrap);
    // Of the log every line is an object; what is said to people before is none.
    let mut event = |what: &str| {
        let events = lines.by_ref().filter(|line| line.starts_with('{'));
        let mut events = events.map(|line| serde_json::from_str::<serde_json::Value>(&line).unwrap());
        events.find(|event| event["message"].as_str().is_some_and(|said| said.contains(what))).unwrap()
    };
    let listening = event("listening on");
    let address = listening["message"].as_str().unwrap().replace("listening on ", "");
    let page = || {
        use std::io::{Read as _, Write as _};
        let mut stream = std::net::TcpStream::connect(&address).unwrap();
        write!(stream, "GET /sign-in HTTP/1.1\r\nHost: gate.example.org\r\nConnection: close\r\n\r\n")
            .unwrap();
        let mut page = String::new();
        stream.read_to_string(&mut page).unwrap();
        page
    };
    assert!(page().contains("Our forge"));
    let hang_up =
        || assert!(Command::new("kill").args(["-HUP", &server.id().to_string()]).status().unwrap().success());

    config(folder.path(), &format!("colour = 'blue'\n{}", provider("Nobody's")));
    hang_up();
    assert_eq!(event("nothing was changed")["level"], "ERROR");
    assert!(page().contains("Our forge"));

    config(folder.path(), &format!("[log]\nlevel = 'debug'\n{}", provider("Their forge")));
    hang_up();
    event("read the configuration again");
    let changed = page();
    assert!(changed.contains("Their forge") && !changed.contains("Our forge"));
    assert!(Command::new("kill").arg(server.id().to_string()).status().unwrap().success());
    assert_eq!(server.wait().unwrap().code(), Some(0));
    assert_eq!(event("started processing request")["level"], "DEBUG", "more was logged from then on");
}
