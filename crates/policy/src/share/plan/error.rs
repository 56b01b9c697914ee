//! Why there is no plan of a share.

use std::collections::BTreeSet;

use model::Login;

use crate::accounts::NameClash;
use crate::error::PolicyError;
use crate::narrow::{NarrowError, Narrowing};
use crate::reach::Entry;
use crate::share::{EditError, ShareId};

/// Why there is no plan.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ShareError {
    /// The control plane would refuse the policy as it is.
    #[error("the policy is refused as it is: {0}")]
    Policy(#[from] PolicyError),
    /// The network has no node of that name.
    #[error("there is no node named `{0}`; write its name as in the list of nodes")]
    NoSuchNode(String),
    /// The node belongs to a share recipient.
    #[error("`{0}` belongs to somebody in another network; only own nodes can be shared")]
    NotOurs(String),
    /// The node has no tailnet address.
    #[error("`{0}` has no address in the tailnet")]
    NoAddress(String),
    /// The file has this share already.
    #[error("the policy has the share `{id}` already, in line {line}")]
    Present {
        /// The share.
        id: ShareId,
        /// The line of its rule.
        line: usize,
    },
    /// Other rules let the friend reach more of the node than the ports.
    #[error("{}", more(.excess, .narrowing.is_some()))]
    ReachesMore {
        /// What else they would reach, with the rules.
        excess: Vec<Entry>,
        /// The narrowing that would leave them just the ports, if there is one.
        narrowing: Option<Box<Narrowing>>,
    },
    /// On a Headscale the friend is a member, and reaches more than the ports as one.
    #[error("{}", more_as_member(.excess, *.here, .narrowing.is_some()))]
    MemberReachesMore {
        /// Whether the server has them already: then they reach that now, whatever is shared.
        here: bool,
        /// What else they would reach, or reach, with the rules.
        excess: Vec<Entry>,
        /// The narrowing that would leave them just the ports, if there is one.
        narrowing: Option<Box<Narrowing>>,
    },
    /// There is no whole node for whom a Headscale does not have yet.
    #[error(
        "a new user of this server would reach what everybody there reaches, on every machine; narrow the policy first"
    )]
    OpensNetwork {
        /// What they would reach.
        excess: Vec<Entry>,
    },
    /// Several accounts of a Headscale have a name of the text, or the friend's.
    #[error(transparent)]
    Names(#[from] NameClash),
    /// An account of a Headscale has that name in other capitals, and case counts there.
    #[error("the server has no account `{who}`; write `{like}`")]
    Spelled {
        /// As it was given.
        who: Login,
        /// As the server has it.
        like: String,
    },
    /// The machine is the friend's own.
    #[error("`{0}` is theirs; nothing has to be shared")]
    Theirs(String),
    /// The file has to be narrowed and cannot be.
    #[error(transparent)]
    Narrow(#[from] NarrowError),
    /// The edit found no place in the text.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// The edit would not do exactly what was asked; it is not done.
    #[error("the edit would change more or less than this share; change the policy by hand")]
    Unproven {
        /// Everything that would be gained.
        gained: Vec<Entry>,
        /// Everything that would be lost.
        lost: Vec<Entry>,
    },
}

fn more(excess: &[Entry], narrowing: bool) -> String {
    let way = if narrowing {
        "narrow the policy, or say yes to the whole node"
    } else {
        "change that, or say yes to the whole node"
    };
    format!("by {} of the policy the friend would reach more than the ports; {way}", lines(excess))
}

fn more_as_member(excess: &[Entry], here: bool, narrowing: bool) -> String {
    let by = lines(excess);
    match (here, narrowing) {
        (true, true) => {
            format!(
                "by {by} of the policy the friend, who is a user of this server, reaches more than the ports anyway; take them out of that, or leave it"
            )
        }
        (true, false) => {
            format!(
                "by {by} of the policy the friend, who is a user of this server, reaches more than the ports anyway; change that, or leave it"
            )
        }
        (false, true) => {
            format!("by {by} of the policy a new user would reach more than the ports; narrow the policy")
        }
        (false, false) => {
            format!("by {by} of the policy a new user would reach more than the ports; change that")
        }
    }
}

/// The rules behind what is reached.
fn lines(excess: &[Entry]) -> String {
    let lines: BTreeSet<usize> = excess.iter().flat_map(|entry| &entry.rules).map(|rule| rule.line).collect();
    let lines: Vec<String> = lines.iter().filter(|line| **line > 0).map(ToString::to_string).collect();
    match lines.as_slice() {
        [] => "the default, which allows everything".to_owned(),
        [line] => format!("line {line}"),
        lines => format!("lines {}", lines.join(", ")),
    }
}
