//! Ben's network, of which he lends some machines to Ana and offers two more.

use simulator::world::{Device, Share, Tailnet, User};

use crate::commons;
use crate::grants::{grant, machine, policy, share, share_id};
use crate::records::{Answer, Offer, Person, Records, Service};
use crate::size::Size;

const NAME: &str = "olmo";
const BEN: &str = "ben@olmo.example";
const NETWORK: u8 = 1;
const SHARES: u8 = 2;
/// Offers that wait for Ana.
const OFFERED: usize = 2;

pub fn make(size: &Size, records: &mut Records) -> Tailnet {
    records.people.push(Person {
        login: BEN.into(),
        name: "Ben Olmo".into(),
        instance_owner: false,
        demo: Some(format!("owns {NAME}, and lends Ana {} machines", size.received)),
    });
    let devices: Vec<Device> =
        (0..size.received + OFFERED).map(|n| machine(NETWORK, n, format!("box-{n:03}"), BEN)).collect();
    let mut grants = vec![grant("autogroup:member", "*", "*")];
    let mut shares = Vec::new();
    for (n, device) in devices.iter().enumerate() {
        let service = records.services.len();
        let listed = Service::new(NAME, &device.hostname, n);
        let answer = if n < size.received {
            let id = share_id(SHARES, n);
            grants.extend(share(id, &commons::viewer(), device, &listed.ports));
            shares.push(Share { device: device.hostname.clone(), by: BEN.into(), with: commons::viewer() });
            Answer::Open(id)
        } else {
            Answer::None
        };
        records.services.push(listed);
        records.offers.push(Offer {
            service,
            to: commons::viewer(),
            note: "As long as you like.".into(),
            ends_in_days: (n == 0).then_some(1),
            made_days_ago: if n == 0 { 20 } else { 0 },
            answer,
        });
    }
    Tailnet {
        policy: Some(policy(&[], &grants)),
        devices,
        shares,
        ..Tailnet::new(NAME, "tail01f0.ts.net", vec![User::new(BEN, "Ben Olmo", "owner")])
            .with_credentials(BEN)
    }
}
