//! The guard as one nft table, and the plain nftables backend.
//!
//! A drop in any base chain is final, whatever tailscaled's `ts-input` accepts: so the guard is one base chain
//! of its own, in one table per node. It hooks prerouting before destination NAT (-150 is before -100), so that
//! ports published by Docker are guarded under the number that the friend dials.

use crate::address::Family;
use crate::guard::{self, Permit};
use crate::live::SEEN;
use crate::opening::NOT_BEFORE;
use crate::snippet::Lines;
use crate::{Input, Opening, Part};

/// The command that prints the revision in force.
pub(crate) const CHECK: &str = "cat /proc/net/dev; nft list table inet acequia | \
                                grep -oE 'rev [0-9]+|packets [0-9]+ bytes [0-9]+ comment \"acequia seen\"'";

/// Print the rules in force, and before them the interfaces with what came in: a guard for one that is not there holds
/// nothing.
pub(crate) const LIST: &str = "cat /proc/net/dev; nft list table inet acequia";
pub(crate) const LIST_OPEN: &str = "nft list chain inet filter acequia_open";

/// The file for plain nftables: loadable on its own with `nft -f`, atomically and any number of times.
pub(crate) fn file(input: &Input, part: Part) -> Lines {
    let mut lines = Lines::default();
    if part == Part::Open {
        lines.nest("", open(input));
    } else if part == Part::All {
        lines.why(
            "# open part: only a host whose own input chain drops needs it; it belongs into the host's own table,",
            "opening must be written in the host's own firewall: an accept here would not reach its other chains",
        );
        lines.add("# so it stands here as a comment; render the part `open` to load it.");
        lines.nest("# ", open(input));
    }
    if part.guards() {
        lines.nest("", guard(input));
    }
    lines
}

/// Rules for the host's own `table inet filter`, in a chain that its input chain jumps to.
fn open(input: &Input) -> Lines {
    let mut lines = Lines::default();
    lines.why(
        "table inet filter {",
        "the table of the stock /etc/nftables.conf; another name must be changed here and below",
    );
    lines.add("  chain acequia_open {").add("  }").add("}");
    lines.why("flush chain inet filter acequia_open", "the new revision replaces the old one in one step");
    lines.add("table inet filter {");
    lines.why(
        "  chain acequia_open {",
        "put `jump acequia_open` once into your own input chain, before whatever drops or rejects",
    );
    for permit in guard::opened(input) {
        let interface = input.interface();
        lines.why(format!("    iifname \"{interface}\" {}", accept(&permit)), permit.reason());
    }
    lines.add(format!("    return comment \"{}\"", revision(input)));
    lines.add("  }").add("}");
    lines
}

/// The table as a transaction of its own.
pub(crate) fn guard(input: &Input) -> Lines {
    let mut lines = Lines::default();
    lines.why("table inet acequia", "makes the table if it is absent, so that the next line never fails");
    lines.why("delete table inet acequia", "the whole file is one transaction: no moment without a guard");
    lines.add("table inet acequia {");
    lines.nest("  ", body(input));
    lines.add("}");
    lines
}

