//! Which names of a policy are used by what.

use std::collections::BTreeSet;

use crate::syntax::{Named, Policy, RuleRef, Section, Text};

/// A selector or a destination, without the ports that may follow it.
pub(super) fn host(text: &str) -> &str {
    let ports =
        |ports: &str| !ports.is_empty() && ports.bytes().all(|b| b.is_ascii_digit() || b"*-,".contains(&b));
    match text.rsplit_once(':') {
        Some((host, tail)) if ports(tail) => host,
        _ => text,
    }
}

/// Everything that names sources or destinations of network rules, and the members of groups.
pub(super) fn sources_and_targets(policy: &Policy) -> impl Iterator<Item = &Text> {
    let acls = policy.acls.iter().flatten().flat_map(|acl| acl.src.iter().chain(&acl.dst));
    let grants =
        policy.grants.iter().flatten().flat_map(|grant| grant.src.iter().chain(&grant.dst).chain(&grant.via));
    acls.chain(grants).chain(policy.groups.iter().flat_map(|group| &group.value))
}

/// Everything that names somebody or something, in any section.
fn named(policy: &Policy) -> impl Iterator<Item = &Text> {
    let approvers = &policy.auto_approvers;
    let approving = approvers.routes.iter().chain(&approvers.services).flat_map(|entry| &entry.value);
    let ssh = policy.ssh.iter();
    let ssh =
        ssh.flat_map(|rule| rule.src.iter().chain(&rule.dst).chain(&rule.src_posture).chain(&rule.recorder));
    let tests = policy.tests.iter().flat_map(|test| test.src.iter().chain(&test.accept).chain(&test.deny));
    let ssh_tests = policy.ssh_tests.iter().flat_map(|test| test.src.iter().chain(&test.dst));
    let postures = policy.acls.iter().flatten().flat_map(|acl| &acl.src_posture);
    let postures = postures.chain(policy.grants.iter().flatten().flat_map(|grant| &grant.src_posture));
    sources_and_targets(policy)
        .chain(policy.tag_owners.iter().flat_map(|owner| &owner.value))
        .chain(approving)
        .chain(&approvers.exit_node)
        .chain(ssh)
        .chain(policy.node_attrs.iter().flat_map(|attr| &attr.target))
        .chain(tests)
        .chain(ssh_tests)
        .chain(postures)
        .chain(&policy.default_src_posture)
}

/// The places of the old name of the members, in a file that has the new one too (documentation of the policy file,
/// "Autogroups").
pub(super) fn both_members(policy: &Policy) -> impl Iterator<Item = &Text> {
    let is = |text: &Text, name: &str| host(text.as_str()) == name;
    let new = named(policy).any(|text| is(text, "autogroup:member"));
    named(policy).filter(move |text| new && is(text, "autogroup:members"))
}

/// Services whose hosts need no approval by hand, and to which no rule leads.
pub(super) fn idle_services(policy: &Policy) -> impl Iterator<Item = &Named<Vec<Text>>> {
    let led: BTreeSet<&str> = sources_and_targets(policy).map(|text| host(text.as_str())).collect();
    let open = led.contains("*") || policy.allows_by_default();
    let services = policy.auto_approvers.services.iter();
    services.filter(move |entry| {
        let name = entry.name.as_str();
        name.starts_with("svc:") && !open && !led.contains(name)
    })
}

/// Groups, hosts, IP sets and postures that nothing names.
pub(super) fn unused(policy: &Policy) -> Vec<(Section, String, RuleRef)> {
    let mut used: BTreeSet<&str> =
        named(policy).flat_map(|text| [text.as_str(), host(text.as_str())]).collect();
    // Steps of IP sets: `add host:nas`, `remove ipset:x`, or the bare name.
    for step in policy.ip_sets.iter().flat_map(|set| &set.value) {
        let target =
            step.value.split_once(char::is_whitespace).map_or(step.as_str(), |(_, target)| target.trim());
        used.insert(target.strip_prefix("host:").unwrap_or(target));
    }
    // What rules of other tailnets may name of this one.
    for tailnet in &policy.external_tailnets {
        let named = tailnet.value.get("allowExternalReferencesTo").and_then(serde_json::Value::as_array);
        used.extend(named.into_iter().flatten().filter_map(serde_json::Value::as_str));
    }
    let groups = policy.groups.iter().map(|entry| (Section::Groups, &entry.name, entry.rule));
    let hosts = policy.hosts.iter().map(|entry| (Section::Hosts, &entry.name, entry.rule));
    let sets = policy.ip_sets.iter().map(|entry| (Section::IpSets, &entry.name, entry.rule));
    let conditions = policy.postures.iter().map(|entry| (Section::Postures, &entry.name, entry.rule));
    let all = groups.chain(hosts).chain(sets).chain(conditions);
    let idle = all.filter(|(_, name, _)| !used.contains(name.as_str()));
    idle.map(|(section, name, rule)| (section, name.value.clone(), rule)).collect()
}
