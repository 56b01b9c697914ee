use firewall::{Backend, Input, Part, compare_ufw, render};

use crate::tools::ufw::COVER;
use crate::{cases, sandbox};

/// What ufw lists after the open part of `input` was run and `change` was done to it.
fn listed(input: &Input, change: &str, list: &str) -> String {
    let text = render(input, Backend::Ufw, Part::Open).text();
    let script = format!(
        "{COVER} (ufw --force enable; sh /dev/stdin; {change}) > /run/said 2>&1 || {{ cat /run/said; exit 1; }}; {list}"
    );
    let output = sandbox::run(&script, &text);
    sandbox::accepted(&script, &text, &output);
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn ufw_lists_what_was_rendered_and_changes_are_named() {
    if !sandbox::ready_as_root("comparing ufw", &["ufw", "iptables"]) {
        return;
    }
    for case in ["none", "ranges", "mixed"] {
        let input = cases::named(case);
        for list in ["ufw status numbered", "ufw status"] {
            assert_eq!(
                compare_ufw(&input, &listed(&input, "ufw allow 22/tcp", list)),
                [""; 0],
                "{case} {list}"
            );
        }
    }
    let input = cases::named("mixed");
    let told = |change: &str| compare_ufw(&input, &listed(&input, change, "ufw status numbered"));
    let (four, six) = ("on tailscale0 over IPv4", "on tailscale0 over IPv6");
    let rule = |rest: &str| format!("ufw {rest} comment 'acequia rev 7'");
    let drop = "ufw delete allow in on tailscale0 proto tcp to any port 8096";
    assert_eq!(told(drop), [format!("missing: 8096/tcp {four}"), format!("missing: 8096/tcp {six}")]);
    assert_eq!(
        told(&format!("{drop}; {}", rule("allow in on tailscale0 proto udp to any port 8096"))),
        [
            format!("missing: 8096/tcp {four}"),
            format!("not ours: 8096/udp {four}"),
            format!("missing: 8096/tcp {six}"),
            format!("not ours: 8096/udp {six}"),
        ]
    );
    assert_eq!(
        told(&rule("allow in on tailscale0 proto tcp from 100.64.0.9 to any port 22")),
        ["not ours: 22/tcp on tailscale0 ALLOW IN 100.64.0.9"]
    );
    assert_eq!(
        told(&rule("deny in on tailscale0 proto tcp to any port 23")),
        [
            "not ours: 23/tcp on tailscale0 DENY IN Anywhere",
            "not ours: 23/tcp (v6) on tailscale0 DENY IN Anywhere (v6)"
        ]
    );
    assert!(!told("ufw disable").is_empty());
}
