//! The kinds of what is not known here, in words.

use std::fmt;

use serde::Serialize;

use super::Place;
use crate::resolve::elsewhere;

/// The kinds of what is not known, each with what follows from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "about")]
pub enum DoubtKind {
    /// Somebody or something of another tailnet (declarative node sharing): who that is, is known there.
    Elsewhere {
        /// Such as `group://fleet/players`.
        name: String,
        /// Where it stands. Only sources are documented.
        place: Place,
    },
    /// As before, of a tailnet that `externalTailnets` does not have.
    Unlisted {
        /// Such as `group://other/players`.
        name: String,
        /// Where it stands.
        place: Place,
    },
    /// A group that the identity provider fills.
    Synced {
        /// Its name.
        name: String,
        /// Where it stands.
        place: Place,
    },
    /// A source: somebody not known here gets in by the rule.
    Source {
        /// As written.
        name: String,
    },
    /// What a group holds besides logins: whom it stands for there is documented nowhere.
    Member {
        /// As written.
        name: String,
    },
    /// A destination: the rule may lead anywhere.
    Destination {
        /// As written.
        name: String,
    },
    /// A name in an entry that is no rule of the network.
    Named {
        /// As written.
        name: String,
        /// Where it stands.
        place: Place,
    },
    /// Ports, a protocol, an action: the rule may open more than it seems to.
    Part {
        /// As written.
        text: String,
    },
    /// A condition of a posture: own devices get in perhaps.
    Condition {
        /// As written.
        text: String,
    },
    /// A capability in the domain of Tailscale that is documented nowhere; applications read it, it opens no port.
    Capability {
        /// Its name.
        name: String,
    },
    /// A rule for SSH, which was left out.
    Ssh {
        /// What the control plane would say if it had not taken it.
        why: String,
    },
    /// A section or a field, which was left out.
    Field {
        /// Such as `grants[2].ports`.
        path: String,
    },
}

impl DoubtKind {
    /// Whether whoever wants to be sure has to refuse it: it is neither documented nor captured.
    pub const fn fails_strict(&self) -> bool {
        match self {
            Self::Elsewhere { place, .. } => !matches!(place, Place::Source),
            Self::Synced { .. } => false,
            _ => true,
        }
    }
}

/// What a name of another tailnet is by its form, and what is known of it there only.
fn abroad(name: &str) -> [&'static str; 2] {
    match name.split(':').next() {
        Some("group") => ["a group", "who is in it"],
        Some("tag") => ["a tag", "what has it"],
        _ => ["a name", "what it stands for"],
    }
}

impl fmt::Display for DoubtKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Elsewhere { name, place } => {
                let ([what, known], tailnet) = (abroad(name), elsewhere(name).unwrap_or_default());
                let so = place.abroad();
                write!(
                    f,
                    "`{name}` is {what} of another tailnet, `{tailnet}`; {known} is known there, not known here: {so}"
                )
            }
            Self::Unlisted { name, place } => {
                let ([what, _], tailnet) = (abroad(name), elsewhere(name).unwrap_or_default());
                let so = place.abroad();
                write!(
                    f,
                    "`{name}` is {what} of another tailnet by its form, and `externalTailnets` has no `{tailnet}`: {so}"
                )
            }
            Self::Synced { name, place } => write!(
                f,
                "who is in `{name}` is known to the identity provider, not here: {}",
                place.consequence()
            ),
            Self::Source { name } => {
                write!(f, "who `{name}` is, is not known here: somebody not known here gets in by this")
            }
            Self::Member { name } => {
                let [what, _] = elsewhere(name).map_or(["", ""], |_| abroad(name));
                let of = if what.is_empty() { String::new() } else { format!("{what} of another tailnet, ") };
                write!(
                    f,
                    "`{name}` in a group is {of}no login: whom it stands for there is documented nowhere, and somebody not known here may be in the group"
                )
            }
            Self::Destination { name } => {
                write!(f, "what `{name}` is, is not known here: this may lead anywhere")
            }
            Self::Named { name, place } => {
                write!(f, "what `{name}` stands for there is not known here: {}", place.consequence())
            }
            Self::Part { text } => {
                write!(f, "`{text}` is not understood here: the rule may open more than it seems to")
            }
            Self::Condition { text } => write!(
                f,
                "the condition `{text}` is not known here: devices of the own tailnet get in perhaps"
            ),
            Self::Capability { name } => {
                write!(f, "the capability `{name}` is documented nowhere; it was let pass")
            }
            Self::Ssh { why } => {
                write!(f, "this rule is not understood here and was left out of account: {why}")
            }
            Self::Field { path } => write!(f, "`{path}` is not known here and was left out of account"),
        }
    }
}
