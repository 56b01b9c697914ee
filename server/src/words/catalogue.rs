//! What people share at home: a data file beside this one, with ports, the way to join, and where that is documented.

use std::sync::OnceLock;

use app::ports::services::CatalogueEntry;
use model::ServiceKind;
use serde::Deserialize;

const TEXT: &str = include_str!("catalogue.toml");

/// One thing that somebody may run.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// As in a URL.
    pub key: String,
    pub name: String,
    pub kind: ServiceKind,
    /// As somebody would type them: the one that people join comes first.
    pub ports: String,
    /// What the probe does to find out whether it answers.
    pub asked: Asked,
    /// What a friend types, on a machine called `host`.
    pub address: String,
    /// How one joins, as a sentence.
    pub join: String,
    /// Where its makers document the port.
    pub source: String,
}

/// How something is asked whether it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Asked {
    Minecraft,
    Bedrock,
    Http,
    Connection,
    Nothing,
}

#[derive(Deserialize)]
struct Catalogue {
    entry: Vec<Entry>,
}

fn entries() -> &'static [Entry] {
    static ENTRIES: OnceLock<Vec<Entry>> = OnceLock::new();
    // The file is part of the program; a test reads it.
    ENTRIES.get_or_init(|| toml::from_str::<Catalogue>(TEXT).map_or_else(|_| Vec::new(), |read| read.entry))
}

/// All of them, in the order of the file.
pub fn all() -> impl Iterator<Item = &'static Entry> {
    entries().iter()
}

pub fn find(key: &str) -> Option<&'static Entry> {
    all().find(|entry| entry.key == key)
}

impl Entry {
    /// As pages have it.
    pub fn shown(&self) -> CatalogueEntry {
        CatalogueEntry {
            key: self.key.clone(),
            name: self.name.clone(),
            kind: self.kind,
            ports: self.ports.clone(),
            join: self.join.clone(),
            asked: self.asked.in_words().into(),
            source: self.source.clone(),
        }
    }
}

impl Asked {
    const fn in_words(self) -> &'static str {
        match self {
            Self::Minecraft => "asked for its status, as the game does",
            Self::Bedrock => "asked with a ping, as the game does",
            Self::Http => "asked for its page",
            Self::Connection => "asked whether it takes a connection",
            Self::Nothing => "not asked: it speaks UDP, and silence there says nothing",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use model::JoinPort;

    use super::*;
    use crate::probe::{Question, question};
    use crate::words::join;

    #[test]
    fn the_catalogue_is_what_the_app_does() {
        let read: Catalogue = toml::from_str(TEXT).unwrap();
        assert!(read.entry.len() >= 40, "{}", read.entry.len());
        let keys: BTreeSet<&str> = read.entry.iter().map(|entry| entry.key.as_str()).collect();
        assert_eq!(keys.len(), read.entry.len(), "each has a key of its own");
        for entry in &read.entry {
            let told = &entry.key;
            assert!(told.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{told}");
            assert!(
                entry.name.parse::<model::Name>().is_ok() && entry.join.parse::<model::Note>().is_ok(),
                "{told}"
            );
            assert!(entry.join.ends_with('.'), "{told}: a sentence");
            assert!(entry.source.starts_with("https://"), "{told}: {}", entry.source);
            let (ports, port) = JoinPort::typed(entry.kind, &entry.ports).unwrap();
            assert!(
                port.is_in(&ports) && entry.ports.starts_with(&port.to_string()),
                "{told}: the one to join first"
            );
            assert_eq!(join::address_of(entry.kind, port, "host"), entry.address, "{told}");
            let asked = match question(entry.kind, port) {
                Some(Question::Minecraft) => Asked::Minecraft,
                Some(Question::Bedrock) => Asked::Bedrock,
                Some(Question::Http) => Asked::Http,
                Some(Question::Connection) => Asked::Connection,
                None => Asked::Nothing,
            };
            assert_eq!(asked, entry.asked, "{told}");
        }
    }
}
