//! The table of what opens and what restricts, on every host that can run here, with and without tailscaled.
//!
//! Columns of a row: TCP and UDP on the shared port over IPv4 and IPv6, then ssh over both.

mod managed;
mod nixos;

use firewall::{Backend, Part, render};

use super::host::{RESTARTED, TAILSCALED};
use super::world::World;
use super::{each_guard, guard, load};
use crate::{cases, sandbox};

const ALL: &str = "OOOOOO";
const SHARED: &str = "OOOO--";
const NONE: &str = "------";
const SSH: &str = "----OO";

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

#[test]
fn a_host_without_a_firewall_is_open_to_everybody() {
    assert_host("no firewall", &[], "", [ALL; 3], [ALL; 3]);
}

/// What guides tell people to write: TCP over IPv4, and only that.
const NAIVE: [&str; 2] =
    ["-i tailscale0 -p tcp -s 100.64.0.20 --dport 25565 -j ACCEPT", "-i tailscale0 -p tcp -j DROP"];

#[test]
fn the_rules_of_guides_leave_ipv6_and_udp_open_and_are_nothing_next_to_tailscaled() {
    let tools = ["iptables"];
    let appended = NAIVE.map(|rule| format!("iptables -A INPUT {rule}\n")).concat();
    assert_host("naive, appended", &tools, &appended, ["OOOO-O", "-OOO-O", "-OOO-O"], [ALL; 3]);
    let Some(mut world) = World::new("naive, inserted", &tools) else { return };
    world.run(TAILSCALED);
    world.run(&format!("iptables -I INPUT 1 {}; iptables -I INPUT 2 {}", NAIVE[0], NAIVE[1]));
    world.assert_row("naive, inserted after tailscaled", "OOOO-O", "-OOO-O", "-OOO-O");
    world.run(RESTARTED);
    world.assert_row("naive, after tailscaled restarted", ALL, ALL, ALL);
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
fn a_guard_restricts_in_whichever_order_it_and_tailscaled_come() {
    each_guard("tailscaled first", |world, backend, command| {
        if !sandbox::installed("tailscaled first", &["iptables"]) {
            return;
        }
        world.run(TAILSCALED);
        world.assert_row("tailscaled alone", ALL, ALL, ALL);
        world.run(&guard(&cases::named("known"), backend, command));
        world.assert_row("the guard after tailscaled", SHARED, NONE, ALL);
        world.run(RESTARTED);
        world.assert_row("tailscaled restarted after the guard", SHARED, NONE, ALL);
    });
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
