//! The inbox tells each cause once, from when it is there until it is gone: over the real client, on both databases.

use app::fault::Fault as Refused;
use app::ports::inbox::{Dismiss, Item, Kind};
use app::ports::offers::OfferForm;
use app::ports::tailnets::{CredentialKind, CredentialState};
use model::{NoticeKind, ShareId, ShareState};
use server::on;
use simulator::{Fault, FaultRule, Moment, Operation, Target};

use crate::harness::Who::{self, Ana, Ben, Dario};
use crate::harness::database::TestDatabase;
use crate::harness::neighbours::Neighbours;

const SYNC: i64 = 301;

/// Ana's network with a share of Dario's in force, on each database.
async fn each() -> Vec<(Neighbours, ShareId)> {
    let mut all = Vec::new();
    for database in TestDatabase::each().await {
        let one = Neighbours::on(database, |_| {}).await;
        let (ana, _) = (one.connect(Ana).await, one.connect(Dario).await);
        let share = one.accepted(Ana, one.node(ana, "maple").await, "tcp:25565", Dario).await;
        one.approved(Ana, share).await;
        one.drain().await;
        assert!(matches!(one.state(share).await, ShareState::Active { .. }));
        all.push((one, share));
    }
    all
}

async fn waits(all: &Neighbours, person: Who) -> Vec<Item> {
    all.ask(person).inbox.home().await.unwrap().items
}

async fn titles(all: &Neighbours, person: Who) -> Vec<String> {
    waits(all, person).await.into_iter().map(|item| item.title).collect()
}

/// The next sync, and all that comes of it.
async fn synced(all: &Neighbours) {
    all.app.clock.advance_seconds(SYNC);
    all.demo.simulator.pin_clock(all.app_state().now().to_string().parse().unwrap());
    all.round().await;
    all.round().await;
}

fn always(target: impl Into<Target>, fault: Fault) -> FaultRule {
    FaultRule { target: target.into(), fault, times: u32::MAX, moment: Moment::BeforeEffect }
}

#[tokio::test]
async fn a_control_plane_that_is_away_is_told_once_with_all_that_it_stops() {
    for (all, share) in each().await {
        let before = titles(&all, Ana).await;
        all.demo.simulator.fail(always(
            Target { operation: None, tailnet: Some("ana".into()) },
            Fault::Status { status: 502, message: None },
        ));
        let since = all.app_state().now().plus_seconds(SYNC);
        synced(&all).await;
        let told: Vec<Item> =
            waits(&all, Ana).await.into_iter().filter(|item| !before.contains(&item.title)).collect();
        let [away] = &told[..] else { panic!("{told:#?}") };
        assert_eq!((away.title.as_str(), away.at), ("ana cannot be reached", since));
        assert!(away.detail.as_ref().unwrap().contains("a share that ends stays open"), "{away:?}");
        assert_eq!(away.dismiss, None, "it closes with its cause");
        assert_eq!(titles(&all, Dario).await, [""; 0]);
        // What cannot be ended for that reason is no second one, and the first keeps its time.
        all.ask(Ana).shares.end(share).await.unwrap();
        synced(&all).await;
        assert!(matches!(all.state(share).await, ShareState::NeedsAttention { .. }));
        let still: Vec<Item> =
            waits(&all, Ana).await.into_iter().filter(|item| !before.contains(&item.title)).collect();
        assert_eq!(
            still.iter().map(|item| (item.title.as_str(), item.at)).collect::<Vec<_>>(),
            [("ana cannot be reached", since)]
        );
        all.demo.simulator.clear_faults();
        synced(&all).await;
        assert!(!titles(&all, Ana).await.contains(&"ana cannot be reached".to_owned()));
        assert!(matches!(all.state(share).await, ShareState::Ended { .. }), "{:?}", all.state(share).await);
    }
}

