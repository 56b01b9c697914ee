//! One policy with what came of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use policy::compile::wire::FilterRule;
use policy::{Dialect, Network};
use serde::Deserialize;
use serde_json::Value;

pub struct Case {
    pub id: String,
    pub policy: String,
    pub network: Network,
    pub answer: Answer,
}

pub enum Answer {
    Refused(String),
    /// By name; a machine that has nothing is absent.
    Taken(BTreeMap<String, Node>),
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Node {
    pub packet_filter_rules: Vec<FilterRule>,
    pub peers: Vec<String>,
    pub approved: Vec<String>,
}

/// The folder beside the other vectors, if both are there.
pub fn folder(name: &str) -> Option<PathBuf> {
    let Some(vectors) = std::env::var_os("ACEQUIA_VECTORS") else {
        eprintln!("{name} skipped: ACEQUIA_VECTORS is not set");
        return None;
    };
    let folder = Path::new(&vectors).join("..").join(name);
    if !folder.is_dir() {
        eprintln!("{name} skipped: it is not beside ACEQUIA_VECTORS");
        return None;
    }
    Some(folder)
}

pub fn load(file: &str, dialect: Dialect) -> Option<Vec<Case>> {
    let folder = folder("headscale-vectors")?;
    let generated = std::fs::read_to_string(folder.join("network.json")).unwrap();
    let generated = Network::parse(&generated).unwrap();
    let text = std::fs::read_to_string(folder.join(file)).unwrap();
    let version = dialect.name().strip_prefix("headscale-").unwrap();
    let read = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        let id = line["id"].as_str().unwrap().to_owned();
        if let Some(policy) = line["policy"].as_str() {
            return case(id, policy.to_owned(), generated.clone(), &line[version]);
        }
        let (policy, network) = captured(&folder, &id);
        case(id, policy, network, &line)
    };
    let cases: Vec<Case> = text.lines().map(read).collect();
    assert!(cases.len() >= 500, "{file} has only {} cases", cases.len());
    Some(cases)
}

fn case(id: String, policy: String, network: Network, answer: &Value) -> Case {
    let answer = match answer["error"].as_str() {
        Some(error) => Answer::Refused(error.to_owned()),
        None => Answer::Taken(serde_json::from_value(answer["nodes"].clone()).unwrap()),
    };
    Case { id, policy, network, answer }
}

/// The input of a capture of the hosted control plane.
fn captured(folder: &Path, id: &str) -> (String, Network) {
    let stem = folder.join("../policy-vectors/headscale-compat").join(id);
    let path = ["json", "hujson"].map(|extension| PathBuf::from(format!("{}.{extension}", stem.display())));
    let path = path.iter().find(|path| path.is_file()).unwrap();
    let file = hujson::parse_str(&std::fs::read_to_string(path).unwrap()).unwrap().to_json().unwrap();
    let policy = match &file["input"]["full_policy"] {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    };
    (policy, Network::from_value(file["topology"].clone()).unwrap())
}

impl Case {
    /// What it is about: its family, or the sections that decide about packets.
    pub fn kind(&self) -> &'static str {
        let has = |name: &str| self.policy.contains(&format!("\"{name}\""));
        match self.id.split('/').next() {
            Some("acl") => "acl",
            Some("grant") => "grant",
            Some("routes") => "routes",
            Some("issue_3212") => "issue_3212",
            Some("nodeattrs") => "nodeattrs",
            Some("policytest") => "policytest",
            Some("ssh") => "ssh",
            Some("sshtest") => "sshtest",
            _ if has("tests") => "tests",
            _ if has("grants") && has("acls") => "acls and grants",
            _ if has("grants") => "grants",
            _ if has("acls") => "acls",
            _ => "neither",
        }
    }
}
