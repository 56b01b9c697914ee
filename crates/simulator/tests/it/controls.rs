//! Holds, the clock and edits behind the app's back, by library and over HTTP.

use control_plane::{ControlPlane, ControlPlaneError, NewInvite, Precondition, Secret, UserKind};
use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::{Moment, Operation, Simulator};

use crate::stage::{client, credentials, demo, http};

async fn maple(client: &dyn ControlPlane) -> control_plane::DeviceId {
    let devices = client.list_devices().await.expect("devices can be listed").devices;
    devices.into_iter().find(|device| device.hostname == "maple").expect("it is there").id
}

fn invites(simulator: &Simulator) -> usize {
    simulator.tailnet("ana").expect("it is there").invites.len()
}

#[tokio::test]
async fn a_call_held_before_its_effect_has_none_until_it_is_released() {
    let simulator = demo().await;
    let client = client(&simulator, credentials("ana"));
    let device = maple(&client).await;
    let hold = simulator.hold(Operation::CreateInvites, Moment::BeforeEffect);
    let call = tokio::spawn(async move { client.create_invite(&device, &NewInvite::default()).await });
    hold.held().await;
    assert_eq!(invites(&simulator), 0);
    hold.release();
    assert!(call.await.unwrap().is_ok());
    assert_eq!(invites(&simulator), 1);
}

#[tokio::test]
async fn a_call_held_after_its_effect_has_it_although_nobody_was_answered() {
    let simulator = demo().await;
    let client = client(&simulator, credentials("ana"));
    let device = maple(&client).await;
    let hold = simulator.hold(Operation::CreateInvites, Moment::AfterEffect);
    let call = tokio::spawn(async move { client.create_invite(&device, &NewInvite::default()).await });
    hold.held().await;
    assert_eq!(invites(&simulator), 1);
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    assert_eq!(invites(&simulator), 1);
}

#[tokio::test]
async fn a_held_call_whose_caller_was_killed_happens_when_it_is_released() {
    let simulator = demo().await;
    let client = client(&simulator, credentials("ana"));
    let device = maple(&client).await;
    let before = simulator.hold(Operation::CreateInvites, Moment::BeforeEffect);
    let after = simulator.hold(Operation::CreateInvites, Moment::AfterEffect);
    let call = tokio::spawn(async move { client.create_invite(&device, &NewInvite::default()).await });
    before.held().await;
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    assert_eq!(invites(&simulator), 0);
    before.release();
    after.held().await;
    assert_eq!(invites(&simulator), 1);
}

#[tokio::test]
async fn an_abandoned_call_never_happens() {
    let simulator = demo().await;
    let client = client(&simulator, credentials("ana"));
    let device = maple(&client).await;
    let hold = simulator.hold(Operation::CreateInvites, Moment::BeforeEffect);
    let call = tokio::spawn(async move { client.create_invite(&device, &NewInvite::default()).await });
    hold.held().await;
    hold.abandon();
    assert!(matches!(call.await.unwrap(), Err(ControlPlaneError::Unreachable { .. })));
    assert_eq!(invites(&simulator), 0);
}

#[tokio::test]
async fn an_edit_by_somebody_else_is_a_conflict_for_us() {
    let simulator = demo().await;
    let client = client(&simulator, credentials("ben"));
    let read = client.get_policy().await.expect("it can be read");
    simulator.edit_policy("ben", "// mine\n{\"grants\": []}").unwrap();
    let condition = Precondition::Matches(read.etag.expect("it has a mark"));
    assert_eq!(client.set_policy(&read.text, &condition).await, Err(ControlPlaneError::Conflict));
    assert_eq!(simulator.policy("ben").unwrap(), "// mine\n{\"grants\": []}");
}

#[tokio::test]
async fn an_invite_lapses_after_thirty_days() {
    let simulator = demo().await;
    let ana = client(&simulator, credentials("ana"));
    let device = maple(&ana).await;
    let url =
        ana.create_invite(&device, &NewInvite::default()).await.expect("it is made").url.expect("a link");
    simulator.advance_clock(SignedDuration::from_hours(24 * 30));
    let refused = client(&simulator, credentials("dario")).accept_invite(&url).await;
    assert!(matches!(refused, Err(ControlPlaneError::Rejected { .. })), "{refused:?}");
}

#[tokio::test]
async fn people_without_tokens_make_and_accept_invites_in_their_browsers() {
    let simulator = demo().await;
    let ana = client(&simulator, credentials("ana"));
    let device = maple(&ana).await;
    assert!(simulator.make_invite("ana", "mateo@arroyo.example", "maple").is_err(), "a member may not share");
    let url = simulator.make_invite("ana", "ana@arroyo.example", "maple").unwrap();
    simulator.accept("chiara", "chiara@github", &url).unwrap();
    let invites = ana.list_invites(&device).await.expect("invites can be listed");
    assert_eq!(invites[0].url.as_ref().map(Secret::expose), Some(url.as_str()));
    assert_eq!(invites[0].accepted_by.as_deref(), Some("chiara@github"));
}

#[tokio::test]
async fn the_console_makes_an_invite_for_an_owner_and_shows_its_link() {
    let simulator = demo().await;
    let console = format!("{}/admin/machines", simulator.api_url());
    let http = http();
    let page = http.get(&console).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("cellar") && page.contains("chiara@github"), "{page}");
    let form = [("tailnet", "chiara"), ("login", "chiara@github"), ("device", "cellar")];
    let page = http.post(&console).form(&form).send().await.unwrap().text().await.unwrap();
    let made = simulator.tailnet("chiara").unwrap().invites;
    assert_eq!(made.len(), 1);
    assert!(page.contains(&made[0].url), "{page}");
}

