//! Somebody new on a server whose policy is a file: what stands in the file shuts nothing before the server has loaded it, and
//! whoever has a key by then comes in by the policy of before.

use app::fault::Fault;
use app::ports::offers::OfferForm;
use axum::http::StatusCode;
use model::host::May;
use model::{Decision, ShareId, ShareState, Step, Trouble};
use simulator::headscale::world::Headscale;

use super::guests::{WIDE, accepted, agreed, is_there};
use super::owners::{known, minecraft};
use super::told::{by_hand, dune, in_file, netmap, tell};
use crate::harness::community::Community;

/// The step at which it stopped, and why.
async fn stopped(all: &Community, share: ShareId) -> (Step, Trouble) {
    let state = all.state(share).await;
    let Some(attention) = state.attention() else { panic!("{state:?}") };
    (attention.step, attention.trouble.clone())
}

/// Sabotage: leave `not_loaded` out of `sharing::apply`, or give out keys without `loaded` in `may_have_key`.
#[tokio::test]
async fn who_is_new_waits_until_the_policy_that_shuts_them_out_is_loaded() {
    for by_machine in [false, true] {
        let all = Community::on(Headscale { policy: Some(WIDE.into()), ..in_file() }).await;
        let mill = all.connect().await;
        let dora = all.app.person("Dora").await;
        let (node, token) = dune(&all, mill, true).await;
        let share = accepted(&all, mill, "tcp:25565", dora).await;
        let asked = all.ask(all.ana);
        asked.members.make_new(share, "dora".into(), false).await.unwrap();
        let review = asked.shares.review(share).await.unwrap();
        let text = review.manual.expect("the text to put in");
        assert!(text.contains("group:acequia-members") && !text.contains("dora"), "shut first: {text}");
        asked.shares.apply(share, review.plan, Decision::NarrowAndApply).await.unwrap();
        all.drain().await;
        assert_eq!(stopped(&all, share).await, (Step::Narrow, Trouble::PolicyElsewhere));
        by_hand(&all, share).await;

        assert_eq!(stopped(&all, share).await, (Step::Account, Trouble::InFile));
        assert!(!is_there(&all) && !all.policy().contains("dora"), "{}", all.policy());
        let theirs = all.ask(dora);
        let page = theirs.shares.get(share).await.unwrap();
        assert!(page.way_in.is_none() && page.join.is_empty(), "{:?} {:?}", page.way_in, page.join);
        let early = theirs.members.make_key(share).await;
        assert!(matches!(early, Err(Fault::Conflict(_))), "{early:?}");
        assert_eq!(theirs.members.say_loaded(share).await, Err(Fault::Forbidden));
        if by_machine {
            let wide = r#"{"PacketFilterRules": [{"SrcIPs": ["100.64.0.0/10"],
                "DstPorts": [{"IP": "*", "Ports": {"First": 0, "Last": 65535}}]}]}"#;
            assert_eq!(tell(&all, node, &token, wide.into()).await, StatusCode::NO_CONTENT);
            assert_eq!(
                stopped(&all, share).await,
                (Step::Account, Trouble::InFile),
                "the old one is in force"
            );
            assert!(!is_there(&all));
            tell(&all, node, &token, netmap(Some("25565"))).await;
        } else {
            let page = asked.shares.get(share).await.unwrap();
            assert!(page.attention.is_some_and(|attention| attention.wants_load));
            asked.members.say_loaded(share).await.unwrap();
            all.drain().await;
        }

        assert!(is_there(&all), "made once it is shut: {:?}", all.state(share).await);
        assert!(!all.policy().contains("dora"), "{}", all.policy());
        assert_eq!(stopped(&all, share).await, (Step::Rule, Trouble::PolicyElsewhere));
        by_hand(&all, share).await;
        assert_eq!(stopped(&all, share).await, (Step::Confirm, Trouble::InFile));
        let key = theirs.members.make_key(share).await.unwrap();
        all.simulator.headscale_joins("mill", &key, "dora-laptop").unwrap();
        assert!(!theirs.shares.get(share).await.unwrap().join.is_empty(), "they may try");
    }
}

/// What was loaded once says nothing of what somebody wrote and loaded since. Sabotage: leave `ForgetLoad` out of
/// `sharing::apply`.
#[tokio::test]
async fn a_file_that_is_widened_again_has_to_be_loaded_again() {
    let all = Community::on(Headscale { policy: Some(WIDE.into()), ..in_file() }).await;
    let mill = all.connect().await;
    let dora = all.app.person("Dora").await;
    let share = accepted(&all, mill, "tcp:25565", dora).await;
    let asked = all.ask(all.ana);
    asked.members.make_new(share, "dora".into(), false).await.unwrap();
    let plan = asked.shares.review(share).await.unwrap().plan;
    asked.shares.apply(share, plan, Decision::NarrowAndApply).await.unwrap();
    all.drain().await;
    by_hand(&all, share).await;
    assert_eq!(stopped(&all, share).await, (Step::Account, Trouble::InFile));
    asked.members.say_loaded(share).await.unwrap();
    // Before the job looks.
    all.simulator.headscale_policy("mill", Some(WIDE)).unwrap();
    all.drain().await;
    assert_eq!(stopped(&all, share).await, (Step::Narrow, Trouble::PolicyElsewhere));
    by_hand(&all, share).await;
    assert_eq!(stopped(&all, share).await, (Step::Account, Trouble::InFile), "the wide one may be in force");
    assert!(!is_there(&all));
    asked.members.say_loaded(share).await.unwrap();
    all.drain().await;
    assert!(is_there(&all), "{:?}", all.state(share).await);
}

