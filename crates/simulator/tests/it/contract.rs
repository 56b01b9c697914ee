//! The contract of a control plane, kept by the Tailscale client against the simulator.

use std::sync::Arc;

use control_plane::Capabilities;
use control_plane::contract::Stage;
use tailscale_client::Tailnet;

use simulator::{Listen, Simulator, World};

use crate::stage::{client, credentials, credentials_of};

/// The demo world, where Ana's client may make keys with one of two tags.
fn world() -> World {
    let mut world = World::demo();
    let ana = world.tailnets.iter_mut().find(|tailnet| tailnet.name == "ana").expect("it is in the world");
    let tags = ana.policy.as_mut().expect("it has a policy of its own");
    *tags = tags.replace("\"tagOwners\": {", "\"tagOwners\": {\"tag:other\": [],");
    ana.clients[0].scopes.push("auth_keys".into());
    ana.clients[0].tags.push("tag:home".into());
    world
}

async fn stage() -> Stage {
    let world = world();
    let ana = world.tailnets.iter().find(|tailnet| tailnet.name == "ana").map(credentials_of);
    let ana = ana.expect("it is in the world");
    let simulator = Simulator::start(world, Listen::default()).await.expect("the world can be served");
    let control = simulator.control();
    Stage {
        declared: Capabilities {
            invites: true,
            conditional_writes: true,
            validate: true,
            preview: true,
            key_descriptions: true,
            key_tags_checked: true,
            accounts: false,
            device_ends: false,
            sign_ins: false,
            renewal: false,
        },
        calls: Box::new(move || control.log().len()),
        key_user: None,
        waiting: None,
        owner: Arc::new(client(&simulator, ana.clone())),
        owner_without_user_token: Arc::new(client(&simulator, Tailnet { user_token: None, ..ana })),
        friend: Some((Arc::new(client(&simulator, credentials("dario"))), "dario@nopal.example".into())),
        hostname: "maple".into(),
        other_policy: "// closed but for one\n{\"grants\": [{\"src\": [\"autogroup:member\"], \"dst\": [\"100.84.12.7\"], \"ip\": [\"tcp:25565\"]},],}\n".into(),
        member_login: "mateo@arroyo.example".into(),
        tag: "tag:home".into(),
        tag_of_others: "tag:other".into(),
        keep: Box::new(simulator),
    }
}

control_plane::contract_tests!(stage);