#[tokio::test]
async fn several_people_accept_a_multi_use_invite_once_each() {
    let simulator = demo().await;
    let ana = client(&simulator, credentials("ana"));
    let device = maple(&ana).await;
    let several = NewInvite { multi_use: true, ..NewInvite::default() };
    let url = ana.create_invite(&device, &several).await.expect("it is made").url.expect("a link");
    simulator.accept("dario", "dario@nopal.example", url.expose()).unwrap();
    simulator.accept("chiara", "chiara@github", url.expose()).unwrap();
    assert!(simulator.accept("dario", "dario@nopal.example", url.expose()).is_err());
    let recipients: Vec<_> =
        ana.list_users().await.unwrap().into_iter().filter(|u| u.kind == UserKind::Shared).collect();
    assert_eq!(recipients.len(), 2);

    let again =
        ana.create_invite(&device, &NewInvite::default()).await.expect("it is made").url.expect("a link");
    simulator.accept("dario", "dario@nopal.example", again.expose()).unwrap();
    let devices = client(&simulator, credentials("dario")).list_devices().await.unwrap().devices;
    assert_eq!(devices.iter().filter(|device| device.external).count(), 1, "shared twice, listed once");
}

#[tokio::test]
async fn the_link_leads_to_a_page_on_which_reading_accepts_nothing() {
    let simulator = demo().await;
    let ana = client(&simulator, credentials("ana"));
    let device = maple(&ana).await;
    let url =
        ana.create_invite(&device, &NewInvite::default()).await.expect("it is made").url.expect("a link");
    let http = http();
    let page = http.get(url.expose()).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("maple.tail3a7f1.ts.net") && page.contains("dario@nopal.example"), "{page}");
    assert!(!page.contains("mateo@arroyo.example"), "one of the owner's own tailnet");
    assert!(simulator.tailnet("ana").unwrap().shares.is_empty());

    let accept =
        || http.post(url.expose()).form(&[("tailnet", "dario"), ("login", "dario@nopal.example")]).send();
    assert_eq!(accept().await.unwrap().status(), 200);
    assert_eq!(simulator.tailnet("ana").unwrap().shares[0].recipient, "dario@nopal.example");
    assert_eq!(accept().await.unwrap().status(), 400, "it is used");
}

#[tokio::test]
async fn a_share_may_outlive_its_invite_if_the_world_is_so() {
    for ends in [true, false] {
        let simulator = demo().await;
        simulator.deleting_an_invite_ends_the_share(ends);
        let ana = client(&simulator, credentials("ana"));
        let device = maple(&ana).await;
        let made = ana.create_invite(&device, &NewInvite::default()).await.expect("it is made");
        simulator.accept("dario", "dario@nopal.example", made.url.expect("a link").expose()).unwrap();
        ana.delete_invite(&made.id).await.expect("it is deleted");
        let dario = client(&simulator, credentials("dario"));
        let devices = dario.list_devices().await.expect("devices can be listed").devices;
        assert_eq!(devices.iter().any(|device| device.external), !ends);
    }
}

#[tokio::test]
async fn the_control_listener_does_over_http_what_the_library_does() {
    let simulator = demo().await;
    let control = simulator.control_url().expect("it listens");
    let ana = client(&simulator, credentials("ana"));
    let device = maple(&ana).await;
    let http = http();
    let post = async |path: &str, body: Value| {
        let sent = http.post(format!("{control}{path}")).body(body.to_string());
        sent.header("content-type", "application/json").send().await.unwrap().error_for_status().unwrap()
    };

    let hold =
        json!({ "target": { "operation": "create_invites", "tailnet": "ana" }, "moment": "after_effect" });
    let hold: Value = serde_json::from_str(&post("/holds", hold).await.text().await.unwrap()).unwrap();
    let id = &hold["id"];
    let call = tokio::spawn(async move { ana.create_invite(&device, &NewInvite::default()).await });
    http.get(format!("{control}/holds/{id}/held")).send().await.unwrap().error_for_status().unwrap();
    let seen = http.get(format!("{control}/tailnets/ana")).send().await.unwrap().text().await.unwrap();
    let seen: Value = serde_json::from_str(&seen).unwrap();
    assert_eq!(seen["invites"][0]["device"], "maple");
    post(&format!("/holds/{id}/release"), json!({})).await;
    assert!(call.await.unwrap().is_ok());

    let fault =
        json!({ "target": { "operation": "get_policy" }, "fault": { "kind": "status", "status": 403 } });
    post("/faults", fault).await;
    let ben = client(&simulator, credentials("chiara"));
    assert!(matches!(ben.get_policy().await, Err(ControlPlaneError::Forbidden { .. })));

    post("/clock", json!({ "pin": "2027-01-01T00:00:00Z" })).await;
    post("/clock", json!({ "advance_seconds": 60 })).await;
    assert_eq!(simulator.now().to_string(), "2027-01-01T00:01:00Z");

    let log = http.get(format!("{control}/log")).send().await.unwrap().text().await.unwrap();
    let log: Value = serde_json::from_str(&log).unwrap();
    let last = log.as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["operation"], &last["tailnet"], &last["status"]),
        (&json!("get_policy"), &json!("chiara"), &json!(403))
    );
}
