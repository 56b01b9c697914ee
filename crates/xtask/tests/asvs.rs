//! `docs/asvs.md` stays true: one row for each requirement, and every test that it names is one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const VERDICTS: [&str; 5] = ["met", "met, untested", "in part", "not met", "not applicable"];

struct Row {
    id: String,
    verdict: String,
    why: String,
    tests: Vec<String>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("two folders up").to_owned()
}

fn rows() -> Vec<Row> {
    let page = std::fs::read_to_string(root().join("docs/asvs.md")).expect("the page is there");
    let lines = page.lines().filter(|line| line.starts_with("| V"));
    lines
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let [id, verdict, why, tests] = cells[..] else { panic!("four cells: {line}") };
            let tests = tests.split(',').map(|name| name.trim().trim_matches('`').to_owned());
            Row {
                id: id.to_owned(),
                verdict: verdict.to_owned(),
                why: why.to_owned(),
                tests: tests.filter(|name| !name.is_empty()).collect(),
            }
        })
        .collect()
}

#[test]
fn every_requirement_has_one_row_with_a_verdict_and_a_reason() {
    let rows = rows();
    let found: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    // In the order of the standard: none is missing, none is there twice.
    let wanted: Vec<&str> = include_str!("asvs.txt").lines().collect();
    assert_eq!(wanted.len(), 253);
    assert_eq!(found, wanted);
    for Row { id, verdict, why, tests } in rows {
        assert!(VERDICTS.contains(&verdict.as_str()), "{id}: {verdict}");
        assert!(!why.is_empty(), "{id}: how, or why");
        match verdict.as_str() {
            "met" => assert!(!tests.is_empty(), "{id}: met by which test?"),
            "in part" => {}
            _ => assert!(tests.is_empty(), "{id}: a test although it is {verdict}"),
        }
    }
}

#[test]
fn every_test_that_is_named_is_a_test() {
    let mut known = BTreeSet::new();
    for folder in ["app", "crates", "end2end", "server"] {
        collect(&root().join(folder), &mut known);
    }
    assert!(known.len() > 400, "only {} tests were found", known.len());
    let mut missing = BTreeMap::<String, Vec<String>>::new();
    for row in rows() {
        for test in row.tests {
            if !known.contains(&test) {
                missing.entry(test).or_default().push(row.id.clone());
            }
        }
    }
    assert!(missing.is_empty(), "no such tests: {missing:#?}");
}

/// The names of all functions with an attribute that ends in `test`, and of those within `proptest!`.
fn collect(folder: &Path, known: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && name != "target" && name != "node_modules" {
            collect(&path, known);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            tests_in(&std::fs::read_to_string(&path).expect("a text"), known);
        }
    }
}

fn tests_in(text: &str, known: &mut BTreeSet<String>) {
    let mut marked = false;
    for line in text.lines().map(str::trim) {
        let function = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
        if let Some(rest) = function {
            if marked {
                known.extend(rest.split(['(', '<']).next().map(str::to_owned));
            }
            marked = false;
        } else if line.starts_with("#[") {
            // `#[test]`, `#[tokio::test]`, `#[tokio::test(flavor = …)]`.
            let path = line.trim_start_matches("#[").split([']', '(']).next().unwrap_or_default();
            marked |= path.rsplit("::").next() == Some("test");
        } else if line.ends_with(['{', '}', ';']) {
            marked = false;
        }
    }
}
