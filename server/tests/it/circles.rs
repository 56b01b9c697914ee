//! Circles: who sees them and what is shown to them, what is offered to all of one, and what ends when somebody leaves.

mod beforehand;
mod leaving;
mod machine_ports;
mod taking;

use app::fault::Fault;
use app::ports::circles::Leaver;
use app::ports::offers::{Answer, OfferForm};
use app::ports::services::{AudienceView, DirectoryQuery, ServiceForm};
use model::{CircleId, OfferId, ServiceId, ShareId, ShareState, TailnetId, TailnetRole};

use crate::harness::Who::{self, Ana, Ben, Chiara, Dario};
use crate::harness::database::TestDatabase;
use crate::harness::neighbours::Neighbours;

struct Stage {
    all: Neighbours,
    ana: TailnetId,
    circle: CircleId,
}

impl Stage {
    /// Ana has met Ben and Dario; Dario is in her circle.
    async fn on(database: TestDatabase) -> Self {
        let all = Neighbours::on(database, |config| {
            config.limits.circles_per_person = 2;
            config.limits.people_per_circle = 2;
        })
        .await;
        let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
        let circle = all.ask(Ana).circles.create("Players".into()).await.unwrap();
        let stage = Self { all, ana, circle };
        let first = stage.listed("everybody", vec![]).await;
        for who in [Ben, Dario] {
            let (_, token) = stage.all.ask(Ana).offers.create(offer(first, "link")).await.unwrap();
            stage.all.ask(who).offers.decline(token).await.unwrap();
        }
        stage.put_in(Dario).await.unwrap();
        stage
    }

    async fn put_in(&self, who: Who) -> Result<String, Fault> {
        self.all.ask(Ana).circles.add(self.circle, self.all.people[who].id.to_string()).await
    }

    fn form(audience: &str, circles: Vec<CircleId>) -> ServiceForm {
        ServiceForm {
            name: "Minecraft".into(),
            kind: "minecraft".into(),
            ports: "tcp:25565".into(),
            audience: audience.into(),
            circles,
            ..ServiceForm::default()
        }
    }

    /// On Ana's maple.
    async fn listed(&self, audience: &str, circles: Vec<CircleId>) -> ServiceId {
        let node = self.all.node(self.ana, "maple").await;
        self.all.ask(Ana).services.create(node, Self::form(audience, circles)).await.unwrap()
    }

    async fn sees(&self, who: Who, service: ServiceId) -> bool {
        match self.all.ask(who).services.get(service).await {
            Ok(_) => true,
            Err(Fault::NotFound) => false,
            Err(fault) => panic!("{fault:?}"),
        }
    }

    /// Offers that wait in somebody's inbox.
    async fn waiting(&self, who: Who) -> Vec<OfferId> {
        self.all.check_notices().await;
        let items = self.all.ask(who).inbox.home().await.unwrap().items;
        let offers = items.into_iter().filter(|item| item.title.contains("offers you"));
        offers.map(|item| item.href.rsplit('/').next().unwrap().parse().unwrap()).collect()
    }

    async fn accepts(&self, who: Who, offer: OfferId) -> ShareId {
        let asked = self.all.ask(who).offers;
        let answer = asked.open(offer.to_string()).await.unwrap().answer;
        let Answer::Possible { logins, .. } = answer else { panic!("{answer:?}") };
        asked.accept(offer.to_string(), logins[0].clone()).await.unwrap()
    }
}

fn offer(service: ServiceId, to: &str) -> OfferForm {
    OfferForm { service: service.to_string(), to: to.into(), until: "month".into(), ..OfferForm::default() }
}

