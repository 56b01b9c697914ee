//! `tagOwners` and `autoApprovers`: whom they name.

use std::collections::{BTreeMap, BTreeSet};

use super::Faults;
use super::access::defined;
use super::alias::Alias;
use crate::quote::quoted;
use crate::syntax::{Dialect, Policy, Text};

pub(super) fn sections(policy: &Policy, faults: &mut Faults) {
    let old = faults.dialect == Dialect::Headscale028;
    for tag in &policy.tag_owners {
        names(policy, &tag.value, faults);
    }
    let known: BTreeMap<&str, &Vec<Text>> =
        policy.tag_owners.iter().map(|tag| (tag.name.as_str(), &tag.value)).collect();
    // The server follows the owners of each tag and stops at the first fault; of several it tells now this one, now that
    // one.
    let unknown = policy.tag_owners.iter().find_map(|tag| {
        let mut owners = tag.value.iter().filter(|owner| Alias::of(&owner.value) == Some(Alias::Tag));
        owners.find(|owner| !known.contains_key(owner.as_str())).map(|owner| (tag, owner))
    });
    if let Some((tag, owner)) = unknown {
        let (tag, name) = (quoted(&tag.name.value), quoted(&owner.value));
        faults.add(owner, format!("tag {tag} references undefined tag {name}"));
    } else if old && let Some((circle, at)) = circle(policy, &known) {
        faults.add(&at, format!("circular reference detected: {}", circle.join(" -> ")));
    }
    for route in &policy.auto_approvers.routes {
        names(policy, &route.value, faults);
    }
    names(policy, &policy.auto_approvers.exit_node, faults);
}

fn names(policy: &Policy, who: &[Text], faults: &mut Faults) {
    for text in who {
        if let Some(kind) = Alias::of(&text.value) {
            defined(policy, kind, text, "", faults);
        }
    }
}

/// Tags that own each other in a circle, in order of their names.
fn circle(policy: &Policy, known: &BTreeMap<&str, &Vec<Text>>) -> Option<(Vec<String>, Text)> {
    let reaches = |from: &str, to: &str| {
        let (mut seen, mut open) = (BTreeSet::new(), vec![from.to_owned()]);
        while let Some(tag) = open.pop() {
            for owner in known.get(tag.as_str()).into_iter().flat_map(|owners| owners.iter()) {
                if owner.value == to {
                    return true;
                }
                if seen.insert(owner.value.clone()) {
                    open.push(owner.value.clone());
                }
            }
        }
        false
    };
    let first = policy.tag_owners.iter().find(|tag| reaches(&tag.name.value, &tag.name.value))?;
    let mutual = |name: &str| reaches(&first.name.value, name) && reaches(name, &first.name.value);
    let tags = known.keys().filter(|name| mutual(name)).map(|name| (*name).to_owned());
    Some((tags.collect(), first.name.clone()))
}
