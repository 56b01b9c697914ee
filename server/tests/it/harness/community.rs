//! One Headscale with several people on it, and an app that Ana has it connected to.

use std::path::Path;
use std::time::Duration;

use app::ports::Backend;
use app::ports::offers::{Answer, OfferForm};
use app::ports::services::ServiceForm;
use app::ports::tailnets::ConnectForm;
use model::{Decision, NodeId, PersonId, ShareId, ShareState, TailnetId};
use server::config::{Config, ControlPlane, Database, Provider, ProviderKind};
use server::jobs::Runner;
use server::store::identities::Identity;
use server::store::tailnets::Tailnet;
use simulator::headscale::world::{ApiKey, Headscale, Node, User};
use simulator::{Dialect, HeadscaleView, Listen, Operation, Simulator, World};

use super::TestApp;
use super::app::config;
use super::database::TestDatabase;
use super::neighbours::yes;

pub const KEY: &str =
    "hskey-api-simulatedKey-0000000000000000000000000000000000000000000000000000000000000000";
/// Ana may everywhere; who has no rule reaches nobody.
pub const POLICY: &str = "// the community\n{\n\t\"groups\": {\"group:house\": [\"ana@\"]}, // us\n\t\"acls\": [\n\t\t\
                          {\"action\": \"accept\", \"src\": [\"group:house\"], \"dst\": [\"*:*\"]},\n\t],\n}\n";
pub const CARLA: &str = "https://id.example.com/u-carla";

pub struct Community {
    pub app: TestApp,
    pub simulator: Simulator,
    pub ana: PersonId,
    pub bruno: PersonId,
    /// Her provider here has verified the mail that her account there has.
    pub carla: PersonId,
}

/// Ana with a server and a laptop, Bruno with a laptop, and Carla, who came in by the server's own provider.
pub fn world(version: Dialect) -> Headscale {
    let user = |name: &str| User { name: name.into(), ..User::default() };
    let node =
        |name: &str, user: &str| Node { name: name.into(), user: Some(user.into()), ..Node::default() };
    let carla = User { email: "carla@example.com".into(), provider_id: CARLA.into(), ..user("carla") };
    Headscale {
        name: "mill".into(),
        version,
        base_domain: "hs.example".into(),
        policy: Some(POLICY.into()),
        policy_path: None,
        users: vec![user("ana"), user("bruno"), carla],
        nodes: vec![
            node("dune", "ana"),
            node("ana-laptop", "ana"),
            node("bruno-laptop", "bruno"),
            node("carla-phone", "carla"),
        ],
        preauth_keys: Vec::new(),
        // Ninety days and an hour from the tests' beginning.
        api_keys: vec![ApiKey {
            secret: KEY.into(),
            expires: "2027-03-01T13:00:00Z".parse().ok(),
            ..ApiKey::default()
        }],
        clients: Vec::new(),
        tokens: Vec::new(),
        waiting: Vec::new(),
    }
}

impl Community {
    pub async fn of(version: Dialect) -> Self {
        Self::on(world(version)).await
    }

    pub async fn on(server: Headscale) -> Self {
        Self::in_database(server, TestDatabase::sqlite().await).await
    }

    /// One in each kind of database.
    pub async fn each(server: impl Fn() -> Headscale) -> Vec<Self> {
        let mut all = Vec::new();
        for database in TestDatabase::each().await {
            all.push(Self::in_database(server(), database).await);
        }
        all
    }

    /// The same in this database.
    pub async fn in_database(server: Headscale, database: TestDatabase) -> Self {
        let (simulator, config) = Self::stage(server).await;
        Self::in_app(TestApp::on(config, database), simulator).await
    }

    /// With all data in a folder, on the machine's clock: another process goes on with it.
    pub async fn in_folder(mut server: Headscale, folder: &Path) -> Self {
        // Whenever that is, the key is good.
        server.api_keys.iter_mut().for_each(|key| key.expires = None);
        let (simulator, mut config) = Self::stage(server).await;
        folder.clone_into(&mut config.data);
        config.key_file = folder.join("key");
        config.database = Database::Sqlite(folder.join("acequia.db"));
        let all = Self::in_app(TestApp::on_disk(config).await, simulator).await;
        all.app.left_over.may_be("another process does them");
        all
    }

    async fn stage(server: Headscale) -> (Simulator, Config) {
        let world = World { tailnets: Vec::new(), headscales: vec![server], ..World::demo() };
        let simulator = Simulator::start(world, Listen::default()).await.unwrap();
        let mut config = config();
        let address = |url: String| url::Url::parse(&url).unwrap();
        config.control_planes = vec![
            ControlPlane::new(address(simulator.headscale_url("mill").unwrap()), "The mill"),
            ControlPlane::new(address(simulator.api_url()), "Simulator"),
        ];
        config.timing.control_plane = Duration::from_secs(5);
        // The one that the server has too.
        config.providers = vec![Provider {
            id: "mill".into(),
            label: "our sign-in".into(),
            client_id: "acequia".into(),
            client_secret: None,
            kind: ProviderKind::Oidc { issuer: "https://id.example.com".into() },
        }];
        (simulator, config)
    }

