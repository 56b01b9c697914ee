//! A friend who has no account on the server: one is made for them, and a key for their device; it all goes with the share.

use app::fault::Fault;
use app::ports::shares::Choice;
use model::{Decision, PersonId, ShareId, ShareState, Step, StepPhase, TailnetId};
use simulator::headscale::world::Headscale;
use simulator::{Dialect, Operation};

use super::VERSIONS;
use crate::harness::community::{Community, POLICY, world};
use crate::harness::database::TestDatabase;
use crate::harness::neighbours::yes;

/// Everybody is let in everywhere.
pub const WIDE: &str =
    "{\n\t\"acls\": [\n\t\t{\"action\": \"accept\", \"src\": [\"*\"], \"dst\": [\"*:*\"]},\n\t],\n}\n";

/// A share that Dora accepted, who is nowhere on the server.
pub async fn accepted(all: &Community, mill: TailnetId, ports: &str, dora: PersonId) -> ShareId {
    all.accepted(mill, ports, dora, "dora").await
}

/// The same with Ana's word that she is new, and her yes.
pub async fn agreed(all: &Community, mill: TailnetId, ports: &str, dora: PersonId) -> ShareId {
    let share = accepted(all, mill, ports, dora).await;
    let asked = all.ask(all.ana);
    if asked.members.choice(share, String::new(), false).await.unwrap().is_some() {
        asked.members.make_new(share, "dora".into(), false).await.unwrap();
    }
    yes(&asked, share).await.unwrap();
    share
}

pub fn is_there(all: &Community) -> bool {
    all.server().users.iter().any(|user| user == "dora")
}

pub fn machines(all: &Community) -> usize {
    all.server().machines.iter().filter(|machine| machine.user.as_deref() == Some("dora")).count()
}

pub async fn step(all: &Community, share: ShareId, phase: StepPhase, step: Step) -> Option<String> {
    let done = all.app.state.db.list_steps(share).await.unwrap();
    done.into_iter().find(|done| (done.phase, done.step) == (phase, step)).map(|done| done.detail)
}

#[tokio::test]
async fn a_user_is_made_with_the_yes_a_key_is_shown_once_and_all_of_it_goes_with_the_share() {
    for version in VERSIONS {
        for database in TestDatabase::each().await {
            let all = Community::in_database(world(version), database).await;
            whole_life(&all, version).await;
        }
    }
}

