//! Worlds from files.

use control_plane::{ControlPlane, UserKind};
use serde_json::Value;
use simulator::{Listen, Simulator, World, WorldError};

use crate::stage::{client, credentials_of, http};

#[tokio::test]
async fn the_demo_world_has_what_the_tour_needs() {
    let world = World::demo();
    assert_eq!(world.tailnets.len(), 4);
    let simulator = Simulator::start(world.clone(), Listen::default()).await.unwrap();
    for tailnet in &world.tailnets {
        let client = client(&simulator, credentials_of(tailnet));
        let devices = client.list_devices().await.unwrap().devices;
        assert_eq!(devices.len(), tailnet.devices.len());
        let policy = client.get_policy().await.unwrap();
        assert_eq!(policy.text, simulator.policy(&tailnet.name).unwrap());
        assert!(client.validate_policy(&policy.text).await.unwrap().passed, "{}", tailnet.name);
    }
    // A community of which three people of the tailnets have machines, and a server with its policy in a file.
    let servers: Vec<_> = world.headscales.iter().map(|server| (server.name.as_str(), server)).collect();
    let [("mill", mill), ("oven", oven)] = servers.as_slice() else { panic!("{servers:?}") };
    assert!(mill.policy_path.is_none() && oven.policy_path.is_some());
    let people = world.tailnets.iter().flat_map(|tailnet| &tailnet.users);
    let there = people.filter(|person| {
        let account = mill.users.iter().find(|account| account.display_name == person.name);
        account.is_some_and(|account| mill.nodes.iter().any(|node| node.user.as_ref() == Some(&account.name)))
    });
    assert!(there.count() >= 3);
    for (name, server) in servers {
        let view = simulator.headscale(name).unwrap();
        let network = policy::Network::from_value(view.network).unwrap();
        let text = view.policy.unwrap();
        assert_eq!(simulator::headscale::policy_verdict(&text, server.version, &network), Ok(()), "{name}");
        assert_eq!(view.in_force.as_ref(), Some(&text), "{name}");
    }
}

#[tokio::test]
async fn any_capture_is_a_world_in_which_its_policy_is_judged_as_it_was() {
    let Some(vectors) = std::env::var_os("ACEQUIA_VECTORS") else {
        println!("skipped: ACEQUIA_VECTORS is not set");
        return;
    };
    let families = std::fs::read_dir(std::path::Path::new(&vectors).join("headscale-compat")).unwrap();
    let http = http();
    let mut count = 0;
    for family in families.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        for file in std::fs::read_dir(family).unwrap().map(|entry| entry.unwrap().path()) {
            let text = std::fs::read_to_string(&file).unwrap();
            let capture: Value = serde_json::from_str(&text).unwrap();
            let world = World::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            let owner = &world.tailnets[0];
            assert_eq!(owner.devices.len(), capture["topology"]["nodes"].as_object().unwrap().len());
            // A policy that was refused was never in force.
            assert_eq!(
                owner.policy.is_some(),
                capture["input"]["api_response_code"] == 200,
                "{}",
                file.display()
            );
            if let Some(policy) = &owner.policy {
                let sent = &capture["input"]["full_policy"];
                let sent =
                    sent.as_str().map_or_else(|| sent.clone(), |text| serde_json::from_str(text).unwrap());
                assert_eq!(hujson::parse_str(policy).unwrap().to_json().unwrap(), sent, "{}", file.display());
            }
            let (status, said) = judge(&http, &world, &capture["input"]["full_policy"]).await;
            let refusal = capture["input"]["api_response_body"]["message"].as_str();
            let same = match refusal {
                None => status == 200,
                Some(refusal) => status == 400 && said.contains(refusal),
            };
            assert!(same, "{}: {status} {said} against {refusal:?}", file.display());
            count += 1;
        }
    }
    assert!(count > 0, "there are no captures in the vectors");
}

