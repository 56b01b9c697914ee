//! Sentences about the other sections.

use super::Expected::{Refused, Strange, Taken};
use super::{Row, row};

pub const ROWS: [Row; 67] = [
    row(
        "device-posture, postures: IN and several conditions",
        r#""postures": {"posture:mac": ["node:os IN ['macos', 'linux']", "node:tsReleaseTrack == 'stable'", "node:tsVersion >= '1.40'"]}, "grants": [{"src": ["<user>"], "dst": ["*"], "ip": ["*"], "srcPosture": ["posture:mac"]}]"#,
        Taken,
    ),
    row(
        "device-posture, examples: ip:country in",
        r#""postures": {"posture:mac": ["ip:country in ['CA', 'US', 'GB', 'NL']"]}, "grants": [{"src": ["<user>"], "dst": ["*"], "ip": ["*"], "srcPosture": ["posture:mac"]}]"#,
        Taken,
    ),
    row(
        "device-posture, examples: osVersion",
        r#""postures": {"posture:mac": ["node:osVersion == '13.4.0'"]}, "grants": []"#,
        Taken,
    ),
    row(
        "device-posture, examples: tsAutoUpdate",
        r#""postures": {"posture:mac": ["node:tsAutoUpdate == true"]}, "grants": []"#,
        Taken,
    ),
    row(
        "device-posture, examples: custom attributes",
        r#""postures": {"posture:mac": ["custom:attr IS SET", "custom:tier != 'prod'", "custom:x NOT SET", "custom:n < 3"]}, "grants": []"#,
        Taken,
    ),
    row(
        "device-posture, attributes: tsStateEncrypted",
        r#""postures": {"posture:mac": ["node:tsStateEncrypted"]}, "grants": []"#,
        Taken,
    ),
    row(
        "device-posture, operators: NOT IN",
        r#""postures": {"posture:mac": ["node:os NOT IN ['js']"]}, "grants": []"#,
        Taken,
    ),
    row(
        "device-posture, integrations: attributes of theirs",
        r#""postures": {"posture:mac": ["falcon:ztaScore >= 70", "kolide:authState == 'Good'"]}, "grants": []"#,
        Taken,
    ),
    row(
        "device-posture, postures: each starts with posture:",
        r#""postures": {"mac": ["node:os == 'macos'"]}, "grants": []"#,
        Refused("must start with"),
    ),
    row(
        "device-posture, attributes: one that no page has",
        r#""postures": {"posture:mac": ["node:brandOld == 1"]}, "grants": []"#,
        Strange("brandOld"),
    ),
    row(
        "device-posture, operators: one that no page has",
        r#""postures": {"posture:mac": ["node:os ~ 'mac'"]}, "grants": []"#,
        Strange("node:os ~"),
    ),
    row(
        "device-posture, default source posture: any of several, for rules without one",
        r#""defaultSrcPosture": ["posture:mac", "posture:country"], "grants": [{"src": ["*"], "dst": ["*"], "ip": ["<port>"]}]"#,
        Taken,
    ),
    row(
        "device-posture, default source posture: not additive",
        r#""defaultSrcPosture": ["posture:country"], "grants": [{"src": ["*"], "dst": ["*"], "ip": ["<port>"], "srcPosture": ["posture:mac"]}]"#,
        Taken,
    ),
    row(
        "policy-file, auto approvers: routes by user, group and tag",
        r#""grants": [], "autoApprovers": {"routes": {"192.0.2.0/24": ["group:house", "<user>", "<tag>"]}, "exitNode": ["<tag>"]}"#,
        Taken,
    ),
    row(
        "policy-file, auto approvers: autogroups",
        r#""grants": [], "autoApprovers": {"exitNode": ["autogroup:admin", "autogroup:member"]}"#,
        Taken,
    ),
    row(
        "services, auto approval: by service or tag",
        r#""autoApprovers": {"services": {"svc:web": ["<tag>"], "tag:server": ["<tag>"]}}, "grants": [{"src": ["<user>"], "dst": ["svc:web"], "ip": ["tcp:443"]}]"#,
        Taken,
    ),
    row(
        "policy-file, ssh: accept",
        r#""grants": [], "ssh": [{"action": "accept", "src": ["<user>"], "dst": ["<tag>"], "users": ["root", "ubuntu"]}]"#,
        Taken,
    ),
    row(
        "policy-file, ssh: check, with a period",
        r#""grants": [], "ssh": [{"action": "check", "src": ["<user>"], "dst": ["<tag>"], "users": ["root"], "checkPeriod": "20h"}]"#,
        Taken,
    ),
    row(
        "policy-file, ssh, checkPeriod: always",
        r#""grants": [], "ssh": [{"action": "check", "src": ["<user>"], "dst": ["<tag>"], "users": ["root"], "checkPeriod": "always"}]"#,
        Taken,
    ),
    row(
        "policy-file, ssh, checkPeriod: at most 168 hours",
        r#""grants": [], "ssh": [{"action": "check", "src": ["<user>"], "dst": ["<tag>"], "users": ["root"], "checkPeriod": "169h"}]"#,
        Refused("is above the max (168h)"),
    ),
    row(
        "policy-file, ssh, action: accept or check",
        r#""grants": [], "ssh": [{"action": "deny", "src": ["<user>"], "dst": ["<tag>"], "users": ["root"]}]"#,
        Refused("is not a valid action"),
    ),
    row(
        "policy-file, ssh, acceptEnv: names with wildcards",
        r#""grants": [], "ssh": [{"action": "accept", "src": ["<user>"], "dst": ["<tag>"], "users": ["root"], "acceptEnv": ["GIT_EDITOR", "GIT_COMMITTER_*", "CUSTOM_VAR_V?"]}]"#,
        Taken,
    ),
    row(
        "policy-file, ssh, srcPosture",
        r#""grants": [], "ssh": [{"action": "accept", "src": ["<user>"], "dst": ["<tag>"], "users": ["root"], "srcPosture": ["posture:mac"]}]"#,
        Taken,
    ),
    row(
        "policy-file, ssh, src: you cannot use *",
        r#""grants": [], "ssh": [{"action": "accept", "src": ["*"], "dst": ["<tag>"], "users": ["root"]}]"#,
        Refused("invalid src"),
    ),
    row(
        "policy-file, ssh, src: you cannot use IP addresses",
        r#""grants": [], "ssh": [{"action": "accept", "src": ["<address>"], "dst": ["<tag>"], "users": ["root"]}]"#,
        Refused("invalid src"),
    ),
    row(
        "policy-file, ssh, src: you cannot use hostnames",
        r#""grants": [], "ssh": [{"action": "accept", "src": ["alderhost"], "dst": ["<tag>"], "users": ["root"]}]"#,
        Refused("invalid src"),
    ),
    row(
        "policy-file, ssh, dst: you cannot specify *",
        r#""grants": [], "ssh": [{"action": "accept", "src": ["<user>"], "dst": ["*"], "users": ["root"]}]"#,
        Refused("invalid dst"),
    ),
    row(
        "policy-file, ssh, dst: self",
        r#""grants": [], "ssh": [{"action": "accept", "src": ["autogroup:member"], "dst": ["autogroup:self"], "users": ["autogroup:nonroot"]}]"#,
        Taken,
    ),
    row(
        "policy-file, ssh, dst: a user, if the source is only that user",
        r#""grants": [], "ssh": [{"action": "accept", "src": ["ana@example.com"], "dst": ["ana@example.com"], "users": ["root"]}]"#,
        Taken,
    ),
    row(
        "policy-file, ssh, dst: a user, if the source is only that user",
        r#""grants": [], "ssh": [{"action": "accept", "src": ["ben@example.com"], "dst": ["ana@example.com"], "users": ["root"]}]"#,
        Refused("only that same user"),
    ),
    row(
        "policy-file, ssh, users: nonroot",
        r#""grants": [], "ssh": [{"action": "accept", "src": ["<user>"], "dst": ["<tag>"], "users": ["autogroup:nonroot"]}]"#,
        Taken,
    ),
    row(
        "policy-file, ssh, users: localpart",
        r#""grants": [], "ssh": [{"action": "accept", "src": ["user:*@example.com"], "dst": ["<tag>"], "users": ["localpart:*@example.com"]}]"#,
        Taken,
    ),
    row(
        "captures: ssh without users",
        r#""grants": [], "ssh": [{"action": "accept", "src": ["<user>"], "dst": ["<tag>"], "users": []}]"#,
        Refused("users must be specified"),
    ),
    row(
        "captures: a login name that is none",
        r#""grants": [], "ssh": [{"action": "accept", "src": ["<user>"], "dst": ["<tag>"], "users": ["*"]}]"#,
        Refused("is not valid"),
    ),
    row(
        "policy-file, ssh, order of evaluation: tagged to tagged",
        r#""grants": [], "ssh": [{"action": "accept", "src": ["tag:server"], "dst": ["tag:router"], "users": ["root"]}]"#,
        Taken,
    ),
    row(
        "policy-file, ssh, order of evaluation: from a tagged device not in check mode",
        r#""grants": [], "ssh": [{"action": "check", "src": ["tag:server"], "dst": ["tag:router"], "users": ["root"]}]"#,
        Refused("cannot be used with action check"),
    ),
    row(
        "policy-file, ssh: the broadest policy",
        r#""grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"]}], "ssh": [{"action": "accept", "src": ["autogroup:member"], "dst": ["autogroup:self"], "users": ["root", "autogroup:nonroot"]}, {"action": "accept", "src": ["autogroup:member"], "dst": ["tag:server"], "users": ["root"]}, {"action": "accept", "src": ["tag:idle"], "dst": ["tag:server"], "users": ["root"]}]"#,
        Taken,
    ),
    row(
        "session-recording: recorder and enforceRecorder",
        r#""grants": [], "ssh": [{"action": "accept", "src": ["<user>"], "dst": ["<tag>"], "users": ["root"], "recorder": ["tag:server"], "enforceRecorder": true}]"#,
        Taken,
    ),
    row(
        "no page: a field of ssh that nothing has",
        r#""grants": [], "ssh": [{"action": "accept", "src": ["<user>"], "dst": ["<tag>"], "users": ["root"], "brandNew": 1}]"#,
        Strange("brandNew"),
    ),
    row(
        "policy-file, node attributes: target by tag, user, group or *",
        r#""grants": [], "nodeAttrs": [{"target": ["<tag>", "<user>", "group:house", "*"], "attr": ["nextdns:abc123"]}]"#,
        Taken,
    ),
    row(
        "policy-file, node attributes: Funnel",
        r#""grants": [], "nodeAttrs": [{"target": ["autogroup:member"], "attr": ["funnel"]}]"#,
        Taken,
    ),
    row(
        "policy-file, node attributes, app: connectors",
        r#""grants": [], "nodeAttrs": [{"target": ["*"], "app": {"tailscale.com/app-connectors": [{"name": "x", "connectors": ["tag:server"], "domains": ["example.com"]}]}}]"#,
        Taken,
    ),
    row(
        "ip-pool: inside 100.64.0.0/10",
        r#""grants": [], "nodeAttrs": [{"target": ["<tag>"], "ipPool": ["100.81.0.0/16"]}]"#,
        Taken,
    ),
    row(
        "ip-pool: not reserved ranges",
        r#""grants": [], "nodeAttrs": [{"target": ["<tag>"], "ipPool": ["100.100.100.0/24"]}]"#,
        Refused("within reserved range"),
    ),
    row(
        "policy-file, tests: accept and deny",
        r#""groups": {"group:house": ["ana@example.com"], "group:friends": [], "group:mixed": []}, "acls": [{"action": "accept", "src": ["ana@example.com"], "dst": ["tag:idle:22", "100.64.9.1:80"]}], "tests": [{"src": "ana@example.com", "accept": ["tag:idle:22"], "deny": ["tag:idle:23"]}]"#,
        Taken,
    ),
    row(
        "policy-file, tests: the legacy allow and user",
        r#""groups": {"group:house": ["ana@example.com"], "group:friends": [], "group:mixed": []}, "acls": [{"action": "accept", "src": ["ana@example.com"], "dst": ["tag:idle:22", "100.64.9.1:80"]}], "tests": [{"user": "ana@example.com", "allow": ["tag:idle:22"]}]"#,
        Taken,
    ),
    row(
        "policy-file, tests: one that does not hold refuses the policy",
        r#""groups": {"group:house": ["ana@example.com"], "group:friends": [], "group:mixed": []}, "acls": [{"action": "accept", "src": ["ana@example.com"], "dst": ["tag:idle:22", "100.64.9.1:80"]}], "tests": [{"src": "ana@example.com", "accept": ["tag:idle:23"]}]"#,
        Refused("test(s) failed"),
    ),
    row(
        "policy-file, tests, src: a group",
        r#""groups": {"group:house": ["ana@example.com"], "group:friends": [], "group:mixed": []}, "acls": [{"action": "accept", "src": ["ana@example.com"], "dst": ["tag:idle:22", "100.64.9.1:80"]}], "tests": [{"src": "group:house", "accept": ["tag:idle:22"]}]"#,
        Taken,
    ),
    row(
        "policy-file, tests, src: a tag",
        r#""groups": {"group:house": ["ana@example.com"], "group:friends": [], "group:mixed": []}, "acls": [{"action": "accept", "src": ["ana@example.com"], "dst": ["tag:idle:22", "100.64.9.1:80"]}], "tests": [{"src": "tag:server", "deny": ["tag:idle:22"]}]"#,
        Taken,
    ),
    row(
        "policy-file, tests, src: a host that maps to an IP address",
        r#""groups": {"group:house": ["ana@example.com"], "group:friends": [], "group:mixed": []}, "acls": [{"action": "accept", "src": ["ana@example.com"], "dst": ["tag:idle:22", "100.64.9.1:80"]}], "hosts": {"office": "10.0.0.0/24", "alderhost": "100.64.9.9"}, "tests": [{"src": "alderhost", "deny": ["tag:idle:22"]}]"#,
        Taken,
    ),
    row(
        "policy-file, tests, proto: without one TCP or UDP",
        r#""groups": {"group:house": ["ana@example.com"], "group:friends": [], "group:mixed": []}, "acls": [{"action": "accept", "src": ["ana@example.com"], "dst": ["tag:idle:22", "100.64.9.1:80"]}], "tests": [{"src": "ana@example.com", "accept": ["100.64.9.1:80"]}]"#,
        Taken,
    ),
    row(
        "policy-file, tests, proto: as in a rule",
        r#""groups": {"group:house": ["ana@example.com"], "group:friends": [], "group:mixed": []}, "acls": [{"action": "accept", "src": ["ana@example.com"], "dst": ["tag:idle:22", "100.64.9.1:80"]}], "tests": [{"src": "ana@example.com", "proto": "tcp", "accept": ["100.64.9.1:80"]}]"#,
        Taken,
    ),
    row(
        "policy-file, tests, proto: icmp with port 0",
        r#""groups": {"group:house": ["ana@example.com"], "group:friends": [], "group:mixed": []}, "acls": [{"action": "accept", "src": ["ana@example.com"], "dst": ["tag:idle:22", "100.64.9.1:80"]}], "tests": [{"src": "ana@example.com", "proto": "icmp", "accept": ["tag:idle:0"]}]"#,
        Taken,
    ),
    row(
        "captures: icmp with another port",
        r#""groups": {"group:house": ["ana@example.com"], "group:friends": [], "group:mixed": []}, "acls": [{"action": "accept", "src": ["ana@example.com"], "dst": ["tag:idle:22", "100.64.9.1:80"]}], "tests": [{"src": "ana@example.com", "proto": "icmp", "accept": ["tag:idle:22"]}]"#,
        Refused("test(s) failed"),
    ),
    row(
        "policy-file, tests, destinations: a service",
        r#""grants": [{"src": ["ana@example.com"], "dst": ["svc:web"], "ip": ["443"]}], "tests": [{"src": "ana@example.com", "accept": ["svc:web:443"], "deny": ["svc:web:22", "svc:mail:443"]}]"#,
        Taken,
    ),
    row(
        "policy-file, tests, destinations: a synced group",
        r#""groups": {"group:house": ["ana@example.com"], "group:friends": [], "group:mixed": []}, "acls": [{"action": "accept", "src": ["ana@example.com"], "dst": ["tag:idle:22", "100.64.9.1:80"]}], "tests": [{"src": "ana@example.com", "deny": ["group:security@example.com:22"]}]"#,
        Taken,
    ),
    row(
        "policy-file, tests, destinations: no CIDR notation",
        r#""groups": {"group:house": ["ana@example.com"], "group:friends": [], "group:mixed": []}, "acls": [{"action": "accept", "src": ["ana@example.com"], "dst": ["tag:idle:22", "100.64.9.1:80"]}], "tests": [{"src": "ana@example.com", "deny": ["192.168.1.0/24:22"]}]"#,
        Refused("test(s) failed"),
    ),
    row(
        "policy-file, tests, destinations: no wildcards",
        r#""groups": {"group:house": ["ana@example.com"], "group:friends": [], "group:mixed": []}, "acls": [{"action": "accept", "src": ["ana@example.com"], "dst": ["tag:idle:22", "100.64.9.1:80"]}], "tests": [{"src": "ana@example.com", "deny": ["*:22"]}]"#,
        Refused("test(s) failed"),
    ),
    row(
        "policy-file, tests, destinations: a single numeric port",
        r#""groups": {"group:house": ["ana@example.com"], "group:friends": [], "group:mixed": []}, "acls": [{"action": "accept", "src": ["ana@example.com"], "dst": ["tag:idle:22", "100.64.9.1:80"]}], "tests": [{"src": "ana@example.com", "deny": ["tag:idle:22-23"]}]"#,
        Refused("test(s) failed"),
    ),
    row(
        "policy-file, tests, srcPostureAttrs",
        r#""acls": [{"action": "accept", "src": ["ana@example.com"], "dst": ["tag:idle:22"], "srcPosture": ["posture:mac"]}], "tests": [{"src": "ana@example.com", "srcPostureAttrs": {"node:os": "macos", "node:tsAutoUpdate": true}, "accept": ["tag:idle:22"]}, {"src": "ana@example.com", "deny": ["tag:idle:22"]}]"#,
        Taken,
    ),
    row(
        "policy-file, sshTests: accept, check and deny",
        r#""grants": [], "ssh": [{"action": "accept", "src": ["ana@example.com"], "dst": ["tag:idle"], "users": ["dave"]}, {"action": "check", "src": ["ana@example.com"], "dst": ["tag:idle"], "users": ["admin"]}], "sshTests": [{"src": "ana@example.com", "dst": ["tag:idle"], "accept": ["dave"], "check": ["admin"], "deny": ["root"]}]"#,
        Taken,
    ),
    row(
        "policy-file, sshTests: one that does not hold refuses the policy",
        r#""grants": [], "sshTests": [{"src": "ana@example.com", "dst": ["tag:idle"], "accept": ["root"]}]"#,
        Refused("test(s) failed"),
    ),
    row(
        "policy-file, network policy options: derpMap",
        r#""grants": [], "derpMap": {"OmitDefaultRegions": true}"#,
        Taken,
    ),
    row(
        "policy-file, network policy options: OneCGNATRoute",
        r#""grants": [], "OneCGNATRoute": "mac-always""#,
        Taken,
    ),
    row(
        "policy-file, network policy options: randomizeClientPort",
        r#""grants": [], "randomizeClientPort": true"#,
        Taken,
    ),
    row(
        "declarative-node-sharing: the section",
        r#""grants": [], "externalTailnets": {"fleet": {"externalID": "T1", "allowIncomingConnections": true, "allowExternalReferencesTo": ["tag:server"]}}"#,
        Taken,
    ),
    row("no page: a section that nothing has", r#""grants": [], "brandNew": {}"#, Strange("brandNew")),
];
