//! Promise 3: a rule with our mark and an open share go together.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Found;
use crate::{Observation, Share, State, Tailnet, outside};

pub const OPEN: &str = "every rule with our mark is of a share that is open, or on its way in or out";
pub const AGREED: &str =
    "the rule of an open share says what was agreed: that friend, that machine, those ports";
pub const ACTIVE: &str = "a share that is called open has its rule in the policy";

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
