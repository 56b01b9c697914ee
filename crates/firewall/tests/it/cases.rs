//! The committed inputs: `tests/golden/inputs/*.json`.

use std::fs;
use std::path::{Path, PathBuf};

use firewall::Input;

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// Every case by name, in order.
pub fn all() -> Vec<(String, Input)> {
    let mut names: Vec<String> = fs::read_dir(folder().join("inputs"))
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    names.into_iter().map(|name| (name.clone(), named(&name))).collect()
}

pub fn named(name: &str) -> Input {
    let text = fs::read_to_string(folder().join(format!("inputs/{name}.json"))).unwrap();
    Input::from_json(&text).unwrap()
}
