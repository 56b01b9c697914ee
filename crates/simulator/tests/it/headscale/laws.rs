//! What a client of Headscale has to do besides: find out what it talks to, read refusals that come as trouble, and write a
//! policy that nothing guards.

use control_plane::{ControlPlane, ControlPlaneError, NewAuthKey, Precondition, Secret, UserId};
use headscale_client::{HeadscaleClient, PlainHttp, Server, Version};
use simulator::headscale::world::Headscale;
use simulator::{Dialect, Fault, FaultRule, Moment, Operation, Simulator};

use super::stage::{KEY, POLICY, client, community, limits, serve, server};

const MORE: &str = "// more\n{\"tagOwners\": {\"tag:home\": [\"ana@\"]}, \"acls\": []}\n";

async fn matching(client: &HeadscaleClient) -> Precondition {
    let read = client.get_policy().await.expect("it can be read");
    Precondition::Matches(read.etag.expect("it has a mark"))
}

fn count(simulator: &Simulator, operation: Operation) -> usize {
    simulator.log().iter().filter(|entry| entry.operation == operation).count()
}

#[tokio::test]
async fn a_client_finds_out_which_version_it_talks_to() {
    for (dialect, version) in
        [(Dialect::V0_28, Version::V0_28), (Dialect::V0_29, Version::V0_29), (Dialect::V0_30, Version::V0_30)]
    {
        let simulator = serve(community(dialect)).await;
        let client = client(&simulator);
        assert_eq!(client.version().await, Ok(version));
        let asked = simulator.log().len();
        assert_eq!(client.version().await, Ok(version));
        assert_eq!(simulator.log().len(), asked, "it is asked once");
        let told = Server { version: Some(version), ..server(&simulator) };
        let told = HeadscaleClient::new(told, limits()).unwrap();
        assert_eq!(told.capabilities(), client.capabilities());
        assert_eq!(simulator.log().len(), asked, "what is known is not asked");
    }
}

#[tokio::test]
async fn a_server_that_is_none_or_takes_no_key_is_told() {
    let simulator = serve(community(Dialect::V0_29)).await;
    let wrong = Server { api_key: Secret::new("hskey-api-simulatedKey-wrong"), ..server(&simulator) };
    let wrong = HeadscaleClient::new(wrong, limits()).unwrap();
    assert_eq!(wrong.version().await, Err(ControlPlaneError::Unauthorised));
    assert_eq!(wrong.list_devices().await.map(|list| list.devices), Err(ControlPlaneError::Unauthorised));
    let tailscale = crate::stage::demo().await;
    let none = HeadscaleClient::new(Server::new(tailscale.api_url(), Secret::new(KEY)), limits()).unwrap();
    assert!(none.version().await.is_err());
}

#[tokio::test]
async fn an_older_server_is_read_and_never_written() {
    let simulator = serve(community(Dialect::V0_28)).await;
    let old = Server { version: Some(Version::Older), ..server(&simulator) };
    let old = HeadscaleClient::new(old, limits()).unwrap();
    assert_eq!(old.list_users().await.unwrap().len(), 3);
    let condition = matching(&old).await;
    let refused = old.set_policy(MORE, &condition).await;
    assert!(matches!(refused, Err(ControlPlaneError::Unsupported { .. })), "{refused:?}");
    let key = NewAuthKey { user: Some(UserId::new("2")), ..NewAuthKey::default() };
    assert!(matches!(old.create_auth_key(&key).await, Err(ControlPlaneError::Unsupported { .. })));
    assert_eq!(simulator.headscale("acequia").unwrap().policy.as_deref(), Some(POLICY));
}