/// Both ways in which a credential is not taken: it is revoked, or it may not do what it is there for.
#[tokio::test]
async fn a_credential_that_is_refused_is_told_and_its_page_no_longer_says_that_it_works() {
    for (all, _) in each().await {
        let tailnet = all.app_state().db.list_tailnets().await.unwrap().whole().unwrap().remove(0);
        let client = async || {
            let view = all.ask(Ana).tailnets.get(tailnet.id).await.unwrap();
            let mut all = view.credentials.into_iter();
            all.find(|one| one.kind == CredentialKind::OauthClient).unwrap().state
        };
        let told = async || -> Vec<Item> {
            waits(&all, Ana).await.into_iter().filter(|item| item.kind == Kind::Credential).collect()
        };
        assert!(matches!(client().await, CredentialState::Good { .. }));
        let forbidden = Fault::Status { status: 403, message: None };
        all.demo.simulator.fail(always(Operation::ListUsers, forbidden));
        synced(&all).await;
        assert!(matches!(client().await, CredentialState::Refused { .. }), "{:?}", client().await);
        assert_eq!(told().await.len(), 1, "{:#?}", waits(&all, Ana).await);
        let since = told().await[0].at;
        synced(&all).await;
        assert_eq!(told().await[0].at, since, "it is the same still");
        all.demo.simulator.clear_faults();
        synced(&all).await;
        assert!(matches!(client().await, CredentialState::Good { .. }));
        assert_eq!(told().await, []);

        let id = all.form(Ana).client_id;
        assert!(all.demo.simulator.revoke(&id));
        synced(&all).await;
        assert!(matches!(client().await, CredentialState::Refused { .. }));
        let items = told().await;
        let [item] = &items[..] else { panic!("{items:?}") };
        assert_eq!(item.title, "The OAuth client of ana is refused");
        assert!(!titles(&all, Ana).await.contains(&"ana cannot be reached".to_owned()), "it answers");
    }
}

/// The more urgent of the two is told.
#[tokio::test]
async fn a_credential_that_is_refused_is_called_refused_even_if_it_ends_soon() {
    for (all, _) in each().await {
        let tailnet = all.app_state().db.list_tailnets().await.unwrap().whole().unwrap().remove(0);
        let stored = all.app_state().db.list_credentials(tailnet.id).await.unwrap().whole().unwrap();
        let ends = stored.iter().find_map(|one| one.expires).expect("a user token ends");
        let wait = ends.micros() - all.app_state().now().micros();
        all.app.clock.advance_seconds(wait / 1_000_000 - 9 * 86_400);
        synced(&all).await;
        let told =
            || async { titles(&all, Ana).await.into_iter().filter(|title| title.contains("user token")) };
        let title = format!("The user token of ana ends on {}", ends.to_date());
        assert_eq!(told().await.collect::<Vec<_>>(), [title]);
        assert!(all.demo.simulator.revoke(&all.form(Ana).user_token));
        synced(&all).await;
        assert_eq!(told().await.collect::<Vec<_>>(), ["The user token of ana is refused"]);
    }
}

#[tokio::test]
async fn a_policy_that_cannot_be_read_is_told_once_and_not_by_each_share() {
    for (all, share) in each().await {
        let before = titles(&all, Ana).await;
        let good = all.policy("ana");
        all.demo.simulator.edit_policy("ana", "{ \"acls\": [ nonsense").unwrap();
        synced(&all).await;
        let told: Vec<String> =
            titles(&all, Ana).await.into_iter().filter(|title| !before.contains(title)).collect();
        assert_eq!(told, ["The policy of ana cannot be read"]);
        all.demo.simulator.edit_policy("ana", good).unwrap();
        synced(&all).await;
        assert_eq!(titles(&all, Ana).await, before);
        assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);
        // One that may not be read is none either.
        all.demo.simulator.fail(always(Operation::GetPolicy, Fault::Status { status: 403, message: None }));
        synced(&all).await;
        assert!(titles(&all, Ana).await.contains(&"The policy of ana cannot be read".to_owned()));
    }
}

#[tokio::test]
async fn an_end_that_could_not_be_done_is_told_until_it_is_done() {
    for (all, share) in each().await {
        let told = async || titles(&all, Ana).await.iter().any(|told| told.ends_with("could not be ended"));
        all.demo.simulator.fail(always(Operation::SetPolicy, Fault::Status { status: 500, message: None }));
        all.ask(Ana).shares.end(share).await.unwrap();
        all.drain().await;
        assert!(told().await, "{:?}", titles(&all, Ana).await);
        assert_eq!(titles(&all, Dario).await, [""; 0], "who is to go is not asked to mend it");
        all.demo.simulator.clear_faults();
        synced(&all).await;
        assert!(matches!(all.state(share).await, ShareState::Ended { .. }));
        assert!(!told().await);
    }
}

