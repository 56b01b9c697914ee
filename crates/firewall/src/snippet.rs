//! What is shown to the owner: lines with their reasons, and what goes with them.

use std::fmt;
use std::str::FromStr;

use model::Revision;
use serde::{Deserialize, Serialize};

use crate::Backend;

/// Which part of a snippet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Opens the shared ports in the host's own firewall.
    Open,
    /// Keeps everybody but the tailnet's own devices to the shared ports.
    Guard,
    /// Both, as one file.
    All,
}

/// The text names no part.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a part; write open, guard or all")]
pub struct PartError(String);

impl Part {
    /// Every part, the usual one first.
    pub const ALL: [Self; 3] = [Self::All, Self::Open, Self::Guard];

    pub(crate) const fn opens(self) -> bool {
        matches!(self, Self::Open | Self::All)
    }

    pub(crate) const fn guards(self) -> bool {
        matches!(self, Self::Guard | Self::All)
    }

    /// As on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Guard => "guard",
            Self::All => "all",
        }
    }
}

impl FromStr for Part {
    type Err = PartError;

    fn from_str(text: &str) -> Result<Self, PartError> {
        let found = Self::ALL.into_iter().find(|part| part.as_str() == text);
        found.ok_or_else(|| PartError(text.chars().take(40).collect()))
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One line of a snippet and why it stands there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The line, without its end.
    pub text: String,
    /// Why, as a sentence for the owner; none for brackets and the like.
    pub reason: Option<String>,
}

/// A rendered snippet: the text, and what an owner needs beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snippet {
    /// For which kind of host.
    pub backend: Backend,
    /// Which part.
    pub part: Part,
    /// Which revision of the node's shares.
    pub revision: Revision,
    /// Under which name to keep the file on the host.
    pub file_name: String,
    /// The text by lines, with reasons.
    pub lines: Vec<Line>,
    /// Puts it in force, as commands to paste; what is to be done by hand is a comment there.
    pub apply: String,
    /// Lets it be there again after a restart, likewise: without the guard the host is open.
    pub boot: String,
    /// Prints `rev N` for the revision that is in force; on Windows behind the name of each rule.
    pub check_command: String,
    /// Prints the rules in force, for [`compare_pasted`](crate::compare_pasted).
    pub list_command: String,
    /// Takes it out again, likewise; some need the text of [`remove`](crate::remove).
    pub undo: String,
    /// What an owner should know about this kind of host, in order of weight.
    pub notes: Vec<String>,
}

impl Snippet {
    /// The whole text, with a newline at its end.
    pub fn text(&self) -> String {
        joined(&self.lines)
    }
}

fn joined(lines: &[Line]) -> String {
    lines.iter().flat_map(|line| [line.text.as_str(), "\n"]).collect()
}

/// Lines as they are written down.
#[derive(Default)]
pub(crate) struct Lines(Vec<Line>);

impl Lines {
    pub(crate) fn add(&mut self, text: impl Into<String>) -> &mut Self {
        self.0.push(Line { text: text.into(), reason: None });
        self
    }

    pub(crate) fn why(&mut self, text: impl Into<String>, reason: impl Into<String>) -> &mut Self {
        self.0.push(Line { text: text.into(), reason: Some(reason.into()) });
        self
    }

    pub(crate) fn push(&mut self, line: Line) -> &mut Self {
        self.0.push(line);
        self
    }

    /// Takes over `lines`, each behind `prefix`.
    pub(crate) fn nest(&mut self, prefix: &str, lines: Self) -> &mut Self {
        self.0
            .extend(lines.0.into_iter().map(|line| Line { text: format!("{prefix}{}", line.text), ..line }));
        self
    }

    pub(crate) fn text(&self) -> String {
        joined(&self.0)
    }

    pub(crate) fn done(self) -> Vec<Line> {
        self.0
    }
}
