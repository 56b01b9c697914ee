//! A community on one server, and clients for it.

use std::sync::Arc;
use std::time::Duration;

use control_plane::contract::Stage;
use control_plane::{Capabilities, Secret, UserId};
use headscale_client::{HeadscaleClient, Limits, Server};
use simulator::headscale::world::{ApiKey, Headscale, Node, User};
use simulator::{Dialect, Listen, Simulator, World};

pub const KEY: &str =
    "hskey-api-simulatedKey-0000000000000000000000000000000000000000000000000000000000000000";
pub const POLICY: &str = "// the community\n{\n  \"tagOwners\": {\"tag:home\": [\"ana@\"], \"tag:other\": []},\n  \"acls\": [],\n}\n";

/// Ana with a server, Bruno with a laptop, and Carla, who came in by the server's own provider.
pub fn community(version: Dialect) -> Headscale {
    let user = |name: &str| User { name: name.into(), ..User::default() };
    let node =
        |name: &str, user: &str| Node { name: name.into(), user: Some(user.into()), ..Node::default() };
    let carla = User {
        email: "carla@example.com".into(),
        provider_id: "https://id.example.com/u-carla".into(),
        ..user("carla")
    };
    Headscale {
        name: "acequia".into(),
        version,
        base_domain: "hs.example".into(),
        policy: Some(POLICY.into()),
        policy_path: None,
        users: vec![user("ana"), user("bruno"), carla],
        nodes: vec![node("dune", "ana"), node("bruno-laptop", "bruno"), node("carla-phone", "carla")],
        preauth_keys: Vec::new(),
        api_keys: vec![ApiKey { secret: KEY.into(), ..ApiKey::default() }],
        clients: Vec::new(),
        tokens: Vec::new(),
        waiting: Vec::new(),
    }
}

pub async fn serve(server: Headscale) -> Simulator {
    let world = World { tailnets: Vec::new(), headscales: vec![server], ..World::demo() };
    Simulator::start(world, Listen::default()).await.expect("the world can be served")
}

/// Short times: what waits in these tests waits for something that comes.
pub fn limits() -> Limits {
    Limits {
        backoff: Duration::from_millis(1),
        answer: Duration::from_secs(5),
        longest_wait: Duration::from_secs(1),
        second_look: Duration::from_millis(1),
        ..Limits::default()
    }
}

pub fn server(simulator: &Simulator) -> Server {
    let address = simulator.headscale_url("acequia").expect("it is in the world");
    Server { base_domain: Some("hs.example".into()), ..Server::new(address, Secret::new(KEY)) }
}

pub fn client(simulator: &Simulator) -> HeadscaleClient {
    HeadscaleClient::new(server(simulator), limits()).expect("the address is fine")
}

/// The stage of the contract.
pub async fn stage(dialect: Dialect) -> Stage {
    let simulator = serve(community(dialect)).await;
    let plane = Arc::new(client(&simulator));
    plane.version().await.expect("it can be asked");
    let id = simulator.headscale_waits("acequia", "bruno-tv").expect("it is there");
    let control = simulator.control();
    Stage {
        declared: Capabilities {
            invites: false,
            conditional_writes: false,
            validate: dialect > Dialect::V0_28,
            preview: false,
            key_descriptions: false,
            key_tags_checked: false,
            accounts: true,
            device_ends: true,
            sign_ins: true,
            renewal: true,
        },
        owner: Arc::clone(&plane) as _,
        owner_without_user_token: plane,
        friend: None,
        hostname: "dune".into(),
        other_policy: format!("{POLICY}// with a line more\n"),
        member_login: "bruno@".into(),
        key_user: Some(UserId::new("1")),
        tag: "tag:home".into(),
        tag_of_others: "tag:other".into(),
        waiting: Some(Secret::new(format!("https://hs.example/register/{id}"))),
        calls: Box::new(move || control.log().len()),
        keep: Box::new(simulator),
    }
}
