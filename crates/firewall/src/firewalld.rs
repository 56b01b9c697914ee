//! firewalld: a zone of its own for the tailnet interface, and the nft table as the guard.
//!
//! firewalld replaces only its own table when it reloads, so the guard stays.

use crate::address::Family;
use crate::guard;
use crate::nftables;
use crate::snippet::Lines;
use crate::{Input, Line, Opening, Part};

/// Prints the revision of the open part.
pub(crate) const CHECK_OPEN: &str =
    "firewall-cmd --permanent --zone=acequia --get-short | grep -o 'rev [0-9]*'";

/// Prints the zone in force with its revision.
pub(crate) const LIST_OPEN: &str = "firewall-cmd -v --zone=acequia --list-all";

const DELETE: &str = "firewall-cmd --permanent --delete-zone=acequia >/dev/null 2>&1 || true";
const CHECK_CONFIG: &str = "firewall-cmd --check-config";
const RELOAD: &str = "firewall-cmd --reload";

pub(crate) fn file(input: &Input, part: Part) -> Lines {
    let mut lines = Lines::default();
    lines.add("set -eu");
    // The guard first: if a later command fails, the host is closed rather than open.
    if part.guards() {
        lines.add("nft -f - <<'RULES'");
        lines.nest("", nftables::guard(input));
        lines.add("RULES");
    }
    if part.opens() {
        open(&mut lines, input);
    }
    lines
}

fn open(lines: &mut Lines, input: &Input) {
    lines.why(DELETE, "the zone is made anew; what is in force stays until the reload below");
    lines.add("firewall-cmd --permanent --new-zone=acequia");
    let zone = "firewall-cmd --permanent --zone=acequia";
    lines
        .why(format!("{zone} --set-short='acequia rev {}'", input.revision()), "says which revision this is");
    let mut own = Lines::default();
    for family in Family::ALL {
        for address in guard::texts(input.own(), family) {
            own.why(
                format!("--add-rich-rule='{}'", own_rule(family, &address)),
                "a new zone closes everything, ssh over the tailnet too: your own devices keep what they had",
            );
        }
    }
    call(lines, zone, own);
    let mut ports = Lines::default();
    for permit in guard::opened(input) {
        for range in permit.ranges {
            let reason = match permit.opening {
                Opening::Until(_) => format!("{}; firewalld knows no dates, the guard does", permit.reason()),
                Opening::Always | Opening::Ended => permit.reason(),
            };
            ports.why(format!("--add-port={range}/{}", permit.protocol), reason);
        }
    }
    call(lines, zone, ports);
    lines.why(
        format!("{zone} --change-interface={}", input.interface()),
        "in no zone it falls into the default one, usually `public`: the friend is shut out and ssh is open",
    );
    lines.why(CHECK_CONFIG, "stops here if anything in the configuration is not sound");
    lines.why(RELOAD, "puts the zone in force");
}

/// The rule for one of the owner's devices, as firewalld also lists it.
pub(crate) fn own_rule(family: Family, address: &str) -> String {
    let word = if family == Family::V4 { "ipv4" } else { "ipv6" };
    format!("rule family=\"{word}\" source address=\"{address}\" accept")
}

/// One call with all its options, one to a line: firewall-cmd takes a second or so each time.
fn call(lines: &mut Lines, command: &str, options: Lines) {
    let mut options = options.done().into_iter().peekable();
    if options.peek().is_none() {
        return;
    }
    lines.add(format!("{command} \\"));
    while let Some(option) = options.next() {
        let more = if options.peek().is_some() { " \\" } else { "" };
        lines.push(Line { text: format!("  {}{more}", option.text), reason: option.reason });
    }
}

pub(crate) fn removal(part: Part) -> Lines {
    let mut lines = Lines::default();
    if part.opens() {
        lines.why(DELETE, "the interface falls back into the default zone");
        lines.add(CHECK_CONFIG).add(RELOAD);
    }
    if part.guards() {
        lines.add("nft -f - <<'RULES'");
        lines.nest("", nftables::removal(Part::Guard));
        lines.add("RULES");
    }
    lines
}
