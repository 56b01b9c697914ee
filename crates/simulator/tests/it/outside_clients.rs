//! What clients of others ask, recorded from them, and answered: with the same status, and with times that they can read.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use simulator::{Listen, Simulator, World};

use crate::replay::raw::{Came, Sent, send};

#[derive(Deserialize)]
struct Recorded {
    client: String,
    /// `tailnet` or `headscale` of the world.
    server: String,
    calls: Vec<Call>,
}

/// `TOKEN` and `ETAG` stand for what an earlier answer gave.
#[derive(Deserialize)]
struct Call {
    method: String,
    path: String,
    headers: BTreeMap<String, String>,
    body: String,
    status: u16,
}

const RECORDED: [&str; 6] = [
    include_str!("../outside-clients/go-tailnet.json"),
    include_str!("../outside-clients/go-headscale.json"),
    include_str!("../outside-clients/python-tailnet.json"),
    include_str!("../outside-clients/python-headscale.json"),
    include_str!("../outside-clients/pusher-tailnet.json"),
    include_str!("../outside-clients/pusher-headscale.json"),
];

#[tokio::test]
async fn clients_of_others_are_answered_as_they_were_when_they_ran() {
    for text in RECORDED {
        let recorded: Recorded = serde_json::from_str(text).expect("a recording");
        let world = World::parse(include_str!("../outside-clients/world.toml")).expect("a world");
        let simulator = Simulator::start(world, Listen::default()).await.expect("it can be served");
        let headscale = || simulator.headscale_url("headscale").expect("it is in the world");
        let address = if recorded.server == "tailnet" { simulator.api_url() } else { headscale() };
        let (mut token, mut etag) = (String::new(), String::new());
        for call in &recorded.calls {
            let known = |text: &String| text.replace("TOKEN", &token).replace("ETAG", &etag);
            let sent = Sent {
                method: call.method.clone(),
                path: call.path.clone(),
                headers: call.headers.iter().map(|(name, value)| (name.clone(), known(value))).collect(),
                body: Some(call.body.clone()).filter(|body| !body.is_empty()),
            };
            let came = send(&address, &sent).await;
            let what = format!("{}: {} {}: {came:?}", recorded.client, call.method, call.path);
            assert_eq!(came.status, call.status, "{what}");
            times_can_be_read(&came, &what);
            if let Some(minted) = text_of(&came, "access_token") {
                token = minted;
            }
            if call.method == "GET"
                && let Some((_, mark)) = came.headers.iter().find(|(name, _)| name == "etag")
            {
                etag.clone_from(mark);
            }
        }
    }
}

fn text_of(came: &Came, name: &str) -> Option<String> {
    let body: Value = serde_json::from_str(&came.body).ok()?;
    body[name].as_str().map(Into::into)
}

/// Neither Go nor Python reads an empty text as a time: what has no end has no `expires`.
fn times_can_be_read(came: &Came, what: &str) {
    let body: Value = serde_json::from_str(&came.body).unwrap_or_default();
    let many = ["keys", "devices", "users"].into_iter().filter_map(|name| body[name].as_array()).flatten();
    for one in many.chain([&body]) {
        for name in ["created", "expires", "revoked", "updated", "lastSeen"] {
            let Some(value) = one.get(name) else { continue };
            let time = value.as_str().and_then(|text| text.parse::<jiff::Timestamp>().ok());
            assert!(time.is_some(), "{name} of {what}");
        }
    }
}
