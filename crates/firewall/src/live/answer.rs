//! What a pasted list of rules comes to.

use std::collections::BTreeSet;

use model::Revision;
use serde::{Deserialize, Serialize};

use super::compare::Difference;
use crate::{Backend, Input};

/// What a pasted list of rules says about the guard of a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Live {
    /// The revisions that it names.
    pub revisions: BTreeSet<Revision>,
    /// Where it parts from the rendered rules, whatever revision it names.
    pub differences: Vec<Difference>,
}

impl Live {
    /// The rules of this very revision are in force, all of them and nothing else.
    pub fn is(&self, input: &Input) -> bool {
        self.differences.is_empty() && self.revisions.iter().eq([&input.revision()])
    }
}

/// The pasted text does not show the whole table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LiveError {
    /// Another text, or there is no such table on the host.
    #[error(
        "there is no `table inet acequia` in this text; paste all that `nft list table inet acequia` prints. If it \
         says `No such file or directory`, the guard is not in force on this host"
    )]
    NoTable,
    /// The same of iptables.
    #[error(
        "there is no chain ACEQUIA in a mangle table of this text; paste all that `iptables-save; ip6tables-save` \
         prints. If it is not there, the guard is not in force on this host"
    )]
    NoChain,
    /// iptables has a list for each, and a guard of one family leaves the other open.
    #[error("the rules for {0} are not in this text; paste all that `iptables-save; ip6tables-save` prints")]
    OneFamily(&'static str),
    /// The end is missing.
    #[error(
        "the list ends in the middle; paste it with its last line, such as `}}`, `COMMIT` or `rich rules:`"
    )]
    Cut,
    /// firewalld answered, but for other zones.
    #[error(
        "there is no zone `acequia` in this text; paste all that `firewall-cmd -v --zone=acequia --list-all` prints. If \
         it says `INVALID_ZONE`, the open part is not in force on this host"
    )]
    NoZone,
    /// `nixos-option` was asked for something else, or could not say.
    #[error(
        "the value of networking.firewall.interfaces is not in this text; paste all that `nixos-option \
         networking.firewall.interfaces` prints"
    )]
    NoValue,
    /// The chain of the open part.
    #[error("the chain of the open part is not in this text; paste all that `{0}` prints")]
    NoOpenChain(&'static str),
    /// A list, but of another tool than the one that this kind of host has.
    #[error("these rules are not of {}; paste what `{wanted}` prints", .backend.label())]
    Foreign {
        /// The kind of host that was meant.
        backend: Backend,
        /// What lists its rules.
        wanted: &'static str,
    },
    /// No guard of ours is that long.
    #[error("this text has more than {MOST_LINES} lines; paste only what the command prints")]
    TooLong,
}

/// A guard has some lines per share and one per eight devices or so.
pub(super) const MOST_LINES: usize = 20_000;
