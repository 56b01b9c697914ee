//! Promise 1: shares add to the reach exactly what was agreed, and nothing is taken from anybody.

use std::collections::BTreeMap;

use policy::reach::{Entry, Part, PortRanges};
use policy::{Engine, Network, Reading, Target, Who, diff};

use super::Found;
use crate::{Observation, Share, State, Tailnet, outside};

pub const NO_MORE: &str =
    "shares add to the reach exactly what was agreed, for those with whom it was agreed";
pub const NO_LESS: &str = "the friend of an open share reaches every port of it";

/// Who, which machine, which protocol.
type Place = (String, String, u8);

pub fn check(seen: &Observation, found: &mut Found) {
    for tailnet in &seen.tailnets {
        let Ok(read) = outside::read(&tailnet.policy) else { continue };
        let marked = |share: &&Share| read.rules.iter().any(|(id, _)| *id == share.id);
        let shares: Vec<&Share> = seen.shares_of(tailnet).filter(marked).collect();
        if shares.is_empty() {
            // Without a rule of ours there is nothing to compare: the text is the owner's own.
            continue;
        }
        let engines = Network::from_value(tailnet.network.clone())
            .map_err(|error| error.to_string())
            .and_then(|network| {
                let engine = |text: &str| {
                    let language = tailnet.dialect.read(Reading::InForce);
                    Engine::read(text, &network, language).map_err(|error| error.to_string())
                };
                Ok((engine(&read.outside)?, engine(&tailnet.policy)?))
            });
        match engines {
            Ok((before, now)) => compare(tailnet, &shares, &before, &now, found),
            Err(error) => found.broken(NO_MORE, format!("{}: it cannot be told: {error}", tailnet.name)),
        }
    }
}

fn compare(tailnet: &Tailnet, shares: &[&Share], before: &Engine, now: &Engine, found: &mut Found) {
    let mut agreed: BTreeMap<Place, PortRanges> = BTreeMap::new();
    for share in shares {
        let Some(device) = tailnet.device(&share.node) else { continue };
        let ports = share.ports.iter().chain(&share.former);
        for (protocol, first, last) in ports.filter_map(|text| range(text)) {
            let place = (share.login.to_lowercase(), device.name.clone(), protocol);
            agreed.entry(place).or_default().union_with(&PortRanges::range(first, last));
        }
    }
    let change = diff(before, now);
    for entry in change.gained.iter().filter(|entry| !is_agreed(entry, &agreed)) {
        found.broken(NO_MORE, format!("{}: gained {}", tailnet.name, told(entry)));
    }
    for entry in &change.lost {
        found.broken(NO_MORE, format!("{}: lost {}", tailnet.name, told(entry)));
    }
    for share in shares.iter().filter(|share| share.state == State::Active) {
        let Some(device) = tailnet.device(&share.node) else { continue };
        let (who, to) = (Who::Login(share.login.clone()), Target::Node(device.name.clone()));
        let ports = share.ports.iter().filter_map(|text| range(text));
        for (protocol, port) in
            ports.flat_map(|(protocol, first, last)| [(protocol, first), (protocol, last)])
        {
            found.must(now.allows(&who, &to, protocol, Some(port)), NO_LESS, || {
                format!("{}: {} to {} on {protocol}:{port}", tailnet.name, share.login, device.name)
            });
        }
    }
}

fn is_agreed(entry: &Entry, agreed: &BTreeMap<Place, PortRanges>) -> bool {
    let Who::Login(login) = &entry.who else { return false };
    let ports = agreed.get(&(login.to_lowercase(), entry.node.clone(), entry.protocol));
    let itself = matches!(entry.part, Part::Node | Part::Address(_));
    itself && ports.is_some_and(|ports| entry.ports.difference(ports).is_empty())
}

fn told(entry: &Entry) -> String {
    let Entry { who, node, part, protocol, ports, .. } = entry;
    format!("{who:?} to {node} ({part:?}), protocol {protocol}, ports {:?}", ports.texts())
}

/// `tcp:25565`, `udp:19132-19133`: protocol number, first, last. What is written otherwise the law on rules tells.
fn range(text: &str) -> Option<(u8, u16, u16)> {
    let (protocol, ports) = text.split_once(':')?;
    let protocol = match protocol {
        "tcp" => 6,
        "udp" => 17,
        _ => return None,
    };
    let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
    Some((protocol, first.parse().ok()?, last.parse().ok()?))
}
