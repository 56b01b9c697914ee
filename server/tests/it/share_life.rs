//! A share from accepted to ended, over the real client and the simulator.

use app::fault::Fault;
use app::ports::audit::Query;
use app::ports::services::DirectoryQuery;
use invariants::Moment;
use model::{Decision, EndReason, Need, ShareState};
use server::jobs::end_what_is_over;
use simulator::Operation;

use crate::harness::Who::{self, Ana, Ben, Chiara, Dario};
use crate::harness::database::TestDatabase;
use crate::harness::neighbours::Neighbours;

#[tokio::test]
async fn a_share_is_applied_seen_in_force_and_ended_without_a_trace() {
    for database in TestDatabase::each().await {
        whole_life(&Neighbours::on(database, |_| {}).await).await;
    }
}

async fn whole_life(all: &Neighbours) {
    let mut witness = all.witness().await;
    let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
    let share = all.accepted(Ana, all.node(ana, "maple").await, "tcp:25565", Dario).await;
    let untouched = all.policy("ana");

    let review = all.ask(Ana).shares.review(share).await.unwrap();
    assert_eq!(all.policy("ana"), untouched, "a review writes nothing");
    let gains: Vec<String> =
        review.gains.iter().map(|line| format!("{} {} {}", line.who, line.what, line.node)).collect();
    assert_eq!(gains, ["Dario Lupo tcp 25565 maple"]);
    assert!(review.loses.is_empty(), "{:?}", review.loses);

    assert_eq!(all.approved(Ana, share).await, Decision::NarrowAndApply);
    let yes = all.app_state().db.find_share(share).await.unwrap().unwrap().deeds.approved.unwrap();
    let agreed = ("dario@nopal.example".into(), "maple".into(), "tcp 25565".into());
    let lines: Vec<_> = yes.lines.into_iter().map(|line| (line.who, line.machine, line.ports)).collect();
    assert_eq!(lines, [agreed], "what was agreed is kept in lines");
    all.drain().await;
    assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);
    all.all_is_well(&mut witness, Moment::Rest, "open").await;
    let with = all.policy("ana");
    assert_eq!(with.matches(&format!("acequia:share={share}")).count(), 1);
    assert!(!with.contains(r#""src": ["*"]"#), "the wildcard was narrowed first");
    assert_eq!(all.invites("ana"), 1);
    let given = all.demo.simulator.tailnet("ana").unwrap().shares;
    assert_eq!(given.len(), 1);
    assert_eq!((given[0].device.as_str(), given[0].recipient.as_str()), ("maple", "dario@nopal.example"));
    let page = all.ask(Dario).shares.get(share).await.unwrap();
    assert!(page.join.iter().any(|step| step.copy.as_deref() == Some("maple.tail3a7f1.ts.net:25565")));

    all.ask(Ana).shares.end(share).await.unwrap();
    all.drain().await;
    let ended = all.state(share).await;
    assert!(matches!(ended, ShareState::Ended { why: EndReason::OwnerEnded, .. }), "{ended:?}");
    let ours = |line: &&str| line.contains(&share.to_string()) || line.contains("dario@");
    let narrowed: String = with.split_inclusive('\n').filter(|line| !ours(line)).collect();
    assert_eq!(all.policy("ana"), narrowed);
    assert_eq!(all.invites("ana"), 0);
    assert!(all.demo.simulator.tailnet("ana").unwrap().shares.is_empty());
    all.all_is_well(&mut witness, Moment::Rest, "ended").await;

    // Every list that a person looks at, on this database.
    for owner in [Ana, Dario] {
        let asked = all.ask(owner);
        assert_eq!(asked.shares.list().await.unwrap().ended.len(), 1);
        let found =
            asked.services.directory(DirectoryQuery { q: "MINE%".into(), ..Default::default() }).await;
        assert!(found.unwrap().services.is_empty(), "a wildcard of SQL is a letter like others");
        let found = asked.services.directory(DirectoryQuery { q: "mine".into(), ..Default::default() }).await;
        assert_eq!(found.unwrap().services.len(), 1);
        asked.inbox.home().await.unwrap();
        asked.offers.form(None).await.unwrap();
        let trail = asked.audit.list(Query::default()).await.unwrap();
        // What was done to the owner's network for it is the owner's.
        let told = if owner == Ana { "wrote the rule" } else { "is open" };
        assert!(trail.entries.iter().any(|entry| entry.what.contains(told)), "{trail:?}");
        let policy_text =
            trail.entries.iter().any(|e| e.after.as_deref().is_some_and(|t| t.contains("autogroup")));
        assert_eq!(policy_text, owner == Ana, "the owner's policy is not for the friend");
    }
    all.ask(Ana).tailnets.disconnect(ana).await.unwrap();
    assert!(all.ask(Ana).tailnets.list().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_friend_without_a_token_gets_the_link_and_nobody_else_sees_it() {
    let all = Neighbours::demo().await;
    let ana = all.connect(Ana).await;
    let share = all.accepted(Ana, all.node(ana, "maple").await, "tcp:25565", Dario).await;
    all.approved(Ana, share).await;
    all.drain().await;
    assert!(matches!(all.state(share).await, ShareState::WaitingForFriend { .. }));
    let link = all.ask(Dario).shares.get(share).await.unwrap().invite_link.expect("the friend sees the link");
    assert_eq!(all.ask(Ana).shares.get(share).await.unwrap().invite_link, None);
    assert_eq!(all.ask(Chiara).shares.get(share).await.unwrap_err(), Fault::NotFound);

    all.demo.simulator.accept("dario", "dario@nopal.example", &link).unwrap();
    all.app.clock.advance_seconds(60);
    all.drain().await;
    assert!(matches!(all.state(share).await, ShareState::Active { .. }));
}

#[tokio::test]
async fn an_invite_opened_with_another_login_waits_for_a_new_review() {
    let all = Neighbours::demo().await;
    let ana = all.connect(Ana).await;
    let share = all.accepted(Ana, all.node(ana, "maple").await, "tcp:25565", Dario).await;
    all.approved(Ana, share).await;
    all.drain().await;
    let link = all.ask(Dario).shares.get(share).await.unwrap().invite_link.unwrap();
    all.demo.simulator.accept("chiara", "chiara@github", &link).unwrap();
    all.app.clock.advance_seconds(60);
    all.drain().await;
    let ShareState::NeedsAttention { attention, .. } = all.state(share).await else { panic!("it stopped") };
    assert_eq!(attention.need, Need::Review);
    let reason = sharing::words::words(&attention).reason;
    assert!(reason.contains("chiara@github") && reason.contains("dario@nopal.example"), "{reason}");
    assert!(!all.policy("ana").contains("chiara@github"), "the rule changes only by a new review");

    all.approved(Ana, share).await;
    all.drain().await;
    assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);
    let policy = all.policy("ana");
    assert!(policy.contains("chiara@github") && !policy.contains("dario@nopal.example"));
    assert_eq!(policy.matches("acequia:share=").count(), 1);
}

#[tokio::test]
async fn an_owner_without_a_token_makes_the_invite_in_the_console_and_pastes_its_link() {
    let all = Neighbours::demo().await;
    let chiara = all.connect(Chiara).await;
    let share = all.accepted(Chiara, all.node(chiara, "blog").await, "tcp:443", Dario).await;
    assert_eq!(all.approved(Chiara, share).await, Decision::Apply);
    all.drain().await;
    let page = all.ask(Chiara).shares.get(share).await.unwrap();
    assert!(page.attention.unwrap().wants_invite);
    assert!(all.policy("chiara").contains("dario@nopal.example"), "the rule is there already");

    let asked = all.ask(Chiara);
    let wrong =
        asked.shares.paste_invite(share, "https://login.tailscale.com/admin/invite/nonsense".into()).await;
    assert!(matches!(wrong, Err(Fault::Invalid(_))), "{wrong:?}");
    let link = all.demo.simulator.make_invite("chiara", "chiara@github", "blog").unwrap();
    asked.shares.paste_invite(share, link).await.unwrap();
    all.drain().await;
    assert!(matches!(all.state(share).await, ShareState::WaitingForFriend { .. }));
    assert_eq!(all.invites("chiara"), 1);
}

#[tokio::test]
async fn a_share_whose_time_is_over_ends_by_itself() {
    let all = Neighbours::demo().await;
    let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
    let node = all.node(ana, "maple").await;
    let share = all.accepted_until(Ana, node, "tcp:25565", Dario, ("evening", "")).await;
    all.approved(Ana, share).await;
    all.drain().await;
    assert!(matches!(all.state(share).await, ShareState::Active { .. }));
    assert_eq!(end_what_is_over(all.app_state()).await.unwrap(), 0);

    all.app.clock.advance_seconds(5 * 24 * 60 * 60);
    assert_eq!(end_what_is_over(all.app_state()).await.unwrap(), 1);
    all.drain().await;
    assert!(matches!(all.state(share).await, ShareState::Ended { why: EndReason::Expired, .. }));
    assert!(!all.policy("ana").contains("acequia:share="));
    assert_eq!(all.invites("ana"), 0);
}

#[tokio::test]
async fn a_second_service_of_the_same_machine_needs_no_second_invite_and_keeps_the_first_ones() {
    let all = Neighbours::demo().await;
    let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
    let node = all.node(ana, "maple").await;
    let first = all.accepted(Ana, node, "tcp:25565", Dario).await;
    all.approved(Ana, first).await;
    all.drain().await;
    let second = all.accepted(Ana, node, "tcp:8080", Dario).await;
    assert_eq!(all.approved(Ana, second).await, Decision::Apply, "narrowed already");
    all.drain().await;
    assert!(matches!(all.state(second).await, ShareState::Active { .. }), "{:?}", all.state(second).await);
    assert_eq!(all.invites("ana"), 1);

    all.ask(Ana).shares.end(first).await.unwrap();
    all.drain().await;
    assert_eq!(all.invites("ana"), 1, "the second share still uses it");
    assert!(
        all.policy("ana").contains(&second.to_string()) && !all.policy("ana").contains(&first.to_string())
    );
    all.ask(Dario).shares.end(second).await.unwrap();
    all.drain().await;
    assert_eq!(all.invites("ana"), 0);
}

#[tokio::test]
async fn a_pasted_plan_that_is_no_longer_the_one_looked_at_is_refused() {
    let all = Neighbours::demo().await;
    let chiara = all.connect(Chiara).await;
    let share = all.accepted(Chiara, all.node(chiara, "blog").await, "tcp:443", Dario).await;
    let review = all.ask(Chiara).shares.review(share).await.unwrap();
    let edited = all.policy("chiara").replace("tcp:22", "tcp:2222");
    all.demo.simulator.edit_policy("chiara", edited.clone()).unwrap();
    let refused = all.ask(Chiara).shares.apply(share, review.plan, Decision::Apply).await;
    assert!(matches!(refused, Err(Fault::Conflict(_))), "{refused:?}");
    assert_eq!(all.policy("chiara"), edited);
    assert_eq!(all.invites("chiara"), 0);
}

#[tokio::test]
async fn an_edit_between_read_and_write_is_kept_and_planned_around() {
    let all = Neighbours::demo().await;
    let (chiara, _) = (all.connect(Chiara).await, all.connect(Dario).await);
    let share = all.accepted(Chiara, all.node(chiara, "blog").await, "tcp:443", Dario).await;
    all.approved(Chiara, share).await;
    let hold = all.demo.simulator.hold(Operation::SetPolicy, simulator::Moment::BeforeEffect);
    let work = all.drain();
    let edit = async {
        hold.held().await;
        let edited = all.policy("chiara").replace("// backups run at night", "// backups run at dawn");
        all.demo.simulator.edit_policy("chiara", edited).unwrap();
        hold.release();
    };
    tokio::join!(work, edit);
    let policy = all.policy("chiara");
    assert!(policy.contains("backups run at dawn"), "the edit of somebody else is never overwritten");
    assert_eq!(policy.matches("acequia:share=").count(), 1, "and the share came in on top of it");
}

#[tokio::test]
async fn an_edit_that_changes_what_the_friend_gains_goes_back_to_review() {
    let all = Neighbours::demo().await;
    let (chiara, _) = (all.connect(Chiara).await, all.connect(Dario).await);
    let share = all.accepted(Chiara, all.node(chiara, "blog").await, "tcp:443", Dario).await;
    all.approved(Chiara, share).await;
    let wide = all
        .policy("chiara")
        .replace(r#""src": ["chiara@github"], "dst": ["tag:web"]"#, r#""src": ["*"], "dst": ["tag:web"]"#);
    all.demo.simulator.edit_policy("chiara", wide.clone()).unwrap();
    all.drain().await;
    let ShareState::Accepted { again: Some(why) } = all.state(share).await else { panic!("back to review") };
    assert!(why.contains("changed"), "{why}");
    assert_eq!(all.policy("chiara"), wide, "nothing was written");
}

#[tokio::test]
async fn an_invite_that_nobody_opens_for_thirty_days_ends_its_share() {
    for still_listed in [true, false] {
        let all = Neighbours::demo().await;
        let ana = all.connect(Ana).await;
        let share = all.accepted(Ana, all.node(ana, "maple").await, "tcp:25565", Dario).await;
        all.approved(Ana, share).await;
        all.drain().await;
        all.app.clock.advance_seconds(29 * 24 * 60 * 60);
        all.drain().await;
        let state = all.state(share).await;
        assert!(matches!(state, ShareState::WaitingForFriend { .. }), "{state:?}");
        if !still_listed {
            let invite = all.demo.simulator.tailnet("ana").unwrap().invites[0].id.clone();
            all.demo.simulator.delete_invite("ana", &invite).unwrap();
        }
        all.app.clock.advance_seconds(25 * 60 * 60);
        all.drain().await;
        all.drain().await;
        let state = all.state(share).await;
        assert!(matches!(state, ShareState::Ended { why: EndReason::InviteLapsed, .. }), "{state:?}");
        assert!(!all.policy("ana").contains("acequia:share="));
        assert_eq!(all.invites("ana"), 0);
        let gate = all.ask(Dario).shares.get(share).await.unwrap().gate;
        assert!(gate.reason.unwrap().contains("not opened within its 30 days"));
    }
}

#[tokio::test]
async fn an_offer_for_several_makes_a_share_for_each_person_and_no_more() {
    let all = Neighbours::demo().await;
    let ana = all.connect(Ana).await;
    let giving = all.ask(Ana);
    let form = app::ports::services::ServiceForm {
        name: "Minecraft".into(),
        kind: "minecraft".into(),
        ports: "tcp:25565".into(),
        audience: "everybody".into(),
        ..Default::default()
    };
    let service = giving.services.create(all.node(ana, "maple").await, form).await.unwrap();
    let form = app::ports::offers::OfferForm {
        service: service.to_string(),
        to: "link".into(),
        until: "ended".into(),
        uses: "2".into(),
        ..Default::default()
    };
    let (_, token) = giving.offers.create(form).await.unwrap();
    let accept = |friend: Who, login: &'static str| {
        let (asked, token) = (all.ask(friend), token.clone());
        async move { asked.offers.accept(token, login.into()).await }
    };
    let first = accept(Dario, "dario@nopal.example").await.unwrap();
    assert_eq!(accept(Dario, "dario@nopal.example").await.unwrap(), first, "one person, one share");
    let second = accept(Chiara, "chiara@github").await.unwrap();
    assert_ne!(first, second);
    let third = accept(Ben, "ben@arroyo.example").await;
    assert!(matches!(third, Err(Fault::Conflict(_))), "{third:?}");
    let shares = all.app_state().db.list_shares_of_service(service).await.unwrap().whole().unwrap();
    let mut friends: Vec<_> = shares.iter().map(|share| share.friend).collect();
    friends.sort_unstable();
    let mut meant = [all.people[Chiara].id, all.people[Dario].id];
    meant.sort_unstable();
    assert_eq!(friends, meant);

    for (share, login) in [(first, "dario@nopal.example"), (second, "chiara@github")] {
        all.approved(Ana, share).await;
        all.drain().await;
        assert!(all.policy("ana").contains(&format!("acequia:share={share}")), "{login}");
    }
    assert_eq!(all.invites("ana"), 2, "each has an invite of their own");
}