#[tokio::test]
async fn machines_and_people_are_named_as_policies_name_them() {
    for dialect in Dialect::ALL {
        let simulator = serve(community(dialect)).await;
        let client = client(&simulator);
        let users = client.list_users().await.unwrap();
        let logins: Vec<&str> = users.iter().map(|user| user.login.as_str()).collect();
        assert_eq!(logins, ["ana@", "bruno@", "https://id.example.com/u-carla@"]);
        assert_eq!(users[2].email.as_deref(), Some("carla@example.com"));
        let devices = client.list_devices().await.unwrap().devices;
        assert_eq!(devices[0].name, "dune.hs.example");
        assert_eq!(
            (devices[2].user_login.as_str(), devices[2].user_id.as_ref()),
            (logins[2], Some(&users[2].id))
        );
        assert!(devices[0].node_key.as_deref().is_some_and(|key| key.starts_with("nodekey:")));
        assert!(devices.iter().all(|device| device.connected && device.key_expires.is_none()));
    }
}

#[tokio::test]
async fn a_server_without_a_policy_has_an_empty_one_that_a_write_replaces() {
    for dialect in Dialect::ALL {
        let simulator = serve(Headscale { policy: None, ..community(dialect) }).await;
        let client = client(&simulator);
        let read = client.get_policy().await.unwrap();
        assert_eq!(read.text, "");
        assert_eq!(count(&simulator, Operation::V1GetPolicy), 1, "a refusal is not repeated");
        assert_eq!(client.get_settings().await.unwrap().policy_managed_elsewhere, Some(false));
        let written = client.set_policy(MORE, &Precondition::Matches(read.etag.unwrap())).await.unwrap();
        assert_eq!(written.text, MORE);
        let stale = client.set_policy(POLICY, &Precondition::IsDefault).await;
        assert_eq!(stale, Err(ControlPlaneError::Conflict));
    }
}

#[tokio::test]
async fn an_empty_text_is_never_sent() {
    for dialect in Dialect::ALL {
        let simulator = serve(community(dialect)).await;
        let client = client(&simulator);
        let condition = matching(&client).await;
        let asked = simulator.log().len();
        for empty in ["", "\n"] {
            let refused = client.set_policy(empty, &condition).await;
            assert!(matches!(refused, Err(ControlPlaneError::Rejected { .. })), "{refused:?}");
        }
        assert_eq!(simulator.log().len(), asked, "nobody is asked");
    }
}

#[tokio::test]
async fn a_policy_in_a_file_is_read_and_never_written() {
    for dialect in Dialect::ALL {
        let path = Some("/etc/headscale/policy.hujson".to_owned());
        let simulator = serve(Headscale { policy_path: path, ..community(dialect) }).await;
        let client = client(&simulator);
        assert_eq!(client.get_policy().await.unwrap().text, POLICY);
        assert_eq!(client.get_settings().await.unwrap().policy_managed_elsewhere, Some(true));
        let condition = matching(&client).await;
        let refused = client.set_policy(MORE, &condition).await;
        assert!(matches!(refused, Err(ControlPlaneError::Unsupported { .. })), "{refused:?}");
        assert_eq!(count(&simulator, Operation::V1SetPolicy), 0);
        simulator.headscale_policy("acequia", None).unwrap();
        assert!(matches!(client.get_policy().await, Err(ControlPlaneError::Rejected { .. })));
        assert_eq!(client.get_settings().await.unwrap().policy_managed_elsewhere, Some(true));
    }
}

#[tokio::test]
async fn an_edit_before_the_write_is_a_conflict_and_is_kept() {
    for dialect in Dialect::ALL {
        let simulator = serve(community(dialect)).await;
        let client = client(&simulator);
        let condition = matching(&client).await;
        // The same text, written again: somebody was here.
        simulator.advance_clock(jiff::SignedDuration::from_secs(1));
        simulator.headscale_policy("acequia", Some(POLICY)).unwrap();
        assert_eq!(client.set_policy(MORE, &condition).await, Err(ControlPlaneError::Conflict));
        assert_eq!(simulator.headscale("acequia").unwrap().policy.as_deref(), Some(POLICY));
    }
}

