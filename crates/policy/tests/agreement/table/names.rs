//! Sentences about whom and what a rule may name.

use super::Expected::{Refused, Strange, Taken, TakenAndTold};
use super::{Row, row};

pub const ROWS: [Row; 47] = [
    row(
        "policy-file, autogroups: owner as a source",
        r#""grants": [{"src": ["autogroup:owner"], "dst": ["<tag>"], "ip": ["<port>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, autogroups: owner as a destination",
        r#""grants": [{"src": ["<user>"], "dst": ["autogroup:owner"], "ip": ["<port>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, autogroups: admin as a source",
        r#""grants": [{"src": ["autogroup:admin"], "dst": ["<tag>"], "ip": ["<port>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, autogroups: admin as a destination",
        r#""grants": [{"src": ["<user>"], "dst": ["autogroup:admin"], "ip": ["<port>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, autogroups: it-admin as a source",
        r#""grants": [{"src": ["autogroup:it-admin"], "dst": ["<tag>"], "ip": ["<port>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, autogroups: it-admin as a destination",
        r#""grants": [{"src": ["<user>"], "dst": ["autogroup:it-admin"], "ip": ["<port>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, autogroups: network-admin as a source",
        r#""grants": [{"src": ["autogroup:network-admin"], "dst": ["<tag>"], "ip": ["<port>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, autogroups: network-admin as a destination",
        r#""grants": [{"src": ["<user>"], "dst": ["autogroup:network-admin"], "ip": ["<port>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, autogroups: billing-admin as a source",
        r#""grants": [{"src": ["autogroup:billing-admin"], "dst": ["<tag>"], "ip": ["<port>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, autogroups: billing-admin as a destination",
        r#""grants": [{"src": ["<user>"], "dst": ["autogroup:billing-admin"], "ip": ["<port>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, autogroups: auditor as a source",
        r#""grants": [{"src": ["autogroup:auditor"], "dst": ["<tag>"], "ip": ["<port>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, autogroups: auditor as a destination",
        r#""grants": [{"src": ["<user>"], "dst": ["autogroup:auditor"], "ip": ["<port>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, autogroups: member as a source",
        r#""grants": [{"src": ["autogroup:member"], "dst": ["<tag>"], "ip": ["<port>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, autogroups: the legacy members",
        r#""grants": [{"src": ["autogroup:members"], "dst": ["<tag>"], "ip": ["<port>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, autogroups: not both member and members in one file",
        r#""grants": [{"src": ["autogroup:members", "autogroup:member"], "dst": ["<tag>"], "ip": ["<port>"]}]"#,
        Strange("may not have both"),
    ),
    row(
        "policy-file, autogroups: tagged",
        r#""grants": [{"src": ["autogroup:tagged"], "dst": ["autogroup:tagged"], "ip": ["<port>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, autogroups: internet only as a destination",
        r#""grants": [{"src": ["autogroup:internet"], "dst": ["<tag>"], "ip": ["*"]}]"#,
        Refused("not valid on the src side"),
    ),
    row(
        "policy-file, autogroups: self only as a destination",
        r#""grants": [{"src": ["autogroup:self"], "dst": ["<tag>"], "ip": ["*"]}]"#,
        Refused("not valid on the src side"),
    ),
    row(
        "policy-file, autogroups: shared only as a source",
        r#""grants": [{"src": ["<user>"], "dst": ["autogroup:shared"], "ip": ["*"]}]"#,
        Refused("not valid on the dst side"),
    ),
    row(
        "policy-file, autogroups: danger-all only as a source",
        r#""grants": [{"src": ["<user>"], "dst": ["autogroup:danger-all"], "ip": ["*"]}]"#,
        Refused("cannot use autogroup:danger-all as a dst"),
    ),
    row(
        "policy-file, autogroups: nonroot only as an SSH user",
        r#""grants": [{"src": ["autogroup:nonroot"], "dst": ["<tag>"], "ip": ["*"]}]"#,
        Refused("not valid on the src side"),
    ),
    row(
        "policy-file, autogroups: a name that the table does not have",
        r#""grants": [{"src": ["autogroup:everyone"], "dst": ["<tag>"], "ip": ["*"]}]"#,
        Refused("autogroup not found"),
    ),
    row(
        "policy-file, domain based autogroups: a domain of the tailnet",
        r#""grants": [{"src": ["user:*@example.com"], "dst": ["<tag>"], "ip": ["<port>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, domain based autogroups: only of the tailnet",
        r#""grants": [{"src": ["user:*@other.org"], "dst": ["<tag>"], "ip": ["<port>"]}]"#,
        Refused("not associated with this Tailnet"),
    ),
    row(
        "policy-file, groups: a list of users",
        r#""groups": {"group:house": ["<user>", "<friend>"]}, "grants": [{"src": ["group:house"], "dst": ["<tag>"], "ip": ["<port>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, groups: every name starts with group:",
        r#""groups": {"house": ["<user>"]}, "grants": []"#,
        Refused("must start with"),
    ),
    row(
        "policy-file, groups: groups cannot contain other groups",
        r#""groups": {"group:a": ["<user>"], "group:b": ["group:a"]}, "grants": []"#,
        Refused("group members cannot be recursive"),
    ),
    row(
        "policy-file, groups: each member is an email address",
        r#""groups": {"group:house": ["<user>", "autogroup:member"]}, "grants": [{"src": ["group:house"], "dst": ["<tag>"], "ip": ["<port>"]}]"#,
        Strange("is no login"),
    ),
    row(
        "policy-file, groups: a group has to be defined",
        r#""grants": [{"src": ["group:gone"], "dst": ["<tag>"], "ip": ["*"]}]"#,
        Refused("group not found"),
    ),
    row(
        "policy-file, synced groups: as a source",
        r#""grants": [{"src": ["group:staff@example.com"], "dst": ["<tag>"], "ip": ["<port>"]}]"#,
        TakenAndTold("identity provider"),
    ),
    row(
        "policy-file, synced groups: as owner of a tag",
        r#""tagOwners": {"tag:server": ["group:staff@example.com"], "tag:router": [], "tag:idle": []}, "grants": []"#,
        Taken,
    ),
    row(
        "policy-file, tags: defined in tagOwners before use",
        r#""grants": [{"src": ["<user>"], "dst": ["tag:gone"], "ip": ["*"]}]"#,
        Refused("tag not found"),
    ),
    row(
        "policy-file, tag owners: a user, a group, an autogroup or another tag",
        r#""tagOwners": {"tag:server": ["<user>", "group:house"], "tag:router": ["autogroup:member"], "tag:idle": ["tag:server"]}, "grants": []"#,
        Taken,
    ),
    row(
        "policy-file, tag owners: every name starts with tag:",
        r#""tagOwners": {"server": []}, "groups": {}, "grants": []"#,
        Refused("tags must start with"),
    ),
    row(
        "policy-file, tag owners: [] is short for autogroup:admin",
        r#""tagOwners": {"tag:server": [], "tag:router": [], "tag:idle": ["autogroup:admin"]}, "grants": []"#,
        Taken,
    ),
    row(
        "policy-file, hosts: an address or a CIDR range",
        r#""hosts": {"office": "192.168.7.0/24", "alderhost": "100.64.0.2"}, "grants": [{"src": ["office"], "dst": ["alderhost"], "ip": ["<port>"]}]"#,
        Taken,
    ),
    row(
        "policy-file, hosts: nothing but addresses",
        r#""hosts": {"office": "office.example.com", "alderhost": "100.64.0.1"}, "grants": []"#,
        Refused("invalid address"),
    ),
    row(
        "policy-file, hosts: a host has to be defined",
        r#""grants": [{"src": ["cellar"], "dst": ["<tag>"], "ip": ["*"]}]"#,
        Refused("invalid address"),
    ),
    row(
        "ip-sets, operations: done in order",
        r#""ipsets": {"ipset:lab": ["add 10.0.0.0/24", "remove 10.0.0.0/25", "add 10.0.0.7"]}, "grants": [{"src": ["<user>"], "dst": ["ipset:lab"], "ip": ["<port>"]}]"#,
        Taken,
    ),
    row(
        "ip-sets, operations: add is understood where there is nothing else",
        r#""ipsets": {"ipset:lab": ["10.0.0.0/24", "100.64.0.2"]}, "grants": [{"src": ["ipset:lab"], "dst": ["<tag>"], "ip": ["<port>"]}]"#,
        Taken,
    ),
    row(
        "ip-sets: another set",
        r#""ipsets": {"ipset:lab": ["add 10.0.0.0/24", "remove ipset:one"], "ipset:one": ["10.0.0.7"]}, "grants": [{"src": ["<user>"], "dst": ["ipset:lab"], "ip": ["<port>"]}]"#,
        Taken,
    ),
    row(
        "ip-sets, limitations: no circular references",
        r#""ipsets": {"ipset:a": ["add ipset:b"], "ipset:b": ["add ipset:a"]}, "grants": []"#,
        Refused("in a circle"),
    ),
    row(
        "ip-sets, limitations: no tags, users or groups",
        r#""ipsets": {"ipset:a": ["add <tag>"]}, "grants": []"#,
        Refused("invalid address"),
    ),
    row(
        "ip-sets: a set has to be defined",
        r#""grants": [{"src": ["ipset:gone"], "dst": ["<tag>"], "ip": ["*"]}]"#,
        Refused("ipset not found"),
    ),
    row(
        "declarative-node-sharing: people of another tailnet as a source",
        r#""grants": [{"src": ["group://fleet/players"], "dst": ["<tag>"], "ip": ["<port>"]}]"#,
        TakenAndTold("another tailnet"),
    ),
    row(
        "declarative-node-sharing: tags of another tailnet as a source",
        r#""grants": [{"src": ["tag://fleet/runner"], "dst": ["<tag>"], "ip": ["<port>"]}]"#,
        TakenAndTold("another tailnet"),
    ),
    row(
        "declarative-node-sharing: the file names the other tailnet",
        r#""externalTailnets": {}, "grants": [{"src": ["group://fleet/players"], "dst": ["<tag>"], "ip": ["<port>"]}]"#,
        Strange("has no `fleet`"),
    ),
];
