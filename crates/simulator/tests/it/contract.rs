//! The contract of a control plane, kept by the Tailscale client against the simulator.

use std::sync::Arc;

use control_plane::contract::Stage;
use tailscale_client::Tailnet;

use crate::stage::{client, credentials, demo};

async fn stage() -> Stage {
    let simulator = demo().await;
    let ana = credentials("ana");
    Stage {
        owner: Arc::new(client(&simulator, ana.clone())),
        owner_without_user_token: Arc::new(client(&simulator, Tailnet { user_token: None, ..ana })),
        friend: Arc::new(client(&simulator, credentials("dario"))),
        friend_login: "dario@nopal.example".into(),
        hostname: "maple".into(),
        other_policy: "// closed but for one\n{\"grants\": [{\"src\": [\"autogroup:member\"], \"dst\": [\"100.84.12.7\"], \"ip\": [\"tcp:25565\"]},],}\n".into(),
        member_login: "mateo@arroyo.example".into(),
        keep: Box::new(simulator),
    }
}

control_plane::contract_tests!(stage);
