//! The guard as one chain per family in the mangle table, and the plain iptables backend.
//!
//! tailscaled puts `-i tailscale0 -j ACCEPT` first in the filter table's INPUT; a drop in mangle PREROUTING comes
//! before that and before destination NAT. `iptables-restore --noflush` replaces a declared chain in one step,
//! so there is no moment without a guard.

use model::PortRange;

use crate::address::Family;
use crate::guard::{self, Permit};
use crate::opening::NOT_BEFORE;
use crate::snippet::Lines;
use crate::{Input, Opening, Part};

/// Prints the revision in force, one line if both families agree, and what the rules counted of what came in through the
/// tailnet. A chain that nothing jumps to holds nothing: that is asked too, and only told where it is so.
pub(crate) const CHECK: &str = "cat /proc/net/dev; for t in iptables ip6tables; do \
    $t -w -t mangle -C PREROUTING -j ACEQUIA; $t -w -t mangle -v -S ACEQUIA; done | grep -v ' ! -i ' | \
    grep -oE 'rev [0-9]+|-c [0-9]+ [0-9]+' | sort -u";
/// The same for the open part.
pub(crate) const CHECK_OPEN: &str =
    "for t in iptables ip6tables; do $t -w -S ACEQUIA-OPEN; done | grep -o 'rev [0-9]*' | sort -u";

/// Prints the rules in force, of both parts, with what they counted; before them the interfaces with what came in.
pub(crate) const LIST: &str = "cat /proc/net/dev; iptables-save -c; ip6tables-save -c";

/// 2037-12-31T23:59:59Z: `-m time` reads no later year. A share with a later end closes here at that moment, which
/// some revision before then puts off.
const LAST_DATE: i64 = 2_145_916_799;

/// `multiport` holds 15 numbers; a range counts twice.
const MULTIPORT: usize = 15;

/// The script for plain iptables.
pub(crate) fn file(input: &Input, part: Part) -> Lines {
    let mut lines = Lines::default();
    lines.add("set -eu");
    // The guard first: if a later command fails, the host is closed rather than open.
    if part.guards() {
        lines.nest("", guard(input));
    }
    if part.opens() {
        lines.nest("", open(input));
    }
    lines
}

/// What puts the guard in force, in plain sh.
pub(crate) fn guard(input: &Input) -> Lines {
    let chain = Chain { table: "mangle", name: "ACEQUIA", base: "PREROUTING" };
    chain.script(|family| guard_rules(input, family))
}

fn open(input: &Input) -> Lines {
    let chain = Chain { table: "filter", name: "ACEQUIA-OPEN", base: "INPUT" };
    chain.script(|_| open_rules(input))
}

/// The rules of the open part, the same for both families.
pub(crate) fn open_rules(input: &Input) -> Lines {
    let mut rules = Lines::default();
    for permit in guard::opened(input) {
        for ports in chunks(permit.ranges) {
            let matches = matches(&permit, &ports);
            rules.why(
                format!("-A ACEQUIA-OPEN -i {} {matches} -j ACCEPT", input.interface()),
                permit.reason(),
            );
        }
    }
    rules.add(format!("-A ACEQUIA-OPEN {} -j RETURN", revision(input)));
    rules
}

/// The rules of the guard of one family, as `iptables-restore` reads them.
pub(crate) fn guard_rules(input: &Input, family: Family) -> Lines {
    let mut rules = Lines::default();
    rules.why(
        format!("-A ACEQUIA ! -i {} -j RETURN", input.interface()),
        "only what comes in through the tailnet is looked at",
    );
    rules.why(
        "-A ACEQUIA -m conntrack --ctdir REPLY -j RETURN",
        "answers to connections that this node began; there is no rule for established flows, so that the next \
         revision and a passed end stop open connections too",
    );
    let icmp = if family == Family::V4 { "icmp" } else { "ipv6-icmp" };
    rules.why(
        format!("-A ACEQUIA -p {icmp} -j RETURN"),
        "ping, and path MTU discovery, which large packets need",
    );
    for own in guard::texts(input.own(), family) {
        rules.why(format!("-A ACEQUIA -s {own} -j RETURN"), "your own devices reach everything, as before");
    }
    for permit in guard::named(input) {
        let Some((_, addresses)) = permit.source.as_ref().filter(|(of, _)| *of == family) else { continue };
        for address in guard::texts(addresses, family) {
            for ports in chunks(permit.ranges) {
                let matches = matches(&permit, &ports);
                rules.why(format!("-A ACEQUIA -s {address} {matches} -j RETURN"), permit.reason());
            }
        }
    }
    for known in guard::texts(&input.known(), family) {
        rules.why(
            format!("-A ACEQUIA -s {known} -j DROP"),
            "friends whose addresses are known reach nothing but their own shares",
        );
    }
    for permit in guard::unnamed(input) {
        for ports in chunks(permit.ranges) {
            rules.why(format!("-A ACEQUIA {} -j RETURN", matches(&permit, &ports)), permit.reason());
        }
    }
    for share in guard::ended(input) {
        rules.why(format!("# share {} has ended", share.label), "an ended share opens nothing");
    }
    rules.why(
        format!("-A ACEQUIA {} -j DROP", revision(input)),
        "everything else from the tailnet stops here; the comment says which revision is in force",
    );
    rules
}

