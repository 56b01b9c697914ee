//! Real packets between namespaces: who reaches what with each snippet, next to tailscaled's own rules.
//!
//! tailscaled itself does not run here; its netfilter rules are written as its source writes them.

mod agent;
mod docker;
mod grip;
mod host;
mod households;
mod minecraft;
mod table;
mod world;

use agent::Expected;
use firewall::{Backend, Input, Part, remove, render};
use world::{World, address, server};

use crate::cases;

/// Every way in which a guard reaches a kernel here: the backend, and the command that loads its text.
const GUARDS: [(Backend, &str, &str); 3] = [
    (Backend::Nftables, "nft", "nft -f -"),
    (Backend::Iptables, "nft", "sh"),
    (Backend::Iptables, "legacy", "sh"),
];

fn tools(backend: Backend) -> &'static [&'static str] {
    if backend == Backend::Nftables { &["nft"] } else { &["iptables-nft", "iptables-legacy"] }
}

fn load(command: &str, text: &str) -> String {
    format!("{command} <<'ACEQUIA'\n{text}ACEQUIA\n")
}

/// The world with the variant of iptables chosen, for each guard.
fn each_guard(what: &str, mut test: impl FnMut(&mut World, Backend, &str)) {
    for (backend, variant, command) in GUARDS {
        let Some(mut world) = World::new(what, tools(backend)) else { continue };
        if backend == Backend::Iptables {
            world.run(&crate::tools::iptables::variant(variant));
        }
        test(&mut world, backend, command);
    }
}

fn guard(input: &Input, backend: Backend, command: &str) -> String {
    load(command, &render(input, backend, Part::Guard).text())
}

#[test]
fn the_next_revision_without_the_share_stops_flows_that_are_open() {
    each_guard("flows at a revocation", |world, backend, command| {
        world.run(&guard(&cases::named("known"), backend, command));
        let flows =
            [("tcp", server(false, 25565)), ("udp", server(true, 25565)), ("tcp", server(true, 25565))];
        for (protocol, address) in flows {
            world.friend.hold(protocol, address);
            world.laptop.hold(protocol, address);
        }
        world.run(&guard(&cases::named("none"), backend, command));
        for (protocol, address) in flows {
            assert_eq!(world.friend.say(protocol, address, Expected::Blocked), "-", "{backend} {protocol}");
            assert_eq!(world.laptop.say(protocol, address, Expected::Open), "O", "{backend} {protocol}");
        }
        world.assert_row("after the share", "------", "------", "OOOOOO");
    });
}

#[test]
fn the_host_itself_ends_a_share_at_its_date() {
    each_guard("ends in the rule", |world, backend, command| {
        world.run(&guard(&cases::named("running"), backend, command));
        world.assert_row("before the end", "OOOO--", "OOOO--", "OOOOOO");
        world.run(&guard(&cases::named("far"), backend, command));
        world.assert_row("long before the end", "OOOO--", "OOOO--", "OOOOOO");
        world.friend.hold("tcp", server(false, 25565));
        // The same share as a host sees it that was off over the end: nothing but the clock is different.
        let ended = Input::from_json(
            r#"{"node":"n1","revision":7,"interface":"tailscale0","own":["100.64.0.10","fd7a:115c:a1e0::10"],
                "shares":[{"id":"mc","tcp":["25565"],"udp":["25565"],"until":"2026-02-01T00:00:00Z"}]}"#,
        )
        .unwrap();
        assert!(render(&ended, backend, Part::Guard).text().contains("dport"), "the rule is still written");
        world.run(&guard(&ended, backend, command));
        assert_eq!(world.friend.say("tcp", server(false, 25565), Expected::Blocked), "-", "{backend}");
        world.assert_row("after the end", "------", "------", "OOOOOO");
    });
}

#[test]
fn a_clock_before_the_lower_bound_opens_nothing() {
    each_guard("a clock that starts in 1970", |world, backend, command| {
        // The clock cannot be set back here, so the bound is set forward: to this clock it looks the same.
        let text = guard(&cases::named("running"), backend, command);
        let moved = text.replace("1767225600", "2144000000").replace("2026-01-01T", "2037-12-01T");
        assert_ne!(text, moved);
        world.run(&moved);
        world.assert_row("before the bound", "------", "------", "OOOOOO");
    });
}

#[test]
fn applying_twice_is_applying_once_and_removal_gives_the_host_back() {
    each_guard("removal", |world, backend, command| {
        let applied = guard(&cases::named("both"), backend, command);
        world.run(&applied);
        world.run(&applied);
        world.assert_row("applied twice", "OOOO--", "OOOO--", "OOOOOO");
        let removal = remove(&cases::named("both"), backend, Part::Guard).text();
        world.run(&load(command, &removal));
        world.run(&load(command, &removal));
        world.assert_row("removed", "OOOOOO", "OOOOOO", "OOOOOO");
        world.run(
            "for rules in 'nft list ruleset' iptables-save ip6tables-save; do \
             if command -v ${rules%% *} >/dev/null && $rules | grep -i acequia; then exit 1; fi; done",
        );
    });
}

#[test]
fn the_node_itself_still_reaches_its_friends() {
    each_guard("replies", |world, backend, command| {
        world.friend.serve(&[8080], &[8080]);
        world.run(&guard(&cases::named("none"), backend, command));
        let targets = [("tcp", false), ("tcp", true), ("udp", false), ("udp", true)]
            .map(|(protocol, v6)| (protocol, address("friend", v6, 8080), Expected::Open));
        assert_eq!(world.server.probe(&targets), "OOOO", "{backend}");
    });
}

#[test]
fn ping_passes_for_everybody() {
    each_guard("ping", |world, backend, command| {
        if !crate::sandbox::installed("ping", &["ping"]) {
            return;
        }
        world.run(&guard(&cases::named("none"), backend, command));
        for address in ["100.64.0.5", "fd7a:115c:a1e0::5"] {
            let output = world.output("stranger", &format!("ping -c 1 -W 20 {address}"));
            crate::sandbox::accepted("ping", address, &output);
        }
    });
}

#[test]
fn without_a_guard_a_rule_that_is_taken_out_leaves_flows_open() {
    // Why ending a share is a revision of the guard: the host's own firewall lets established flows go on.
    let Some(mut world) = World::new("flows of the host's own firewall", &["nft"]) else { return };
    let open = "iifname \"tailscale0\" meta l4proto { tcp, udp } th dport 25565 accept";
    world.run(&host::nixos_nftables(open));
    let flows = [("tcp", server(false, 25565)), ("udp", server(true, 25565)), ("tcp", server(true, 25565))];
    for (protocol, address) in flows {
        world.friend.hold(protocol, address);
    }
    world.run("nft flush chain inet nixos-fw input-allow");
    for (protocol, address) in flows {
        assert_eq!(world.friend.say(protocol, address, Expected::Open), "O", "{protocol}: the rule is gone");
    }
    world.run(&guard(&cases::named("none"), Backend::Nftables, "nft -f -"));
    for (protocol, address) in flows {
        assert_eq!(world.friend.say(protocol, address, Expected::Blocked), "-", "{protocol}: the guard");
    }
}
