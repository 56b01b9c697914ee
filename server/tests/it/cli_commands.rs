//! The commands that people run beside a server, from outside: what is printed where, and what is answered.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

mod audit;
mod dialect;
mod firewall;
mod hujson;
mod network;
mod policy;
mod vectors;

/// How a command ended.
#[derive(Debug)]
struct Answer {
    code: i32,
    out: String,
    err: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    fn last_words(&self) -> &str {
        self.err.lines().last().unwrap_or_default()
    }

    /// It went well, and this was printed.
    fn good(&self) -> &str {
        assert_eq!(self.code, 0, "{self:?}");
        &self.out
    }
}

fn acequia(arguments: &[&str]) -> Answer {
    acequia_with(arguments, "")
}

fn acequia_with(arguments: &[&str], stdin: &str) -> Answer {
    let mut child = Command::new(env!("CARGO_BIN_EXE_acequia"))
        .args(arguments)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Who does not read it has ended already.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    let output = child.wait_with_output().unwrap();
    Answer {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Files for one test.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        let path = self.0.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

#[test]
fn wrong_use_and_unreadable_input_are_no_answer() {
    let folder = Folder::new();
    let network = folder.write("network.json", "{}");
    let policy = folder.write("policy.hujson", "{}");
    let not_text = folder.write("binary", b"\"\xff\"");
    let too_large = folder.write("large", format!("{{}}{}", " ".repeat(5 << 20)));
    for arguments in [
        &["policy"][..],
        &["policy", "compile"],
        &["policy", "compile", "--policy", &policy, "--network", "/nowhere"],
        &["policy", "compile", "--policy", "/nowhere", "--network", &network],
        &["policy", "compile", "--policy", &not_text, "--network", &network],
        &["policy", "compile", "--policy", &policy, "--network", &not_text],
        &["policy", "compile", "--policy", "-", "--network", "-"],
        &["policy", "compile", "--policy", &too_large, "--network", &network],
        &["policy", "compile", "--policy", &policy, "--network", &network, "--format", "yaml"],
        &["policy", "reach", "--policy", &policy, "--network", &network, "--proto", "tcpp"],
        &["policy", "reach", "--policy", &policy, "--network", &network, "--to", "nas:ssh"],
        &["policy", "diff", "--old", &policy, "--network", &network],
        &["policy", "format", "/nowhere"],
        &["hujson", "format", "/nowhere"],
        &["hujson", "patch", &policy],
        &["firewall", "render", "--backend", "pf", "--input", &policy],
        &["network", "export", "--tailnet", "no-id"],
        &["audit", "export", "--format", "xml"],
    ] {
        let answer = acequia(arguments);
        assert_eq!((answer.code, answer.out.as_str()), (2, ""), "{arguments:?}: {}", answer.err);
        assert!(
            answer.err.contains("error:") || answer.err.contains("Usage:"),
            "{arguments:?}: {}",
            answer.err
        );
    }
}

#[test]
fn who_stops_reading_stops_the_command_quietly() {
    let folder = Folder::new();
    let large = folder.write("large", format!("[{}1]", "1,".repeat(500_000)));
    let mut child = Command::new(env!("CARGO_BIN_EXE_acequia"))
        .args(["hujson", "pack", &large])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap()), (Some(0), String::new()));
}
