//! The table of what opens and what restricts, on every host that can run here, with and without tailscaled.
//!
//! Columns of a row: TCP and UDP on the shared port over IPv4 and IPv6, then ssh over both.

use std::fmt::Write;

use firewall::{Backend, Part, render};
use serde_json::Value;

use super::host::{FIREWALLD, TAILSCALED, nixos_iptables, nixos_nftables};
use super::load;
use super::world::World;
use crate::tools::{nix, ufw};
use crate::{cases, sandbox};

const ALL: &str = "OOOOOO";
const SHARED: &str = "OOOO--";
const NONE: &str = "------";
const IPTABLES: &[&str] = &["nft", "iptables-nft", "nix-instantiate"];

/// One host: what is set up on it, and what friend, stranger and the owner's laptop then reach without and
/// with tailscaled's rules. The order of loading must not matter: the rules come before tailscaled's.
fn assert_host(what: &str, tools: &[&str], setup: &str, off: [&str; 3], on: [&str; 3]) {
    for (tailscaled, [friend, stranger, laptop]) in [(false, off), (true, on)] {
        let Some(mut world) = World::new(what, tools) else { return };
        world.run(setup);
        if tailscaled && sandbox::installed(what, &["iptables"]) {
            world.run(TAILSCALED);
        }
        world.assert_row(&format!("{what}, tailscaled {tailscaled}"), friend, stranger, laptop);
    }
}

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
fn a_host_without_a_firewall_is_open_to_everybody() {
    assert_host("no firewall", &[], "", [ALL; 3], [ALL; 3]);
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
fn a_guard_restricts_on_a_host_without_other_rules() {
    for (backend, command) in [(Backend::Nftables, "nft -f -"), (Backend::Iptables, "sh")] {
        for (case, stranger) in [("known", NONE), ("both", SHARED)] {
            let guard = load(command, &render(&cases::named(case), backend, Part::All).text());
            let row = [SHARED, stranger, ALL];
            assert_host(&format!("{backend} {case}"), &["nft", "iptables-nft"], &guard, row, row);
        }
    }
}

#[test]
fn the_open_part_opens_a_host_that_drops() {
    let input = cases::named("both");
    let nft = load("nft -f -", &render(&input, Backend::Nftables, Part::Open).text())
        + &load(
            "nft -f -",
            "table inet filter {\n chain input {\n type filter hook input priority filter; policy drop;\n \
             meta l4proto { icmp, icmpv6 } accept\n jump acequia_open\n }\n}\n",
        );
    assert_host("nftables, open", &["nft", "iptables-nft"], &nft, [SHARED; 3], [SHARED; 3]);
    let dropping =
        "for t in iptables ip6tables; do $t -P INPUT DROP; done; ip6tables -A INPUT -p icmpv6 -j ACCEPT\n";
    let iptables = dropping.to_owned() + &load("sh", &render(&input, Backend::Iptables, Part::Open).text());
    assert_host("iptables, open", &["iptables-nft"], &iptables, [SHARED; 3], [ALL; 3]);
}

#[test]
fn ufw_restricts_without_tailscaled_only_and_its_guard_always() {
    let tools = ["ufw", "iptables"];
    if !sandbox::ready_as_root("hosts with ufw", &tools) {
        return;
    }
    let input = cases::named("known");
    let enabled = |part| {
        let text = render(&input, Backend::Ufw, part).text();
        format!("{} ufw --force enable >/dev/null\n{}", ufw::COVER, load("sh", &text))
    };
    assert_host("ufw, open", &tools, &enabled(Part::Open), [SHARED; 3], [ALL; 3]);
    assert_host("ufw, both", &tools, &enabled(Part::All), [SHARED, NONE, SHARED], [SHARED, NONE, ALL]);
}

#[test]
fn firewalld_restricts_by_its_zone_and_its_guard_tells_friends_from_strangers() {
    let tools = ["firewalld", "firewall-cmd", "dbus-daemon", "nft", "iptables"];
    if !sandbox::ready_as_root("hosts with firewalld", &tools) {
        return;
    }
    let Some(mut world) = World::new("firewalld", &tools) else { return };
    let input = cases::named("known");
    let text = |part| load("sh", &render(&input, Backend::Firewalld, part).text());
    world.run(&format!("{FIREWALLD}{}{TAILSCALED}", text(Part::Open)));
    world.assert_row("firewalld, open", SHARED, SHARED, ALL);
    world.run(&text(Part::Guard));
    world.assert_row("firewalld, both", SHARED, NONE, ALL);
}
