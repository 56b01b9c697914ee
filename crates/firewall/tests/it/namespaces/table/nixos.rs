//! NixOS with both of its firewalls, as its modules write them.

use std::fmt::Write;

use firewall::{Backend, Part, render};
use serde_json::Value;

use super::{ALL, NONE, SHARED, assert_host};
use crate::namespaces::host::{nixos_iptables, nixos_nftables};
use crate::namespaces::load;
use crate::tools::nix;
use crate::{cases, sandbox};

const IPTABLES: &[&str] = &["nft", "iptables-nft", "nix-instantiate"];

/// The options that the module of a case sets.
fn options(case: &str, backend: Backend, part: Part) -> Option<Value> {
    let there = sandbox::installed("NixOS hosts", &["nix-instantiate"]);
    there.then(|| nix::evaluate(&render(&cases::named(case), backend, part).text()))
}

/// What NixOS makes of the ports that a module opens on the interface.
fn allow(options: &Value, rule: impl Fn(&str, &str) -> String) -> String {
    let mut rules = String::new();
    for protocol in ["TCP", "UDP"] {
        for port in nix::opened(options, "tailscale0", protocol) {
            writeln!(rules, "{}", rule(&protocol.to_lowercase(), &port.to_string())).unwrap();
        }
    }
    rules
}

fn nft_table(options: &Value) -> String {
    let content = options["networking"]["nftables"]["tables"]["acequia"]["content"].as_str();
    content
        .map(|content| load("nft -f -", &format!("table inet acequia {{\n{content}}}\n")))
        .unwrap_or_default()
}

fn nixos(case: &str, part: Part) -> Option<String> {
    let options = options(case, Backend::NixosNftables, part)?;
    let rules =
        allow(&options, |protocol, port| format!("iifname \"tailscale0\" {protocol} dport {port} accept"));
    Some(nixos_nftables(&rules) + &nft_table(&options))
}

#[test]
fn on_nixos_with_nftables_the_open_part_opens_and_restricts() {
    let Some(open) = nixos("known", Part::Open) else { return };
    assert_host("NixOS nft, open", IPTABLES, &open, [SHARED; 3], [SHARED; 3]);
    let Some(closed) = nixos("known", Part::Guard) else { return };
    assert_host("NixOS nft, guard alone", IPTABLES, &closed, [NONE; 3], [NONE; 3]);
}

#[test]
fn on_nixos_with_nftables_the_guard_tells_friends_from_strangers() {
    let Some(both) = nixos("known", Part::All) else { return };
    let row = [SHARED, NONE, SHARED];
    assert_host("NixOS nft, open and guard", IPTABLES, &both, row, row);
}

#[test]
fn the_guard_holds_where_the_interface_is_trusted() {
    let trusted = nixos_nftables("iifname \"tailscale0\" accept");
    assert_host("NixOS nft, trusted", IPTABLES, &trusted, [ALL; 3], [ALL; 3]);
    let Some(options) = options("both", Backend::NixosNftables, Part::Guard) else { return };
    let guarded = trusted + &nft_table(&options);
    let row = [SHARED, SHARED, ALL];
    assert_host("NixOS nft, trusted, guard", IPTABLES, &guarded, row, row);
}

#[test]
fn on_nixos_with_iptables_only_the_guard_restricts_next_to_tailscaled() {
    let Some(options) = options("known", Backend::NixosIptables, Part::All) else { return };
    let rules = allow(&options, |protocol, port| {
        format!("ip46tables -A nixos-fw -p {protocol} --dport {port} -i tailscale0 -j nixos-fw-accept")
    });
    let open = nixos_iptables(&rules);
    assert_host("NixOS iptables, open", IPTABLES, &open, [SHARED; 3], [ALL; 3]);
    let commands = options["networking"]["firewall"]["extraCommands"].as_str().unwrap();
    let both = open + commands;
    assert_host("NixOS iptables, both", IPTABLES, &both, [SHARED, NONE, SHARED], [SHARED, NONE, ALL]);
}

#[test]
fn on_nixos_with_iptables_too_the_guard_holds_where_the_interface_is_trusted() {
    let trusted = nixos_iptables("ip46tables -A nixos-fw -i tailscale0 -j nixos-fw-accept");
    assert_host("NixOS iptables, trusted", IPTABLES, &trusted, [ALL; 3], [ALL; 3]);
    let Some(options) = options("both", Backend::NixosIptables, Part::Guard) else { return };
    let guarded = trusted + options["networking"]["firewall"]["extraCommands"].as_str().unwrap();
    let row = [SHARED, SHARED, ALL];
    assert_host("NixOS iptables, trusted, guard", IPTABLES, &guarded, row, row);
}

#[test]
fn on_nixos_with_nftables_rules_by_hand_tell_friends_apart_until_their_address_changes() {
    // networking.firewall.extraInputRules, which knows no dates and is what people write.
    let rules = ["tcp", "udp"].map(|protocol| {
        format!(
            "ip saddr 100.64.0.20 {protocol} dport 25565 accept\n\
             ip6 saddr fd7a:115c:a1e0::20 {protocol} dport 25565 accept\n"
        )
    });
    let row = [SHARED, NONE, NONE];
    assert_host("NixOS nft, by hand", IPTABLES, &nixos_nftables(&rules.concat()), row, row);
}
