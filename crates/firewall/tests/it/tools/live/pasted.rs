use std::collections::BTreeSet;

use firewall::{Backend, Input, Listing, LiveError, Part, compare_pasted, render};

use super::windows;

const ZONE: &str = "\
acequia (active)
  summary: acequia rev 7
  target: default
  icmp-block-inversion: no
  interfaces: tailscale0
  sources: 
  services: 
  ports: 25565/tcp 25565/udp
  protocols: 
  forward: no
  masquerade: no
  forward-ports: 
  source-ports: 
  icmp-blocks: 
  rich rules: 
\trule family=\"ipv4\" source address=\"100.64.0.10\" accept
\trule family=\"ipv6\" source address=\"fd7a:115c:a1e0::10\" accept
";
const OPTION: &str =
    "Value:\n{ tailscale0 = { allowedTCPPorts = [ 25565 ]; allowedUDPPorts = [ 25565 ]; }; }\n";
const UFW: &str = "\
Status: active
[ 1] 25565/tcp on tailscale0  ALLOW IN    Anywhere  # acequia rev 7
[ 2] 25565/udp on tailscale0  ALLOW IN    Anywhere  # acequia rev 7
";

fn input() -> Input {
    Input::from_json(
        r#"{"node":"n1","revision":7,"interface":"tailscale0","own":["100.64.0.10","fd7a:115c:a1e0::10"],
            "shares":[{"id":"mc","tcp":["25565"],"udp":["25565"]}]}"#,
    )
    .unwrap()
}

/// The script, with the jumps where `iptables-save` has them: all else in it is passed over.
pub fn saved(input: &Input, part: Part) -> String {
    let text = render(input, Backend::Iptables, part).text();
    text.replace(":ACEQUIA - [0:0]\n", "-A PREROUTING -j ACEQUIA\n")
        .replace(":ACEQUIA-OPEN - [0:0]\n", "-A INPUT -j ACEQUIA-OPEN\n")
}

/// Each kind of host with what its list command prints, of the guard and of the open part.
fn hosts() -> Vec<(Backend, [(Listing, String); 2])> {
    let input = input();
    let nft = |part| render(&input, Backend::Nftables, part).text();
    let table = (Listing::NftGuard, nft(Part::Guard));
    let chains = (Listing::IptablesGuard, saved(&input, Part::Guard));
    let option = (Listing::NixosOption, OPTION.to_owned());
    let windows = |part| windows::listed(&input, part);
    vec![
        (Backend::NixosNftables, [table.clone(), option.clone()]),
        (Backend::NixosIptables, [chains.clone(), option]),
        (Backend::Nftables, [table.clone(), (Listing::NftOpen, nft(Part::Open))]),
        (Backend::Iptables, [chains.clone(), (Listing::IptablesOpen, saved(&input, Part::Open))]),
        (Backend::Ufw, [chains, (Listing::Ufw, UFW.to_owned())]),
        (Backend::Firewalld, [table, (Listing::Firewalld, ZONE.to_owned())]),
        (
            Backend::Windows,
            [(Listing::WindowsGuard, windows(Part::Guard)), (Listing::WindowsOpen, windows(Part::Open))],
        ),
    ]
}

#[test]
fn each_list_is_recognised_and_compared() {
    let input = input();
    for (backend, [guard, open]) in hosts() {
        let both = format!("{}\n{}", guard.1, open.1);
        let compared = compare_pasted(&input, backend, &both).unwrap();
        assert_eq!(compared.listings, BTreeSet::from([guard.0, open.0]), "{backend}");
        assert!(compared.is(&input) && compared.shows(Part::All), "{backend}: {compared:#?}");
        // A part alone is no word on the other.
        let compared = compare_pasted(&input, backend, &guard.1).unwrap();
        assert!(compared.is(&input) && !compared.shows(Part::Open), "{backend}: {compared:#?}");
        let compared = compare_pasted(&input, backend, &open.1).unwrap();
        assert!(!compared.is(&input) && compared.live.differences.is_empty(), "{backend}: {compared:#?}");
        // A changed port is named, in whichever list it is.
        for (one, other) in [(&guard, &open), (&open, &guard)] {
            let changed = one.1.replacen("25565", "25566", 1).replacen("1-25564", "1-25563", 1);
            let compared = compare_pasted(&input, backend, &format!("{}\n{changed}", other.1)).unwrap();
            assert!(!compared.live.differences.is_empty(), "{backend}: {changed}");
        }
    }
}

#[test]
fn a_list_of_another_tool_is_refused_and_told_what_to_paste() {
    let input = input();
    for (backend, lists) in hosts() {
        for (other, [guard, open]) in hosts() {
            for (listing, text) in [guard, open] {
                let compared = compare_pasted(&input, backend, &text);
                // A host that pulls has the guard in nft, whatever its firewall.
                let pulled = listing == Listing::NftGuard && backend != Backend::Windows;
                if pulled || lists.iter().any(|(own, _)| *own == listing) {
                    assert!(compared.is_ok(), "{backend} {other}");
                    continue;
                }
                let wanted = backend.list_command(Part::All);
                assert_eq!(compared, Err(LiveError::Foreign { backend, wanted }), "{backend}: {listing:?}");
            }
        }
    }
}

#[test]
fn a_host_that_pulls_has_its_guard_in_nft_beside_any_firewall() {
    let input = input();
    let guard = render(&input, Backend::Nftables, Part::Guard).text();
    // What iptables prints on such a host has no chain of the guard, and need not.
    let open = saved(&input, Part::Open);
    for (backend, text) in [(Backend::Ufw, UFW), (Backend::Iptables, &open)] {
        let both = compare_pasted(&input, backend, &format!("{guard}{text}")).unwrap();
        assert!(both.is(&input), "{backend}: {both:#?}");
        let wrong =
            compare_pasted(&input, backend, &format!("{}{text}", guard.replace("25565", "22"))).unwrap();
        assert!(!wrong.is(&input), "{backend}: {wrong:#?}");
    }
}

#[test]
fn a_text_without_a_list_names_its_revision_at_most() {
    let input = input();
    for backend in Backend::ALL {
        for (text, revisions) in
            [("rev 7\n", vec![7]), ("rev 6\nrev 7\n", vec![6, 7]), ("nothing here", vec![])]
        {
            let compared = compare_pasted(&input, backend, text).unwrap();
            assert!(compared.listings.is_empty() && !compared.is(&input), "{backend}");
            assert_eq!(
                compared.live.revisions.into_iter().map(model::Revision::number).collect::<Vec<_>>(),
                revisions
            );
        }
    }
    let cut =
        render(&input, Backend::Nftables, Part::Guard).text().lines().take(9).collect::<Vec<_>>().join("\n");
    assert_eq!(compare_pasted(&input, Backend::Nftables, &cut), Err(LiveError::Cut));
}
