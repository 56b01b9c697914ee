//! Rules in force, as the real nft lists them, compared with the rendered ones.

mod firewalld;
mod nixos;
mod pasted;
mod ufw;
pub mod windows;

use firewall::{
    Backend, Difference, Input, Live, LiveError, Part, compare_iptables, compare_nft, compare_pasted, render,
};

pub use pasted::saved as saved_by_hand;

use super::iptables::variant;
use crate::{cases, sandbox};

/// What `list` prints after the guard of `input` was loaded and `change` was done to it.
fn listed(input: &Input, change: &str, list: &str) -> String {
    let text = render(input, Backend::Nftables, Part::All).text();
    let script = format!("cat > /run/f.nft; nft -f /run/f.nft; {change}\n{list}");
    let output = sandbox::run(&script, &text);
    sandbox::accepted(&script, &text, &output);
    String::from_utf8(output.stdout).unwrap()
}

const LIST: &str = "nft list table inet acequia";

fn after(input: &Input, change: &str) -> Live {
    compare_nft(input, &listed(input, change, LIST)).unwrap()
}

#[test]
fn what_was_loaded_is_what_was_rendered_however_it_is_listed() {
    if !sandbox::ready("comparing rules in force", &["nft"]) {
        return;
    }
    let other = "nft add table inet filter; nft add chain inet filter acequia";
    for (name, input) in cases::all() {
        let lists = [
            LIST,
            "nft -a list ruleset",
            "nft -nn list ruleset",
            "TZ=Asia/Kathmandu nft list ruleset",
            "TZ=XYZ+8 nft list ruleset",
        ];
        for list in lists {
            let live = compare_nft(&input, &listed(&input, other, list)).unwrap();
            assert!(live.is(&input), "{name}, {list}: {live:#?}");
        }
    }
}

#[test]
fn many_devices_are_listed_on_many_lines() {
    if !sandbox::ready("comparing many devices", &["nft"]) {
        return;
    }
    let own: Vec<String> = (1..=40).map(|n| format!("\"100.64.1.{n}\",\"fd7a:115c:a1e0::1:{n}\"")).collect();
    let ports: Vec<String> = (1..=30).map(|n| format!("\"{}\"", n * 2000)).collect();
    let input = Input::from_json(&format!(
        r#"{{"node":"n1","revision":3,"interface":"tailscale0","own":[{}],"shares":[{{"id":"a","tcp":[{}]}}]}}"#,
        own.join(","),
        ports.join(",")
    ))
    .unwrap();
    let pasted = listed(&input, "", LIST);
    assert!(pasted.lines().count() > 40, "{pasted}");
    assert!(compare_nft(&input, &pasted).unwrap().is(&input));
    let live = after(&input, "nft delete element inet acequia own4 '{ 100.64.1.7 }'");
    let wanted = "set own4: element 100.64.1.7".to_owned();
    assert_eq!(live.differences, [Difference::Missing { wanted }]);
}

#[test]
fn what_somebody_changed_on_the_host_is_named() {
    if !sandbox::ready("naming changed rules", &["nft"]) {
        return;
    }
    let input = cases::named("mixed");
    let texts = |change: &str| -> Vec<String> {
        let live = after(&input, change);
        assert!(!live.is(&input), "{change}");
        live.differences.iter().map(ToString::to_string).collect()
    };
    let handle = |words: &str| {
        format!(
            "handle \"$(nft -a list table inet acequia | grep -F '{words}' | head -n 1 | sed 's/.*handle //')\""
        )
    };
    let chain = "inet acequia guard";
    assert_eq!(
        texts(&format!("nft insert rule {chain} tcp dport 22 accept")),
        ["not ours: chain guard: tcp dport 22 accept"]
    );
    assert_eq!(
        texts(&format!("nft delete rule {chain} {}", handle("tcp dport 8096"))),
        ["missing: chain guard: tcp dport { 8096 } accept"]
    );
    assert_eq!(
        texts(&format!("nft replace rule {chain} {} tcp dport 8097 accept", handle("tcp dport 8096"))),
        ["altered: chain guard: tcp dport 8097 accept; it should be: chain guard: tcp dport { 8096 } accept"]
    );
    assert_eq!(
        texts("nft add element inet acequia own4 '{ 100.64.0.66 }'"),
        ["not ours: set own4: element 100.64.0.66"]
    );
    // A day more is no other zone, nor are seven minutes.
    for end in ["2026-12-25 22:00:00", "2026-12-24 22:07:00"] {
        let told = texts(&format!(
            "TZ=UTC nft replace rule {chain} {} ip6 saddr fd7a:115c:a1e0::20 meta time '\"2026-01-01 00:00:00\"'-'\"{end}\"' \
             tcp dport 25565 accept",
            handle("ip6 saddr fd7a:115c:a1e0::20 meta time")
        ));
        assert!(
            told.len() == 1 && told[0].starts_with("altered: ") && told[0].contains("ip6 saddr"),
            "{told:?}"
        );
    }
    // Before everything: what stands first decides.
    let told = texts(&format!(
        "nft delete rule {chain} {}; nft insert rule {chain} ip saddr @own4 accept",
        handle("ip saddr @own4")
    ));
    assert_eq!(told, ["at another place: chain guard: ip saddr @own4 accept"]);
    let told = texts("nft flush chain inet acequia guard; nft flush set inet acequia own4");
    assert!(told.iter().all(|line| line.starts_with("missing: ")) && told.len() > 10, "{told:?}");
}

