//! Statements that a tool would take and that are never ours.

use firewall::Backend;

use super::{known, of};

/// A statement of ours, and what the real tool takes, or took once, in its place.
const WRONG: [(Backend, &str, &[&str]); 7] = [
    (
        Backend::Nftables,
        "tcp dport { 25565 } accept",
        &[
            "tcp dport { 0 } accept",
            "tcp dport { 9-5 } accept",
            "tcp dport { 65536 } accept",
            "flush ruleset",
            "ip saddr { 100.64.0.20/10 } tcp dport { 1 } accept",
            "ip saddr { localhost } tcp dport { ssh } accept",
            "include \"/etc/passwd\"",
            "tcp dport { 25565 } accept; flush ruleset",
        ],
    ),
    (
        Backend::Iptables,
        "-A ACEQUIA -p tcp -m multiport --dports 25565 -j RETURN",
        &[
            "-A ACEQUIA -p tcp -m multiport --dports 25565 -j DRPO",
            "-A ACEQUIA -p tcp -m multiport --dports 0 -j RETURN",
            "-A ACEQUIA -p tcp -m multiport --dports 5:1 -j RETURN",
            "-A ACEQUIA -s 100.64.0.0/10 -j RETURN",
            "-A INPUT -p tcp -m multiport --dports 25565 -j RETURN",
            "-A ACEQUIA -m time --datestart 2026-1-1T00:00:00 -j RETURN",
        ],
    ),
    (
        Backend::Ufw,
        "ufw allow in on tailscale0 proto tcp to any port 25565 comment 'acequia rev 7'",
        &[
            "ufw allow in on tailscale0 proto tcp to any port 0 comment 'acequia rev 7'",
            "ufw allow in proto tcp to any port 25565 comment 'acequia rev 7'",
            "ufw allow in on tailscale0 proto tcp to any port 9:5 comment 'acequia rev 7'",
            "ufw disable",
        ],
    ),
    (
        Backend::Firewalld,
        "  --add-port=25565/tcp \\",
        &[
            "  --add-port=0/tcp \\",
            "  --add-port=9-5/tcp \\",
            "  --add-port=25565/sctp \\",
            "  --add-service=ssh \\",
        ],
    ),
    (
        Backend::NixosNftables,
        "{ from = 19132; to = 19133; }",
        &["{ from = 9; to = 5; }", "{ from = 0; to = 5; }", "{ from = 5; to = 99999; }"],
    ),
    (
        Backend::NixosIptables,
        "allowedTCPPorts = [ 25565 ];",
        &[
            "allowedTCPPorts = [ 0 ];",
            "allowedTCPPorts = [ 25565 0 ];",
            "trustedInterfaces = [ \"tailscale0\" ];",
        ],
    ),
    (
        Backend::Windows,
        "Get-NetFirewallRule -Group 'acequia-open' -ErrorAction SilentlyContinue | Remove-NetFirewallRule",
        &[
            "Get-NetFirewallRule | Remove-NetFirewallRule",
            "New-NetFirewallRule -DisplayName 'acequia open rev 7' -Group 'acequia-open' -Direction Inbound -Action Allow \
             -Protocol TCP -LocalPort @('0') -RemoteAddress @('100.64.0.0/10', 'fd7a:115c:a1e0::/48') | Out-Null",
        ],
    ),
];

#[test]
fn what_is_no_statement_of_ours_is_not_in_the_list() {
    for (backend, right, wrong) in WRONG {
        let known = known(backend);
        assert!(known.contains(&of(right)), "{backend}: {right} is {}", of(right));
        for line in wrong {
            assert!(!known.contains(&of(line)), "{backend}: {line}");
        }
    }
}
