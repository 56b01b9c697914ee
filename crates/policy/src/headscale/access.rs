//! `acls` and `grants`: whom and what they name, and what fits together.

use super::alias::{self, Alias};
use super::{Faults, ports, protocol, refused};
use crate::error::{PolicyError, PolicyErrorKind};
use crate::quote::quoted;
use crate::syntax::port::Ports;
use crate::syntax::{Dialect, Policy, Text};

const SOURCES: [&str; 3] = ["autogroup:member", "autogroup:tagged", "autogroup:danger-all"];
const DESTINATIONS: [&str; 4] =
    ["autogroup:internet", "autogroup:member", "autogroup:tagged", "autogroup:self"];

/// What a grant may give of the capabilities in the domain of Tailscale.
const OWN_CAPABILITIES: [&str; 5] = ["cap/drive", "cap/relay", "cap/webui", "cap/kubernetes", "cap/tsidp"];

pub(super) fn acls(policy: &Policy, faults: &mut Faults) {
    for acl in policy.acls.iter().flatten() {
        sources(policy, &acl.src, faults);
        let parts: Vec<(Text, Vec<Ports>)> =
            acl.dst.iter().filter_map(|text| split(faults.dialect, text)).collect();
        for (host, _) in &parts {
            destination(policy, host, &format!("dst={}: ", quoted(&host.value)), faults);
        }
        if let Some(text) = &acl.proto {
            portless(text, &parts, faults);
        }
        let hosts: Vec<&Text> = parts.iter().map(|(host, _)| host).collect();
        own(&acl.src, &hosts, true, faults);
    }
}

pub(super) fn grants(policy: &Policy, faults: &mut Faults) {
    for grant in policy.grants.iter().flatten() {
        if grant.ip.is_empty() && grant.app.is_empty() {
            faults.add_at(grant.rule.span(), "ip and app can not both be empty");
        }
        for (name, _) in &grant.app {
            let own = name.value.strip_prefix("tailscale.com/");
            if name.value.contains("://") {
                faults.add(name, "capability name must have the form {domain}/{path}");
            } else if own.is_some_and(|own| !OWN_CAPABILITIES.contains(&own)) {
                faults.add(name, "capability name must not be in the tailscale.com domain");
            }
        }
        let internet = grant.dst.iter().find(|text| text.value == "autogroup:internet");
        if let Some(text) = internet.filter(|_| !grant.app.is_empty()) {
            faults.add(text, "cannot use app grants with autogroup:internet");
        }
        let everything = |text: &&Text| alias::prefix(&text.value).is_some_and(|(_, length)| length == 0);
        if let Some(text) = grant.dst.iter().find(everything) {
            let name = quoted(&text.value);
            let use_other = "to allow all IP addresses, use \"*\" or \"autogroup:internet\"";
            faults.add(text, format!("dst {name}: {use_other}"));
        }
        sources(policy, &grant.src, faults);
        for text in &grant.dst {
            destination(policy, text, "", faults);
        }
        for text in grant.via.iter().filter(|text| !is_defined(policy, Alias::Tag, text)) {
            faults.add(text, format!("tag {} not found", quoted(&text.value)));
        }
        own(&grant.src, &grant.dst.iter().collect::<Vec<_>>(), false, faults);
    }
}

/// An acl says what it does; the new version takes one that does not for one that accepts.
pub(super) fn actions(policy: &Policy) -> Result<(), PolicyError> {
    let silent = policy.acls.iter().flatten().find(|acl| acl.action.is_none());
    match silent.filter(|_| policy.language.dialect == Dialect::Headscale028) {
        None => Ok(()),
        Some(acl) => {
            let message = "compiling filter rules: invalid action".to_owned();
            Err(refused(PolicyErrorKind::Invalid, message, Some(&acl.rule.span())))
        }
    }
}

/// The host of a destination, where it stands, and its ports.
fn split(dialect: Dialect, text: &Text) -> Option<(Text, Vec<Ports>)> {
    let (host, ports) = ports::destination(dialect, &text.value).ok()?;
    Some((Text { value: host, span: text.span.clone() }, ports))
}

fn sources(policy: &Policy, src: &[Text], faults: &mut Faults) {
    for text in src {
        match Alias::of(&text.value) {
            Some(Alias::Autogroup) => source_autogroup(text, faults),
            Some(kind) => defined(policy, kind, text, "src=", faults),
            None => {}
        }
    }
}

