//! The tables of the Go library. The folder comes from the environment variable `ACEQUIA_VECTORS`.

#![expect(
    clippy::print_stdout,
    reason = "the score, and why a run was skipped, are for the reader of the test log"
)]

use std::path::PathBuf;

use base64::Engine;
use serde_json::Value as Json;

fn rows(file: &str) -> Vec<Json> {
    let Ok(folder) = std::env::var("ACEQUIA_VECTORS") else {
        println!("skipped: ACEQUIA_VECTORS names no folder with the tables");
        return Vec::new();
    };
    let path = PathBuf::from(folder).join("hujson").join(file);
    let text = std::fs::read_to_string(&path).expect("the table is readable");
    text.lines().map(|line| serde_json::from_str(line).expect("a row is JSON")).collect()
}

fn input(row: &Json) -> Vec<u8> {
    if let Some(text) = row["in"].as_str() {
        return text.as_bytes().to_vec();
    }
    let encoded = row["in_base64"].as_str().expect("a row has an input");
    base64::engine::general_purpose::STANDARD.decode(encoded).expect("base64")
}

/// Runs every row, then reports all that differ at once.
fn check(file: &str, differs: impl Fn(&Json) -> Option<String>) {
    let rows = rows(file);
    let wrong: Vec<_> =
        rows.iter().filter_map(|row| Some(format!("{} {}", row["id"], differs(row)?))).collect();
    println!("{file}: {} of {} rows exact", rows.len() - wrong.len(), rows.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn parse_table_holds() {
    check("parse.jsonl", |row| {
        let source = input(row);
        let value = match (hujson::parse(&source), row["error"].as_str()) {
            (Err(error), Some(want)) => {
                return (error.to_string() != want).then(|| format!("{error}\n{want}"));
            }
            (Ok(value), None) => value,
            (got, want) => return Some(format!("{got:?}\n{want:?}")),
        };
        let (mut minimized, mut standardized) = (value.clone(), value.clone());
        minimized.minimize();
        standardized.standardize();
        let got = (minimized.pack_text(), standardized.pack_text());
        let want = (row["minimized"].as_str().expect("text"), row["standardized"].as_str().expect("text"));
        (value.pack() != source || (got.0.as_str(), got.1.as_str()) != want)
            .then(|| format!("{got:?}\n{want:?}"))
    });
}

#[test]
fn format_table_holds() {
    check("format.jsonl", |row| {
        let mut value = match hujson::parse(&input(row)) {
            Ok(value) => value,
            Err(error) => return Some(error.to_string()),
        };
        value.format();
        let (got, want) = (value.pack_text(), row["want"].as_str().expect("text"));
        (got != want).then(|| format!("\n{got:?}\n{want:?}"))
    });
}

#[test]
fn patch_table_holds() {
    check("patch.jsonl", |row| {
        let mut value = match hujson::parse(&input(row)) {
            Ok(value) => value,
            Err(error) => return Some(error.to_string()),
        };
        let patch = row["patch"].as_str().expect("text");
        let error = value.patch(patch.as_bytes()).err().map(|error| error.to_string());
        if error.as_deref() != row["error"].as_str() {
            return Some(format!("\n{error:?}\n{:?}", row["error"]));
        }
        let (got, want) = (value.pack_text(), row["want"].as_str());
        want.filter(|want| *want != got).map(|want| format!("\n{got:?}\n{want:?}"))
    });
}
