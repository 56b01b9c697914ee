//! One captured case.

use std::path::PathBuf;

use serde_json::{Value, json};

pub struct Case {
    pub name: String,
    pub policy: String,
    pub network: policy::Network,
    /// The exact text of the refusal.
    pub refusal: Option<String>,
    /// By node name.
    pub captures: serde_json::Map<String, Value>,
}

/// All cases of a family, sorted by name; `None` if nobody said where they are.
pub fn load(family: &str) -> Option<Vec<Case>> {
    let root = PathBuf::from(std::env::var_os("ACEQUIA_VECTORS")?);
    let folder = root.join("headscale-compat").join(family);
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json" || extension == "hujson"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no vectors in {}", folder.display());
    Some(files.iter().map(read).collect())
}

fn read(path: &PathBuf) -> Case {
    let text = std::fs::read_to_string(path).unwrap();
    let file = hujson::parse_str(&text).unwrap().to_json().unwrap();
    let input = &file["input"];
    // A policy is recorded as an object or as the text that was sent.
    let policy = match &input["full_policy"] {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    };
    let mut network = file["topology"].clone();
    network["domains"] =
        json!(file["tailnet"].as_str().and_then(|login| login.split_once('@')).map(|(_, d)| vec![d]));
    // Roles are not recorded with the users, but the captured capabilities show them.
    for user in network["users"].as_array_mut().unwrap() {
        user["role"] = json!(if user["name"] == "odin" { "owner" } else { "admin" });
    }
    let refused = input["api_response_code"] != 200;
    Case {
        name: path.file_stem().unwrap().to_string_lossy().into_owned(),
        policy,
        network: policy::Network::from_value(network).unwrap(),
        refusal: refused
            .then(|| input["api_response_body"]["message"].as_str().unwrap_or_default().to_owned()),
        captures: file["captures"].as_object().cloned().unwrap_or_default(),
    }
}
