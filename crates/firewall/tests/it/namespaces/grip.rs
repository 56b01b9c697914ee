//! A guard that holds nothing: with packets, and as what the commands of the page print says it.

use firewall::{Backend, Input, Part, compare_pasted, render};

use super::host::TAILSCALED;
use super::{World, cases, each_guard, guard, load};

/// What a command prints on the server.
fn said(world: &World, command: &str) -> String {
    let output = world.output("server", &format!("{{ {command}; }} 2>&1 || true"));
    String::from_utf8(output.stdout).unwrap()
}

fn for_interface(name: &str) -> Input {
    let json = serde_json::to_string(&cases::named("known")).unwrap();
    Input::from_json(&json.replace("tailscale0", name)).unwrap()
}

/// B10 of the measurements: tailscaled runs under another name than the text is for.
#[test]
fn a_guard_for_another_interface_lets_everything_in_and_both_commands_say_so() {
    each_guard("a guard for another interface", |world, backend, command| {
        for (interface, there, friend) in [("tailscale0", true, "OOOO--"), ("ts9", false, "OOOOOO")] {
            let input = for_interface(interface);
            world.run(&guard(&input, backend, command));
            world.assert_row(interface, friend, if there { "------" } else { "OOOOOO" }, "OOOOOO");
            let snippet = render(&input, backend, Part::All);
            for print in [&snippet.check_command, &snippet.list_command] {
                let pasted = said(world, print);
                let grip = compare_pasted(&input, backend, &pasted).unwrap().grip;
                assert_eq!((grip.interface.as_str(), grip.there), (interface, Some(there)), "{pasted}");
                // Both show counters, of each kind. Fails if the check command of iptables leaves `-v` out.
                assert_eq!(
                    grip.seen.map(|seen| seen > 0),
                    Some(there),
                    "packets came in meanwhile: {pasted}"
                );
            }
            let listed = said(world, &snippet.list_command);
            let compared = compare_pasted(&input, backend, &listed).unwrap();
            assert!(compared.grip.seen.is_some() && compared.live.is(&input), "{listed}\n{compared:#?}");
        }
    });
}

/// B9: a restart of Debian's nftables.service flushes everything.
#[test]
fn after_a_flush_everything_is_open_and_the_check_command_finds_no_table() {
    let Some(mut world) = World::new("a flush of the rule set", &["nft"]) else { return };
    let input = cases::named("known");
    world.run(&guard(&input, Backend::Nftables, "nft -f -"));
    world.assert_row("guarded", "OOOO--", "------", "OOOOOO");
    world.run("nft flush ruleset");
    world.assert_row("flushed", "OOOOOO", "OOOOOO", "OOOOOO");
    let pasted = said(&world, &render(&input, Backend::Nftables, Part::All).check_command);
    let compared = compare_pasted(&input, Backend::Nftables, &pasted).unwrap();
    assert!(compared.live.revisions.is_empty() && compared.listings.is_empty(), "{compared:#?}");
    assert!(pasted.contains("Error: No such file or directory"), "{pasted}");
    assert_eq!(compared.grip.there, Some(true));
}

/// B2c, B2d and B4: what the note beside the text of nftables says, and the one beside that of iptables.
#[test]
fn a_table_of_the_hosts_own_drops_whatever_tailscaled_accepts_and_a_chain_behind_it_does_not() {
    let Some(mut world) = World::new("a table of the host's own", &["nft", "iptables"]) else { return };
    world.run(TAILSCALED);
    let own = "table inet filter { chain input { type filter hook input priority 0; policy drop; iifname lo accept; \
               ct state established accept; meta l4proto { icmp, icmpv6 } accept; }; }";
    world.run(&format!("nft '{own}'"));
    world.assert_row("own table", "------", "------", "------");
    let open = render(&cases::named("both"), Backend::Nftables, Part::Open).text();
    world.run(&load("nft -f -", &open));
    world.run("nft add rule inet filter input jump acequia_open");
    world.assert_row("with the open part", "OOOO--", "OOOO--", "OOOO--");
    world.run("nft delete table inet filter");
    world.run("for t in iptables ip6tables; do $t -A INPUT -i tailscale0 -p tcp --dport 22 -j DROP; done");
    world.assert_row("behind ts-input", "OOOOOO", "OOOOOO", "OOOOOO");
    let notes = |backend| render(&cases::named("both"), backend, Part::All).notes.join("\n");
    assert!(notes(Backend::Nftables).contains("a drop in your own table does bite"));
    for backend in [Backend::Iptables, Backend::Ufw, Backend::NixosIptables] {
        let notes = notes(backend);
        assert!(notes.contains("changes nothing and restricts nobody"), "{backend}: {notes}");
    }
    assert!(!notes(Backend::Nftables).contains("changes nothing and restricts nobody"));
}
