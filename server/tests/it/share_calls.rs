//! How often a control plane is asked: each thing once, and after a deed only what it can have changed.

use model::{ShareId, ShareState};
use simulator::world::Device;
use simulator::{Operation, World};

use crate::harness::Who::{Ana, Dario};
use crate::harness::neighbours::Neighbours;

/// Policy, machines, users; the narrowing and the rule, each with the look before it; invites, the invite, its being
/// accepted; and both once more.
const MOST: usize = 12;

/// The demo's world with a thousand machines in Ana's tailnet, one of them shared with somebody already: so whom each
/// machine is shared with matters, and only the invites of each tell.
async fn crowd() -> Neighbours {
    let mut world = World::demo();
    let ana = &mut world.tailnets[0];
    let maple = ana.devices.iter().find(|device| device.hostname == "maple").unwrap().clone();
    for number in ana.devices.len()..1000 {
        let (hostname, ipv4, ipv6) = (format!("m{number}"), None, None);
        ana.devices.push(Device { hostname, ipv4, ipv6, ..maple.clone() });
    }
    let all = Neighbours::of(world).await;
    let link = all.demo.simulator.make_invite("ana", "ana@arroyo.example", "m500").unwrap();
    all.demo.simulator.accept("chiara", "chiara@github", &link).unwrap();
    all
}

/// The calls of everything that is due, without those that get a token for them.
async fn calls(all: &Neighbours) -> Vec<Operation> {
    all.demo.simulator.clear_log();
    all.drain().await;
    let log = all.demo.simulator.log().into_iter().map(|entry| entry.operation);
    log.filter(|operation| *operation != Operation::MintToken).collect()
}

async fn is_open(all: &Neighbours, share: ShareId) -> bool {
    matches!(all.state(share).await, ShareState::Active { .. })
}

#[tokio::test]
async fn a_share_among_a_thousand_machines_is_open_after_twelve_calls() {
    let all = crowd().await;
    let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
    let node = all.node(ana, "maple").await;
    let mut shares = Vec::new();
    for (port, narrows) in [("tcp:25565", true), ("tcp:8080", false)] {
        let share = all.accepted(Ana, node, port, Dario).await;
        all.approved(Ana, share).await;
        let calls = calls(&all).await;
        assert!(is_open(&all, share).await, "{:?}", all.state(share).await);
        assert!(calls.len() <= MOST, "{} calls: {calls:?}", calls.len());
        let writes = calls.iter().filter(|call| **call == Operation::SetPolicy).count();
        assert_eq!(writes, 1 + usize::from(narrows), "{calls:?}");
        shares.push(share);
    }
    for share in shares {
        all.ask(Ana).shares.end(share).await.unwrap();
        let calls = calls(&all).await;
        assert!(all.state(share).await.is_over(), "{:?}", all.state(share).await);
        assert!(calls.len() <= MOST, "{} calls: {calls:?}", calls.len());
    }
}
