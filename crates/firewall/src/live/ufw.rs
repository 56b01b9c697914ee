//! What ufw lists, compared by the ports that it lets in: it has the open part only.

use std::collections::BTreeSet;

use model::Protocol;

use crate::{Input, Opening};

/// Where the output of `ufw status numbered` parts from an input, in words.
///
/// ```
/// let input = firewall::Input::from_json(
///     r#"{"node":"n1","revision":7,"interface":"tailscale0","own":["100.64.0.10"],"shares":[{"id":"mc","tcp":["25565"],"udp":[]}]}"#,
/// )?;
/// let pasted = "[ 1] 25566/tcp on tailscale0  ALLOW IN  Anywhere  # acequia rev 7";
/// assert_eq!(firewall::compare_ufw(&input, pasted), ["port 25565 is not let in", "port 25566 is let in, and should not be"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn compare_ufw(input: &Input, pasted: &str) -> Vec<String> {
    let (mut wanted, mut found) = (BTreeSet::new(), BTreeSet::new());
    for share in input.shares().filter(|share| share.opening() != Opening::Ended) {
        for range in Protocol::ALL.iter().flat_map(|protocol| share.ports.of(*protocol).ranges()) {
            wanted.extend(range.first()..=range.last());
        }
    }
    for (first, last) in pasted.lines().filter(|line| line.contains("acequia")).filter_map(ports_of) {
        found.extend(first..=last);
    }
    let missing = in_ranges(wanted.difference(&found)).map(|ports| format!("port {ports} is not let in"));
    let beside = in_ranges(found.difference(&wanted));
    missing.chain(beside.map(|ports| format!("port {ports} is let in, and should not be"))).collect()
}

/// The ports of one line: `[ 1] 25565:25570/tcp on tailscale0 ALLOW IN`.
fn ports_of(line: &str) -> Option<(u16, u16)> {
    let (rule, _) = line.split_once(" ALLOW IN")?;
    let (ports, _) = rule.split_once('/')?;
    let ports = ports.rsplit([' ', ']']).next()?;
    let (first, last) = ports.split_once(':').unwrap_or((ports, ports));
    Some((first.parse().ok()?, last.parse().ok()?))
}

/// Neighbours as one.
fn in_ranges<'a>(ports: impl Iterator<Item = &'a u16>) -> impl Iterator<Item = String> {
    let mut ranges: Vec<(u16, u16)> = Vec::new();
    for port in ports {
        match ranges.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(*port) => *last = *port,
            _ => ranges.push((*port, *port)),
        }
    }
    ranges
        .into_iter()
        .map(|(first, last)| if first == last { first.to_string() } else { format!("{first}-{last}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_read_from_the_lines_of_ufw() {
        assert_eq!(ports_of("[ 1] 25565/tcp on tailscale0       ALLOW IN    Anywhere"), Some((25565, 25565)));
        assert_eq!(ports_of("[12] 19132:19133/udp on tailscale0 ALLOW IN    Anywhere"), Some((19132, 19133)));
        assert_eq!(ports_of("Status: active"), None);
    }
}