#[tokio::test]
async fn what_became_of_an_offer_is_news_for_whoever_made_it_and_can_be_put_aside() {
    for (all, _) in each().await {
        let services = all.app_state().db.list_services_of_person(all.people[Ana].id).await.unwrap();
        let form = |to: Who| OfferForm {
            service: services[0].service.id.to_string(),
            to: "person".into(),
            person: all.people[to].id.to_string(),
            until: "ended".into(),
            ..OfferForm::default()
        };
        let news = async |person: Who| -> Vec<Item> {
            waits(&all, person).await.into_iter().filter(|item| item.kind == Kind::News).collect()
        };
        let (declined, _) = all.ask(Ana).offers.create(form(Dario)).await.unwrap();
        all.ask(Dario).offers.decline(declined.to_string()).await.unwrap();
        all.check_notices().await;
        let told = news(Ana).await;
        let [item] = &told[..] else { panic!("{told:?}") };
        assert!(item.title.starts_with("Dario") && item.title.ends_with("declined Minecraft"), "{item:?}");
        assert_eq!(news(Dario).await, []);
        let dismiss = item.dismiss.clone().unwrap();
        // Nobody puts aside what is somebody else's, and nothing that needs a deed is put aside.
        for person in [Dario, Ben] {
            all.ask(person).inbox.dismiss(dismiss.clone()).await.unwrap();
        }
        for kind in NoticeKind::ALL.into_iter().filter(|kind| *kind != NoticeKind::Declined) {
            let other = Dismiss { kind, ..dismiss.clone() };
            let refused = all.ask(Ana).inbox.dismiss(other).await;
            assert_eq!(refused, if kind.is_news() { Ok(()) } else { Err(Refused::NotFound) }, "{kind}");
        }
        assert_eq!(news(Ana).await.len(), 1);
        all.ask(Ana).inbox.dismiss(dismiss.clone()).await.unwrap();
        all.check_notices().await;
        assert_eq!(news(Ana).await, []);
        all.ask(Ana).inbox.dismiss(dismiss).await.expect("a second click does no harm");
        // It stays aside whatever else is worked out anew.
        all.app_state().db.rebuild_notices(all.app_state().now()).await.unwrap();
        assert_eq!(news(Ana).await, []);

        let (open, _) = all.ask(Ana).offers.create(form(Dario)).await.unwrap();
        assert_eq!(news(Ana).await, []);
        let lapses = all.app_state().db.find_offer(open).await.unwrap().unwrap().lapses;
        all.app.clock.set(lapses);
        let told = news(Ana).await;
        assert_eq!(told.len(), 1, "nothing was written for that: {told:?}");
        assert!(told[0].title.contains("did not answer your offer of Minecraft"), "{told:?}");
        all.app.clock.advance_seconds(14 * 86_400);
        assert_eq!(news(Ana).await, [], "it is no news any more");
        all.check_notices().await;
    }
}

#[tokio::test]
async fn a_host_for_which_no_text_can_be_made_is_told_with_the_reason() {
    for (all, _) in each().await {
        let state = all.app_state();
        let tailnet = state.db.list_tailnets().await.unwrap().whole().unwrap().remove(0).id;
        let node = all.node(tailnet, "maple").await;
        all.ask(Ana).firewall.choose(node, "nftables".into(), String::new()).await.unwrap();
        let put = async |name: &'static str| {
            let sql = "UPDATE nodes SET firewall_interface = $2 WHERE id = $1";
            on!(&state.db, pool => sqlx::query(sql).bind(node).bind(name).execute(pool).await.map(drop))
                .unwrap();
            server::hosts::try_renew(state, node).await;
            all.check_notices().await;
        };
        put("no interface").await;
        let told = waits(&all, Ana).await;
        let item = told.iter().find(|item| item.title == "No firewall text can be made for maple");
        let detail = item.expect("it is told").detail.clone().unwrap();
        assert!(detail.contains("`no interface` is not an interface name"), "{detail}");
        let page = all.ask(Ana).hosts.get(node).await.unwrap();
        assert!(page.refused.unwrap().contains("`no interface`"));
        put("tailscale0").await;
        assert!(!titles(&all, Ana).await.contains(&"No firewall text can be made for maple".to_owned()));
        assert_eq!(all.ask(Ana).hosts.get(node).await.unwrap().refused, None);
    }
}

/// The list of shares and the inbox go by one rule: of a share of eight hours the last forty-eight minutes.
#[tokio::test]
async fn what_ends_soon_in_the_list_of_shares_ends_soon_in_the_inbox() {
    for database in TestDatabase::each().await {
        let all = Neighbours::on(database, |_| {}).await;
        let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
        let node = all.node(ana, "maple").await;
        let share = all.accepted_until(Ana, node, "tcp:25565", Dario, ("evening", "")).await;
        all.approved(Ana, share).await;
        all.drain().await;
        let ends = all.app_state().db.find_share(share).await.unwrap().unwrap().ends.unwrap();
        for (before, soon) in [(49 * 60, false), (48 * 60, true), (60, true)] {
            all.app.clock.set(ends.plus_seconds(-before));
            for person in [Ana, Dario] {
                let listed = all.ask(person).shares.list().await.unwrap().ending_soon.len();
                let told = waits(&all, person).await;
                let told = told.iter().filter(|item| item.kind == Kind::EndsSoon).count();
                assert_eq!((listed, told), (usize::from(soon), usize::from(soon)), "{before} s, {person:?}");
            }
        }
    }
}
