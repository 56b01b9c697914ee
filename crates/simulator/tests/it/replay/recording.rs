//! The recordings: `headscale-answers`, beside the folder that `ACEQUIA_VECTORS` names.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;

/// A folder of recordings.
pub struct Recordings(PathBuf);

#[derive(Deserialize)]
struct Group {
    #[serde(default)]
    exchanges: Vec<Exchange>,
}

/// A request and what came.
#[derive(Clone, Deserialize)]
pub struct Exchange {
    pub name: String,
    pub request: Request,
    pub answer: Answer,
}

#[derive(Clone, Deserialize)]
pub struct Request {
    pub method: String,
    pub path: String,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// JSON as it was sent compactly, or a text.
    #[serde(default)]
    pub body: Value,
}

#[derive(Clone, Deserialize)]
pub struct Answer {
    pub status: Option<u16>,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    #[serde(default)]
    pub body: Value,
}

impl Recordings {
    /// `None`, and one line, where there are none.
    pub fn beside_the_vectors() -> Option<Self> {
        let vectors = std::env::var_os("ACEQUIA_VECTORS").map(PathBuf::from);
        let folder =
            vectors.map(|vectors| vectors.join("../headscale-answers")).filter(|folder| folder.is_dir());
        if folder.is_none() {
            eprintln!("skipping recorded answers of Headscale: there are none beside ACEQUIA_VECTORS");
        }
        folder.map(Self)
    }

    pub fn json(&self, version: &str, group: &str) -> Value {
        let file = self.0.join(version).join(format!("{group}.json"));
        let text =
            std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    }

    /// Names of the files of one version that hold exchanges.
    pub fn groups(&self, version: &str) -> Vec<String> {
        let files = std::fs::read_dir(self.0.join(version)).expect("a folder for each version");
        let names = files.map(|file| file.expect("an entry").file_name().to_string_lossy().into_owned());
        let mut names: Vec<String> =
            names.filter_map(|name| name.strip_suffix(".json").map(Into::into)).collect();
        names.retain(|name| !self.exchanges(version, name).is_empty());
        names.sort();
        names
    }

    pub fn exchanges(&self, version: &str, group: &str) -> Vec<Exchange> {
        let group: Group = serde_json::from_value(self.json(version, group)).expect("exchanges as described");
        group.exchanges
    }

    /// The first exchange of this name.
    pub fn named(&self, version: &str, group: &str, name: &str) -> Option<Exchange> {
        self.exchanges(version, group).into_iter().find(|exchange| exchange.name == name)
    }
}
