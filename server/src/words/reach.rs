//! What is said of who reaches what.

use std::fmt::Display;

use app::fault::{Fault, Reason};
use model::retention::Keep;

use super::audit::days;

pub const NOT_FOR_THIS_TEXT: &str =
    "Whom each rule lets in is not worked out for this text yet. Read the tailnet again.";
pub const CHANGE_THESE_LINES: &str = "Change these lines of the policy. Nobody else gains anything by it.";
pub const NOTHING_HAS_TO_CHANGE: &str =
    "Nothing has to change. If something else was meant, write that into the line named here.";

fn in_lines(lines: &[usize]) -> String {
    let numbers: Vec<String> = lines.iter().take(3).map(ToString::to_string).collect();
    match (numbers.as_slice(), lines.len() > numbers.len()) {
        ([], _) => "in the rules of the policy".into(),
        ([one], _) => format!("in line {one}"),
        (some, false) => format!("in lines {}", some.join(", ")),
        (some, true) => format!("in lines {} and others", some.join(", ")),
    }
}

/// Where no narrowing ends it without taking something from others.
pub fn take_out_of_rules(who: &str, lines: &[usize]) -> String {
    let who = if who.is_empty() { "Whoever is not meant" } else { who };
    format!(
        "{who} has to be left out of the sources {}, or the rule has to lead to the agreed ports only. What it takes \
         from others cannot be worked out here: look before you store it.",
        in_lines(lines)
    )
}

/// Reach that somebody may want.
pub fn if_that_is_too_wide(lines: &[usize]) -> String {
    format!(
        "If that is meant, nothing has to change. If not, name fewer sources or ports {}.",
        in_lines(lines)
    )
}

pub const NOT_READ_YET: &str = "The policy of this tailnet has not been read yet.";
pub const NOT_READ_SINCE: &str =
    "The network was not read since this share was opened. It will be, by itself.";
pub const OWNERS_POLICY_UNREAD: &str = "The owner’s policy could not be read, so it is not known here.";
pub const SHARING_UNREAD: &str = "With whom machines are shared could not be read, so it is not known here.";
pub const IF_INVITE_ALLOWS: &str = "only if the invite allows it";
pub const NOT_CERTAIN: &str = "possible, not certain";
pub const FROM_SOME_DEVICES: &str = "from some devices only";
pub const EVERYTHING_OPEN: &str = "Everything that is open:";
pub const OTHER_PROTOCOLS: &str = "it is for other protocols";
pub const OTHER_PORTS: &str = "it is for other ports";
pub const NOT_THE_WHOLE_TRUTH: &str =
    "With whom machines are shared could not be read, so this is not the whole truth.";

pub const NOT_YET: &str = "This day has not begun yet.";
pub const WHICH_MACHINE: &str = "Say which machine.";
pub const TEXT_WAS_DROPPED: &str = "What was found then was dropped meanwhile. Ask again.";
pub const TEXT_UNREAD: &str = "What was found then is stored, but cannot be read any more.";

pub fn and_more(names: &str, more: usize) -> String {
    format!("{names} and {more} more")
}

pub fn page_of(name: &str) -> String {
    format!("The page of {name}")
}

pub fn nothing_is_said(why: &str, line: &str) -> String {
    format!("Nothing is said about who reaches what: {why}{line}")
}

pub fn recipients_unknown(why: &str) -> String {
    format!(
        "With whom machines are shared could not be read, so what share recipients reach is not known. {why}"
    )
}

pub fn outdated(why: &str) -> String {
    format!("Since then it could not be read again. {why}")
}

pub fn nothing_known() -> Fault {
    Fault::Conflict(Reason::as_said(
        "Nothing can be said about who reaches what here; the page of the tailnet’s reach says why.",
    ))
}

pub fn is_not_known(who: impl Display, place: &str) -> String {
    format!("It is not known whether {who} reaches {place}: with whom machines are shared could not be read.")
}

pub fn rests_on_unknown(who: impl Display, place: &str, way: &str) -> String {
    format!(
        "It is not known whether {who} reaches {place}{way}: that rests on a rule of which something is not known here."
    )
}

pub fn yes(who: impl Display, place: &str, way: &str) -> String {
    format!("Yes: {who} reaches {place}{way}.")
}

pub fn maybe(who: impl Display, place: &str, way: &str) -> String {
    format!("Not for certain: {who} may reach {place}{way}, under a condition.")
}

pub fn no(who: impl Display, place: &str, way: &str) -> String {
    format!("No: {who} does not reach {place}{way}.")
}

pub fn reaches_nothing(who: impl Display) -> String {
    format!("{who} reaches nothing here.")
}

pub fn what_reaches(who: impl Display) -> String {
    format!("What {who} reaches:")
}

pub fn nobody_reaches(place: &str) -> String {
    format!("Nobody reaches {place}.")
}

pub fn who_reaches(place: &str) -> String {
    format!("Who reaches {place}:")
}

pub fn does_not_name(who: impl Display) -> String {
    format!("it does not name {who}")
}

pub fn does_not_lead_to(place: &str) -> String {
    format!("it does not lead to {place}")
}

pub fn nobody_called(text: &str) -> String {
    format!(
        "nobody and nothing here is called `{text}`; write a login, a tag such as tag:server, an address, or a \
         machine's name"
    )
}

pub fn no_machine_called(text: &str) -> String {
    format!("no machine here is called `{text}`; write its name as in the list, or an address")
}

pub fn no_port(text: &str) -> String {
    format!("`{text}` is not a port; ports are 1 to 65535")
}

pub fn no_protocol(text: &str) -> String {
    format!("`{text}` is not a protocol; write tcp, udp, icmp or a number")
}

pub fn no_way_back_from_shared(login: &str) -> String {
    format!(
        "The other way round nothing is open: a machine that is shared cannot start connections to {login}."
    )
}

pub fn no_way_back(node: &str, who: impl Display) -> String {
    format!("The other way round nothing is open: {node} reaches no machine of {who}.")
}

pub fn way_back(node: &str, machines: &str) -> String {
    format!("The other way round {node} reaches {machines} of theirs.")
}

pub fn policy_was_unread(why: &str) -> String {
    format!("The policy could not be read then: {why}")
}

pub fn policy_was_refused(why: &str) -> String {
    format!("The policy of then cannot be judged: {why}")
}

pub fn was_not_there(node: &str) -> String {
    format!("No machine of this tailnet was called {node} then.")
}

/// How long what looks found is kept.
pub fn looks_kept(keep: Keep, mib: u32) -> Vec<String> {
    let long = match keep {
        Keep::Forever => "for ever".to_owned(),
        Keep::For(time) => format!("for {}", days(time)),
    };
    vec![
        format!(
            "What looks found is kept {long}, and no more than {mib} MiB of one tailnet: then the oldest goes first."
        ),
        "Never dropped: what the last look found.".into(),
    ]
}
