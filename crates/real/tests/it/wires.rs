//! The stage tells open from closed.

use std::process::Command;

/// Sabotage: `Running::ended` that gives `None`, or always its name; `knock` that succeeds where nothing listens.
#[test]
fn machines_on_the_stage_are_seen_by_what_answers_on_them() {
    let output = Command::new(env!("CARGO_BIN_EXE_real")).arg("wires").output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}{err}");
    if err.contains("skipped, ") {
        print!("{err}");
        return;
    }
    assert!(out.lines().filter(|line| line.starts_with("ok ")).count() >= 13, "{out}{err}");
}

#[test]
fn what_cannot_be_tried_is_said_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_real"));
    let output = command.arg("/bin/true").env("PATH", folder.path()).output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{err}");
    assert_eq!(err.trim(), "skipped, no real Headscale: `headscale` is not installed");
}