/// Sabotage: `circle_audience` left out of `visible!`, or `own_circle` without its filter.
#[tokio::test]
async fn people_of_a_circle_see_what_is_shown_to_it_and_nobody_but_its_maker_sees_the_circle() {
    for database in TestDatabase::each().await {
        let stage = Stage::on(database).await;
        let all = &stage.all;
        let service = stage.listed("people", vec![stage.circle]).await;
        assert!(stage.sees(Dario, service).await);
        assert!(!stage.sees(Ben, service).await);
        let searched = all.ask(Dario).services.directory(DirectoryQuery::default()).await.unwrap();
        assert!(searched.services.iter().any(|card| card.id == service), "the board shows it too");

        for who in [Ben, Dario] {
            let theirs = all.ask(who).circles;
            assert_eq!(theirs.list().await.unwrap(), []);
            assert_eq!(theirs.get(stage.circle).await.unwrap_err(), Fault::NotFound);
            assert_eq!(theirs.rename(stage.circle, "Mine".into()).await.unwrap_err(), Fault::NotFound);
            let leaving = theirs.leave(stage.circle, Leaver::All, vec![]).await;
            assert_eq!(leaving.unwrap_err(), Fault::NotFound);
        }
        // Nobody shows anything to a circle of somebody else.
        let ben = all.connect(Ben).await;
        let node = all.app_state().db.list_nodes(ben).await.unwrap().remove(0).id;
        let foreign = all.ask(Ben).services.create(node, Stage::form("people", vec![stage.circle])).await;
        assert!(matches!(foreign, Err(Fault::Invalid(_))), "{foreign:?}");

        // A steward changes the service: the owner's circle stays, and tells no more than whose it is.
        let ben_id = all.people[Ben].id.to_string();
        all.ask(Ana).stewards.add(stage.ana, ben_id, TailnetRole::Steward).await.unwrap();
        let view = all.ask(Ben).services.edit_form(service).await.unwrap();
        assert_eq!((view.circles, view.circles_of_others), (vec![], vec![all.people[Ana].name.clone()]));
        let form = ServiceForm { about: "Survival".into(), ..view.form };
        all.ask(Ben).services.update(service, form).await.unwrap();
        assert!(stage.sees(Dario, service).await, "who saw it sees it");
        let audience = all.ask(Ana).services.get(service).await.unwrap().audience.unwrap();
        let AudienceView::People { circles, of_others, .. } = audience else { panic!("{audience:?}") };
        assert_eq!((circles, of_others), (vec!["Players".to_owned()], vec![]));

        // Whoever no longer acts there shows nothing by their circles.
        let bens = all.ask(Ben).circles.create("Guests".into()).await.unwrap();
        let form = all.ask(Ben).services.edit_form(service).await.unwrap().form;
        let form = ServiceForm { circles: vec![bens], ..form };
        all.ask(Ben).services.update(service, form.clone()).await.unwrap();
        let dario = Leaver::One(all.people[Dario].id);
        all.ask(Ana).circles.leave(stage.circle, dario, vec![]).await.unwrap();
        let met = stage.listed("nobody", vec![]).await;
        let (_, token) = all.ask(Ben).offers.create(offer(met, "link")).await.unwrap();
        all.ask(Dario).offers.decline(token).await.unwrap();
        all.ask(Ben).circles.add(bens, all.people[Dario].id.to_string()).await.unwrap();
        assert!(stage.sees(Dario, service).await);
        all.ask(Ana).stewards.remove(stage.ana, all.people[Ben].id, vec![]).await.unwrap();
        assert!(!stage.sees(Dario, service).await, "he shows what is not his any more");
        let ben_id = all.people[Ben].id.to_string();
        all.ask(Ana).stewards.add(stage.ana, ben_id, TailnetRole::Steward).await.unwrap();
        stage.put_in(Dario).await.unwrap();
        let form = ServiceForm { circles: vec![], ..form };
        all.ask(Ben).services.update(service, form).await.unwrap();

        // Shown to nobody, and then to people again: the circle was chosen for what was before.
        let form = all.ask(Ben).services.edit_form(service).await.unwrap().form;
        let hidden = ServiceForm { audience: "nobody".into(), ..form.clone() };
        all.ask(Ben).services.update(service, hidden).await.unwrap();
        assert!(!stage.sees(Dario, service).await);
    }
}

/// Sabotage: `circle: Some(circle.id)` left out of `offer_to_circle`, or of the columns of `offers::insert`.
#[tokio::test]
async fn an_offer_to_a_circle_is_one_for_each_and_goes_with_whoever_leaves_unless_it_was_made_by_name() {
    for database in TestDatabase::each().await {
        let stage = Stage::on(database).await;
        let (all, asked) = (&stage.all, stage.all.ask(Ana));
        stage.put_in(Ben).await.unwrap();
        let service = stage.listed("nobody", vec![]).await;
        let form = OfferForm { circle: stage.circle.to_string(), ..offer(service, "circle") };
        let wrong = OfferForm { until: "someday".into(), ..form.clone() };
        assert!(matches!(asked.offers.create_for_circle(wrong).await, Err(Fault::Invalid(_))));
        assert_eq!(stage.waiting(Dario).await, [], "nothing was made");

        let said = asked.offers.create_for_circle(form.clone()).await.unwrap();
        assert!(said.contains("to 2 people"), "{said}");
        let (bens, darios) = (stage.waiting(Ben).await, stage.waiting(Dario).await);
        assert_eq!((bens.len(), darios.len()), (1, 1));
        asked.offers.create_for_circle(form.clone()).await.unwrap();
        assert_eq!(
            (stage.waiting(Ben).await, stage.waiting(Dario).await),
            (bens.clone(), darios.clone()),
            "extended"
        );

        // To Ben also by name.
        let by_name = OfferForm { person: all.people[Ben].id.to_string(), ..offer(service, "person") };
        asked.offers.create(by_name).await.unwrap();
        asked.offers.create_for_circle(form.clone()).await.unwrap();
        let plan = asked.circles.plan_leaving(stage.circle, Leaver::All).await.unwrap();
        assert_eq!(plan.offers.len(), 1, "what was made by name stays: {:?}", plan.offers);
        let said =
            asked.circles.leave(stage.circle, Leaver::One(all.people[Dario].id), vec![]).await.unwrap();
        assert!(said.contains("One offer is withdrawn"), "{said}");
        assert_eq!(stage.waiting(Dario).await, []);
        assert!(matches!(
            all.ask(Dario).offers.accept(darios[0].to_string(), Dario.login().into()).await,
            Err(Fault::Conflict(_))
        ));
        asked.circles.leave(stage.circle, Leaver::All, vec![]).await.unwrap();
        assert_eq!(stage.waiting(Ben).await, bens);
        assert_eq!(asked.circles.list().await.unwrap(), []);
    }
}

