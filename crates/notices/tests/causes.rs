//! Each cause is told once: who is told, from when on, until when, what is left out because it is told already, and what may
//! be put aside.

use model::attention::{Attention, CallError, Trouble};
use model::{EndReason, Need, NoticeKind, PersonId, Phase, ShareState, Step, Timestamp};
use notices::{Causes, Notice, OfferFacts, ShareFacts, SharePeople, TailnetFacts};

const DAY: i64 = 86_400;
const GIVER: PersonId = PersonId::new(uuid::Uuid::from_u128(1));
const STEWARD: PersonId = PersonId::new(uuid::Uuid::from_u128(2));
const FRIEND: PersonId = PersonId::new(uuid::Uuid::from_u128(3));

const fn at(days: i64) -> Timestamp {
    Timestamp::from_seconds(days * DAY)
}

fn reads(all: &[Notice], who: PersonId, now: Timestamp) -> Vec<NoticeKind> {
    let open = |notice: &&Notice| {
        notice.person == who && notice.opens <= now && notice.closes.is_none_or(|closes| closes > now)
    };
    all.iter().filter(open).map(|notice| notice.what.kind()).collect()
}

const fn call(error: CallError) -> Trouble {
    Trouble::Call { error, maybe_done: false }
}

fn unreachable() -> Trouble {
    call(CallError::Unreachable { reason: "connection refused".into() })
}

fn not_understood() -> Trouble {
    Trouble::NotUnderstood { why: "line 4 is none".into() }
}

/// Trouble of asking, trouble of the policy; and what is read at once, and a quarter of an hour later.
#[test]
fn a_tailnet_tells_each_cause_once() {
    use NoticeKind::{Away, Policy};
    let limited = || call(CallError::RateLimited);
    let none: &[NoticeKind] = &[];
    let table = [
        (None, None, none, none),
        (Some(unreachable()), None, &[Away], &[Away]),
        (Some(call(CallError::InvalidResponse)), None, &[Away], &[Away]),
        (Some(call(CallError::NotFound)), None, &[Away], &[Away]),
        (Some(Trouble::KeyFile), None, &[Away], &[Away]),
        // It said when to come again.
        (Some(limited()), None, none, &[Away]),
        (None, Some(limited()), none, &[Policy]),
        (None, Some(not_understood()), &[Policy], &[Policy]),
        (None, Some(call(CallError::Forbidden { said: "no scope".into() })), &[Policy], &[Policy]),
        (None, Some(unreachable()), &[Policy], &[Policy]),
        // Who does not answer does not give the policy either; a policy that makes no sense is something else.
        (Some(unreachable()), Some(unreachable()), &[Away], &[Away]),
        (Some(unreachable()), Some(not_understood()), &[Away, Policy], &[Away, Policy]),
    ];
    for (away, policy, at_once, later) in table {
        let told = format!("{away:?}, {policy:?}");
        let since = |trouble| (at(5), trouble);
        let facts = TailnetFacts { away: away.map(since), policy: policy.map(since), handed: None };
        let all = facts.notices(&[GIVER, STEWARD]);
        for who in [GIVER, STEWARD] {
            assert_eq!(reads(&all, who, at(5)), at_once, "{told}");
            assert_eq!(reads(&all, who, at(5).plus_seconds(15 * 60)), later, "{told}");
        }
        assert!(all.iter().all(|notice| notice.since == at(5)), "since when is told: {told}");
    }
}

/// Sabotage: told to everybody who acts for it, or without an end.
#[test]
fn that_a_tailnet_was_handed_over_is_told_to_its_owner_for_two_weeks() {
    let facts =
        TailnetFacts { away: Some((at(5), unreachable())), policy: None, handed: Some((GIVER, at(5))) };
    let all = facts.notices(&[GIVER, STEWARD]);
    for (who, day, told) in [
        (GIVER, 5, vec![NoticeKind::Away, NoticeKind::HandedOver]),
        (GIVER, 18, vec![NoticeKind::Away, NoticeKind::HandedOver]),
        (GIVER, 19, vec![NoticeKind::Away]),
        (STEWARD, 5, vec![NoticeKind::Away]),
    ] {
        assert_eq!(reads(&all, who, at(day)), told, "{day}");
    }
}

fn stopped(phase: Phase, need: Need, trouble: Trouble) -> ShareState {
    let attention = Attention { need, ..Attention::look(Step::Rule, trouble) };
    ShareState::NeedsAttention { phase, attention }
}

fn told_of(state: &ShareState, told: Causes) -> Vec<NoticeKind> {
    let facts = ShareFacts {
        unasked: false,
        state: Some(state),
        asked: None,
        longer: None,
        accepted: at(1),
        ends: None,
        owner_out: None,
        told,
        now: at(5),
    };
    let all = facts.notices(&SharePeople { friend: FRIEND, givers: &[GIVER, STEWARD] });
    assert_eq!(reads(&all, FRIEND, at(5)), [], "the friend can do nothing about it: {state:?}");
    let (giver, steward) = (reads(&all, GIVER, at(5)), reads(&all, STEWARD, at(5)));
    assert_eq!(giver, steward);
    giver
}

