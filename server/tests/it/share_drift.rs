//! What others change behind an open share: it is seen, told, never overwritten, and goes on when it is as before.

use app::ports::audit::Query;
use model::{Need, ShareId, ShareState, Step, TailnetId};
use simulator::{Fault, FaultRule, Moment, Operation};

use crate::harness::Who::{Ana, Dario};
use crate::harness::neighbours::Neighbours;

struct Open {
    all: Neighbours,
    ana: TailnetId,
    share: ShareId,
}

impl Open {
    async fn share() -> Self {
        let all = Neighbours::demo().await;
        let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
        let share = all.accepted(Ana, all.node(ana, "maple").await, "tcp:25565", Dario).await;
        all.approved(Ana, share).await;
        all.drain().await;
        let open = Self { all, ana, share };
        assert!(open.is_open().await);
        open
    }

    async fn is_open(&self) -> bool {
        matches!(self.all.state(self.share).await, ShareState::Active { .. })
    }

    /// The sync that comes with the timer.
    async fn synced(&self) {
        self.all.app.clock.advance_seconds(60);
        self.all.ask(Ana).tailnets.sync(self.ana).await.unwrap();
        self.all.drain().await;
        self.all.drain().await;
    }

    async fn stopped(&self) -> model::Attention {
        let state = self.all.state(self.share).await;
        let ShareState::Drifted { attention } = state else { panic!("{state:?}") };
        attention
    }

    fn edit(&self, text: &str) {
        self.all.demo.simulator.edit_policy("ana", text).unwrap();
    }

    /// The policy without the lines of the rule.
    fn without_rule(&self) -> String {
        self.all
            .policy("ana")
            .split_inclusive('\n')
            .filter(|line| !line.contains("dario@") && !line.contains("acequia:share="))
            .collect()
    }
}

#[tokio::test]
async fn a_rule_that_somebody_took_out_is_told_and_not_written_again_and_comes_back_by_itself() {
    let open = Open::share().await;
    let with = open.all.policy("ana");
    let before = open.all.app_state().db.find_share(open.share).await.unwrap().unwrap();
    open.synced().await;
    let seen = open.all.app_state().db.find_share(open.share).await.unwrap().unwrap();
    assert!(seen.seen_in_force > before.seen_in_force, "each look that finds it in force is remembered");
    assert_eq!(seen.version, before.version, "and changes nothing");

    let without = open.without_rule();
    open.edit(&without);
    open.synced().await;
    let attention = open.stopped().await;
    assert_eq!((attention.need, attention.step), (Need::Review, Step::Rule), "{attention:?}");
    open.synced().await;
    assert_eq!(open.all.policy("ana"), without, "an outside edit stays");
    let trail = open.all.ask(Ana).audit.list(Query::default()).await.unwrap().entries;
    let told = trail.iter().filter(|entry| entry.what.contains("no longer in force")).count();
    assert_eq!(told, 1, "told once");
    let friend = open.all.ask(Dario).shares.get(open.share).await.unwrap();
    assert!(friend.attention.is_some(), "both sides read it");

    open.edit(&with);
    open.synced().await;
    assert!(open.is_open().await, "{:?}", open.all.state(open.share).await);
    assert_eq!(open.all.policy("ana"), with);
}

#[tokio::test]
async fn a_rule_that_somebody_changed_is_told_at_once_on_the_page_and_a_review_puts_it_back() {
    let open = Open::share().await;
    let with = open.all.policy("ana");
    let wider = with.replace("tcp:25565", "*");
    assert_ne!(wider, with);
    open.edit(&wider);
    open.all.ask(Ana).shares.check(open.share).await.unwrap();
    assert_eq!(open.stopped().await.step, Step::Rule);
    assert_eq!(open.all.policy("ana"), wider);

    open.edit(&open.without_rule());
    open.all.approved(Ana, open.share).await;
    open.all.drain().await;
    assert!(open.is_open().await, "{:?}", open.all.state(open.share).await);
    assert_eq!(open.all.policy("ana").matches("acequia:share=").count(), 1);
    assert!(open.all.policy("ana").contains("tcp:25565"));
    assert_eq!(open.all.invites("ana"), 1, "the invite is still the same");
}

#[tokio::test]
async fn an_invite_that_somebody_deleted_is_told_and_a_review_makes_one_new() {
    let open = Open::share().await;
    let invite = open.all.demo.simulator.tailnet("ana").unwrap().invites[0].id.clone();
    open.all.demo.simulator.delete_invite("ana", &invite).unwrap();
    open.synced().await;
    let attention = open.stopped().await;
    assert_eq!((attention.need, attention.step), (Need::Review, Step::Invite), "{attention:?}");
    assert_eq!(open.all.invites("ana"), 0, "none is made without a word");

    open.all.approved(Ana, open.share).await;
    open.all.drain().await;
    assert!(open.is_open().await, "{:?}", open.all.state(open.share).await);
    assert_eq!(open.all.invites("ana"), 1);
    assert_eq!(open.all.policy("ana").matches("acequia:share=").count(), 1);
    open.all.ask(Ana).shares.end(open.share).await.unwrap();
    open.all.drain().await;
    assert_eq!(open.all.invites("ana"), 0);
}

#[tokio::test]
async fn a_machine_that_is_gone_stops_its_share_which_can_still_be_ended() {
    let open = Open::share().await;
    open.all.demo.simulator.remove_device("ana", "maple").unwrap();
    open.synced().await;
    let attention = open.stopped().await;
    assert_eq!(attention.need, Need::Look);
    let reason = sharing::words::words(&attention).reason;
    assert!(reason.contains("maple is no longer in the tailnet"), "{reason}");
    open.all.ask(Ana).shares.end(open.share).await.unwrap();
    open.all.drain().await;
    assert!(open.all.state(open.share).await.is_over(), "{:?}", open.all.state(open.share).await);
    assert!(!open.all.policy("ana").contains("acequia:share="));
}

#[tokio::test]
async fn a_look_that_finds_out_nothing_stops_nothing_and_says_so() {
    let open = Open::share().await;
    open.all.demo.simulator.fail(FaultRule {
        target: Operation::GetPolicy.into(),
        fault: Fault::Status { status: 403, message: None },
        times: 10,
        moment: Moment::BeforeEffect,
    });
    open.synced().await;
    assert!(open.is_open().await, "what cannot be read is not known to be gone");
    let unmanaged = open.all.ask(Ana).tailnets.get(open.ana).await.unwrap().unmanaged;
    assert!(unmanaged.failed.unwrap().contains("may not do this"));
    let told = open.all.ask(Ana).shares.check(open.share).await.unwrap_err();
    assert!(matches!(told, app::fault::Fault::Unavailable(_)), "{told:?}");
    open.all.demo.simulator.clear_faults();
    open.synced().await;
    assert_eq!(open.all.ask(Ana).tailnets.get(open.ana).await.unwrap().unmanaged.failed, None);
}
