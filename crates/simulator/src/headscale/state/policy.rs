//! The policy: what is stored, and what is in force.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::headscale::world::Headscale;

/// The policy of a server.
#[derive(Debug, Serialize, Deserialize)]
pub struct Policy {
    /// Where its file is, in file mode; empty if no file is configured.
    pub path: Option<String>,
    /// What is stored, or stands in the file. `None`: nothing, or no file.
    pub text: Option<String>,
    pub updated: Timestamp,
    /// What was loaded last. `None`: everything is allowed.
    pub in_force: Option<String>,
}

impl Policy {
    pub fn of_world(world: &Headscale, updated: Timestamp) -> Self {
        Self {
            path: world.policy_path.clone(),
            text: world.policy.clone(),
            updated,
            in_force: world.policy.clone(),
        }
    }

    pub fn is_file(&self) -> bool {
        self.path.is_some()
    }

    /// Stores a text that was found good. An empty one is stored, and the old rules stay in force.
    pub fn store(&mut self, text: &str, now: Timestamp) {
        self.text = Some(text.to_owned());
        self.updated = now;
        if !text.is_empty() {
            self.in_force = Some(text.to_owned());
        }
    }

    /// The server starts anew, or was told to read its file: what stands there is in force.
    pub fn reload(&mut self) {
        self.in_force = self.text.clone().filter(|text| !text.is_empty());
    }

    /// Why the file cannot be read, in the words of the system.
    pub fn unreadable(&self) -> String {
        format!("open {}: no such file or directory", self.path.as_deref().unwrap_or_default())
    }
}