/// Writes a policy to the world's first tailnet: status and, if it was refused, the words.
async fn judge(http: &reqwest::Client, world: &World, sent: &Value) -> (u16, String) {
    let text = sent.as_str().map_or_else(|| sent.to_string(), Into::into);
    let simulator = Simulator::start(world.clone(), Listen::default()).await.unwrap();
    let url = format!("{}/api/v2/tailnet/-/acl", simulator.api_url());
    let sent = http.post(url).bearer_auth(&world.tailnets[0].tokens[0].secret).body(text);
    let answer = sent.send().await.unwrap();
    let (status, body) = (answer.status().as_u16(), answer.text().await.unwrap());
    let said = serde_json::from_str(&body)
        .map(|said: Value| said["message"].as_str().unwrap_or_default().to_owned());
    (status, said.unwrap_or_default())
}

#[tokio::test]
async fn a_capture_is_served_with_its_routes_tags_and_roles() {
    let capture = r#"{
        "test_id": "t", "tailnet": "odin@example.com",
        "input": {"api_response_code": 200, "full_policy": "{\"acls\":[]}",
            "scenario_hujson": "{\"policy\": {\n  // nobody\n  \"acls\": [],\n}}"},
        "topology": {
            "users": [{"id": 1, "name": "odin", "email": "odin@example.com"}, {"id": 2, "name": "thor", "email": "thor@example.org"}],
            "nodes": {
                "squirtle": {"hostname": "squirtle", "ipv4": "100.64.0.2", "ipv6": "fd7a:115c:a1e0::2", "tags": ["tag:router"],
                    "routable_ips": ["10.33.0.0/16", "0.0.0.0/0"], "approved_routes": ["10.33.0.0/16"]},
                "ivysaur": {"hostname": "ivysaur", "ipv4": "100.64.0.3", "ipv6": "fd7a:115c:a1e0::3", "tags": null, "user": "thor"}
            }
        }
    }"#;
    let world = World::parse(capture).unwrap();
    assert_eq!(world.tailnets[0].policy.as_deref(), Some("{\n  // nobody\n  \"acls\": [],\n}"));
    let simulator = Simulator::start(world.clone(), Listen::default()).await.unwrap();
    let client = client(&simulator, credentials_of(&world.tailnets[0]));

    let devices = client.list_devices().await.unwrap().devices;
    let device = |name: &str| devices.iter().find(|device| device.hostname == name).unwrap();
    assert_eq!(device("squirtle").enabled_routes, ["10.33.0.0/16"]);
    assert_eq!(device("squirtle").advertised_routes, ["10.33.0.0/16", "0.0.0.0/0"]);
    assert_eq!(device("squirtle").tags, ["tag:router"]);
    assert_eq!(device("ivysaur").user_login, "thor@example.org");
    let users = client.list_users().await.unwrap();
    let roles: Vec<_> =
        users.iter().map(|user| (user.login.as_str(), user.role.as_str(), user.kind)).collect();
    assert_eq!(
        roles,
        [("odin@example.com", "owner", UserKind::Member), ("thor@example.org", "admin", UserKind::Member)]
    );
}

#[test]
fn a_world_that_contradicts_itself_says_where() {
    let refuse = |change: fn(&mut World)| {
        let mut world = World::demo();
        change(&mut world);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(Simulator::start(world, Listen::default())).unwrap_err().to_string()
    };
    let empty = |world: &mut World| {
        world.tailnets.clear();
        world.headscales.clear();
    };
    assert_eq!(refuse(empty), "the world has no tailnet");
    assert_eq!(
        refuse(|world| world.tailnets[0].devices[1].hostname = "maple".into()),
        "`maple` stands twice in the world as a device"
    );
    assert_eq!(
        refuse(|world| world.tailnets[0].devices[0].user = "zoe@example.com".into()),
        "`zoe@example.com` is nobody in the tailnet `ana`; add a user"
    );
    assert!(matches!(World::parse("tailnets = 3"), Err(WorldError::Toml(_))));
    assert!(matches!(World::parse("{\"tailnets\": 3}"), Err(WorldError::Json(_))));
}