async fn whole_life(all: &Community, version: Dialect) {
    let mill = all.connect().await;
    let dora = all.app.person("Dora").await;
    let share = accepted(all, mill, "tcp:25565", dora).await;
    let asked = all.ask(all.ana);
    let choice = asked.members.choice(share, String::new(), false).await.unwrap().expect("a question");
    assert_eq!(choice.suggested, "dora");
    for bad in ["Dora", "do ra", "dora@", "", "*", "bruno", "carla"] {
        let refused = asked.members.make_new(share, bad.into(), false).await;
        let Err(Fault::Invalid(errors)) = refused else { panic!("{bad}: {refused:?}") };
        assert_eq!(errors[0].0, "name", "{bad}");
    }
    asked.members.make_new(share, "dora".into(), false).await.unwrap();
    assert!(asked.members.choice(share, String::new(), false).await.unwrap().is_none());
    let review = asked.shares.review(share).await.unwrap();
    assert!(review.to_be_made && review.choice == Choice::Exact && review.login == "dora@", "{review:?}");
    assert!(!is_there(all), "nothing is made before the yes");
    let early = all.ask(dora).members.make_key(share).await;
    assert!(matches!(early, Err(Fault::Conflict(_))), "{early:?}");

    assert_eq!(yes(&asked, share).await.unwrap(), Decision::Apply);
    all.drain().await;
    let state = all.state(share).await;
    assert!(matches!(state, ShareState::Active { .. }), "{version:?}: {state:?}");
    assert!(is_there(all) && all.server().preauth_keys.is_empty());
    assert!(all.policy().contains(r#""src": ["dora@"]"#), "{}", all.policy());
    assert!(step(all, share, StepPhase::Apply, Step::Account).await.is_some());

    for (stranger, refusal) in [(all.ana, Fault::Forbidden), (all.bruno, Fault::NotFound)] {
        assert_eq!(all.ask(stranger).members.make_key(share).await, Err(refusal));
    }
    let page = all.ask(dora).shares.get(share).await.unwrap();
    let way = page.way_in.expect("a way in");
    assert!(way.can_make_key && !way.had_key, "{way:?}");
    let commands: Vec<String> = way.with_key.iter().filter_map(|step| step.copy.clone()).collect();
    assert!(commands.iter().all(|text| !text.contains("tailscale up")), "{commands:?}");
    assert!(commands[0].contains("--login-server=https://mill.example --auth-key=YOUR-KEY"), "{commands:?}");
    assert!(all.ask(all.ana).shares.get(share).await.unwrap().way_in.is_none());

    let first = all.ask(dora).members.make_key(share).await.unwrap();
    let second = all.ask(dora).members.make_key(share).await.unwrap();
    assert_eq!(all.server().preauth_keys.len(), 1, "the first one ended by the second");
    assert!(all.simulator.headscale_joins("mill", &first, "dora-laptop").is_err());
    all.simulator.headscale_joins("mill", &second, "dora-laptop").unwrap();
    assert!(all.simulator.headscale_joins("mill", &second, "another").is_err(), "for one machine");
    assert_eq!(machines(all), 1);
    let third = all.ask(dora).members.make_key(share).await.unwrap();
    all.sync(mill).await;
    assert!(matches!(all.state(share).await, ShareState::Active { .. }), "it is as agreed");

    asked.shares.end(share).await.unwrap();
    all.drain().await;
    assert!(all.state(share).await.is_over(), "{version:?}: {:?}", all.state(share).await);
    assert_eq!(all.policy(), POLICY);
    assert_eq!((machines(all), all.server().preauth_keys), (0, Vec::new()), "{version:?}");
    assert!(all.simulator.headscale_joins("mill", &third, "dora-phone").is_err(), "{version:?}");
    // 0.28 was told to end everybody's keys with a user: there they are left, and it says so.
    assert_eq!(is_there(all), version == Dialect::V0_28, "{version:?}");
    let told = step(all, share, StepPhase::End, Step::RemoveGuest).await.expect("it is told");
    assert_eq!(told.contains("is left on the server"), version == Dialect::V0_28, "{told}");
    assert_eq!(all.server().users.iter().filter(|user| *user != "dora").count(), 3, "nobody else goes");
}

#[tokio::test]
async fn who_was_there_before_stays_and_so_does_a_user_whom_another_share_is_for() {
    let all = Community::of(Dialect::V0_29).await;
    let mill = all.connect().await;
    let dora = all.app.person("Dora").await;
    let first = agreed(&all, mill, "tcp:25565", dora).await;
    all.drain().await;
    let second = agreed(&all, mill, "udp:24454", dora).await;
    all.drain().await;
    assert!(matches!(all.state(second).await, ShareState::Active { .. }), "{:?}", all.state(second).await);
    let key = all.ask(dora).members.make_key(first).await.unwrap();
    all.simulator.headscale_joins("mill", &key, "dora-laptop").unwrap();
    all.ask(dora).members.make_key(first).await.unwrap();
    let other = all.ask(dora).members.make_key(second).await.unwrap();
    assert_eq!(all.server().preauth_keys.len(), 2);

    all.ask(all.ana).shares.end(first).await.unwrap();
    all.drain().await;
    assert!(all.state(first).await.is_over());
    assert!(is_there(&all) && machines(&all) == 1, "the second share is for her");
    assert_eq!(all.server().preauth_keys.len(), 1, "the key of the first one is over");
    all.simulator.headscale_joins("mill", &other, "dora-phone").unwrap();
    all.ask(dora).shares.end(second).await.unwrap();
    all.drain().await;
    assert!(!is_there(&all) && machines(&all) == 0);

    let share = all.accepted(mill, "tcp:25565", all.bruno, "bruno").await;
    all.approved(share, "bruno").await;
    all.drain().await;
    all.ask(all.ana).shares.end(share).await.unwrap();
    all.drain().await;
    let there = all.server();
    assert!(
        there.users.contains(&"bruno".to_owned())
            && there.machines.iter().any(|it| it.name == "bruno-laptop")
    );
}

#[tokio::test]
async fn a_user_whom_the_owner_wrote_into_the_policy_stays() {
    let all = Community::of(Dialect::V0_29).await;
    let mill = all.connect().await;
    let dora = all.app.person("Dora").await;
    let share = agreed(&all, mill, "tcp:25565", dora).await;
    all.drain().await;
    let with = all.policy().replace("[\"ana@\"]", "[\"ana@\", \"dora@\"]");
    all.simulator.headscale_policy("mill", Some(&with)).unwrap();
    all.ask(all.ana).shares.end(share).await.unwrap();
    all.drain().await;
    assert!(all.state(share).await.is_over());
    assert!(is_there(&all), "whoever got the name next would be in that group");
    let told = step(&all, share, StepPhase::End, Step::RemoveGuest).await.unwrap();
    assert!(told.contains("something else in the policy"), "{told}");
}

#[tokio::test]
async fn somebody_new_is_let_in_only_after_the_policy_names_who_is_there_today() {
    for version in VERSIONS {
        for policy in [Some(WIDE), None] {
            let server = Headscale { policy: policy.map(Into::into), ..world(version) };
            let all = Community::on(server).await;
            let mill = all.connect().await;
            let dora = all.app.person("Dora").await;
            let share = accepted(&all, mill, "tcp:25565", dora).await;
            let asked = all.ask(all.ana);
            asked.members.make_new(share, "dora".into(), false).await.unwrap();
            let review = asked.shares.review(share).await.unwrap();
            let told = format!("{version:?} {policy:?}: {review:?}");
            let Choice::NarrowFirst { too_much, .. } = &review.choice else { panic!("{told}") };
            assert!(too_much.iter().any(|line| line.node == "bruno-laptop"), "{told}");
            assert!(review.warnings[0].contains("as a new user"), "said first: {told}");
            for decision in [Decision::WholeNode, Decision::Apply] {
                let refused = asked.shares.apply(share, review.plan.clone(), decision).await;
                assert!(matches!(refused, Err(Fault::Invalid(_))), "{refused:?}");
            }
            asked.shares.apply(share, review.plan, Decision::NarrowAndApply).await.unwrap();
            all.simulator.clear_log();
            all.drain().await;
            let state = all.state(share).await;
            assert!(matches!(state, ShareState::Active { .. }), "{version:?} {policy:?}: {state:?}");
            let order: Vec<Operation> = all.calls();
            let place = |call| order.iter().position(|other| *other == call).expect("a call");
            assert!(place(Operation::V1SetPolicy) < place(Operation::V1CreateUser), "{order:?}");
            reaches_only_minecraft(&all, dora, share, mill).await;
        }
    }
}

/// Her machine comes in: it reaches what was agreed, as the pages say, and everybody else what they did.
pub async fn reaches_only_minecraft(all: &Community, dora: PersonId, share: ShareId, mill: TailnetId) {
    let key = all.ask(dora).members.make_key(share).await.unwrap();
    all.simulator.headscale_joins("mill", &key, "dora-laptop").unwrap();
    all.sync(mill).await;
    let policy = all.policy();
    let group = policy.split("\"group:acequia-members\":").nth(1).expect("a group");
    let group = group.split(']').next().expect("its members");
    assert!(group.contains("bruno@") && group.contains("ana@") && !group.contains("dora@"), "{policy}");
    assert!(!policy.contains(r#""src": ["*"]"#), "{policy}");
    let own = all.ask(dora).shares.get(share).await.unwrap().own_reach.expect("what she reaches");
    let lines: Vec<(&str, &str)> =
        own.lines.iter().map(|line| (line.node.as_str(), line.what.as_str())).collect();
    assert_eq!(lines, [("dune", "tcp 25565")], "{policy}");
    assert!(matches!(all.state(share).await, ShareState::Active { .. }));
}

#[tokio::test]
async fn what_a_member_reaches_anyway_is_said_first_and_may_be_left_or_taken_with_their_loss_named() {
    let all = Community::on(Headscale { policy: Some(WIDE.into()), ..world(Dialect::V0_29) }).await;
    let mill = all.connect().await;
    let share = all.accepted(mill, "tcp:25565", all.bruno, "bruno").await;
    let asked = all.ask(all.ana);
    asked.members.choose(share, all.account("bruno")).await.unwrap();
    let review = asked.shares.review(share).await.unwrap();
    assert!(review.warnings[0].contains("is on this server already and reaches"), "{:?}", review.warnings);
    let Choice::NarrowOrWholeNode { others_lose, .. } = &review.choice else { panic!("{:?}", review.choice) };
    assert!(others_lose.iter().all(|line| line.who == "Bruno") && !others_lose.is_empty(), "{others_lose:?}");
    asked.shares.apply(share, review.plan, Decision::WholeNode).await.unwrap();
    all.drain().await;
    assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);
    assert!(all.policy().contains(r#""src": ["*"]"#), "it was left: {}", all.policy());
    // Sabotage: `said_yes` without `on_server`.
    let history = all.ask(all.ana).shares.get(share).await.unwrap().history;
    let said: Vec<&str> =
        history.iter().map(|entry| entry.what.as_str()).filter(|what| what.starts_with("said yes")).collect();
    assert_eq!(said, ["said yes to the service, and leaves what the friend reaches anyway as it is"]);
}

#[tokio::test]
async fn a_name_that_somebody_took_meanwhile_is_nobodys_of_ours() {
    let all = Community::of(Dialect::V0_29).await;
    let mill = all.connect().await;
    let dora = all.app.person("Dora").await;
    let share = accepted(&all, mill, "tcp:25565", dora).await;
    let asked = all.ask(all.ana);
    asked.members.make_new(share, "dora".into(), false).await.unwrap();
    let review = asked.shares.review(share).await.unwrap();
    all.simulator.headscale_signs_in("mill", ("https://id.example.com/u-dora", "dora", ""), "phone").unwrap();
    asked
        .shares
        .apply(share, review.plan, Decision::Apply)
        .await
        .map(drop)
        .or_else(|fault| match fault {
            Fault::Conflict(_) => Ok(()),
            other => Err(other),
        })
        .unwrap();
    all.drain().await;
    assert!(matches!(all.state(share).await, ShareState::Accepted { .. }), "{:?}", all.state(share).await);
    assert_eq!(all.policy(), POLICY);
    assert_eq!(all.server().users.iter().filter(|user| *user == "dora").count(), 1, "no second one is made");
}

/// What each of them reads of an account that came in.
async fn came(all: &Community, who: [PersonId; 2]) -> [Option<String>; 2] {
    let mut told = [None, None];
    for (one, told) in who.into_iter().zip(&mut told) {
        let items = all.ask(one).inbox.home().await.unwrap().items;
        let mut titles = items.into_iter().map(|item| item.title);
        *told = titles.find(|title| title.contains("came in on") || title.contains("signed in on"));
    }
    told
}

#[tokio::test]
async fn an_account_that_appears_by_signing_in_is_offered_and_a_device_at_its_page_is_let_in() {
    for version in VERSIONS {
        let all = Community::of(version).await;
        let mill = all.connect().await;
        let dora = all.app.person("Dora").await;
        let share = accepted(&all, mill, "tcp:25565", dora).await;
        let asked = all.ask(all.ana);
        asked.members.wait_for_sign_in(share).await.unwrap();
        let choice = asked.members.choice(share, String::new(), false).await.unwrap().expect("it is asked");
        assert!(choice.waits_for_sign_in && choice.likely.is_none(), "{choice:?}");
        let join = all.ask(dora).shares.get(share).await.unwrap().join;
        let command = join.first().and_then(|step| step.copy.clone());
        let expected = "tailscale login --login-server=https://mill.example --nickname=the-mill";
        assert_eq!(command.as_deref(), Some(expected));
        assert!(matches!(asked.shares.review(share).await, Err(Fault::Conflict(_))), "it waits");
        let who = [all.ana, dora];
        assert_eq!(came(&all, who).await, [None, None]);

        let subject = "https://id.example.com/u-dora";
        let of = (subject, "dora", "dora@example.com");
        let (account, _) = all.simulator.headscale_signs_in("mill", of, "dora-laptop").unwrap();
        all.sync(mill).await;
        let choice = asked.members.choice(share, String::new(), false).await.unwrap().expect("it is asked");
        assert_eq!(choice.likely.map(|(id, _)| id), Some(account.clone()), "it came since");
        // Sabotage: leave `shares_waiting_for_accounts` out of `put_inventory`.
        let told = ["Somebody came in on The mill: is it Dora?", "Somebody signed in on the server of Ana"]
            .map(String::from);
        assert_eq!(came(&all, who).await, told.map(Some), "both hear of it");
        all.sync(mill).await;
        asked.members.choose(share, account).await.unwrap();
        assert_eq!(came(&all, who).await, [None, None], "{version:?}: it is said who that is");
        yes(&asked, share).await.unwrap();
        all.drain().await;
        assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);
        assert!(all.policy().contains(&format!(r#""src": ["{subject}@"]"#)), "{}", all.policy());

        let id = all.simulator.headscale_waits("mill", "dora-tv").unwrap();
        let own = all.ask(dora);
        assert!(matches!(all.ask(all.ana).members.let_in(share, id.clone()).await, Err(Fault::Forbidden)));
        let wrong = own.members.let_in(share, "nobody".into()).await;
        assert!(matches!(wrong, Err(Fault::Invalid(_))), "{version:?}: {wrong:?}");
        own.members.let_in(share, format!("https://mill.example/register/{id}")).await.unwrap();
        all.drain().await;
        assert_eq!(machines(&all), 2, "{version:?}");

        asked.shares.end(share).await.unwrap();
        all.drain().await;
        assert_eq!((is_there(&all), machines(&all)), (true, 2), "she signed in herself, and stays");
    }
}

#[tokio::test]
async fn whoever_signs_in_at_the_same_provider_is_told_by_what_it_calls_them() {
    let all = Community::of(Dialect::V0_29).await;
    let mill = all.connect().await;
    let dora = all.app.person("Dora").await;
    all.has_identity(dora, ("mill", "u-carla"), None).await;
    let share = accepted(&all, mill, "tcp:25565", dora).await;
    let choice = all.ask(all.ana).members.choice(share, String::new(), false).await.unwrap().unwrap();
    let (likely, why) = choice.likely.expect("her account");
    assert_eq!(likely, all.account("carla"));
    assert!(why.contains("same provider"), "{why}");
    // Another provider may call anybody so.
    let eve = all.app.person("Eve").await;
    all.has_identity(eve, ("forge", "u-carla"), None).await;
    let share = all.accepted(mill, "udp:24454", eve, "eve").await;
    let choice = all.ask(all.ana).members.choice(share, String::new(), false).await.unwrap().unwrap();
    assert_eq!(choice.likely, None, "{choice:?}");
}
