//! The binary from outside.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

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
