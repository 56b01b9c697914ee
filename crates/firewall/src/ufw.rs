//! ufw: its own rules for the open part, the mangle table for the guard, which ufw leaves alone.

use crate::guard;
use crate::iptables;
use crate::snippet::Lines;
use crate::{Input, Opening, Part};

/// Prints the revision of the open part.
pub(crate) const CHECK_OPEN: &str = "ufw status | sed -n 's/.*# acequia \\(rev [0-9]*\\)$/\\1/p' | sort -u";

/// Prints the rules in force.
pub(crate) const LIST_OPEN: &str = "ufw status numbered";

const DELETE: &str = "ufw status numbered | sed -n 's/^\\[ *\\([0-9]*\\)\\].*# acequia rev .*/\\1/p' | sort -rn | \
                      while read -r n; do ufw --force delete \"$n\"; done";

pub(crate) fn file(input: &Input, part: Part) -> Lines {
    let mut lines = Lines::default();
    lines.add("set -eu");
    // The guard first: if a later command fails, the host is closed rather than open.
    if part.guards() {
        lines.nest("", iptables::guard(input));
    }
    if part.opens() {
        lines.why(
            DELETE,
            "the rules of the revision before, from the last to the first, so that numbers stay true",
        );
        for permit in guard::opened(input) {
            for range in permit.ranges {
                let reason = match permit.opening {
                    Opening::Until(_) => format!("{}; ufw knows no dates, the guard does", permit.reason()),
                    Opening::Always | Opening::Ended => permit.reason(),
                };
                lines.why(
                    format!(
                        "ufw allow in on {} proto {} to any port {} comment 'acequia rev {}'",
                        input.interface(),
                        permit.protocol,
                        range.to_string().replace('-', ":"),
                        input.revision()
                    ),
                    reason,
                );
            }
        }
    }
    lines
}

pub(crate) fn removal(part: Part) -> Lines {
    let mut lines = Lines::default();
    if part.opens() {
        lines.add(DELETE);
    }
    if part.guards() {
        lines.nest("", iptables::removal(Part::Guard));
    }
    lines
}
