use std::collections::BTreeSet;

use policy::share::{Mode, ShareRequest, share};
use policy::{Network, Reading};
use serde_json::json;

use super::*;

#[test]
fn ten_thousand_machines_have_what_was_agreed_on() {
    let World { networks, records } = World::of(10_000);
    let [commons, olmo] = &networks.tailnets[..2] else { panic!("two networks") };
    assert_eq!(commons.devices.len(), 10_000);
    assert_eq!(commons.users.len(), 1_000);
    let tags: BTreeSet<&String> = commons.devices.iter().flat_map(|device| &device.tags).collect();
    assert_eq!(tags.len(), 500);
    let text = commons.policy.as_deref().unwrap();
    let policy = policy::Policy::parse(text).unwrap();
    assert_eq!(policy.grants.unwrap().len(), 500 + 200);
    let routes = |start: &str| {
        commons
            .devices
            .iter()
            .flat_map(|device| &device.enabled_routes)
            .filter(|r| r.starts_with(start))
            .count()
    };
    assert_eq!((routes("10."), routes("0.0.0.0/0")), (50, 5));
    assert_eq!(commons.shares.iter().map(|share| &share.with).collect::<BTreeSet<_>>().len(), 200);
    assert_eq!(olmo.shares.len(), 20);
    assert_eq!(records.services.iter().filter(|service| service.tailnet == commons.name).count(), 500);
    let addresses: BTreeSet<_> =
        commons.devices.iter().chain(&olmo.devices).map(|d| (d.ipv4, d.ipv6)).collect();
    assert_eq!(addresses.len(), 10_000 + olmo.devices.len());
    let people: BTreeSet<&String> = records.people.iter().map(|person| &person.name).collect();
    assert_eq!(people.len(), 1_000 + 200 + 1);
}

#[test]
fn the_same_number_gives_the_same_bytes_and_every_number_a_world() {
    let text = |machines| serde_json::to_string(&World::of(machines)).unwrap();
    assert_eq!(text(300), text(300));
    for machines in [1, 20, 21, 50, 333] {
        let world: World = serde_json::from_str(&text(machines)).unwrap();
        assert_eq!(world, World::of(machines));
        let ids: BTreeSet<String> =
            world.records.offers.iter().map(|offer| format!("{:?}", offer.answer)).collect();
        assert!(ids.len() > 4, "{ids:?}");
    }
}

/// The rules of shares stand there as if each share had been applied after the other.
#[test]
fn what_is_open_stands_in_the_policy_as_the_app_writes_it() {
    let World { networks, records } = World::of(50);
    for tailnet in &networks.tailnets[..2] {
        let wanted = tailnet.policy.clone().unwrap();
        let rules = policy::marked_rules(&wanted).unwrap().len();
        let mut text = wanted.clone();
        for offer in records.offers.iter().rev() {
            if let (Answer::Open(id), true) =
                (offer.answer, records.services[offer.service].tailnet == tailnet.name)
            {
                text = policy::unshare(&text, &id.to_string().parse().unwrap()).unwrap().after;
            }
        }
        assert!(rules > 1 && policy::marked_rules(&text).unwrap().is_empty(), "{rules} of {text}");
        let network = network(tailnet);
        for offer in &records.offers {
            let service = &records.services[offer.service];
            let (Answer::Open(id), true) = (offer.answer, service.tailnet == tailnet.name) else { continue };
            let request = ShareRequest {
                id: id.to_string().parse().unwrap(),
                who: offer.to.parse().unwrap(),
                node: service.machine.clone(),
                ports: service.ports.clone(),
            };
            text = share(&text, &network, &request, Mode::Exact, Reading::Proposed).unwrap().after;
        }
        assert_eq!(text, wanted);
    }
}

fn network(tailnet: &simulator::world::Tailnet) -> Network {
    let users =
        tailnet.users.iter().zip(1..).map(
            |(user, id)| json!({ "id": id, "name": user.login, "email": user.login, "role": user.role }),
        );
    let nodes: serde_json::Map<String, serde_json::Value> = tailnet
        .devices
        .iter()
        .map(|device| {
            let node = json!({
                "ipv4": device.ipv4, "ipv6": device.ipv6, "tags": device.tags, "user": device.user,
                "routable_ips": device.advertised_routes, "approved_routes": device.enabled_routes,
            });
            (device.hostname.clone(), node)
        })
        .collect();
    let file = json!({ "users": users.collect::<Vec<_>>(), "nodes": nodes });
    Network::parse(&file.to_string()).unwrap()
}
