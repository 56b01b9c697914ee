//! Sentences about `acls` and `grants`.

use super::Expected::{Refused, Strange, Taken};
use super::{Row, row};

pub const ROWS: [Row; 79] = [
    row(
        "policy-file: neither acls nor grants, the default allows everything",
        r#""hosts": {"office": "10.0.0.0/24", "alderhost": "100.64.0.1"}"#,
        Taken,
    ),
    row("policy-file, acls: empty, nothing is allowed", r#""acls": []"#, Taken),
    row("grants: empty, nothing is allowed", r#""grants": []"#, Taken),
    row(
        "policy-file, acls, action: the only possible action is accept",
        r#""acls": [{"action": "accept", "src": ["<user>"], "dst": ["<tag>:<ports>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, action: the only possible action is accept",
        r#""acls": [{"action": "drop", "src": ["<user>"], "dst": ["<tag>:22"]}]"#,
        Refused("is not supported"),
    ),
    row(
        "policy-file, acls: the legacy fields users and ports",
        r#""acls": [{"action": "accept", "users": ["<user>"], "ports": ["<tag>:<ports>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, src: any",
        r#""acls": [{"action": "accept", "src": ["*"], "dst": ["<tag>:<ports>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, src: user",
        r#""acls": [{"action": "accept", "src": ["<user>"], "dst": ["*:<ports>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, src: user by GitHub",
        r#""acls": [{"action": "accept", "src": ["<friend>"], "dst": ["*:<ports>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, src: group",
        r#""acls": [{"action": "accept", "src": ["group:house"], "dst": ["<tag>:<ports>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, src: Tailscale IP",
        r#""acls": [{"action": "accept", "src": ["<address>"], "dst": ["*:<ports>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, src: subnet CIDR range",
        r#""acls": [{"action": "accept", "src": ["<prefix>"], "dst": ["<tag>:<ports>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, src: host",
        r#""acls": [{"action": "accept", "src": ["office"], "dst": ["<tag>:<ports>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, src: tag",
        r#""acls": [{"action": "accept", "src": ["<tag>"], "dst": ["*:<ports>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, src: autogroup by role",
        r#""acls": [{"action": "accept", "src": ["autogroup:admin"], "dst": ["*:<ports>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, src: autogroup (all)",
        r#""acls": [{"action": "accept", "src": ["autogroup:danger-all"], "dst": ["<tag>:<ports>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, src: srcPosture restricts further",
        r#""acls": [{"action": "accept", "src": ["<user>"], "dst": ["*:<ports>"], "srcPosture": ["posture:mac"]}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, proto: without one the rule is for all TCP and UDP",
        r#""acls": [{"action": "accept", "src": ["<user>"], "dst": ["*:<ports>"], "proto": ""}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, proto: named alias igmp",
        r#""acls": [{"action": "accept", "src": ["<user>"], "dst": ["<tag>:*"], "proto": "igmp"}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, proto: named alias ipv4",
        r#""acls": [{"action": "accept", "src": ["<user>"], "dst": ["<tag>:*"], "proto": "ipv4"}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, proto: named alias ip-in-ip",
        r#""acls": [{"action": "accept", "src": ["<user>"], "dst": ["<tag>:*"], "proto": "ip-in-ip"}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, proto: named alias egp",
        r#""acls": [{"action": "accept", "src": ["<user>"], "dst": ["<tag>:*"], "proto": "egp"}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, proto: named alias igp",
        r#""acls": [{"action": "accept", "src": ["<user>"], "dst": ["<tag>:*"], "proto": "igp"}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, proto: named alias gre",
        r#""acls": [{"action": "accept", "src": ["<user>"], "dst": ["<tag>:*"], "proto": "gre"}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, proto: named alias esp",
        r#""acls": [{"action": "accept", "src": ["<user>"], "dst": ["<tag>:*"], "proto": "esp"}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, proto: named alias ah",
        r#""acls": [{"action": "accept", "src": ["<user>"], "dst": ["<tag>:*"], "proto": "ah"}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, proto: tcp may name ports",
        r#""acls": [{"action": "accept", "src": ["<user>"], "dst": ["<tag>:<ports>"], "proto": "tcp"}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, proto: udp may name ports",
        r#""acls": [{"action": "accept", "src": ["<user>"], "dst": ["<tag>:<ports>"], "proto": "udp"}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, proto: sctp may name ports",
        r#""acls": [{"action": "accept", "src": ["<user>"], "dst": ["<tag>:<ports>"], "proto": "sctp"}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, proto: a number from 1 to 255",
        r#""acls": [{"action": "accept", "src": ["<user>"], "dst": ["<tag>:*"], "proto": "16"}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, proto: a number from 1 to 255",
        r#""acls": [{"action": "accept", "src": ["<user>"], "dst": ["<tag>:*"], "proto": "256"}]"#,
        Refused("not known"),
    ),
    row(
        "policy-file, acls, proto: other protocols only have * as their port",
        r#""acls": [{"action": "accept", "src": ["<user>"], "dst": ["<tag>:22"], "proto": "gre"}]"#,
        Refused("has no ports"),
    ),
    row(
        "policy-file, acls, dst: any",
        r#""acls": [{"action": "accept", "src": ["<user>"], "dst": ["*:*"]}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, dst: user",
        r#""acls": [{"action": "accept", "src": ["<user>"], "dst": ["<user>:<ports>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, dst: group",
        r#""acls": [{"action": "accept", "src": ["<user>"], "dst": ["group:house:<ports>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, dst: Tailscale IP",
        r#""acls": [{"action": "accept", "src": ["<user>"], "dst": ["<address>:<ports>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, dst: IPv6 addresses in brackets",
        r#""acls": [{"action": "accept", "src": ["<user>"], "dst": ["[fd7a:115c:a1e0::2]:<ports>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, dst: hosts",
        r#""acls": [{"action": "accept", "src": ["<user>"], "dst": ["alderhost:<ports>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, dst: subnet CIDR range",
        r#""acls": [{"action": "accept", "src": ["<user>"], "dst": ["<prefix>:<ports>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, dst: tags",
        r#""acls": [{"action": "accept", "src": ["<user>"], "dst": ["<tag>:<ports>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, dst: internet access through an exit node",
        r#""acls": [{"action": "accept", "src": ["<user>"], "dst": ["autogroup:internet:*"]}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, dst: own devices",
        r#""acls": [{"action": "accept", "src": ["autogroup:member"], "dst": ["autogroup:self:<ports>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, dst: own devices, with a group",
        r#""acls": [{"action": "accept", "src": ["group:house"], "dst": ["autogroup:self:<ports>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, dst: own devices, with a user",
        r#""acls": [{"action": "accept", "src": ["<user>"], "dst": ["autogroup:self:<ports>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, autogroups: self does not apply to tagged devices",
        r#""acls": [{"action": "accept", "src": ["<tag>"], "dst": ["autogroup:self:*"]}]"#,
        Refused("autogroup:self can only be used"),
    ),
    row(
        "policy-file, autogroups: you cannot use self with tagged",
        r#""acls": [{"action": "accept", "src": ["autogroup:tagged"], "dst": ["autogroup:self:*"]}]"#,
        Refused("autogroup:self can only be used"),
    ),
    row(
        "policy-file, acls, dst: tailnet devices",
        r#""acls": [{"action": "accept", "src": ["<user>"], "dst": ["autogroup:member:<ports>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, dst: IP sets",
        r#""acls": [{"action": "accept", "src": ["<user>"], "dst": ["ipset:lab:<ports>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, dst, ports: multiple",
        r#""acls": [{"action": "accept", "src": ["<user>"], "dst": ["<tag>:80,443"]}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, dst, ports: range",
        r#""acls": [{"action": "accept", "src": ["<user>"], "dst": ["<tag>:1000-2000"]}]"#,
        Taken,
    ),
    row(
        "policy-file, acls, dst, ports: a range is of numbers",
        r#""acls": [{"action": "accept", "src": ["<user>"], "dst": ["<tag>:http"]}]"#,
        Refused("invalid first integer"),
    ),
    row(
        "policy-file, acls, dst: host and ports",
        r#""acls": [{"action": "accept", "src": ["<user>"], "dst": ["office"]}]"#,
        Refused("hostport must contain a colon"),
    ),
    row(
        "policy-file, subnet routers and exit nodes: a subnet apart from its router",
        r#""acls": [{"action": "accept", "src": ["<user>"], "dst": ["<prefix>:<ports>", "<tag>:22"]}]"#,
        Taken,
    ),
    row(
        "grants, src and dst: required, ip or app besides",
        r#""grants": [{"src": ["<user>"], "dst": ["<tag>"], "ip": ["tcp:<port>"]}]"#,
        Taken,
    ),
    row(
        "grants: neither ip nor app",
        r#""grants": [{"src": ["<user>"], "dst": ["<tag>"]}]"#,
        Refused("ip and app can not both be empty"),
    ),
    row("grants, ip: *", r#""grants": [{"src": ["<user>"], "dst": ["<tag>"], "ip": ["*"]}]"#, Taken),
    row(
        "grants, ip: a port",
        r#""grants": [{"src": ["<user>"], "dst": ["<tag>"], "ip": ["<port>"]}]"#,
        Taken,
    ),
    row(
        "grants, ip: a range of ports",
        r#""grants": [{"src": ["<user>"], "dst": ["<tag>"], "ip": ["80-443"]}]"#,
        Taken,
    ),
    row(
        "grants, ip: a protocol and ports",
        r#""grants": [{"src": ["<user>"], "dst": ["<tag>"], "ip": ["tcp:80-443", "udp:<port>"]}]"#,
        Taken,
    ),
    row(
        "grants, ip: a protocol and all its ports",
        r#""grants": [{"src": ["<user>"], "dst": ["<tag>"], "ip": ["icmp:*", "sctp:*"]}]"#,
        Taken,
    ),
    row(
        "grants, ip: a protocol that has no ports",
        r#""grants": [{"src": ["<user>"], "dst": ["<tag>"], "ip": ["gre:22"]}]"#,
        Refused("has no ports"),
    ),
    row(
        "grants, app: capabilities by domain and name",
        r#""grants": [{"src": ["<user>"], "dst": ["<tag>"], "app": {"example.com/cap/x": [{"role": "admin"}]}}]"#,
        Taken,
    ),
    row(
        "grants, app: beside ip",
        r#""grants": [{"src": ["<user>"], "dst": ["<tag>"], "ip": ["tcp:443"], "app": {"tailscale.com/cap/kubernetes": [{"impersonate": {"groups": ["a"]}}]}}]"#,
        Taken,
    ),
    row(
        "grants, app: Taildrive",
        r#""grants": [{"src": ["<user>"], "dst": ["<tag>"], "app": {"tailscale.com/cap/drive": [{"shares": ["*"], "access": "ro"}]}}]"#,
        Taken,
    ),
    row(
        "cmd/proxy-to-grafana of tailscale/tailscale",
        r#""grants": [{"src": ["<user>"], "dst": ["<tag>"], "app": {"tailscale.com/cap/proxy-to-grafana": [{"role": "editor"}]}}]"#,
        Taken,
    ),
    row(
        "captures: funnel is not for grants",
        r#""grants": [{"src": ["<user>"], "dst": ["<tag>"], "app": {"tailscale.com/cap/funnel": []}}]"#,
        Refused("must not be in the tailscale.com domain"),
    ),
    row(
        "no page: a capability of Tailscale that is documented nowhere",
        r#""grants": [{"src": ["<user>"], "dst": ["<tag>"], "app": {"tailscale.com/cap/brand-new": []}}]"#,
        Strange("cap/brand-new"),
    ),
    row(
        "captures: app with autogroup:internet",
        r#""grants": [{"src": ["<user>"], "dst": ["autogroup:internet"], "app": {"example.com/x": []}}]"#,
        Refused("cannot use app grants with autogroup:internet"),
    ),
    row(
        "grants-via: routers by tag",
        r#""grants": [{"src": ["<user>"], "dst": ["10.0.0.0/24"], "ip": ["*"], "via": ["tag:router"]}]"#,
        Taken,
    ),
    row(
        "grants-via: exit nodes by tag",
        r#""grants": [{"src": ["<user>"], "dst": ["autogroup:internet"], "ip": ["*"], "via": ["tag:router", "tag:server"]}]"#,
        Taken,
    ),
    row(
        "grants-via: only tags",
        r#""grants": [{"src": ["<user>"], "dst": ["10.0.0.0/24"], "ip": ["*"], "via": ["<user>"]}]"#,
        Refused("via can only be a tag"),
    ),
    row(
        "grant-samples, customize autogroup internet: an IP set through exit nodes",
        r#""grants": [{"src": ["<user>"], "dst": ["ipset:net"], "ip": ["*"], "via": ["tag:router"]}]"#,
        Taken,
    ),
    row(
        "ip-sets, customize autogroup:internet",
        r#""grants": [{"src": ["<user>"], "dst": ["ipset:net"], "ip": ["*"]}]"#,
        Taken,
    ),
    row(
        "grants, dst: a service",
        r#""grants": [{"src": ["<user>"], "dst": ["svc:web"], "ip": ["tcp:443"]}]"#,
        Taken,
    ),
    row(
        "grants, src: everybody with whom something is shared",
        r#""grants": [{"src": ["autogroup:shared"], "dst": ["<address>"], "ip": ["tcp:<port>"]}]"#,
        Taken,
    ),
    row(
        "sharing: a rule may name the recipient",
        r#""grants": [{"src": ["<friend>"], "dst": ["<address>"], "ip": ["tcp:<port>"]}]"#,
        Taken,
    ),
    row(
        "device-posture, posture conditions: srcPosture in a grant, any of several",
        r#""grants": [{"src": ["autogroup:member"], "dst": ["<tag>"], "ip": ["*"], "srcPosture": ["posture:mac", "posture:country"]}]"#,
        Taken,
    ),
    row(
        "device-posture, shared nodes: recipients connect whatever their posture",
        r#""grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"], "srcPosture": ["posture:mac"]}]"#,
        Taken,
    ),
    row(
        "device-posture, posture conditions: a posture has to be defined",
        r#""grants": [{"src": ["<user>"], "dst": ["<tag>"], "ip": ["*"], "srcPosture": ["posture:gone"]}]"#,
        Refused("posture not found"),
    ),
];
