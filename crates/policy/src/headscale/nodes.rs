//! `nodeAttrs`: whom they are for, and what Headscale has not got.

use super::Faults;
use super::access::defined;
use super::alias::Alias;
use crate::compile::{CGNAT, RESERVED};
use crate::quote::quoted;
use crate::set::IpRange;
use crate::syntax::{Policy, Text};

const TARGETS: [&str; 2] = ["autogroup:member", "autogroup:tagged"];
/// Attributes that need a feature of the server, with where it is asked for.
const MISSING: [(&str, u32); 1] = [("funnel", 2527)];
const ISSUES: &str = "https://github.com/juanfont/headscale/issues";
const POOLS: u32 = 2912;
/// What pools may not touch: of the ranges that Tailscale keeps, the server knows these.
const POOL_RESERVED: [IpRange; 2] = [RESERVED[1], RESERVED[2]];

pub(super) fn attributes(policy: &Policy, faults: &mut Faults) {
    for entry in &policy.node_attrs {
        for text in &entry.target {
            target(policy, text, faults);
        }
        for text in &entry.attr {
            let missing = MISSING.iter().find(|(name, _)| *name == text.value);
            if let Some((name, issue)) = missing {
                let name = quoted(name);
                faults.add(
                    text,
                    format!("nodeAttrs uses a feature headscale does not yet support: {name} tracked in {ISSUES}/{issue}"),
                );
            }
        }
        if let Some(text) = entry.ip_pool.first() {
            faults.add(text, format!("nodeAttrs ipPool requires the IP allocator ({ISSUES}/{POOLS})"));
        }
        for text in &entry.ip_pool {
            let Ok(pool) = text.value.parse::<IpRange>() else { continue };
            let name = quoted(&text.value);
            if !CGNAT.covers(pool) {
                faults.add(text, format!("nodeAttrs ipPool must be within 100.64.0.0/10: {name}"));
            } else if let Some(reserved) = POOL_RESERVED.iter().find(|reserved| reserved.overlaps(pool)) {
                let reserved = quoted(&reserved.with_length());
                faults.add(
                    text,
                    format!("nodeAttrs ipPool must not overlap reserved Tailscale ranges: {name} overlaps {reserved}"),
                );
            }
        }
    }
}

fn target(policy: &Policy, text: &Text, faults: &mut Faults) {
    match Alias::of(&text.value) {
        Some(Alias::Autogroup) if TARGETS.contains(&text.as_str()) => {}
        Some(Alias::Autogroup) => {
            let (name, known) = (quoted(&text.value), TARGETS.join(" "));
            faults.add(
                text,
                format!("nodeAttrs target does not support this autogroup: {name}, can be [{known}]"),
            );
        }
        Some(kind) => defined(policy, kind, text, "", faults),
        None => {}
    }
}
