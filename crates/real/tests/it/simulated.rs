//! The app is driven through the life of a share on a simulated Headscale of each version, in both modes.

use std::path::PathBuf;

use real::{Claims, Mode, Packets, Server, Unseen, play};
use simulator::headscale::world::{ApiKey, Headscale, Node, User};
use simulator::{Dialect, Listen, Simulator, World};

const KEY: &str = "hskey-api-simulatedKey-0000000000000000000000000000000000000000000000000000000000000000";
const POLICY: &str = "// ours\n{\n\t\"acls\": [\n\t\t// only us\n\t\t\
                      {\"action\": \"accept\", \"src\": [\"ana@\"], \"dst\": [\"100.64.0.2:*\"]},\n\t],\n}\n";

/// A server and what its owner does at it, without machines that anybody could ask.
struct Simulated {
    simulator: Simulator,
    mode: Mode,
    unseen: Unseen,
}

impl Simulated {
    async fn start(version: Dialect, mode: Mode) -> Self {
        let user = |name: &str| User { name: name.into(), ..User::default() };
        let node =
            |name: &str, user: &str| Node { name: name.into(), user: Some(user.into()), ..Node::default() };
        let server = Headscale {
            name: "mill".into(),
            version,
            base_domain: "net.real.test".into(),
            policy: Some(POLICY.into()),
            policy_path: (mode == Mode::File).then(|| "/etc/headscale/policy.hujson".into()),
            users: vec![user("ana"), user("bruno")],
            nodes: vec![node("dune", "ana"), node("ana-laptop", "ana"), node("bruno-laptop", "bruno")],
            preauth_keys: Vec::new(),
            api_keys: vec![ApiKey { secret: KEY.into(), ..ApiKey::default() }],
            clients: Vec::new(),
            tokens: Vec::new(),
            waiting: Vec::new(),
        };
        let world = World { tailnets: Vec::new(), headscales: vec![server], ..World::demo() };
        let simulator = Simulator::start(world, Listen::default()).await.unwrap();
        Self { simulator, mode, unseen: Unseen }
    }
}

impl Server for Simulated {
    fn mode(&self) -> Mode {
        self.mode
    }

    fn url(&self) -> String {
        self.simulator.headscale_url("mill").unwrap()
    }

    fn api_key(&self) -> String {
        KEY.into()
    }

    fn ca_file(&self) -> Option<String> {
        None
    }

    fn policy(&self) -> anyhow::Result<String> {
        Ok(self.simulator.headscale("mill")?.policy.unwrap_or_default())
    }

    fn put_by_hand(&self, text: &str) -> anyhow::Result<()> {
        self.simulator.headscale_policy("mill", Some(text))?;
        Ok(self.simulator.headscale_reloads("mill")?)
    }
}

/// `ACEQUIA_TEST_BIN`, or what cargo built beside this test.
pub fn binary() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("ACEQUIA_TEST_BIN") {
        return Some(path.into());
    }
    let here = std::env::current_exe().unwrap();
    here.ancestors().map(|folder| folder.join("acequia")).find(|file| file.is_file())
}

fn packets(server: &mut Simulated) -> &mut dyn Packets {
    &mut server.unseen
}

async fn holds(version: Dialect, mode: Mode) {
    let Some(binary) = binary() else {
        println!("skipped: the binary is not built, run `cargo xtask test`");
        return;
    };
    let mut server = Simulated::start(version, mode).await;
    let mut claims = Claims::default();
    play(&binary, &mut server, packets, &mut claims).await.unwrap_or_else(|error| {
        panic!("{version:?}, {mode}: {error:#}");
    });
    claims.all_hold().unwrap_or_else(|error| panic!("{version:?}, {mode}: {error:#}"));
    let view = server.simulator.headscale("mill").unwrap();
    assert_eq!(view.policy.as_deref(), Some(POLICY), "{version:?}, {mode}");
    assert_eq!(view.in_force.as_deref(), Some(POLICY), "{version:?}, {mode}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_app_is_driven_through_the_life_of_a_share_on_each_version() {
    for version in Dialect::ALL {
        holds(version, Mode::Database).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_app_is_driven_through_the_life_of_a_share_where_the_policy_is_a_file() {
    for version in [Dialect::V0_28, Dialect::V0_29] {
        holds(version, Mode::File).await;
    }
}