/// Who lends a machine makes its token, and writes with it what they like. Sabotage: leave `is_lent` out of `told_filter`.
#[tokio::test]
async fn the_machine_of_somebody_who_only_lends_does_not_say_that_the_server_has_loaded_anything() {
    let all = Community::on(Headscale { policy: Some(WIDE.into()), ..in_file() }).await;
    let mill = all.connect().await;
    known(&all, mill).await;
    let dora = all.app.person("Dora").await;
    let laptop = all.node(mill, "bruno-laptop").await;
    let theirs = all.ask(all.bruno);
    theirs.firewall.choose(laptop, "nftables".into(), String::new()).await.unwrap();
    let token = theirs.hosts.make_token(laptop, May { tells: true, ..May::default() }).await.unwrap();
    let service = theirs.services.create(laptop, minecraft()).await.unwrap();
    let form = OfferForm {
        service: service.to_string(),
        to: "link".into(),
        until: "ended".into(),
        ..OfferForm::default()
    };
    let (_, link) = theirs.offers.create(form).await.unwrap();
    let share = all.ask(dora).offers.accept(link, "dora".into()).await.unwrap();
    let asked = all.ask(all.ana);
    asked.members.make_new(share, "dora".into(), false).await.unwrap();
    let plan = asked.shares.review(share).await.unwrap().plan;
    asked.shares.apply(share, plan, Decision::NarrowAndApply).await.unwrap();
    all.drain().await;
    by_hand(&all, share).await;
    assert_eq!(stopped(&all, share).await, (Step::Account, Trouble::InFile));
    assert_eq!(tell(&all, laptop, &token, netmap(None)).await, StatusCode::NO_CONTENT);
    assert_eq!(stopped(&all, share).await, (Step::Account, Trouble::InFile), "Bruno says so, not the server");
    assert!(!is_there(&all));
    let said = theirs.members.say_loaded(share).await;
    assert!(matches!(said, Err(Fault::Conflict(_))), "{said:?}");
}

/// A rule for all users stands in a filter as the machines that they have today: nothing in it tells that whoever is new comes
/// in too. Sabotage: `for_every_address` with `"autogroup:member"` among its names.
#[tokio::test]
async fn a_filter_that_names_todays_machines_does_not_show_that_users_are_shut_out() {
    let members = WIDE.replace("\"src\": [\"*\"]", "\"src\": [\"autogroup:member\"]");
    let all = Community::on(Headscale { policy: Some(members), ..in_file() }).await;
    let mill = all.connect().await;
    let dora = all.app.person("Dora").await;
    let (node, token) = dune(&all, mill, true).await;
    let share = accepted(&all, mill, "tcp:25565", dora).await;
    let asked = all.ask(all.ana);
    asked.members.make_new(share, "dora".into(), false).await.unwrap();
    let plan = asked.shares.review(share).await.unwrap().plan;
    asked.shares.apply(share, plan, Decision::NarrowAndApply).await.unwrap();
    all.drain().await;
    by_hand(&all, share).await;
    assert_eq!(stopped(&all, share).await, (Step::Account, Trouble::InFile));
    // What a client holds by the rule of before, as by the new one.
    assert_eq!(tell(&all, node, &token, netmap(Some("1-65535"))).await, StatusCode::NO_CONTENT);
    assert_eq!(stopped(&all, share).await, (Step::Account, Trouble::InFile), "the old one may be in force");
    assert!(!is_there(&all));
    asked.members.say_loaded(share).await.unwrap();
    all.drain().await;
    assert!(is_there(&all), "its owner can say it: {:?}", all.state(share).await);
}

/// An earlier share may have narrowed the file, and nobody loaded it. Sabotage: `may_have_key` with `narrowed` in place of
/// `loaded`.
#[tokio::test]
async fn also_where_the_file_needs_no_narrowing_a_key_waits_for_its_load() {
    let all = Community::on(in_file()).await;
    let mill = all.connect().await;
    let dora = all.app.person("Dora").await;
    let share = agreed(&all, mill, "tcp:25565", dora).await;
    all.drain().await;
    by_hand(&all, share).await;
    assert_eq!(stopped(&all, share).await, (Step::Confirm, Trouble::InFile));
    let theirs = all.ask(dora);
    let page = theirs.shares.get(share).await.unwrap();
    let way = page.way_in.expect("a way in");
    assert!(!way.can_make_key && !way.can_let_in && way.no_key.is_some(), "{way:?}");
    assert!(!page.join.is_empty(), "the steps are shown all the same");
    let early = theirs.members.make_key(share).await;
    assert!(matches!(early, Err(Fault::Conflict(_))), "{early:?}");
    assert!(all.server().preauth_keys.is_empty());

    let asked = all.ask(all.ana);
    asked.members.say_loaded(share).await.unwrap();
    all.drain().await;
    assert_eq!(
        stopped(&all, share).await,
        (Step::Confirm, Trouble::InFile),
        "that it is open is not proven by it"
    );
    let again = asked.members.say_loaded(share).await;
    assert!(matches!(again, Err(Fault::Conflict(_))), "{again:?}");
    theirs.members.make_key(share).await.unwrap();
    assert!(matches!(all.state(share).await, ShareState::NeedsAttention { .. }));
}