/// What stands inside the table; the NixOS module declares the table itself.
pub(crate) fn body(input: &Input) -> Lines {
    let mut lines = Lines::default();
    set(&mut lines, "own", &guard::texts(input.own(), Family::V4), "ipv4_addr", OWN);
    let own6 = guard::texts(input.own(), Family::V6);
    set(&mut lines, "own", &own6, "ipv6_addr", OWN);
    let known = input.known();
    if !known.is_empty() {
        set(&mut lines, "friends", &guard::texts(&known, Family::V4), "ipv4_addr", FRIENDS);
        set(&mut lines, "friends", &guard::texts(&known, Family::V6), "ipv6_addr", FRIENDS);
    }
    lines.add("chain guard {");
    let mut rules = Lines::default();
    rules.why(
        "type filter hook prerouting priority -150; policy accept;",
        "before destination NAT, so that ports published by Docker are guarded too, and in a chain of its own, \
         where tailscaled's rules cannot accept first",
    );
    rules.why(
        format!("iifname != \"{}\" accept", input.interface()),
        "only what comes in through the tailnet is looked at",
    );
    rules.why(
        format!("counter comment \"{SEEN}\""),
        "counts what comes in through the tailnet: if it stays at 0 while friends play, the guard looks at the wrong \
         interface and holds nothing",
    );
    rules.why(
        "ct direction reply accept",
        "answers to connections that this node began; there is no rule for established flows, so that the next \
         revision and a passed end stop open connections too",
    );
    rules.why(
        "meta l4proto { icmp, icmpv6 } accept",
        "ping, and path MTU discovery, which large packets need",
    );
    for (family, word) in [(Family::V4, "ip saddr @own4"), (Family::V6, "ip6 saddr @own6")] {
        if !guard::texts(input.own(), family).is_empty() {
            rules.why(format!("{word} accept"), "your own devices reach everything, as before");
        }
    }
    for permit in guard::named(input) {
        rules.why(accept(&permit), permit.reason());
    }
    for (family, word) in [(Family::V4, "ip saddr @friends4"), (Family::V6, "ip6 saddr @friends6")] {
        if !guard::texts(&known, family).is_empty() {
            rules.why(
                format!("{word} counter drop"),
                "friends whose addresses are known reach nothing but their own shares",
            );
        }
    }
    for permit in guard::unnamed(input) {
        rules.why(accept(&permit), permit.reason());
    }
    for share in guard::ended(input) {
        rules.why(format!("# share {} has ended", share.label), "an ended share opens nothing");
    }
    rules.why(
        format!("counter drop comment \"{}\"", revision(input)),
        "everything else from the tailnet stops here; the comment says which revision is in force",
    );
    lines.nest("  ", rules);
    lines.add("}");
    lines
}

const OWN: &str = "the tailnet's own devices when this revision was made; a device that joined later waits for the \
                   next revision";
const FRIENDS: &str = "friends' devices whose addresses were read; a new device has a new address and waits for \
                       the next revision";

fn set(lines: &mut Lines, name: &str, elements: &[String], kind: &str, reason: &str) {
    if elements.is_empty() {
        return;
    }
    let digit = if kind == "ipv4_addr" { '4' } else { '6' };
    lines.add(format!("set {name}{digit} {{"));
    lines.add(format!("  type {kind}"));
    lines.why(format!("  elements = {{ {} }}", elements.join(", ")), reason);
    lines.add("}");
}

fn accept(permit: &Permit<'_>) -> String {
    let source = match &permit.source {
        None => String::new(),
        Some((family, addresses)) => {
            let word = if *family == Family::V4 { "ip" } else { "ip6" };
            format!("{word} saddr {{ {} }} ", guard::texts(addresses, *family).join(", "))
        }
    };
    // Unix seconds: nft reads and lists written dates in the local zone of the process.
    let time = match permit.opening {
        Opening::Until(until) => format!("meta time {}-{} ", NOT_BEFORE.seconds(), until.seconds()),
        Opening::Always | Opening::Ended => String::new(),
    };
    let ports: Vec<String> = permit.ranges.iter().map(ToString::to_string).collect();
    format!("{source}{time}{} dport {{ {} }} accept", permit.protocol, ports.join(", "))
}

fn revision(input: &Input) -> String {
    format!("acequia rev {}", input.revision())
}

/// Takes the table and the chain out, also when they are absent.
pub(crate) fn removal(part: Part) -> Lines {
    let mut lines = Lines::default();
    if part == Part::Open {
        lines.add("table inet filter {").add("  chain acequia_open {").add("  }").add("}");
        lines.why(
            "delete chain inet filter acequia_open",
            "take `jump acequia_open` out of your own input chain first, or this is refused and nothing changes",
        );
    }
    if part.guards() {
        lines.why("table inet acequia", "makes the table if it is absent, so that the next line never fails");
        lines.add("delete table inet acequia");
    }
    lines
}
