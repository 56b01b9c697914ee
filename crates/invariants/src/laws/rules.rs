//! Promise 3: a rule with our mark and an open share go together.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::Found;
use crate::{Device, Observation, Share, State, Tailnet, outside};

pub const OPEN: &str = "every rule with our mark is of a share that is open, or on its way in or out";
pub const AGREED: &str =
    "the rule of an open share says what was agreed: that friend, that machine, those ports";
pub const ACTIVE: &str = "a share that is called open has its rule in the policy";

pub const PAUSED: &str = "a share that is called paused has no rule in the policy";

pub fn check(seen: &Observation, found: &mut Found) {
    for tailnet in &seen.tailnets {
        // One that cannot be read is told of already.
        let Ok(read) = outside::read(&tailnet.policy) else { continue };
        let mut known = BTreeSet::new();
        for (id, rule) in &read.rules {
            known.insert(id.as_str());
            let Some(share) = seen.shares_of(tailnet).find(|share| share.id == *id) else {
                found.broken(OPEN, format!("{}: nobody knows share {id}", tailnet.name));
                continue;
            };
            let unproven = matches!(share.state, State::Ended { unproven: true, .. });
            found.must(share.state.may_be_in_force() || unproven, OPEN, || {
                format!("{}: share {id} is {:?}", tailnet.name, share.state)
            });
            if matches!(share.state, State::Active | State::WaitingForFriend) {
                let wrong = wrong(tailnet, share, rule);
                found.must(wrong.is_none(), AGREED, || format!("share {id}: {}", wrong.unwrap_or_default()));
            }
        }
        for share in seen.shares_of(tailnet) {
            let said = matches!(share.state, State::Active | State::WaitingForFriend);
            found.must(!said || known.contains(share.id.as_str()), ACTIVE, || {
                format!("{}: share {} is {:?}", tailnet.name, share.id, share.state)
            });
            let out = share.state == State::Paused;
            found.must(!out || !known.contains(share.id.as_str()), PAUSED, || {
                format!("{}: share {}", tailnet.name, share.id)
            });
        }
    }
}

/// What a rule says besides, or instead of, what was agreed.
fn wrong(tailnet: &Tailnet, share: &Share, rule: &str) -> Option<String> {
    let Some(device) = tailnet.device(&share.node) else {
        return Some("its machine is not in the tailnet".into());
    };
    let parsed = hujson::parse_str(rule).ok().and_then(|value| value.to_json().ok());
    let Some(Value::Object(rule)) = parsed else { return Some(format!("`{rule}` is no rule")) };
    if tailnet.dialect.is_headscale() {
        return wrong_on_server(device, share, &rule);
    }
    let list = |name: &str| -> BTreeSet<String> {
        let items = rule.get(name).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(Value::as_str).map(str::to_lowercase).collect()
    };
    let agreed = [
        ("src", BTreeSet::from([share.login.to_lowercase()])),
        ("dst", device.addresses.iter().map(|address| address.to_lowercase()).collect()),
        ("ip", share.ports.clone()),
    ];
    if let Some(more) = rule.keys().find(|name| !agreed.iter().any(|(known, _)| name == known)) {
        return Some(format!("`{more}` was not agreed"));
    }
    let (name, agreed) = agreed.iter().find(|(name, agreed)| list(name) != *agreed)?;
    Some(format!("`{name}` is {:?}, agreed was {agreed:?}", list(name)))
}

/// The same on a Headscale, where there is a rule of an older form for each protocol and the first one has the mark.
fn wrong_on_server(device: &Device, share: &Share, rule: &Map<String, Value>) -> Option<String> {
    let known = ["action", "proto", "src", "dst"];
    if let Some(more) = rule.keys().find(|name| !known.contains(&name.as_str())) {
        return Some(format!("`{more}` was not agreed"));
    }
    let list = |name: &str| -> BTreeSet<String> {
        let items = rule.get(name).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(Value::as_str).map(str::to_lowercase).collect()
    };
    let from = BTreeSet::from([share.login.to_lowercase()]);
    if list("src") != from {
        return Some(format!("`src` is {:?}, agreed was {from:?}", list("src")));
    }
    let protocol = rule.get("proto").and_then(Value::as_str).unwrap_or_default();
    let places = |ports: &str, address: &str| -> BTreeSet<String> {
        ports.split(',').map(|port| format!("{address} {}", port.trim())).collect()
    };
    let written: BTreeSet<String> = list("dst")
        .iter()
        .filter_map(|to| to.rsplit_once(':'))
        .flat_map(|(address, ports)| places(ports, address))
        .collect();
    let ports: Vec<&str> = share
        .ports
        .iter()
        .filter_map(|port| port.split_once(':'))
        .filter_map(|(of, ports)| (of == protocol).then_some(ports))
        .collect();
    let agreed: BTreeSet<String> = device
        .addresses
        .iter()
        .flat_map(|address| ports.iter().flat_map(move |ports| places(ports, &address.to_lowercase())))
        .collect();
    (written != agreed || agreed.is_empty())
        .then(|| format!("`dst` for {protocol} is {written:?}, agreed was {agreed:?}"))
}