#[tokio::test]
async fn an_edit_right_after_the_write_is_a_conflict_and_is_kept() {
    let theirs = "// theirs\n{\"acls\": []}\n";
    // The looks after a write are the third and the fourth time that the policy is read, the condition's own included.
    for look in [1, 2] {
        let simulator = serve(community(Dialect::V0_29)).await;
        let client = client(&simulator);
        let condition = matching(&client).await;
        let hold = simulator.hold_nth(Operation::V1GetPolicy, Moment::BeforeEffect, look);
        let writing = tokio::spawn(async move { client.set_policy(MORE, &condition).await });
        hold.held().await;
        assert_eq!(simulator.headscale("acequia").unwrap().policy.as_deref(), Some(MORE));
        simulator.headscale_policy("acequia", Some(theirs)).unwrap();
        hold.release();
        assert_eq!(writing.await.unwrap(), Err(ControlPlaneError::Conflict), "look {look}");
        assert_eq!(simulator.headscale("acequia").unwrap().policy.as_deref(), Some(theirs));
    }
}

#[tokio::test]
async fn a_write_is_sent_once_and_trouble_after_it_says_that_nobody_knows() {
    let simulator = serve(community(Dialect::V0_30)).await;
    let client = client(&simulator);
    let condition = matching(&client).await;
    let lost = FaultRule {
        target: Operation::V1SetPolicy.into(),
        fault: Fault::HangUp,
        times: 1,
        moment: Moment::AfterEffect,
    };
    simulator.fail(lost);
    let answer = client.set_policy(MORE, &condition).await.unwrap_err();
    assert!(answer.leaves_effect_unknown(), "{answer:?}");
    assert_eq!(count(&simulator, Operation::V1SetPolicy), 1);

    let condition = matching(&client).await;
    let hold = simulator.hold_nth(Operation::V1GetPolicy, Moment::BeforeEffect, 1);
    let writing = tokio::spawn(async move { client.set_policy(POLICY, &condition).await });
    hold.held().await;
    let gone = Fault::Status { status: 401, message: None };
    simulator.fail(FaultRule {
        target: Operation::V1GetPolicy.into(),
        fault: gone,
        times: 9,
        moment: Moment::AfterEffect,
    });
    hold.release();
    // The fault is for the calls after the one that is held.
    let answer = writing.await.unwrap().unwrap_err();
    assert!(answer.leaves_effect_unknown(), "{answer:?}");
}

#[tokio::test]
async fn a_refused_policy_is_refused_in_the_servers_words_and_once() {
    for dialect in Dialect::ALL {
        let simulator = serve(community(dialect)).await;
        let client = client(&simulator);
        let condition = matching(&client).await;
        let refused = client.set_policy("{\"nonsense\": 1}", &condition).await;
        let Err(ControlPlaneError::Rejected { message, .. }) = refused else { panic!("{refused:?}") };
        assert!(message.starts_with("setting policy: parsing policy: unknown field"), "{message}");
        assert_eq!(count(&simulator, Operation::V1SetPolicy), 1);
    }
}

#[tokio::test]
async fn a_clash_of_names_stops_the_write_on_newer_servers() {
    let rule =
        "{\"acls\": [{\"action\": \"accept\", \"src\": [\"bruno@\"], \"dst\": [\"100.64.0.1:25565\"]}]}";
    for dialect in Dialect::ALL {
        let simulator = serve(community(dialect)).await;
        simulator
            .headscale_signs_in(
                "acequia",
                ("https://id.example.com/u-b", "bruno", "b@example.com"),
                "b-phone",
            )
            .unwrap();
        let client = client(&simulator);
        let condition = matching(&client).await;
        let written = client.set_policy(rule, &condition).await;
        assert_eq!(written.is_ok(), dialect == Dialect::V0_28, "{written:?}");
    }
}

#[tokio::test]
async fn a_text_that_is_too_long_is_refused_and_not_waited_for() {
    let long = format!("// {}\n{POLICY}", "x".repeat(5_000_000));
    for dialect in Dialect::ALL {
        let simulator = serve(community(dialect)).await;
        let client = client(&simulator);
        let condition = matching(&client).await;
        let refused = client.set_policy(&long, &condition).await;
        assert!(matches!(refused, Err(ControlPlaneError::Rejected { .. })), "{dialect:?}");
        assert_eq!(count(&simulator, Operation::V1SetPolicy), 1);
    }
}