fn matches(permit: &Permit<'_>, ports: &str) -> String {
    // xt_time reads UTC unless told otherwise; both days are included, to the second.
    let time = match permit.opening {
        Opening::Until(until) => {
            format!(
                " -m time --datestart {} --datestop {}",
                date(NOT_BEFORE.seconds()),
                date(until.seconds().min(LAST_DATE))
            )
        }
        Opening::Always | Opening::Ended => String::new(),
    };
    format!("-p {} -m multiport --dports {ports}{time}", permit.protocol)
}

fn date(seconds: i64) -> String {
    let text = model::Timestamp::from_seconds(seconds).to_string();
    text.trim_end_matches('Z').to_owned()
}

/// The ranges as `--dports` lists that `multiport` can hold.
fn chunks(ranges: &[PortRange]) -> Vec<String> {
    let mut lists: Vec<String> = Vec::new();
    let mut room = 0;
    for range in ranges {
        let single = range.first() == range.last();
        let (text, need) = if single {
            (range.first().to_string(), 1)
        } else {
            (format!("{}:{}", range.first(), range.last()), 2)
        };
        match lists.last_mut() {
            Some(list) if need <= room => {
                list.push(',');
                list.push_str(&text);
                room -= need;
            }
            _ => {
                lists.push(text);
                room = MULTIPORT - need;
            }
        }
    }
    lists
}

fn revision(input: &Input) -> String {
    format!("-m comment --comment \"acequia rev {}\"", input.revision())
}

/// One chain of ours, and the chain of the kernel that jumps to it.
struct Chain {
    table: &'static str,
    name: &'static str,
    base: &'static str,
}

impl Chain {
    fn script(&self, rules: impl Fn(Family) -> Lines) -> Lines {
        let Self { table, name, base } = self;
        let mut lines = Lines::default();
        for (family, tool) in [(Family::V4, "iptables"), (Family::V6, "ip6tables")] {
            if family == Family::V6 {
                lines.why(
                    "if [ -e /proc/net/if_inet6 ]; then",
                    "a kernel without IPv6 has nothing to guard there, and its ip6tables fails",
                );
            }
            lines.why(
                format!("{tool}-restore -w --noflush <<'RULES'"),
                "replaces this one chain in one step and leaves all others as they are",
            );
            lines.add(format!("*{table}")).add(format!(":{name} - [0:0]"));
            lines.nest("", rules(family));
            lines.add("COMMIT").add("RULES");
            lines.why(
                format!(
                    "{tool} -w -t {table} -C {base} -j {name} 2>/dev/null || {tool} -w -t {table} -I {base} 1 -j {name}"
                ),
                "one jump to the chain, however often this runs",
            );
            if family == Family::V6 {
                lines.add("fi");
            }
        }
        lines
    }

    fn removal(&self) -> Lines {
        let Self { table, name, base } = self;
        let mut lines = Lines::default();
        for tool in ["iptables", "ip6tables"] {
            for command in [format!("-D {base} -j {name}"), format!("-F {name}"), format!("-X {name}")] {
                lines.add(format!("{tool} -w -t {table} {command} 2>/dev/null || true"));
            }
        }
        lines
    }
}

/// Takes the chains out, also when they are absent.
pub(crate) fn removal(part: Part) -> Lines {
    let mut lines = Lines::default();
    if part.opens() {
        lines.nest("", Chain { table: "filter", name: "ACEQUIA-OPEN", base: "INPUT" }.removal());
    }
    if part.guards() {
        lines.nest("", Chain { table: "mangle", name: "ACEQUIA", base: "PREROUTING" }.removal());
    }
    lines
}
