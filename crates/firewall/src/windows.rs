//! Windows: Block rules for everybody but the own devices. Syntax only was checked, never a running Windows.
//!
//! tailscaled adds a rule that allows every port on its interface, so an Allow restricts nothing; a Block wins
//! over every Allow, and has no exceptions: it names the addresses and ports that are *not* meant.

mod around;

use model::{PortSet, Protocol, Revision};

use crate::guard;
use crate::snippet::Lines;
use crate::{Input, Opening, Part, Share};

macro_rules! list {
    ($groups:literal) => {
        concat!(
            "Get-NetFirewallRule -Group ",
            $groups,
            " -ErrorAction SilentlyContinue | ForEach-Object { $p = $_ | Get-NetFirewallPortFilter; ",
            "$a = $_ | Get-NetFirewallAddressFilter; ($_.DisplayName, $_.Enabled, $_.Direction, $_.Action, ",
            "$p.Protocol, ($p.LocalPort -join ','), ($a.RemoteAddress -join ',')) -join '; ' }"
        )
    };
}

/// Prints the rules in force, one to a line, each with its revision.
pub(crate) const CHECK: &str = list!("'acequia-guard', 'acequia-open'");
/// The same for one part.
pub(crate) const CHECK_GUARD: &str = list!("'acequia-guard'");
/// The same for the other.
pub(crate) const CHECK_OPEN: &str = list!("'acequia-open'");

/// One firewall rule, incoming.
pub(crate) struct Rule {
    /// `guard` or `open`.
    pub group: &'static str,
    /// `Block` or `Allow`.
    pub action: &'static str,
    pub protocol: Protocol,
    /// Ports and ranges of them.
    pub ports: Vec<String>,
    /// Addresses, ranges and prefixes.
    pub addresses: Vec<String>,
}

impl Rule {
    fn command(&self, revision: Revision) -> String {
        let Self { group, action, .. } = self;
        let list = |texts: &[String]| format!("@('{}')", texts.join("', '"));
        format!(
            "New-NetFirewallRule -DisplayName 'acequia {group} rev {revision}' -Group 'acequia-{group}' \
             -Direction Inbound -Action {action} -Protocol {} -LocalPort {} -RemoteAddress {} | Out-Null",
            self.protocol.as_str().to_uppercase(),
            list(&self.ports),
            list(&self.addresses)
        )
    }
}

pub(crate) fn file(input: &Input, part: Part) -> Lines {
    let mut lines = Lines::default();
    let parts = [(part.guards(), "guard", guards(input)), (part.opens(), "open", opens(input))];
    for (_, group, rules) in parts.into_iter().filter(|(meant, ..)| *meant) {
        lines.why(delete(group), "the rules of the revision before");
        for (rule, reason) in rules {
            lines.why(rule.command(input.revision()), reason);
        }
    }
    lines
}

/// The rules of the guard, each with its reason.
pub(crate) fn guards(input: &Input) -> Vec<(Rule, String)> {
    let known = input.known();
    let others = around::gaps(input.own().union(&known).copied().collect());
    let unnamed = |share: &Share| share.peers.is_none();
    let mut rules = blocks(input, &others, unnamed, "whoever is neither yours nor a known friend");
    for address in &known {
        let named = |share: &Share| share.peers.as_ref().is_some_and(|peers| peers.contains(address));
        rules.extend(blocks(input, &[address.to_string()], named, "a friend whose address is known"));
    }
    rules
}

/// The rules of the open part, likewise.
pub(crate) fn opens(input: &Input) -> Vec<(Rule, String)> {
    let rule = |permit: guard::Permit<'_>| {
        let reason = match permit.opening {
            Opening::Until(_) => {
                format!("{}; Windows rules know no dates, apply the next revision then", permit.reason())
            }
            Opening::Always | Opening::Ended => permit.reason(),
        };
        let rule = Rule {
            group: "open",
            action: "Allow",
            protocol: permit.protocol,
            ports: permit.ranges.iter().map(ToString::to_string).collect(),
            addresses: vec!["100.64.0.0/10".to_owned(), "fd7a:115c:a1e0::/48".to_owned()],
        };
        (rule, reason)
    };
    guard::opened(input).into_iter().map(rule).collect()
}

pub(crate) fn removal(part: Part) -> Lines {
    let mut lines = Lines::default();
    if part.opens() {
        lines.add(delete("open"));
    }
    if part.guards() {
        lines.add(delete("guard"));
    }
    lines
}

fn delete(group: &str) -> String {
    format!(
        "Get-NetFirewallRule -Group 'acequia-{group}' -ErrorAction SilentlyContinue | Remove-NetFirewallRule"
    )
}

fn blocks(
    input: &Input,
    addresses: &[String],
    meant: impl Fn(&Share) -> bool,
    who: &str,
) -> Vec<(Rule, String)> {
    let mut rules = Vec::new();
    for protocol in Protocol::ALL {
        let shared: PortSet = input
            .shares()
            .filter(|share| meant(share) && share.opening() != Opening::Ended)
            .flat_map(|share| share.ports.of(protocol).ranges().iter().copied())
            .collect();
        let ports: Vec<String> = around::complement(&shared).iter().map(ToString::to_string).collect();
        if !ports.is_empty() {
            let reason = format!("{who} is stopped at every {protocol} port but the shared ones");
            let rule =
                Rule { group: "guard", action: "Block", protocol, ports, addresses: addresses.to_vec() };
            rules.push((rule, reason));
        }
    }
    rules
}