fn source_autogroup(text: &Text, faults: &mut Faults) {
    let known = if faults.dialect == Dialect::Headscale028 { &SOURCES[..2] } else { &SOURCES[..] };
    let name = quoted(&text.value);
    if known.contains(&text.value.as_str()) {
        return;
    }
    let only_there = format!("{name} used in source, it can only be used in ACL destinations");
    match text.as_str() {
        "autogroup:self" => {
            faults.either(text, only_there, format!("{name} not valid on the src side of a rule"));
        }
        "autogroup:internet" => {
            faults.either(text, only_there, "autogroup:internet can only be used in ACL destinations");
        }
        _ => unsupported(text, "ACL sources", known, faults),
    }
}

/// An autogroup where it has no place.
pub(super) fn unsupported(text: &Text, place: &str, known: &[&str], faults: &mut Faults) {
    let (name, known) = (quoted(&text.value), known.join(" "));
    faults.either(
        text,
        format!("autogroup {name} is not supported for {place}, can be [{known}]"),
        format!("autogroup not supported for {place}: {name}, can be [{known}]"),
    );
}

/// `side` stands before the words about a tag.
fn destination(policy: &Policy, text: &Text, side: &str, faults: &mut Faults) {
    match Alias::of(&text.value) {
        Some(Alias::Autogroup) if DESTINATIONS.contains(&text.value.as_str()) => {}
        Some(Alias::Autogroup) if text.value == "autogroup:danger-all" => {
            faults.add(text, "cannot use autogroup:danger-all as a dst");
        }
        Some(Alias::Autogroup) => unsupported(text, "ACL destinations", &DESTINATIONS, faults),
        Some(kind) => defined(policy, kind, text, side, faults),
        None => {}
    }
}

/// Groups, tags and hosts have to be defined; `side` stands before the words about a tag.
pub(super) fn defined(policy: &Policy, kind: Alias, text: &Text, side: &str, faults: &mut Faults) {
    if is_defined(policy, kind, text) {
        return;
    }
    let name = quoted(&text.value);
    let (old, new) = match kind {
        Alias::Tag => ("Tag", format!("{side}tag not found: {name}")),
        Alias::Group => ("Group", format!("group not defined in policy: {name}")),
        _ => ("Host", format!("host not defined in policy: {name}")),
    };
    let old =
        format!("{old} {name} is not defined in the Policy, please define or remove the reference to it");
    faults.either(text, old, new);
}

pub(super) fn is_defined(policy: &Policy, kind: Alias, text: &Text) -> bool {
    let name = text.as_str();
    match kind {
        Alias::Group => policy.groups.iter().any(|group| group.name.value == name),
        Alias::Tag => policy.tag_owners.iter().any(|tag| tag.name.value == name),
        Alias::Host => policy.hosts.iter().any(|host| host.name.value == name),
        Alias::Wildcard | Alias::User | Alias::Autogroup | Alias::Prefix => true,
    }
}

/// Only TCP, UDP and SCTP have ports; the old version knows them by name only.
fn portless(text: &Text, parts: &[(Text, Vec<Ports>)], faults: &mut Faults) {
    let Ok(Some(protocol)) = protocol::read(faults.dialect, &text.value, true) else { return };
    let specific = parts.iter().any(|(_, ports)| ports.iter().any(|ports| *ports != Ports::ANY));
    if protocol.has_ports || !specific {
        return;
    }
    let name = quoted(&protocol.name);
    faults.either(
        text,
        format!("protocol {name} does not support specific ports; only \"*\" is allowed"),
        format!("protocol does not support specific ports: {name}, only \"*\" is allowed"),
    );
}

/// `autogroup:self` is for people; the old version takes it after anybody.
fn own(src: &[Text], dst: &[&Text], wildcard: bool, faults: &mut Faults) {
    if faults.dialect == Dialect::Headscale028 || !dst.iter().any(|text| text.value == "autogroup:self") {
        return;
    }
    let person = |text: &Text| match Alias::of(&text.value) {
        Some(Alias::User | Alias::Group) => true,
        Some(Alias::Wildcard) => wildcard,
        Some(Alias::Autogroup) => text.value == "autogroup:member",
        _ => false,
    };
    if let Some(text) = src.iter().find(|text| !person(text)) {
        faults.add(text, "autogroup:self can only be used with users, groups, or supported autogroups");
    }
}
