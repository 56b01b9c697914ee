//! A client that others wrote for the real service (crate `tailscale-rest`) finds what it expects.

use simulator::Simulator;
use tailscale_rest::models::device::{AcceptedDeviceInvite, Device, DeviceInvite, DeviceRoutes};
use tailscale_rest::models::policy::{PolicyPreview, PolicyValidation};
use tailscale_rest::models::tailnet::TailnetSettings;
use tailscale_rest::models::user::User;
use tailscale_rest::{Client, ClientConfig, Credentials, Secret};

use crate::stage::{demo, world_tailnet};

fn connect(simulator: &Simulator, credentials: Credentials) -> Client {
    // Their client brings its own TLS stack and takes our process-wide provider if there is one.
    Client::new(ClientConfig { base_url: simulator.api_url(), ..ClientConfig::new(credentials) }).unwrap()
}

fn person(simulator: &Simulator, name: &str) -> Client {
    connect(simulator, Credentials::ApiKey(Secret::new(world_tailnet(name).tokens[0].secret.clone())))
}

fn client(simulator: &Simulator, name: &str) -> Client {
    let client = world_tailnet(name).clients[0].clone();
    let client_secret = Secret::new(client.secret);
    connect(simulator, Credentials::OauthClient { client_id: client.id, client_secret, scopes: Vec::new() })
}

fn list<T: serde::de::DeserializeOwned>(answer: &serde_json::Value, field: &str) -> Vec<T> {
    serde_json::from_value(answer[field].clone()).unwrap()
}

#[tokio::test]
async fn devices_users_and_settings_are_read() {
    let simulator = demo().await;
    let ben = client(&simulator, "ben");
    let answer = ben.get(ben.tailnet_path(None, "/devices")).query("fields", "all").send().await.unwrap();
    let devices: Vec<Device> = list(&answer, "devices");
    let router = devices.iter().find(|device| device.hostname.as_deref() == Some("attic-router")).unwrap();
    assert_eq!(router.enabled_routes.as_deref(), Some(&["192.168.40.0/24".to_owned()][..]));
    assert!(router.unknown.is_empty(), "fields that they do not know: {:?}", router.unknown.keys());

    let path = format!("/api/v2/device/{}/routes", router.node_id.as_deref().unwrap());
    let its_routes: DeviceRoutes = ben.get(path).send_as().await.unwrap();
    assert_eq!(its_routes.advertised_routes.unwrap().len(), 1);

    let answer = ben.get(ben.tailnet_path(None, "/users")).query("type", "all").send().await.unwrap();
    let users: Vec<User> = list(&answer, "users");
    assert_eq!(users[1].login_name.as_deref(), Some("lena@olmo.example"));
    assert!(users[1].unknown.is_empty(), "{:?}", users[1].unknown.keys());

    let settings: TailnetSettings = ben.get(ben.tailnet_path(None, "/settings")).send_as().await.unwrap();
    assert_eq!(settings.acls_externally_managed_on, Some(false));
}

#[tokio::test]
async fn the_policy_is_read_validated_previewed_and_written_with_its_mark() {
    let simulator = demo().await;
    let chiara = client(&simulator, "chiara");
    let path = |rest: &str| chiara.tailnet_path(None, rest);
    let file = chiara.get(path("/acl")).header("Accept", "application/hujson").send_text().await.unwrap();
    assert_eq!(file.text, simulator.policy("chiara").unwrap());

    let candidate = file.text.replace("tcp:22", "tcp:2222");
    let verdict = chiara.post(path("/acl/validate")).text("application/hujson", candidate.clone());
    let verdict: PolicyValidation = verdict.send_as().await.unwrap();
    assert_eq!(verdict.message, None);
    let preview =
        chiara.post(path("/acl/preview")).query("type", "user").query("previewFor", "chiara@github");
    let preview: PolicyPreview =
        preview.text("application/hujson", candidate.clone()).send_as().await.unwrap();
    assert_eq!(preview.matches.unwrap().len(), 2);

    let write = |mark: &str| {
        let call = chiara.post(path("/acl")).header("If-Match", mark).header("Accept", "application/hujson");
        call.text("application/hujson", candidate.clone())
    };
    let mark = file.etag.unwrap();
    assert_eq!(write(&mark).send_text().await.unwrap().text, candidate);
    assert_eq!(write(&mark).send_text().await.unwrap_err().status(), Some(412));
}

#[tokio::test]
async fn an_invite_is_made_accepted_and_deleted() {
    let simulator = demo().await;
    let (ana, dario) = (person(&simulator, "ana"), person(&simulator, "dario"));
    let maple = simulator.tailnet("ana").unwrap().devices[0].clone();
    let path = format!("/api/v2/device/{}/device-invites", maple.node_id);
    let made = ana.post(&path).json(&serde_json::json!([{ "multiUse": false }]));
    let made: Vec<DeviceInvite> = made.send_as().await.unwrap();
    assert_eq!(made[0].device_id.unwrap().to_string(), maple.id);

    let accept = serde_json::json!({ "invite": made[0].invite_url });
    let accepted: AcceptedDeviceInvite =
        dario.post("/api/v2/device-invites/-/accept").json(&accept).send_as().await.unwrap();
    assert_eq!(accepted.accepted_by.unwrap().login_name.as_deref(), Some("dario@nopal.example"));
    assert_eq!(accepted.device.unwrap().fqdn.as_deref(), Some("maple.tail3a7f1.ts.net"));

    // Read untyped: their model takes `acceptedBy.id` for text, the API's description says that it is a number.
    let invites = ana.get(&path).send().await.unwrap();
    assert_eq!(invites[0]["acceptedBy"]["loginName"], "dario@nopal.example");

    ana.delete(format!("/api/v2/device-invites/{}", made[0].id.as_deref().unwrap())).send().await.unwrap();
    assert!(simulator.tailnet("ana").unwrap().invites.is_empty());
    let refused = client(&simulator, "ana").post(&path).json(&serde_json::json!([{}])).send().await;
    assert_eq!(refused.unwrap_err().status(), Some(403));
}