#[test]
fn a_share_that_stops_for_what_is_told_already_is_not_told_besides() {
    use NoticeKind::{Attention as Stopped, NotEnded};
    let end = Phase::End { why: EndReason::Expired };
    let none: &[NoticeKind] = &[];
    let away = Causes { away: true, ..Causes::default() };
    let credential = Causes { credential: true, ..Causes::default() };
    let policy = Causes { policy: true, ..Causes::default() };
    // State; what is told of it; by which cause it is explained.
    let table = [
        (stopped(Phase::Apply, Need::Time, unreachable()), none, away),
        (stopped(end, Need::Time, unreachable()), &[NotEnded], away),
        (stopped(end, Need::Time, call(CallError::InvalidResponse)), &[NotEnded], away),
        // Over at the next try.
        (stopped(end, Need::Time, call(CallError::Conflict)), none, away),
        (stopped(end, Need::Time, call(CallError::RateLimited)), none, away),
        (stopped(Phase::Apply, Need::Credential, call(CallError::Unauthorised)), &[Stopped], credential),
        (stopped(end, Need::Credential, call(CallError::Unauthorised)), &[NotEnded], credential),
        (stopped(end, Need::Credential, Trouble::KeyFile), &[NotEnded], away),
        (stopped(Phase::Apply, Need::Look, not_understood()), &[Stopped], policy),
        (
            ShareState::Drifted { attention: Attention::look(Step::Rule, not_understood()) },
            &[Stopped],
            policy,
        ),
    ];
    for (state, alone, cause) in table {
        assert_eq!(told_of(&state, Causes::default()), alone, "{state:?}");
        assert_eq!(told_of(&state, cause), none, "{state:?}");
        for other in [away, credential, policy].into_iter().filter(|other| *other != cause) {
            assert_eq!(told_of(&state, other), alone, "{state:?} is not explained by {other:?}");
        }
    }
    // What only its owner can mend is told whatever else is wrong.
    let all = Causes { away: true, credential: true, policy: true };
    for (state, told) in [
        (stopped(end, Need::Look, Trouble::InviteStillListed), NotEnded),
        (stopped(Phase::Apply, Need::Credential, call(CallError::Forbidden { said: "no".into() })), Stopped),
        (ShareState::Drifted { attention: Attention::review(Step::Rule, Trouble::RuleGone) }, Stopped),
    ] {
        assert_eq!(told_of(&state, all), [told], "{state:?}");
    }
}

/// Made on day 1, to be answered until day 8.
#[test]
fn whoever_made_an_offer_is_told_for_two_weeks_what_became_of_it() {
    use NoticeKind::{Declined, Lapsed};
    let none: &[NoticeKind] = &[];
    let plain = OfferFacts {
        from: GIVER,
        to: None,
        stands: true,
        gone: false,
        accepted: false,
        declined: None,
        created: at(1),
        lapses: at(8),
        ends: None,
    };
    let to_friend = OfferFacts { to: Some(FRIEND), ..plain };
    let said_no = |facts: OfferFacts| OfferFacts { declined: Some(at(3)), ..facts };
    // What became of it; what is read on days 4, 8, 16, 17 and 22.
    let table: [(OfferFacts, [&[NoticeKind]; 5]); 7] = [
        (plain, [none, &[Lapsed], &[Lapsed], &[Lapsed], none]),
        (to_friend, [none, &[Lapsed], &[Lapsed], &[Lapsed], none]),
        (OfferFacts { ends: Some(at(4)), ..plain }, [&[Lapsed], &[Lapsed], &[Lapsed], &[Lapsed], none]),
        (OfferFacts { accepted: true, ..plain }, [none; 5]),
        (OfferFacts { gone: true, ..said_no(plain) }, [none; 5]),
        (
            OfferFacts { stands: false, ..said_no(to_friend) },
            [&[Declined], &[Declined], &[Declined], none, none],
        ),
        // Others could still answer with the link.
        (said_no(plain), [&[Declined], &[Declined, Lapsed], &[Declined, Lapsed], &[Lapsed], none]),
    ];
    for (facts, expected) in table {
        let all = facts.notices();
        for (day, expected) in [4, 8, 16, 17, 22].into_iter().zip(expected) {
            assert_eq!(reads(&all, GIVER, at(day)), expected, "day {day}: {facts:?}");
        }
        assert_eq!(reads(&all, STEWARD, at(9)), []);
    }
}

/// Days of a share, and how many seconds before its end it is said to end soon.
#[test]
fn a_share_ends_soon_in_the_last_tenth_of_its_time_and_at_most_a_day() {
    for (days, before) in [(0, 0), (1, DAY / 10), (3, 3 * DAY / 10), (10, DAY), (30, DAY), (3650, DAY)] {
        let state = ShareState::Active { since: at(1) };
        let ends = at(1 + days);
        let facts = ShareFacts {
            unasked: false,
            state: Some(&state),
            asked: None,
            longer: None,
            accepted: at(1),
            ends: Some(ends),
            owner_out: None,
            told: Causes::default(),
            now: at(1),
        };
        let all = facts.notices(&SharePeople { friend: FRIEND, givers: &[GIVER] });
        for who in [GIVER, FRIEND] {
            let soon = |seconds| !reads(&all, who, ends.plus_seconds(seconds)).is_empty();
            assert!(!soon(-before - 1) && !soon(0), "{days} days");
            assert!(before == 0 || soon(-before), "{days} days");
        }
    }
}

#[test]
fn only_what_needs_no_deed_can_be_put_aside() {
    use NoticeKind::{
        Declined, EndsSoon, HandedOver, Lapsed, LeftAlone, LendingAnswered, NoAccountYet, OfferUntold,
        Refused, Untold,
    };
    let news: Vec<NoticeKind> = NoticeKind::ALL.into_iter().filter(|kind| kind.is_news()).collect();
    let expected = [
        NoAccountYet,
        EndsSoon,
        LeftAlone,
        Refused,
        Declined,
        Lapsed,
        LendingAnswered,
        Untold,
        OfferUntold,
        HandedOver,
    ];
    assert_eq!(news, expected);
}
