//! `ipsets`: sets of addresses built step by step. From the documentation only; no capture has one.

use std::collections::BTreeMap;

use super::Names;
use crate::error::PolicyError;
use crate::quote::quoted;
use crate::set::{IpRange, IpSet};
use crate::syntax::{Named, Text};

/// How deep one IP set may build on others.
const MAX_DEPTH: usize = 16;

/// The addresses of an IP set.
#[derive(Clone, Debug, Default)]
pub(super) struct Built {
    pub(super) set: IpSet,
    /// Whether it is cut out of `autogroup:internet`, itself or through another set.
    pub(super) of_internet: bool,
}

/// Works out every IP set. Each step is `add T` or `remove T`, done in order; `T` is an address, a prefix, a
/// range, a host name, another IP set or `autogroup:internet`, and a bare `T` means add.
///
/// Of a policy in force a set that is not understood is left out: then it is a name that is not known.
pub(super) fn read(
    entries: &[Named<Vec<Text>>],
    names: &Names,
) -> Result<BTreeMap<String, Built>, PolicyError> {
    let by_name: BTreeMap<&str, &Named<Vec<Text>>> =
        entries.iter().map(|entry| (entry.name.as_str(), entry)).collect();
    let mut done = BTreeMap::new();
    for entry in entries {
        if !entry.name.value.starts_with("ipset:") && !names.is_taken() {
            let text =
                format!("ipsets[{}]: IP set names must start with 'ipset:'", quoted(&entry.name.value));
            return Err(PolicyError::invalid(text).within(entry.rule));
        }
        match build(entry, &by_name, names, &mut done, 0) {
            Err(error) if !names.is_taken() => return Err(error),
            _ => {}
        }
    }
    Ok(done)
}

fn build(
    entry: &Named<Vec<Text>>,
    by_name: &BTreeMap<&str, &Named<Vec<Text>>>,
    names: &Names,
    done: &mut BTreeMap<String, Built>,
    depth: usize,
) -> Result<Built, PolicyError> {
    if let Some(built) = done.get(&entry.name.value) {
        return Ok(built.clone());
    }
    let refuse = |what: String| {
        PolicyError::invalid(format!("ipsets[{}]: {what}", quoted(&entry.name.value))).within(entry.rule)
    };
    if depth > MAX_DEPTH {
        return Err(refuse("IP sets are nested too deeply or in a circle".into()));
    }
    let mut built = Built::default();
    for step in &entry.value {
        let (remove, target) = match step.value.split_once(char::is_whitespace) {
            Some(("add", target)) => (false, target.trim()),
            Some(("remove", target)) => (true, target.trim()),
            Some((verb, _)) => return Err(refuse(format!("{}: expected add or remove", quoted(verb)))),
            None => (false, step.as_str()),
        };
        let range = target.parse::<IpRange>().ok();
        let range = range.or_else(|| names.host(target.strip_prefix("host:").unwrap_or(target)));
        let part = match (range, by_name.get(target)) {
            _ if target == "autogroup:internet" => {
                Built { set: crate::compile::address::internet(), of_internet: true }
            }
            (Some(range), _) => Built { set: std::iter::once(range).collect(), of_internet: false },
            (None, Some(other)) => build(other, by_name, names, done, depth + 1)?,
            (None, None) => return Err(refuse(format!("{}: invalid address", quoted(target)))),
        };
        built.set = if remove { built.set.difference(&part.set) } else { built.set.union(&part.set) };
        built.of_internet |= part.of_internet && !remove;
    }
    done.insert(entry.name.value.clone(), built.clone());
    Ok(built)
}
