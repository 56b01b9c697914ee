//! The owners of a simulated world in the app, with the real client between the two.

use app::fault::Fault;
use app::ports::Backend;
use app::ports::offers::{Answer, OfferForm};
use app::ports::services::ServiceForm;
use app::ports::shares::Choice;
use app::ports::tailnets::ConnectForm;
use model::{Decision, NodeId, ServiceId, ShareId, ShareState, TailnetId};
use server::config::Config;
use server::demo::{Demo, store_records};
use server::jobs::Runner;
use server::session::BrowserSession;
use server::state::{AppState, Viewer};
use server::store::people::Person;
use server::use_cases;
use simulator::{Listen, World};

use super::TestApp;
use super::Who;
use super::app::config;
use super::database::TestDatabase;
use super::people::People;

pub struct Neighbours {
    pub app: TestApp,
    pub demo: Demo,
    pub people: People,
}

const HOUR: std::time::Duration = std::time::Duration::from_hours(1);

/// Settings of a test with a simulator: impatient.
pub fn impatient(demo: &Demo) -> Config {
    let mut config = config();
    config.control_planes = demo.control_planes().unwrap();
    config.timing.control_plane = std::time::Duration::from_secs(2);
    config
}

/// The same with all data in a folder, where another process finds it.
pub fn impatient_in(folder: &std::path::Path, demo: &Demo) -> Config {
    let mut config = impatient(demo);
    folder.clone_into(&mut config.data);
    config.key_file = folder.join("key");
    config.database = server::config::Database::Sqlite(folder.join("acequia.db"));
    config
}

impl Neighbours {
    pub async fn of(world: World) -> Self {
        let demo = Demo::start(world, Listen::default()).await.unwrap();
        let app = TestApp::with(impatient(&demo)).await;
        Self::in_app(app, demo).await
    }

    pub async fn in_app(app: TestApp, demo: Demo) -> Self {
        demo.simulator.pin_clock(app.state.now().to_string().parse().unwrap());
        let people = People(demo.people(&app.state).await.unwrap());
        app.left_over.must_be_none();
        Self { app, demo, people }
    }

    /// The built-in world with its data in this database, and with settings of the test's own.
    pub async fn on(database: TestDatabase, set: impl FnOnce(&mut Config)) -> Self {
        let demo = Demo::start(World::demo(), Listen::default()).await.unwrap();
        let mut config = impatient(&demo);
        set(&mut config);
        Self::in_app(TestApp::on(config, database), demo).await
    }

    /// Ana, one of her friends, and Ben of the named world with so many machines, with all that is open there.
    pub async fn made(machines: usize) -> Self {
        let made = world::World::of(machines);
        let demo = Demo::start(made.networks, Listen::default()).await.unwrap();
        let mut config = Config { demo: true, ..impatient(&demo) };
        // However large it is, and however slow the machine: nothing is given up.
        (config.timing.control_plane, config.timing.request) = (HOUR, HOUR);
        let app = TestApp::with(config).await;
        demo.simulator.pin_clock(app.state.now().to_string().parse().unwrap());
        store_records(&app.state, &demo, &made.records).await.unwrap();
        Self::in_app(app, demo).await
    }

    /// Ana, Ben, Chiara and Dario of the built-in world, who have connected nothing yet.
    pub async fn demo() -> Self {
        Self::of(World::demo()).await
    }

    pub fn app_state(&self) -> &AppState {
        &self.app.state
    }

    /// The questions as the owner of this tailnet asks them.
    pub fn ask(&self, owner: Who) -> Backend {
        ask(self.app_state(), &self.people[owner])
    }

    /// Does everything that is due.
    pub async fn drain(&self) {
        Runner::new(self.app_state().clone()).drain().await.unwrap();
        self.check_notices().await;
    }

