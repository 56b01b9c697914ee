//! A tailnet is handed over to one of its stewards: what follows its owner, what ends, and who may do it.

use app::fault::Fault;
use app::ports::inbox::{Item, Kind};
use app::ports::offers::OfferForm;
use app::ports::people::Deed;
use control_plane::CredentialKind;
use model::{JobKind, NoticeKind, PersonId, ShareState, TailnetRole};
use server::config::{Config, Limits};
use server::planes::{self, join_client};
use server::queue;
use server::store::offers::{Answered, Closed};
use server::store::shares::Share;
use server::store::tailnets::{Credential, Tailnet};

use crate::harness::Who::{Ana, Ben, Dario};
use crate::harness::app::config;
use crate::harness::database::TestDatabase;
use crate::harness::neighbours::Neighbours;
use crate::harness::{TestApp, World};

/// Ana's tailnet with Sven as its steward.
struct Stage {
    app: TestApp,
    world: World,
}

impl Stage {
    async fn each() -> Vec<Self> {
        Self::each_with(&Limits::default()).await
    }

    async fn each_with(limits: &Limits) -> Vec<Self> {
        let mut all = Vec::new();
        for database in TestDatabase::each().await {
            let limits = Limits { requests_per_second: u32::MAX, ..limits.clone() };
            let app = TestApp::on(Config { limits, ..config() }, database);
            let world = World::seed(&app).await;
            all.push(Self { app, world });
        }
        all
    }

    async fn hand_over(&self, from: PersonId, to: PersonId, stays: bool) -> Result<String, Fault> {
        self.app.ask(from).stewards.hand_over(self.world.tailnet, to, stays).await
    }

    async fn make_steward(&self, person: PersonId) {
        let stewards = self.app.ask(self.world.owner).stewards;
        stewards.add(self.world.tailnet, person.to_string(), TailnetRole::Steward).await.unwrap();
    }

    async fn owner(&self) -> PersonId {
        self.app.state.db.find_tailnet(self.world.tailnet).await.unwrap().unwrap().owner
    }