#[test]
fn an_older_revision_is_told_apart_from_its_rules() {
    if !sandbox::ready("an older revision", &["nft"]) {
        return;
    }
    let input = cases::named("several");
    let json = serde_json::to_string(&input).unwrap();
    let next = Input::from_json(&json.replace(r#""revision":7"#, r#""revision":8"#)).unwrap();
    let live = compare_nft(&next, &listed(&input, "", LIST)).unwrap();
    assert!(live.differences.is_empty() && !live.is(&next), "{live:?}");
    assert_eq!(live.revisions.into_iter().map(model::Revision::number).collect::<Vec<_>>(), [7]);
}

#[test]
fn a_text_that_does_not_show_the_table_is_refused() {
    let input = cases::named("one");
    let rendered = render(&input, Backend::Nftables, Part::Guard).text();
    assert!(compare_nft(&input, &rendered).unwrap().is(&input), "what is rendered is a listing too");
    let error = |text: &str| compare_nft(&input, text).unwrap_err();
    assert_eq!(error(""), LiveError::NoTable);
    assert_eq!(error("Error: No such file or directory\nlist table inet acequia\n"), LiveError::NoTable);
    assert_eq!(error(&rendered.lines().take(12).fold(String::new(), |a, l| a + l + "\n")), LiveError::Cut);
    assert_eq!(error(&"x\n".repeat(30_000)), LiveError::TooLong);
}

/// What both families list after the iptables guard of `input` was loaded and `change` was done to it.
fn saved(name: &str, input: &Input, change: &str, options: &str) -> String {
    let text = render(input, Backend::Iptables, Part::All).text();
    let script = format!(
        "mkdir /run/bin; {} PATH=/run/bin:$PATH; cat > /run/f.sh; sh /run/f.sh; {change}\n\
         iptables-save {options}; ip6tables-save {options}",
        variant(name)
    );
    let output = sandbox::run(&script, &text);
    sandbox::accepted(&script, &text, &output);
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn both_variants_of_iptables_list_what_was_rendered() {
    if !sandbox::ready("comparing iptables", &["iptables-nft", "iptables-legacy"]) {
        return;
    }
    for name in ["nft", "legacy"] {
        for (case, input) in cases::all() {
            let live = compare_iptables(&input, &saved(name, &input, "", "")).unwrap();
            assert!(live.is(&input), "{name} {case}: {live:#?}");
        }
        let input = cases::named("mixed");
        let pasted = saved(name, &input, "", "-c");
        assert!(compare_iptables(&input, &pasted).unwrap().is(&input), "{pasted}");
        let bare: String =
            pasted.lines().filter(|line| !line.starts_with('#')).flat_map(|line| [line, "\n"]).collect();
        assert!(compare_iptables(&input, &bare).unwrap().is(&input), "{bare}");
        let told = |change: &str| -> Vec<String> {
            let live = compare_iptables(&input, &saved(name, &input, change, "")).unwrap();
            live.differences.iter().map(ToString::to_string).collect()
        };
        assert_eq!(
            told("ip6tables -t mangle -I ACEQUIA 1 -p tcp --dport 22 -j RETURN"),
            ["not ours: IPv6: -A ACEQUIA -p tcp -m tcp --dport 22 -j RETURN"]
        );
        assert_eq!(
            told("iptables -t mangle -D PREROUTING -j ACEQUIA"),
            ["missing: IPv4: -A PREROUTING -j ACEQUIA"]
        );
        assert_eq!(
            told("iptables -t mangle -D ACEQUIA -s 100.64.0.40 -j DROP"),
            ["missing: IPv4: -A ACEQUIA -s 100.64.0.40 -j DROP"]
        );
        let half = &pasted[..pasted.find("# Generated by ip6tables").unwrap()];
        assert_eq!(compare_iptables(&input, half).unwrap_err(), LiveError::OneFamily("IPv6"));
        assert_eq!(compare_iptables(&input, half.split("--ctdir").next().unwrap()), Err(LiveError::Cut));
    }
    assert_eq!(compare_iptables(&cases::named("one"), "rev 7\n"), Err(LiveError::NoChain));
}

#[test]
fn the_chains_of_the_open_part_are_compared_as_they_are_listed() {
    if !sandbox::ready("comparing open parts", &["nft", "iptables-nft", "iptables-legacy"]) {
        return;
    }
    for (case, input) in cases::all() {
        let text = render(&input, Backend::Nftables, Part::Open).text();
        for list in ["nft list chain inet filter acequia_open", "nft list ruleset"] {
            let output = sandbox::run(&format!("cat > /run/f.nft; nft -f /run/f.nft; {list}"), &text);
            sandbox::accepted(&case, &text, &output);
            let pasted = String::from_utf8(output.stdout).unwrap();
            let live = compare_pasted(&input, Backend::Nftables, &pasted).unwrap().live;
            assert!(live.is(&input), "{case}: {live:#?}\n{pasted}");
        }
        for name in ["nft", "legacy"] {
            let compared = compare_pasted(&input, Backend::Iptables, &saved(name, &input, "", "")).unwrap();
            assert!(compared.is(&input) && compared.shows(Part::All), "{name} {case}: {compared:#?}");
        }
    }
    let input = cases::named("mixed");
    let change = "ip6tables -D ACEQUIA-OPEN -i tailscale0 -p tcp -m multiport --dports 8096 -j ACCEPT; \
                  iptables -D INPUT -j ACEQUIA-OPEN";
    let compared = compare_pasted(&input, Backend::Iptables, &saved("nft", &input, change, "")).unwrap();
    let told: Vec<String> = compared.live.differences.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "missing: IPv4: -A INPUT -j ACEQUIA-OPEN",
            "missing: IPv6: -A ACEQUIA-OPEN -i tailscale0 -p tcp -m multiport --dports 8096 -j ACCEPT"
        ]
    );
}
