//! What is known to differ, with the reason.

use serde::Deserialize;

use super::answers::Difference;

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    difference: Vec<Known>,
}

#[derive(Deserialize)]
struct Known {
    /// All of them if absent.
    #[serde(default)]
    versions: Vec<String>,
    group: String,
    /// Names of exchanges; all of them if absent.
    #[serde(default)]
    names: Vec<String>,
    /// Where in the answer: `body`, or a place in it as in `body/message`.
    place: String,
    reason: String,
    #[serde(skip)]
    used: bool,
}

/// The list.
pub struct Differences(Vec<Known>);

impl Differences {
    pub fn read() -> Self {
        let file: File =
            toml::from_str(include_str!("../../headscale-differences.toml")).expect("the list is read");
        assert!(file.difference.iter().all(|known| !known.reason.trim().is_empty()), "each has its reason");
        Self(file.difference)
    }

    pub fn covers(&mut self, version: &str, group: &str, name: &str, found: &Difference) -> bool {
        let mut covered = false;
        for known in &mut self.0 {
            let here = known.group == group
                && (known.versions.is_empty() || known.versions.iter().any(|one| one == version))
                && (known.names.is_empty() || known.names.iter().any(|one| one == name))
                && known.place == found.place;
            known.used |= here;
            covered |= here;
        }
        covered
    }

    pub fn unused(&self) -> Vec<String> {
        let unused = self.0.iter().filter(|known| !known.used);
        unused.map(|known| format!("{} {:?} {}", known.group, known.names, known.place)).collect()
    }
}