    async fn check_notices(&self) {
        let wrong = self.app.state.db.check_notices(self.app.state.now()).await.unwrap();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    /// With nothing in it that a control plane would take.
    fn credential(&self, kind: CredentialKind, text: &str) -> Credential {
        Credential {
            kind,
            sealed: planes::seal_credential(&self.app.state, self.world.tailnet, kind, text),
            hint: "…".into(),
            report: None,
            refused: None,
            checked: self.app.state.now(),
            expires: None,
        }
    }

    async fn put_in(&self, credential: &Credential) -> bool {
        let entry = self.world.entry(&self.app);
        self.app.state.db.replace_credential(self.world.tailnet, credential, &entry).await.unwrap()
    }

    async fn kinds(&self) -> Vec<CredentialKind> {
        let stored = self.app.state.db.list_credentials(self.world.tailnet).await.unwrap().whole().unwrap();
        stored.into_iter().map(|one| one.kind).collect()
    }
}

fn conflict<T: std::fmt::Debug>(outcome: Result<T, Fault>) -> String {
    match outcome {
        Err(Fault::Conflict(words)) => words.to_string(),
        other => panic!("refused in words, not {other:?}"),
    }
}

/// Fails where the owner's row is left as it was, or where the box is not heeded.
#[tokio::test]
async fn the_new_owner_does_everything_and_the_former_one_what_a_steward_may() {
    for stage in Stage::each().await {
        let (app, world) = (&stage.app, &stage.world);
        let mut ana = app.signed_in(world.owner).await;
        let page =
            ana.get(&format!("/tailnets/{}/stewards/{}/hand-over", world.tailnet, world.steward)).await;
        assert!(page.text().contains("Sven becomes the owner of maple.ts.net"), "{page:?}");
        assert!(ana.get("/account").await.body.contains(&format!("/tailnets/{}/stewards", world.tailnet)));
        let (tailnet, steward) = (world.tailnet.to_string(), world.steward.to_string());
        let fields = [("tailnet", tailnet.as_str()), ("person", steward.as_str()), ("stay", "yes")];
        let answer = ana.post("/fn/stewards/hand-over", &fields).await;
        assert_eq!(answer.outcome(), format!("303 to /tailnets/{tailnet}"));
        stage.check_notices().await;

        assert_eq!(stage.owner().await, world.steward);
        let stewards = app.state.db.list_stewards(world.tailnet).await.unwrap();
        assert_eq!(stewards, [(world.owner, "Ana".to_owned())]);
        let (new, former) = (app.ask(world.steward), app.ask(world.owner));
        assert_eq!(former.tailnets.set_user_token(world.tailnet, String::new()).await, Err(Fault::Forbidden));
        new.tailnets.set_user_token(world.tailnet, String::new()).await.unwrap();
        former.services.get(world.service).await.unwrap();
        new.shares.end(world.share).await.unwrap();
        stage.check_notices().await;
        let handed = stage.hand_over(world.steward, world.owner, true).await;
        assert_eq!(handed, Ok("Ana".to_owned()), "it can be given back");
    }
}

/// Fails where shares, the trail or jobs stay with the former owner, or where notices are not renewed.
#[tokio::test]
async fn who_does_not_stay_may_do_nothing_more_there_and_everything_of_it_follows() {
    for stage in Stage::each().await {
        let (app, world) = (&stage.app, &stage.world);
        let db = &app.state.db;
        assert!(db.count_notices(world.owner, app.state.now()).await.unwrap() > 0);
        stage.hand_over(world.owner, world.steward, false).await.unwrap();
        stage.check_notices().await;
        assert_eq!(db.count_notices(world.owner, app.state.now()).await.unwrap(), 0);
        let mut ana = app.signed_in(world.owner).await;
        for page in [format!("/tailnets/{}", world.tailnet), format!("/shares/{}", world.share)] {
            assert_eq!(ana.get(&page).await.status, 404, "{page}");
        }
        assert_eq!(db.find_share(world.share).await.unwrap().unwrap().owner, world.steward);
        // By nothing but that it is theirs: they are no steward any more.
        let read = db.list_entries(world.steward, world.offer.uuid()).await.unwrap();
        assert!(read.iter().any(|entry| entry.actor_id == Some(world.owner)), "{read:?}");
        let jobs = "SELECT COUNT(*) FROM jobs WHERE owner_id = $1";
        assert_eq!(db.query(jobs, (world.owner,)).count().await.unwrap(), 0);
        assert!(db.query(jobs, (world.steward,)).count().await.unwrap() > 0);
        let share = db.find_share(world.share).await.unwrap().unwrap();
        assert_eq!(share.version, 1, "whoever works on it reads it again");
    }
}

/// Fails where anybody but the owner is let, or anybody but a steward who may come in is taken.
#[tokio::test]
async fn only_the_owner_hands_over_and_only_to_a_steward_who_may_come_in() {
    for stage in Stage::each().await {
        let (app, world) = (&stage.app, &stage.world);
        let others = [world.friend, world.listed, world.other, world.instance_owner];
        let refused = others.map(|person| (person, Fault::NotFound));
        for (who, fault) in [(world.steward, Fault::Forbidden)].into_iter().chain(refused) {
            let planned = app.ask(who).stewards.plan_handover(world.tailnet, world.steward).await;
            assert_eq!(planned.map(drop), Err(fault.clone()));
            assert_eq!(stage.hand_over(who, world.steward, true).await, Err(fault));
        }
        for to in others.into_iter().chain([world.owner]) {
            let planned = app.ask(world.owner).stewards.plan_handover(world.tailnet, to).await;
            assert_eq!(planned.map(drop), Err(Fault::NotFound));
            assert_eq!(stage.hand_over(world.owner, to, true).await, Err(Fault::NotFound));
        }
        let stewards = app.ask(world.owner).stewards;
        assert_eq!(stewards.get(world.tailnet).await.unwrap().heirs, [world.steward]);
        assert!(app.ask(world.steward).stewards.get(world.tailnet).await.unwrap().heirs.is_empty());
        app.ask(world.instance_owner).people.act(world.steward, Deed::Block).await.unwrap();
        assert!(stewards.get(world.tailnet).await.unwrap().heirs.is_empty());
        assert!(app.ask(world.owner).accounts.account().await.unwrap().handable.is_empty());
        let words = conflict(stage.hand_over(world.owner, world.steward, true).await);
        assert!(words.starts_with("Sven may not come in here now."), "{words}");
        assert_eq!(stage.owner().await, world.owner);
        assert_eq!(app.state.db.list_stewards(world.tailnet).await.unwrap().len(), 1, "nothing was done");
    }
}

/// Fails where offers to the new owner are left, or not said.
#[tokio::test]
async fn an_offer_to_the_new_owner_is_withdrawn_and_others_go_on() {
    for stage in Stage::each().await {
        let (app, world) = (&stage.app, &stage.world);
        let form = OfferForm {
            service: world.service.to_string(),
            to: "person".into(),
            person: world.listed.to_string(),
            until: "ended".into(),
            ..OfferForm::default()
        };
        let (offer, _) = app.ask(world.owner).offers.create(form).await.unwrap();
        stage.make_steward(world.listed).await;
        let planned = app.ask(world.owner).stewards.plan_handover(world.tailnet, world.listed).await.unwrap();
        assert!(planned.means.iter().any(|text| text.starts_with("1 open offer to Lea")), "{planned:?}");
        stage.hand_over(world.owner, world.listed, true).await.unwrap();
        stage.check_notices().await;
        let found = async |id| app.state.db.find_offer(id).await.unwrap().unwrap();
        assert!(found(offer).await.withdrawn.is_some());
        assert!(found(world.offer).await.withdrawn.is_none());
        let read = app.state.db.list_entries(world.listed, offer.uuid()).await.unwrap();
        assert!(
            read.iter().any(|entry| entry.what.starts_with("withdrew the offer of Minecraft")),
            "{read:?}"
        );
    }
}

/// Fails where the second one does not look whose it is by then.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_at_once_one_counts() {
    for stage in Stage::each().await {
        let (app, world) = (&stage.app, &stage.world);
        stage.make_steward(world.listed).await;
        let heirs = [world.steward, world.listed];
        let tasks = heirs.map(|heir| {
            let (asked, tailnet) = (app.ask(world.owner), world.tailnet);
            tokio::spawn(async move { asked.stewards.hand_over(tailnet, heir, true).await })
        });
        let mut won = Vec::new();
        for (heir, task) in heirs.into_iter().zip(tasks) {
            match task.await.unwrap() {
                Ok(_) => won.push(heir),
                Err(Fault::NotFound | Fault::Forbidden) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!(won, [stage.owner().await]);
        stage.check_notices().await;
    }
}

/// Sabotage: `handed` not written in `hand_over`, or told to everybody who acts for the tailnet; `handed_by` left out of either
/// list of names.
#[tokio::test]
async fn the_new_owner_hears_from_whom_they_have_it_for_two_weeks_or_until_they_put_it_aside() {
    for stage in Stage::each().await {
        let (app, world) = (&stage.app, &stage.world);
        let hook = "https://hooks.example.org/acequia".to_owned();
        app.ask(world.steward).notifications.set_webhook(hook).await.unwrap();
        let news = async |who: PersonId| -> Vec<Item> {
            stage.check_notices().await;
            let items = app.ask(who).inbox.home().await.unwrap().items.into_iter();
            items.filter(|item| item.kind == Kind::News && item.title.contains("handed")).collect()
        };
        let titles = |items: &[Item]| items.iter().map(|item| item.title.clone()).collect::<Vec<_>>();
        stage.hand_over(world.owner, world.steward, true).await.unwrap();
        assert_eq!(titles(&news(world.steward).await), ["Ana handed maple.ts.net over to you"]);
        assert_eq!(news(world.owner).await, [], "it is her own deed");
        let due = app.state.db.due_deliveries(world.steward, app.state.now(), 50).await.unwrap();
        let told: Vec<_> =
            due.iter().filter(|one| one.listing.place.kind == NoticeKind::HandedOver).collect();
        let [one] = &told[..] else { panic!("{told:?}") };
        assert_eq!(one.listing.owner.as_ref().map(|(id, _)| *id), Some(world.owner));

        // Given back: told to Ana, and no longer to Sven.
        app.clock.advance_seconds(60);
        stage.hand_over(world.steward, world.owner, true).await.unwrap();
        let told = news(world.owner).await;
        assert_eq!(titles(&told), ["Sven handed maple.ts.net over to you"]);
        assert_eq!(news(world.steward).await, []);
        app.ask(world.owner).inbox.dismiss(told[0].dismiss.clone().unwrap()).await.unwrap();
        assert_eq!(news(world.owner).await, []);

        app.clock.advance_seconds(60);
        stage.hand_over(world.owner, world.steward, false).await.unwrap();
        app.clock.advance_seconds(14 * 86_400 - 1);
        assert_eq!(news(world.steward).await.len(), 1);
        app.clock.advance_seconds(1);
        assert_eq!(news(world.steward).await, []);
    }
}

/// Fails where the limit is not counted for whoever gets one more.
#[tokio::test]
async fn who_has_as_many_as_there_may_be_gets_no_other_one() {
    for stage in Stage::each_with(&Limits { tailnets_per_person: 1, ..Limits::default() }).await {
        let (app, world) = (&stage.app, &stage.world);
        let tailnet = Tailnet::new(
            (app.state.new_id(), world.steward),
            "elm.ts.net".into(),
            ("tailscale".into(), "http://127.0.0.1:9".into()),
            model::PlaneKind::Tailscale,
        );
        let (most, entry) = ((1, app.state.now()), world.entry(app));
        assert_eq!(app.state.db.insert_tailnet(&tailnet, &[], most, &entry).await.unwrap(), None);
        let words = conflict(stage.hand_over(world.owner, world.steward, true).await);
        assert!(words.starts_with("Sven has as many tailnets as there can be: 1."), "{words}");
        let planned =
            app.ask(world.owner).stewards.plan_handover(world.tailnet, world.steward).await.unwrap();
        assert!(planned.refused.unwrap().starts_with("Sven has as many"));
    }
}

/// Fails where the token stays, or comes back by a look or a form that was under way.
#[tokio::test]
async fn the_former_owners_login_goes_and_does_not_come_back() {
    for stage in Stage::each().await {
        let (app, world) = (&stage.app, &stage.world);
        let client = stage.credential(CredentialKind::Client, &join_client("client", "secret"));
        let token = stage.credential(CredentialKind::UserToken, "token");
        assert!(stage.put_in(&client).await && stage.put_in(&token).await);
        let planned =
            app.ask(world.owner).stewards.plan_handover(world.tailnet, world.steward).await.unwrap();
        assert!(
            planned.means.iter().any(|text| text.starts_with("Your user token is deleted")),
            "{planned:?}"
        );
        stage.hand_over(world.owner, world.steward, true).await.unwrap();
        assert_eq!(stage.kinds().await, [CredentialKind::Client]);
        app.state.db.put_credential(world.tailnet, &token).await.unwrap();
        assert!(!stage.put_in(&token).await, "it is Sven's by now");
        assert_eq!(stage.kinds().await, [CredentialKind::Client]);
        stage.check_notices().await;
    }
}

/// Fails where a share is made for whoever owned it when it was looked at.
#[tokio::test]
async fn a_yes_that_was_under_way_makes_no_share_of_the_former_owner() {
    for stage in Stage::each().await {
        let (app, world) = (&stage.app, &stage.world);
        let stands = app.state.db.find_share(world.share).await.unwrap().unwrap();
        let share = Share { id: app.state.new_id(), friend: world.other, version: 0, ..stands };
        stage.hand_over(world.owner, world.steward, true).await.unwrap();
        let job = queue::job(&app.state, JobKind::Share, share.id);
        let late = app.state.db.accept_offer(&share, app.state.now(), &world.entry(app), &job).await.unwrap();
        assert_eq!(late, Answered::Closed(Closed::Withdrawn));
        let share = Share { owner: world.steward, ..share };
        let now = app.state.db.accept_offer(&share, app.state.now(), &world.entry(app), &job).await.unwrap();
        assert_eq!(now, Answered::Now);
        stage.check_notices().await;
    }
}

/// Fails where somebody becomes owner and friend of the same, or where a friend loses what they have.
#[tokio::test]
async fn shares_of_others_go_on_and_those_of_the_new_owner_end_first() {
    for database in TestDatabase::each().await {
        let all = Neighbours::on(database, |_| {}).await;
        let (ana, _, _) = (all.connect(Ana).await, all.connect(Ben).await, all.connect(Dario).await);
        let maple = all.node(ana, "maple").await;
        let share = all.accepted(Ana, maple, "tcp:25565", Dario).await;
        all.approved(Ana, share).await;
        all.drain().await;
        assert!(matches!(all.state(share).await, ShareState::Active { .. }));
        let own = all.accepted(Ana, maple, "tcp:8080", Ben).await;
        let ben = all.people[Ben].id;
        let (asked, heir) = (all.ask(Ana), all.ask(Ben));
        asked.stewards.add(ana, ben.to_string(), TailnetRole::Steward).await.unwrap();
        all.check_notices().await;

        let planned = asked.stewards.plan_handover(ana, ben).await.unwrap();
        assert_eq!(planned.gates.iter().map(|gate| gate.share).collect::<Vec<_>>(), [Some(own)]);
        assert!(planned.refused.unwrap().contains("Minecraft on maple"));
        let words = conflict(asked.stewards.hand_over(ana, ben, false).await);
        assert!(words.contains("Minecraft on maple"), "{words}");
        asked.shares.end(own).await.unwrap();
        all.drain().await;
        asked.stewards.hand_over(ana, ben, false).await.unwrap();
        all.round().await;
        assert!(matches!(all.state(share).await, ShareState::Active { .. }));

        let name = all.people[Ben].name.as_str();
        let mut dario = all.app.signed_in(all.people[Dario].id).await;
        let page = dario.get(&format!("/shares/{share}")).await;
        assert!(page.text().contains(&format!("from {name}")), "{page:?}");
        assert_eq!(asked.shares.end(share).await, Err(Fault::NotFound));
        heir.shares.end(share).await.unwrap();
        all.drain().await;
        assert!(all.state(share).await.is_over(), "{:?}", all.state(share).await);
        assert!(!all.policy("ana").contains("acequia:share="));
    }
}