    async fn in_app(app: TestApp, simulator: Simulator) -> Self {
        simulator.pin_clock(app.state.now().to_string().parse().unwrap());
        let (ana, bruno, carla) =
            (app.person("Ana").await, app.person("Bruno").await, app.person("Carla").await);
        let community = Self { app, simulator, ana, bruno, carla };
        community.has_mail(carla, "carla@example.com").await;
        community
    }

    /// A provider of ours has verified this mail.
    pub async fn has_mail(&self, person: PersonId, mail: &str) {
        self.has_identity(person, ("forge", mail), Some(mail)).await;
    }

    /// They sign in here so: with this provider, which calls them so.
    pub async fn has_identity(
        &self,
        person: PersonId,
        (provider, subject): (&str, &str),
        mail: Option<&str>,
    ) {
        let state = &self.app.state;
        let identity = Identity {
            id: state.new_id(),
            person,
            provider: provider.into(),
            subject: subject.into(),
            label: subject.into(),
            email: mail.map(Into::into),
            linked: state.now(),
        };
        state.db.insert_identity(&identity).await.unwrap();
    }

    pub fn ask(&self, person: PersonId) -> Backend {
        self.app.ask(person)
    }

    pub fn form(&self) -> ConnectForm {
        ConnectForm {
            name: "The mill".into(),
            base_url: self.simulator.headscale_url("mill").unwrap(),
            api_key: KEY.into(),
            base_domain: "hs.example".into(),
            login_server: "https://mill.example".into(),
            ..ConnectForm::default()
        }
    }

    pub async fn connect(&self) -> TailnetId {
        let id = self.ask(self.ana).tailnets.connect(self.form()).await.unwrap();
        self.drain().await;
        id
    }

    /// Does everything that is due.
    pub async fn drain(&self) {
        let state = &self.app.state;
        Runner::new(state.clone()).drain().await.unwrap();
        let wrong = state.db.check_notices(state.now()).await.unwrap();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    /// Reads the network afresh.
    pub async fn sync(&self, id: TailnetId) {
        self.ask(self.ana).tailnets.sync(id).await.unwrap();
        self.drain().await;
    }

    /// Some time goes by, and everything that is due then is done.
    pub async fn later(&self, seconds: i64) {
        self.app.clock.advance_seconds(seconds);
        self.simulator.pin_clock(self.app.state.now().to_string().parse().unwrap());
        self.drain().await;
    }

    pub async fn tailnet(&self, id: TailnetId) -> Tailnet {
        self.app.state.db.find_tailnet(id).await.unwrap().unwrap()
    }

    pub async fn node(&self, tailnet: TailnetId, name: &str) -> NodeId {
        let nodes = self.app.state.db.list_nodes(tailnet).await.unwrap();
        nodes.into_iter().find(|node| node.name == name).expect("a machine of the community").id
    }

    pub fn server(&self) -> HeadscaleView {
        self.simulator.headscale("mill").unwrap()
    }

    pub fn policy(&self) -> String {
        self.server().policy.unwrap_or_default()
    }

    /// Ana lists Minecraft on dune and makes an offer for whoever has the link.
    pub async fn offered(&self, tailnet: TailnetId, ports: &str) -> String {
        let giving = self.ask(self.ana);
        let form = ServiceForm {
            name: "Minecraft".into(),
            kind: "minecraft".into(),
            ports: ports.into(),
            audience: "everybody".into(),
            ..ServiceForm::default()
        };
        let service = giving.services.create(self.node(tailnet, "dune").await, form).await.unwrap();
        let form = OfferForm {
            service: service.to_string(),
            to: "link".into(),
            until: "ended".into(),
            ..OfferForm::default()
        };
        giving.offers.create(form).await.unwrap().1
    }

    /// The friend accepts with this name for themselves.
    pub async fn accepted(&self, tailnet: TailnetId, ports: &str, friend: PersonId, login: &str) -> ShareId {
        let token = self.offered(tailnet, ports).await;
        let receiving = self.ask(friend);
        let answer = receiving.offers.open(token.clone()).await.unwrap().answer;
        assert!(matches!(answer, Answer::Possible { automatic: false, .. }), "{answer:?}");
        receiving.offers.accept(token, login.into()).await.unwrap()
    }

    /// The id of an account of the server.
    pub fn account(&self, name: &str) -> String {
        let place = self.server().users.iter().position(|user| user == name).expect("an account");
        (place + 1).to_string()
    }

    /// Ana says which account the friend is, unless that is known, looks at the plan and says yes to it.
    pub async fn approved(&self, share: ShareId, account: &str) -> Decision {
        let asked = self.ask(self.ana);
        if asked.members.choice(share, String::new(), false).await.unwrap().is_some() {
            asked.members.choose(share, self.account(account)).await.unwrap();
        }
        yes(&asked, share).await.unwrap()
    }

    pub async fn state(&self, share: ShareId) -> ShareState {
        self.app.state.db.find_share(share).await.unwrap().unwrap().state
    }

    /// What the server was asked since.
    pub fn calls(&self) -> Vec<Operation> {
        self.simulator.log().into_iter().map(|entry| entry.operation).collect()
    }
}
