//! A sample of the captures and all HuJSON rows, through the binary. All captures are compared in `crates/policy`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::Value;

use super::{Folder, acequia};

fn vectors() -> Option<PathBuf> {
    let folder = env::var_os("ACEQUIA_VECTORS").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: ACEQUIA_VECTORS names no folder with policy vectors");
    }
    folder
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Rules in order; within a rule the order of lists says nothing.
fn rules(value: &Value) -> Vec<BTreeMap<String, Value>> {
    let sorted = |value: &Value| match value {
        Value::Array(items) => {
            let mut items = items.clone();
            items.sort_by_key(Value::to_string);
            Value::Array(items)
        }
        other => other.clone(),
    };
    let rule = |rule: &Value| {
        let fields = rule.as_object().unwrap().iter();
        fields
            .filter(|(name, _)| *name != "CapGrant")
            .map(|(name, value)| (name.clone(), sorted(value)))
            .collect()
    };
    value.as_array().into_iter().flatten().map(rule).collect()
}

#[test]
fn captures_compile_to_what_the_control_plane_sent_or_to_its_words() {
    let Some(vectors) = vectors() else { return };
    let (folder, mut accepted, mut refused) = (Folder::new(), 0, 0);
    for family in ["acl", "grant", "routes", "ssh", "policytest", "sshtest"] {
        let listed = fs::read_dir(vectors.join("headscale-compat").join(family)).unwrap();
        let mut files: Vec<PathBuf> = listed.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        for file in files.iter().step_by(6) {
            let capture = read(file);
            let policy = match &capture["input"]["full_policy"] {
                Value::String(text) => text.clone(),
                object => object.to_string(),
            };
            let policy = folder.write("policy.hujson", policy);
            let network = folder.write("network.json", capture["topology"].to_string());
            let answer = acequia(&["policy", "compile", "--policy", &policy, "--network", &network]);
            if capture["input"]["api_response_code"] != 200 {
                assert_eq!(answer.code, 1, "{}", file.display());
                let message = capture["input"]["api_response_body"]["message"].as_str().unwrap();
                assert!(answer.json()["error"].as_str().unwrap().contains(message), "{answer:?} {message}");
                refused += 1;
                continue;
            }
            let compiled = answer.json();
            assert_eq!(answer.code, 0, "{}", file.display());
            for (name, node) in capture["captures"].as_object().unwrap() {
                let ours = &compiled["nodes"][name]["packet_filter_rules"];
                assert_eq!(rules(ours), rules(&node["packet_filter_rules"]), "{} {name}", file.display());
            }
            accepted += 1;
        }
    }
    assert!(accepted > 20 && refused > 5, "{accepted} accepted, {refused} refused");
}

#[test]
fn texts_are_standardized_minimized_and_refused_as_in_the_tables() {
    let Some(vectors) = vectors() else { return };
    let folder = Folder::new();
    for row in fs::read_to_string(vectors.join("hujson/parse.jsonl")).unwrap().lines() {
        let row: Value = serde_json::from_str(row).unwrap();
        let Some(text) = row["in"].as_str() else { continue };
        let file = folder.write("file", text);
        for (tool, want) in [("standardize", "standardized"), ("minimize", "minimized")] {
            let answer = acequia(&["hujson", tool, &file]);
            match row["error"].as_str() {
                Some(error) => {
                    assert_eq!((answer.code, answer.last_words()), (1, format!("error: {error}").as_str()));
                }
                None => assert_eq!(answer.good(), row[want].as_str().unwrap()),
            }
        }
    }
    for row in fs::read_to_string(vectors.join("hujson/patch.jsonl")).unwrap().lines() {
        let row: Value = serde_json::from_str(row).unwrap();
        let (Some(text), Some(patch)) = (row["in"].as_str(), row["patch"].as_str()) else { continue };
        let (file, patch) = (folder.write("file", text), folder.write("patch", patch));
        let answer = acequia(&["hujson", "patch", &file, "--patch", &patch]);
        match (row["error"].as_str(), row["want"].as_str()) {
            (Some(error), _) => assert_eq!(answer.last_words(), format!("error: {error}")),
            (None, Some(want)) => assert_eq!(answer.good(), want),
            (None, None) => drop(answer.good()),
        }
    }
}
