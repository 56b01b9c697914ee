//! What is said of reach beyond what was agreed.

use app::fault::Fault;
use app::paths;
use app::ports::shares::{ReachLine, RuleLine};
use model::{ShareId, Timestamp};
use policy::WithholdError;
use sharing::exposure::{Beyond, Opener, Opening, Place};

use crate::reach::ports_in_words;

pub const RESTS_ON_UNKNOWN: &str =
    "It rests on something that cannot be seen from here, so no edit is offered.";
pub const WITHHOLD_ABOUT: &str = "Rules that let them in name whom else they mean, and a group loses the person. What \
                                  was agreed stays open.";
pub const OTHERS_LOSE: &str = "Other people outside lose reach by it too: see who loses.";

pub fn reaches_more(who: &str) -> String {
    format!("{who} reaches more than was agreed")
}

pub fn in_short(first: &str, more: u32) -> String {
    match more {
        0 => format!("Not agreed: {first}."),
        1 => format!("Not agreed: {first}, and one line more."),
        more => format!("Not agreed: {first}, and {more} lines more."),
    }
}

/// Where on the page of a share it is told.
pub fn place_on(share: ShareId) -> String {
    format!("{}#more", paths::share(share))
}

/// Why no edit is offered.
pub fn no_fix(why: &WithholdError) -> String {
    match why {
        WithholdError::Text { said } => {
            format!("No edit is offered, because the policy cannot be edited: {said}.")
        }
        WithholdError::Nothing => RESTS_ON_UNKNOWN.to_owned(),
        WithholdError::Rule { line } => format!(
            "No edit is offered: the rule in line {line} cannot be narrowed by itself. Change it by hand, or end the share."
        ),
        WithholdError::Others => {
            "No edit is offered, because it would take more from somebody than this. Change the policy by hand, or end \
             the share."
                .to_owned()
        }
    }
}

pub fn title(login: &str) -> String {
    format!("Take back what {login} reaches beyond what was agreed")
}

pub fn changed_since() -> Fault {
    Fault::conflict("What they reach changed since you looked. Nothing was accepted; this is how it is now.")
}

pub fn is_over() -> Fault {
    Fault::conflict("They reach nothing any more beyond what was agreed.")
}

pub fn cannot_be_withheld(why: &WithholdError) -> Fault {
    Fault::conflict(no_fix(why))
}

/// Lines of what was found, each since it is known; protocols that are alike in one.
pub fn lines(found: &[Beyond], who: &str) -> Vec<(ReachLine, Timestamp)> {
    let alike = |a: &Beyond, b: &Beyond| {
        are_of_one_line(&a.opening, &b.opening) && a.rules == b.rules && a.since == b.since
    };
    let line = |some: &[Beyond]| {
        let all: Vec<&Opening> = some.iter().map(|beyond| &beyond.opening).collect();
        let rules = some.first().map(|first| first.rules.iter().map(rule).collect()).unwrap_or_default();
        let since = some.first().map_or(Timestamp::from_micros(0), |first| first.since);
        (ReachLine { rules, ..of_openings(&all, who) }, since)
    };
    found.chunk_by(alike).map(line).collect()
}

/// The same of what was accepted.
pub fn openings(all: &[Opening], who: &str) -> Vec<ReachLine> {
    let line = |some: &[Opening]| of_openings(&some.iter().collect::<Vec<_>>(), who);
    all.chunk_by(are_of_one_line).map(line).collect()
}

fn are_of_one_line(a: &Opening, b: &Opening) -> bool {
    a.machine == b.machine && a.place == b.place && a.certain == b.certain
}

fn of_openings(all: &[&Opening], who: &str) -> ReachLine {
    let ports: Vec<(u8, String)> = all.iter().map(|one| (one.protocol, one.set().to_string())).collect();
    let first = all.first();
    let place = match first.map(|one| &one.place) {
        None | Some(Place::Itself) => String::new(),
        Some(Place::Address(address)) => format!(" at {address}"),
        Some(Place::Route(range)) => format!(" of the network {range} behind it"),
        Some(Place::Internet) => " of the internet through it".to_owned(),
    };
    ReachLine {
        who: who.to_owned(),
        node: first.map(|one| one.machine.clone()).unwrap_or_default(),
        what: format!("{}{place}", ports_in_words(&ports)),
        rules: Vec::new(),
        note: first.filter(|one| !one.certain).map(|_| super::reach::NOT_CERTAIN.to_owned()),
    }
}

fn rule(opener: &Opener) -> RuleLine {
    RuleLine { line: u32::try_from(opener.line).ok().filter(|line| *line > 0), text: opener.text.clone() }
}
