//! What is said of the host of a machine and of its firewall texts.

use app::fault::{Fault, Reason};
use model::Revision;
use model::host::{Found, Held, May};

pub const CHOOSE_FROM_THE_LIST: &str = "choose the host's kind from the list";
pub const ABOUT_OPEN: &str =
    "Lets the shared ports through the host's own firewall. Needed only where that would drop them.";
pub const ABOUT_GUARD: &str = "Your own devices pass; everybody else on the tailnet interface reaches the shared \
                               ports and nothing more. It bites next to Tailscale's own rules.";
pub const OTHER_LINUX: &str = "Other Linux with systemd";
pub const PASTE_THE_CHECK: &str = "paste what the check command printed on the host, at most a megabyte";
pub const STATUS_TOO_LONG: &str = "this is more than a megabyte; paste the output of tailscale status --json";
pub const BY_THE_HOST: &str = "told by the host";
pub const MACHINE_JOINED: &str = "A machine of yours joined.";
pub const MACHINE_LEFT: &str = "A machine of yours is gone.";
pub const MACHINES_CHANGED: &str = "Machines of yours joined, others are gone.";
pub const INTERFACE_RENAMED: &str = "The tailnet interface has another name.";
pub const MACHINE_RENAMED: &str = "The machine has another name.";
pub const FIRST_TEXT: &str = "The first text of this machine.";
pub const CHANGE_FORGOTTEN: &str = "What it changed is no longer known.";

/// Of whom rules let in, and the guard does not.
pub fn loses(who: &str, node: &str, what: &str) -> String {
    format!("{who} reaches {what} on {node} now.")
}

pub fn more_lose(count: usize) -> String {
    format!("And {count} more of that kind; the page of reach names them all.")
}

pub fn took_token_of_steward(machine: &str, name: &str) -> String {
    format!("took the token of {machine} away, that {name} had made: it fetches no firewall text any more")
}

pub fn chose_firewall(node: &str) -> String {
    format!("chose the firewall of {node}")
}

pub fn choose_kind_first() -> Fault {
    Fault::Conflict(Reason::as_said("Choose the kind of this host first, on its firewall page."))
}

pub fn cannot_fetch() -> Fault {
    Fault::Conflict(Reason::as_said(
        "A host of this kind cannot fetch its text by itself: that needs nft and systemd. Nothing was made; put the text \
         in place by hand.",
    ))
}

pub fn took_token(node: &str) -> String {
    format!("took the token of {node} away: it fetches no firewall text any more")
}

pub fn looked_at_rules(node: &str, words: &str) -> String {
    format!("looked at the rules of {node}: {words}")
}

pub fn read_friends(node: &str) -> String {
    format!("read friends' addresses on {node}")
}

pub fn forgot_friends(node: &str) -> String {
    format!("forgot friends' addresses on {node}")
}

pub fn let_in(share: &str) -> String {
    format!("{share} is let in.")
}

pub fn shut_out(share: &str) -> String {
    format!("{share} is shut out.")
}

pub fn other_ports(share: &str) -> String {
    format!("Other ports: {share}.")
}

pub fn another_end(share: &str) -> String {
    format!("Another end: {share}.")
}

pub fn other_addresses(share: &str) -> String {
    format!("Other addresses of {share}.")
}

pub fn kind_is(label: &str) -> String {
    format!("The host’s kind is {label}.")
}

pub fn made_token(node: &str, may: May) -> String {
    let tells = if may.tells { ", and tells which devices friends have" } else { "" };
    let lists = if may.lists { ", and lists what runs there" } else { "" };
    format!("made a token with which {node} fetches its firewall text{tells}{lists}")
}

/// What was found on a host that is not as it should be, for the inbox: a title, and what is behind it.
pub fn found(name: &str, found: Found, revision: Revision, seen: Revision) -> (String, String) {
    match found {
        // Nothing is said of it.
        Found::Current => (format!("{name} is up to date"), String::new()),
        Found::Older if seen.is_none() => (
            format!("{name} waits for its new firewall text"),
            format!("Revision {revision} is current; none of it was seen there yet."),
        ),
        Found::Older => (
            format!("{name} waits for its new firewall text"),
            format!("Revision {revision} is current; revision {seen} was last seen there."),
        ),
        Found::Altered => (
            format!("The firewall rules of {name} were changed"),
            format!("They call themselves revision {revision}, and are not as its text says."),
        ),
        Found::Nothing => (
            format!("{name} has no guard in force"),
            format!("Revision {revision} of its firewall text is to be put in place."),
        ),
        Found::Flushed => (
            format!("The guard of {name} was taken out"),
            "Something on the host removed its rules, such as a restart of nftables.service. The host has put them back; \
             until it did, the guard held nothing. Look what removed them, or it happens again."
                .to_owned(),
        ),
        Found::NoInterface => (
            format!("The guard of {name} holds nothing"),
            "There is no tailnet interface of that name on the host, so no packet comes by the guard. Put the right \
             name in on its firewall page; with userspace networking there is none, and no rule of the host holds."
                .to_owned(),
        ),
        Found::Blind => (
            format!("The guard of {name} holds nothing"),
            "Packets come in through the tailnet, and its counter stays at nothing. Look whether the tailnet interface \
             has another name, and put the text in place once more."
                .to_owned(),
        ),
    }
}

pub fn has_not_fetched(revision: Revision) -> String {
    format!(
        "It has a token, and has not said within a quarter of an hour that revision {revision} is in force there. Look \
         whether its timer runs: systemctl status acequia-pull.timer."
    )
}

/// Why there is no new text, and what is in its place.
pub fn text_refused(why: &str, last: Revision) -> String {
    if last.is_none() {
        format!("{why} Until then it has none.")
    } else {
        format!("{why} Revision {last} stays as it is, but for shares that end.")
    }
}

/// Of a host that is switched to another network, or has a token that was made for another machine.
pub fn filter_of_another(node: &str) -> String {
    format!(
        "this is the filter of another machine than {node}, or {node} has a new key since this was last looked at: nothing is \
         proven by it. Switch the host back to the network of {node}, or wait for the next look."
    )
}

/// What the machine of a share tells, against what is said here.
pub const fn told_otherwise(held: Held, over: bool) -> &'static str {
    match (over, held) {
        (true, Held::All | Held::Some | Held::None) => {
            "Its machine tells that its own client still lets them in. Have the server load the policy; it may also be that \
             another rule lets them in."
        }
        (false, Held::Some) => "Its machine tells that its own client lets in a part of it only.",
        (false, Held::All | Held::None) => {
            "Its machine tells that its own client does not let them in. Look whether the server has loaded the policy, and \
             whether the machine is connected."
        }
    }
}
