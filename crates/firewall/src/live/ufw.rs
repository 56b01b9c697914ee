//! What ufw lists, compared by the ports that it lets in: it has the open part only.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use model::Protocol;

use super::answer::Live;
use super::compare::Difference;
use super::ports::{self, Ports};
use super::revision;
use crate::Input;
use crate::address::Family;

/// Where the output of `ufw status` or `ufw status numbered` parts from an input, in words.
///
/// Rules without our comment are the host's own and passed over. Where ufw lists no rule for IPv6 at all, it is
/// switched off there and not asked for.
///
/// ```
/// let input = firewall::Input::from_json(
///     r#"{"node":"n1","revision":7,"interface":"tailscale0","own":["100.64.0.10"],"shares":[{"id":"mc","tcp":["25565"],"udp":[]}]}"#,
/// )?;
/// let pasted = "[ 1] 25566/tcp on tailscale0  ALLOW IN  Anywhere  # acequia rev 7";
/// assert_eq!(
///     firewall::compare_ufw(&input, pasted),
///     ["missing: 25565/tcp on tailscale0 over IPv4", "not ours: 25566/tcp on tailscale0 over IPv4"]
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn compare_ufw(input: &Input, pasted: &str) -> Vec<String> {
    compare(input, pasted).differences.iter().map(ToString::to_string).collect()
}

pub(super) fn compare(input: &Input, pasted: &str) -> Live {
    let mut found: BTreeMap<(Family, Protocol), Ports> = BTreeMap::new();
    let mut live = Live { revisions: BTreeSet::new(), differences: Vec::new() };
    for line in pasted.lines() {
        let Some((rule, comment)) =
            line.split_once(" # ").filter(|(_, comment)| comment.starts_with("acequia"))
        else {
            continue;
        };
        live.revisions.extend(revision(comment));
        match door(rule, input.interface().as_str()) {
            Some((family, protocol, range)) => found.entry((family, protocol)).or_default().extend(range),
            None => live.differences.push(Difference::Extra { found: bare(rule).join(" ") }),
        }
    }
    let families: &[Family] = if pasted.contains("(v6)") { &Family::ALL } else { &[Family::V4] };
    for family in families {
        let word = if *family == Family::V4 { "IPv4" } else { "IPv6" };
        for protocol in Protocol::ALL {
            let found = found.remove(&(*family, protocol)).unwrap_or_default();
            let beside = format!("/{protocol} on {} over {word}", input.interface());
            live.differences.extend(ports::differences(&ports::wanted(input, protocol), &found, beside));
        }
    }
    live
}

/// Whether a text is of ufw: its head, or rules of ours.
pub(super) fn recognised(text: &str) -> bool {
    text.lines().any(|line| {
        let ours = line.contains("# acequia rev ") && line.contains(" ALLOW ");
        line.trim() == "Status: active" || line.trim() == "Status: inactive" || ours
    })
}

/// What one rule lets in, if it is one of the form that we write.
fn door(rule: &str, interface: &str) -> Option<(Family, Protocol, RangeInclusive<u16>)> {
    let (family, ports, on) = match bare(rule)[..] {
        [ports, "on", on, "ALLOW", "IN", "Anywhere"] | [ports, "on", on, "ALLOW", "Anywhere"] => {
            (Family::V4, ports, on)
        }
        [ports, "(v6)", "on", on, "ALLOW", "IN", "Anywhere", "(v6)"]
        | [ports, "(v6)", "on", on, "ALLOW", "Anywhere", "(v6)"] => (Family::V6, ports, on),
        _ => return None,
    };
    let (ports, protocol) = ports.split_once('/')?;
    let protocol = Protocol::ALL.into_iter().find(|known| known.as_str() == protocol)?;
    (on == interface).then_some((family, protocol, ports::range(ports, ':')?))
}

/// The words of a rule without its number.
fn bare(rule: &str) -> Vec<&str> {
    let numbered = rule.trim().strip_prefix('[').and_then(|rest| rest.split_once(']'));
    numbered.map_or(rule, |(_, rule)| rule).split_whitespace().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_read_from_the_lines_of_ufw() {
        let read = |line| door(line, "tailscale0");
        let (tcp, udp) = (Protocol::Tcp, Protocol::Udp);
        assert_eq!(
            read("[ 1] 25565/tcp on tailscale0       ALLOW IN    Anywhere"),
            Some((Family::V4, tcp, 25565..=25565))
        );
        assert_eq!(
            read("[12] 19132:19133/udp (v6) on tailscale0 ALLOW IN    Anywhere (v6)"),
            Some((Family::V6, udp, 19132..=19133))
        );
        assert_eq!(
            read("25565/tcp on tailscale0       ALLOW       Anywhere"),
            Some((Family::V4, tcp, 25565..=25565))
        );
        for other in [
            "Status: active",
            "[ 1] 25565/tcp on eth0       ALLOW IN    Anywhere",
            "[ 1] 25565/tcp on tailscale0       DENY IN    Anywhere",
            "[ 1] 25565 on tailscale0       ALLOW IN    Anywhere",
            "[ 1] 22/tcp on tailscale0       ALLOW IN    100.64.0.9",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