#[tokio::test]
async fn a_read_is_repeated_through_trouble_and_a_page_is_no_answer() {
    let simulator = serve(community(Dialect::V0_29)).await;
    let client = client(&simulator);
    simulator.fail_next(Operation::V1ListNodes, Fault::Status { status: 502, message: None });
    assert_eq!(client.list_devices().await.unwrap().devices.len(), 3);
    simulator.fail_next(Operation::V1ListNodes, Fault::Garbage);
    assert!(client.list_devices().await.is_err());
}

#[tokio::test]
async fn every_key_has_an_end() {
    for dialect in Dialect::ALL {
        let simulator = serve(community(dialect)).await;
        let client = client(&simulator);
        let asked = NewAuthKey { user: Some(UserId::new("2")), ..NewAuthKey::default() };
        let key = client.create_auth_key(&asked).await.unwrap();
        assert!(key.expires.is_some());
        let id =
            simulator.headscale_joins("acequia", key.key.expose(), "bruno-desk").expect("the key is good");
        let device = client.get_device(&id.as_str().into()).await.unwrap();
        assert_eq!(device.user_login, "bruno@");
        assert!(simulator.headscale_joins("acequia", key.key.expose(), "second").is_err(), "for one machine");
        assert!(client.list_auth_keys().await.unwrap().is_empty(), "it is used up");
    }
}

#[tokio::test]
async fn no_error_and_no_debug_text_holds_a_key() {
    for dialect in Dialect::ALL {
        let simulator = serve(community(dialect)).await;
        let client = client(&simulator);
        let waiting = Secret::new("https://hs.example/register/hskey-authreq-nobody00000000000000");
        let users = client.list_users().await.unwrap();
        let refused = format!("{:?}", client.let_in(&waiting, &users[0]).await);
        assert!(!refused.contains("nobody0000"), "{refused}");
        assert!(!format!("{:?}", server(&simulator)).contains(KEY));
    }
}

#[test]
fn a_plain_address_of_others_is_refused_before_anybody_is_called() {
    let refused = |address: &str, plain_http| {
        let server = Server { plain_http, ..Server::new(address, Secret::new(KEY)) };
        HeadscaleClient::new(server, limits()).is_err()
    };
    assert!(refused("http://192.168.1.5:8080", PlainHttp::ThisMachine));
    assert!(!refused("http://192.168.1.5:8080", PlainHttp::PrivateAddresses));
    assert!(refused("http://headscale.example", PlainHttp::PrivateAddresses));
}

#[tokio::test]
async fn the_control_listener_moves_a_headscale_too() {
    let simulator = serve(community(Dialect::V0_29)).await;
    let control = simulator.control_url().expect("it listens");
    let http = crate::stage::http();
    let post = async |path: &str, body: serde_json::Value| {
        let sent = http.post(format!("{control}/headscales/acequia{path}")).body(body.to_string());
        let sent = sent.header("content-type", "application/json").send().await.unwrap();
        sent.error_for_status().unwrap().text().await.unwrap()
    };
    let asked = NewAuthKey { user: Some(UserId::new("2")), ..NewAuthKey::default() };
    let key = client(&simulator).create_auth_key(&asked).await.unwrap();
    let id = post("/join", serde_json::json!({ "key": key.key.expose(), "machine": "bruno-tv" })).await;
    assert!(!post("/wait", serde_json::json!({ "machine": "web" })).await.is_empty());
    let who = serde_json::json!({ "provider_id": "x/y", "user": "y", "email": "y@example.com", "machine": "y-phone" });
    post("/sign-in", who).await;
    let machine = format!("{control}/headscales/acequia/machines/{id}");
    http.delete(&machine).send().await.unwrap().error_for_status().unwrap();
    let policy = format!("{control}/headscales/acequia/policy");
    http.put(&policy).body(MORE).send().await.unwrap().error_for_status().unwrap();
    let seen = simulator.headscale("acequia").unwrap();
    assert_eq!((seen.policy.as_deref(), seen.users.len()), (Some(MORE), 4));
    assert!(seen.machines.iter().any(|machine| machine.name == "bruno-tv" && machine.expired));
    assert!(seen.machines.iter().any(|machine| machine.user.as_deref() == Some("y")));
}