/// Sabotage: `stands.held` not asked in `offer_to_circle`.
#[tokio::test]
async fn who_has_it_already_gets_no_offer_with_the_circle_and_an_empty_circle_says_so() {
    let stage = Stage::on(TestDatabase::sqlite().await).await;
    let (all, asked) = (&stage.all, stage.all.ask(Ana));
    let service = stage.listed("nobody", vec![]).await;
    let form = OfferForm { circle: stage.circle.to_string(), ..offer(service, "circle") };
    asked.offers.create_for_circle(form.clone()).await.unwrap();
    stage.accepts(Dario, stage.waiting(Dario).await[0]).await;
    let nobody_left = asked.offers.create_for_circle(form.clone()).await.unwrap_err();
    assert!(nobody_left.to_string().contains("has it already"), "{nobody_left}");
    stage.put_in(Ben).await.unwrap();
    let said = asked.offers.create_for_circle(form.clone()).await.unwrap();
    assert!(said.contains("one person") && said.contains("has it already"), "{said}");
    for who in [Ben, Dario] {
        asked.circles.leave(stage.circle, Leaver::One(all.people[who].id), vec![]).await.unwrap();
    }
    let empty = asked.offers.create_for_circle(form).await.unwrap_err();
    assert!(matches!(&empty, Fault::Invalid(errors) if errors[0].0 == "circle"), "{empty:?}");
    all.app.left_over.may_be("it waits for a review");
}

/// Sabotage: the shares that are ticked not ended in `leave_of`, or all of them.
#[tokio::test]
async fn what_ends_with_leaving_is_said_before_and_open_shares_go_on_unless_they_are_ticked() {
    for database in TestDatabase::each().await {
        let stage = Stage::on(database).await;
        let (all, asked) = (&stage.all, stage.all.ask(Ana));
        let service = stage.listed("people", vec![stage.circle]).await;
        let by_name = OfferForm { person: all.people[Dario].id.to_string(), ..offer(service, "person") };
        let (offered, _) = asked.offers.create(by_name).await.unwrap();
        let share = stage.accepts(Dario, offered).await;
        all.approved(Ana, share).await;
        all.drain().await;
        assert!(matches!(all.state(share).await, ShareState::Active { .. }));

        let dario = Leaver::One(all.people[Dario].id);
        let plan = asked.circles.plan_leaving(stage.circle, dario).await.unwrap();
        assert_eq!(plan.services, [""; 0], "the share shows it to him anyway");
        assert_eq!(plan.open.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [share]);
        assert_eq!((plan.offers.len(), plan.ending.len()), (0, 0));
        asked.circles.leave(stage.circle, dario, vec![]).await.unwrap();
        all.drain().await;
        assert!(matches!(all.state(share).await, ShareState::Active { .. }), "it goes on");
        let gone = asked.circles.leave(stage.circle, dario, vec![]).await;
        assert_eq!(gone.unwrap_err(), Fault::NotFound, "he is in it no longer");

        stage.put_in(Dario).await.unwrap();
        let said = asked.circles.leave(stage.circle, Leaver::All, vec![share]).await.unwrap();
        assert!(said.contains("One share ends"), "{said}");
        all.drain().await;
        assert!(all.state(share).await.is_over());
        assert!(!stage.sees(Dario, service).await, "nothing is left that shows it");
        all.check_notices().await;
    }
}

/// Sabotage: either count of `store/circles.rs` left out.
#[tokio::test]
async fn there_are_so_many_circles_of_a_person_and_people_in_one_and_only_those_whom_one_has_met() {
    for database in TestDatabase::each().await {
        let stage = Stage::on(database).await;
        let (all, circles) = (&stage.all, stage.all.ask(Ana).circles);
        circles.create("Family".into()).await.unwrap();
        assert!(matches!(circles.create("More".into()).await, Err(Fault::Conflict(_))));
        assert!(matches!(circles.create("  ".into()).await, Err(Fault::Invalid(_))));
        let stranger = stage.put_in(Chiara).await;
        assert!(matches!(stranger, Err(Fault::Invalid(_))), "she was not met: {stranger:?}");
        stage.put_in(Ben).await.unwrap();
        stage.put_in(Ben).await.unwrap();
        let service = stage.listed("nobody", vec![]).await;
        let (_, token) = all.ask(Ana).offers.create(offer(service, "link")).await.unwrap();
        all.ask(Chiara).offers.decline(token).await.unwrap();
        assert!(matches!(stage.put_in(Chiara).await, Err(Fault::Conflict(_))), "it is full");
        assert_eq!(circles.get(stage.circle).await.unwrap().people.len(), 2);
        for (kind, days) in
            [("minecraft", "0"), ("minecraft", "366"), ("minecraft", "many"), ("game of chess", "3")]
        {
            let wrong = circles.approve(stage.circle, kind.into(), days.into()).await;
            assert!(matches!(wrong, Err(Fault::Invalid(_))), "{kind} {days}");
        }
    }
}