    /// What waits for whom is stored as it would be worked out from nothing.
    pub async fn check_notices(&self) {
        let state = self.app_state();
        let wrong = state.db.check_notices(state.now()).await.unwrap();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    /// What the runner does when its timer rings: what is over ends, syncs are queued, what is due is done.
    pub async fn round(&self) {
        Runner::new(self.app_state().clone()).round().await.unwrap();
        self.check_notices().await;
    }

    pub fn form(&self, owner: Who) -> ConnectForm {
        self.demo.keyring()[owner as usize].1.clone()
    }

    pub async fn connect(&self, owner: Who) -> TailnetId {
        self.connect_with(owner, self.form(owner)).await
    }

    /// Without a user token: invites are then made in the console.
    pub async fn connect_without_token(&self, owner: Who) -> TailnetId {
        self.connect_with(owner, ConnectForm { user_token: String::new(), ..self.form(owner) }).await
    }

    async fn connect_with(&self, owner: Who, form: ConnectForm) -> TailnetId {
        let id = self.ask(owner).tailnets.connect(form).await.unwrap();
        self.drain().await;
        id
    }

    pub async fn node(&self, tailnet: TailnetId, name: &str) -> NodeId {
        let nodes = self.app_state().db.list_nodes(tailnet).await.unwrap();
        nodes.into_iter().find(|node| node.name == name).expect("a node of the world").id
    }

    /// The owner lists a Minecraft server, for everybody.
    pub async fn listed(&self, owner: Who, node: NodeId, ports: &str) -> ServiceId {
        let form = ServiceForm {
            name: "Minecraft".into(),
            kind: "minecraft".into(),
            ports: ports.into(),
            audience: "everybody".into(),
            ..ServiceForm::default()
        };
        self.ask(owner).services.create(node, form).await.unwrap()
    }

    /// The owner lists a service and offers it; the friend accepts.
    pub async fn accepted(&self, owner: Who, node: NodeId, ports: &str, friend: Who) -> ShareId {
        self.accepted_until(owner, node, ports, friend, ("ended", "")).await
    }

    pub async fn accepted_until(
        &self,
        owner: Who,
        node: NodeId,
        ports: &str,
        friend: Who,
        (until, date): (&str, &str),
    ) -> ShareId {
        let (giving, receiving) = (self.ask(owner), self.ask(friend));
        let service = self.listed(owner, node, ports).await;
        let form = OfferForm {
            service: service.to_string(),
            to: "link".into(),
            until: until.into(),
            date: date.into(),
            ..OfferForm::default()
        };
        let (_, token) = giving.offers.create(form).await.unwrap();
        let Answer::Possible { logins, .. } = receiving.offers.open(token.clone()).await.unwrap().answer
        else {
            panic!("the offer can be answered")
        };
        receiving.offers.accept(token, logins[0].clone()).await.unwrap()
    }

    /// The owner looks at the plan and says yes to it, narrowing where that is the choice. Nothing is done yet.
    pub async fn approved(&self, owner: Who, share: ShareId) -> Decision {
        yes(&self.ask(owner), share).await.unwrap()
    }

    pub async fn state(&self, share: ShareId) -> ShareState {
        self.app_state().db.find_share(share).await.unwrap().unwrap().state
    }

    pub fn policy(&self, tailnet: &str) -> String {
        self.demo.simulator.policy(tailnet).unwrap()
    }

    pub fn invites(&self, tailnet: &str) -> usize {
        self.demo.simulator.tailnet(tailnet).unwrap().invites.len()
    }
}

pub fn ask(state: &AppState, person: &Person) -> Backend {
    let viewer = Viewer::Person { id: person.id, instance_owner: person.instance_owner };
    use_cases::backend(state, viewer, BrowserSession::default())
}

/// Looks at the plan and says yes to it, narrowing where that is the choice.
pub async fn yes(asked: &Backend, share: ShareId) -> Result<Decision, Fault> {
    let review = asked.shares.review(share).await?;
    let decision = match review.choice {
        Choice::Exact => Decision::Apply,
        Choice::NarrowOrWholeNode { .. } | Choice::NarrowFirst { .. } => Decision::NarrowAndApply,
        Choice::WholeNodeOnly { .. } => Decision::WholeNode,
    };
    asked.shares.apply(share, review.plan, decision).await?;
    Ok(decision)
}
