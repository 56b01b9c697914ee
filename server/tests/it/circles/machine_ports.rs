//! Ports that the configuration of a machine changed are not approved beforehand before somebody looked at them.

use app::fault::Fault;
use app::paths;
use app::ports::services::ServiceForm;
use model::host::May;
use model::{NodeId, ServiceId, ShareState};

use super::Stage;
use crate::harness::Who::{Ana, Dario};
use crate::harness::database::TestDatabase;

/// Ana's maple, of which the configuration lists what runs there.
struct Host {
    stage: Stage,
    maple: NodeId,
    token: String,
}

impl Host {
    async fn of(stage: Stage) -> Self {
        let maple = stage.all.node(stage.ana, "maple").await;
        let may = May { lists: true, ..May::default() };
        let token = stage.all.ask(Ana).hosts.make_token(maple, may).await.unwrap();
        Self { stage, maple, token }
    }

    async fn lists(&self, kind: &str, ports: &str) -> ServiceId {
        let text = format!(r#"{{ "Minecraft": {{ "kind": "{kind}", "ports": ["{ports}"] }} }}"#);
        let state = self.stage.all.app_state();
        let listing = server::hosts::told_services(state, self.maple, &self.token, &text).await.unwrap();
        listing.services["Minecraft"]
    }

    async fn form(&self, service: ServiceId) -> (bool, ServiceForm) {
        let view = self.stage.all.ask(Ana).services.edit_form(service).await.unwrap();
        (view.ports_changed, view.form)
    }

    /// Ana opens the form that her inbox leads to, and saves it as it is.
    async fn looks(&self, service: ServiceId) {
        let (changed, form) = self.form(service).await;
        assert!(changed);
        self.stage.all.ask(Ana).services.update(service, form).await.unwrap();
        assert!(!self.form(service).await.0);
    }

    /// Where it is said to Ana that somebody has to look.
    async fn told(&self) -> Vec<String> {
        self.stage.all.check_notices().await;
        let items = self.stage.all.ask(Ana).inbox.home().await.unwrap().items;
        let told = items.into_iter().filter(|item| item.title.contains("gave Minecraft other ports"));
        told.map(|item| item.href).collect()
    }

    /// Whether Dario gets it without asking.
    async fn is_got(&self, service: ServiceId) -> bool {
        self.stage.all.ask(Dario).services.get(service).await.unwrap().at_once.is_some()
    }
}

/// Sabotage: `ports_changed` left out of `FOR` in `store/taking.rs`, or not cleared in `put_service`.
#[tokio::test]
async fn what_a_machine_gave_other_ports_is_asked_for_until_its_owner_looked() {
    for database in TestDatabase::each().await {
        let host = Host::of(Stage::beforehand(database, "7").await).await;
        // As she had listed it by hand, and again: nothing changed.
        let service = host.lists("minecraft", "tcp:25565").await;
        assert!(host.is_got(service).await);
        assert_eq!(host.told().await, Vec::<String>::new());

        assert_eq!(host.lists("minecraft", "tcp:25566").await, service);
        assert!(!host.is_got(service).await);
        let taken = host.stage.takes(service, "weekend").await;
        assert!(matches!(taken, Err(Fault::Conflict(_))), "{taken:?}");
        assert_eq!(host.told().await, [paths::edit_service(service)]);
        // The same again is no answer to it.
        host.lists("minecraft", "tcp:25566").await;
        assert!(!host.is_got(service).await);

        host.looks(service).await;
        assert_eq!(host.told().await, Vec::<String>::new());
        host.lists("minecraft", "tcp:25566").await;
        assert!(host.is_got(service).await, "what she has seen stays as it is");
        let share = host.stage.takes(service, "weekend").await.unwrap();
        host.stage.all.drain().await;
        let state = host.stage.all.state(share).await;
        assert!(matches!(state, ShareState::Active { .. }), "{state:?}");
    }
}

/// Sabotage: `ports_changed` left out of `GIVEN` in `store/circles/beforehand.rs`, or not asked for in `why_not_beforehand`.
#[tokio::test]
async fn what_is_offered_waits_for_a_review_where_its_machine_gave_it_other_ports() {
    for database in TestDatabase::each().await {
        let host = Host::of(Stage::beforehand(database, "30").await).await;
        let service = host.lists("minecraft", "tcp:25565").await;
        let offer = host.stage.offered_one(service, "month").await;
        host.lists("minecraft", "tcp:22").await;
        let share = host.stage.accepts(Dario, offer).await;
        assert!(host.stage.waits_for_review(share).await, "{:?}", host.stage.all.state(share).await);
        let reason = host.stage.all.ask(Ana).shares.get(share).await.unwrap().gate.reason;
        assert!(reason.as_ref().is_some_and(|why| why.contains("gave it other ports")), "{reason:?}");
        assert_eq!(host.told().await, [paths::edit_service(service)]);
    }
}

/// Sabotage: `kind` not compared in `ask_for_a_look`, or `b.kind` left out of `APPROVED`.
#[tokio::test]
async fn another_kind_is_looked_at_where_that_one_is_approved_and_nothing_else_is() {
    for database in TestDatabase::each().await {
        let host = Host::of(Stage::beforehand(database, "7").await).await;
        let service = host.lists("http", "tcp:8080").await;
        host.lists("http", "tcp:22").await;
        assert!(!host.form(service).await.0, "nobody approved web pages");
        host.lists("minecraft", "tcp:22").await;
        assert_eq!(host.told().await, [paths::edit_service(service)]);
        assert!(!host.is_got(service).await);
        // Out of the list, and nobody has it: nothing waits.
        let state = host.stage.all.app_state();
        server::hosts::told_services(state, host.maple, &host.token, "{}").await.unwrap();
        assert_eq!(host.told().await, Vec::<String>::new());
    }
}
