//! Who is told what, from when until when.

use model::attention::{Attention, Trouble};
use model::host::{Found, Hold, Pasted, Told};
use model::{EndReason, NoticeKind, PersonId, Phase, Revision, ShareState, Step, Timestamp, attention::Need};
use notices::{
    Causes, CredentialFacts, ExposureFacts, HostFacts, Notice, OfferFacts, ServiceFacts, ShareFacts,
    SharePeople, UnmanagedFacts, What,
};

const DAY: i64 = 86_400;
const PARTS: [&str; 3] = ["user_token", "user_token/7", "user_token/1"];

fn person(number: u128) -> PersonId {
    PersonId::new(uuid::Uuid::from_u128(number))
}

fn at(days: i64) -> Timestamp {
    Timestamp::from_seconds(days * DAY)
}

/// What somebody reads at a moment.
fn reads(all: &[Notice], who: PersonId, now: Timestamp) -> Vec<NoticeKind> {
    let open = |notice: &&Notice| {
        notice.person == who && notice.opens <= now && notice.closes.is_none_or(|closes| closes > now)
    };
    all.iter().filter(open).map(|notice| notice.what.kind()).collect()
}

fn attention(need: Need) -> Attention {
    Attention { step: Step::Rule, need, trouble: Trouble::RuleGone, again: None }
}

/// Of a share that was accepted on day 10 and ends on day 40, looked at on day 20 and on day 39.
#[test]
fn each_state_of_a_share_waits_for_whom_it_needs() {
    use NoticeKind::{Account, Attention as Stopped, EndsSoon, NoAccountYet, OpenInvite, Review};
    let (owner, steward, friend) = (person(1), person(2), person(3));
    let none: &[NoticeKind] = &[];
    let why = EndReason::Expired;
    let drifted = ShareState::Drifted { attention: attention(Need::Look) };
    let stopped = |need| ShareState::NeedsAttention { phase: Phase::Apply, attention: attention(need) };
    let half_paused = |need| ShareState::NeedsAttention { phase: Phase::Pause, attention: attention(need) };
    let ended = ShareState::Ended { at: at(15), why, open_question: None };
    // State, and then for those who give and for the friend: on day 20, and on day 39.
    let table = [
        (ShareState::Accepted { again: None }, [[Review].as_slice(), none], [[Review].as_slice(), none]),
        (
            ShareState::AccountMissing { since: at(12) },
            [[NoAccountYet].as_slice(), &[Account]],
            [[NoAccountYet].as_slice(), &[Account]],
        ),
        (ShareState::Applying, [none, none], [none, none]),
        (ShareState::Pausing, [none, none], [none, none]),
        (ShareState::Paused { since: at(12) }, [none, none], [&[EndsSoon], &[EndsSoon]]),
        (half_paused(Need::Time), [&[Stopped], none], [&[Stopped], none]),
        (half_paused(Need::Review), [&[Stopped], none], [&[Stopped], none]),
        (ShareState::WaitingForFriend { since: at(12) }, [none, &[OpenInvite]], [none, &[OpenInvite]]),
        (ShareState::Active { since: at(12) }, [none, none], [&[EndsSoon], &[EndsSoon]]),
        (drifted, [&[Stopped], none], [&[Stopped], none]),
        (stopped(Need::Time), [none, none], [none, none]),
        (stopped(Need::Credential), [&[Stopped], none], [&[Stopped], none]),
        (ShareState::Ending { why }, [none, none], [none, none]),
        (ended, [none, none], [none, none]),
    ];
    for (state, early, late) in table {
        let facts = ShareFacts {
            unasked: false,
            state: Some(&state),
            asked: None,
            longer: None,
            accepted: at(10),
            ends: Some(at(40)),
            owner_out: None,
            told: Causes::default(),
            now: at(20),
        };
        let all = facts.notices(&SharePeople { friend, givers: &[owner, steward] });
        for (now, [gives, receives]) in [(at(20), early), (at(39), late)] {
            for giver in [owner, steward] {
                assert_eq!(reads(&all, giver, now), gives, "{state:?}, gives, {now:?}");
            }
            assert_eq!(reads(&all, friend, now), receives, "{state:?}, receives, {now:?}");
        }
        assert!(!reads(&all, friend, at(41)).contains(&EndsSoon), "{state:?}: it is over");
        // A steward to whom it is lent is told as its friend.
        let own = facts.notices(&SharePeople { friend: steward, givers: &[owner, steward] });
        assert_eq!(reads(&own, steward, at(39)), late[1], "{state:?}");
    }
}

#[test]
fn more_time_is_asked_of_those_who_give_it_until_it_ends() {
    let why = EndReason::OwnerEnded;
    for (state, asked) in [
        (ShareState::Active { since: at(12) }, true),
        (ShareState::Paused { since: at(12) }, true),
        (ShareState::Ending { why }, false),
        (ShareState::NeedsAttention { phase: Phase::End { why }, attention: attention(Need::Look) }, false),
        (ShareState::Ended { at: at(15), why, open_question: None }, false),
    ] {
        let facts = ShareFacts {
            unasked: false,
            state: Some(&state),
            asked: None,
            longer: Some((at(18), None, "Please".into())),
            accepted: at(10),
            ends: Some(at(40)),
            owner_out: None,
            told: Causes::default(),
            now: at(20),
        };
        let all = facts.notices(&SharePeople { friend: person(3), givers: &[person(1)] });
        assert_eq!(reads(&all, person(1), at(20)).contains(&NoticeKind::Longer), asked, "{state:?}");
        assert!(!reads(&all, person(3), at(20)).contains(&NoticeKind::Longer), "{state:?}");
        let told = all.iter().find(|notice| notice.what.kind() == NoticeKind::Longer);
        assert!(told.is_none_or(|notice| notice.since == at(18)));
    }
}

#[test]
fn a_share_that_cannot_be_read_waits_for_both_sides() {
    let facts = ShareFacts {
        unasked: false,
        state: None,
        asked: None,
        longer: None,
        accepted: at(10),
        ends: None,
        owner_out: None,
        told: Causes::default(),
        now: at(20),
    };
    let all = facts.notices(&SharePeople { friend: person(3), givers: &[person(1)] });
    for who in [person(1), person(3)] {
        assert_eq!(reads(&all, who, at(0)), [NoticeKind::Unreadable], "whatever the clock says");
    }
}

#[test]
fn who_receives_what_nobody_looks_after_is_told_for_two_weeks() {
    let told = |state: &ShareState, day| {
        let facts = ShareFacts {
            unasked: false,
            state: Some(state),
            asked: None,
            longer: None,
            accepted: at(10),
            ends: None,
            owner_out: Some(at(20)),
            told: Causes::default(),
            now: at(20),
        };
        let all = facts.notices(&SharePeople { friend: person(3), givers: &[person(1)] });
        (reads(&all, person(3), at(day)), reads(&all, person(1), at(day)))
    };
    let open = ShareState::Active { since: at(12) };
    assert_eq!(told(&open, 20), (vec![NoticeKind::LeftAlone], vec![]));
    assert_eq!(told(&open, 33), (vec![NoticeKind::LeftAlone], vec![]));
    assert_eq!(told(&open, 34), (vec![], vec![]));
    assert_eq!(told(&ShareState::Ending { why: EndReason::ShutOut }, 21), (vec![], vec![]), "it ends");
}

#[test]
fn an_offer_waits_until_it_cannot_be_answered() {
    let facts = OfferFacts {
        from: person(1),
        to: Some(person(3)),
        stands: true,
        gone: false,
        accepted: false,
        declined: None,
        created: at(1),
        lapses: at(8),
        ends: None,
    };
    assert_eq!(reads(&facts.notices(), person(3), at(7)), [NoticeKind::Offer]);
    assert_eq!(reads(&facts.notices(), person(3), at(8)), []);
    let short = OfferFacts { ends: Some(at(4)), ..facts };
    assert_eq!(reads(&short.notices(), person(3), at(4)), [], "its share would be over at once");
    for gone in [OfferFacts { stands: false, ..facts }, OfferFacts { to: None, ..facts }] {
        assert_eq!(reads(&gone.notices(), person(3), at(7)), []);
    }
}

#[test]
fn a_credential_waits_when_it_is_refused_or_soon_ends() {
    let facts = CredentialFacts { parts: PARTS, refused: None, checked: at(10), expires: Some(at(90)) };
    let who = [person(1)];
    assert_eq!(reads(&facts.notices(&who), person(1), at(75)), []);
    assert_eq!(reads(&facts.notices(&who), person(1), at(76)), [NoticeKind::Credential]);
    assert_eq!(reads(&facts.notices(&who), person(1), at(99)), [NoticeKind::Credential], "it has ended");
    let all = facts.notices(&who);
    let shown = |day: i64| {
        let open =
            |notice: &&Notice| notice.opens <= at(day) && notice.closes.is_none_or(|closes| closes > at(day));
        all.iter().filter(open).map(|notice| (notice.part, notice.since)).collect::<Vec<_>>()
    };
    for (day, part, since) in [(76, 0, 76), (82, 0, 76), (83, 1, 83), (88, 1, 83), (89, 2, 89), (99, 2, 89)] {
        assert_eq!(shown(day), [(PARTS[part], at(since))], "told anew a week and a day before: day {day}");
    }
    let refused = CredentialFacts { refused: Some("bad".into()), ..facts.clone() };
    assert_eq!(reads(&refused.notices(&who), person(1), at(10)), [NoticeKind::Credential]);
    assert_eq!(CredentialFacts { expires: None, ..facts }.notices(&who), []);
}

#[test]
fn what_was_made_elsewhere_waits_as_one() {
    let found = UnmanagedFacts { count: 3, first: at(5) }.notices(&[person(1), person(2)]);
    let told: Vec<_> = found.iter().map(|notice| (notice.person, notice.what.clone())).collect();
    assert_eq!(told, [1, 2].map(|who| (person(who), What::Unmanaged { count: 3 })));
    assert_eq!(UnmanagedFacts { count: 0, first: at(5) }.notices(&[person(1)]), []);
}

/// Sabotage: told also where nothing changed, or to the first of them alone.
#[test]
fn ports_that_a_machine_changed_wait_for_everybody_who_acts_there_until_one_has_looked() {
    let changed = ServiceFacts { ports_changed: true, now: at(5) };
    let all = changed.notices(&[person(1), person(2)]);
    for who in [person(1), person(2)] {
        assert_eq!(reads(&all, who, at(0)), [NoticeKind::PortsChanged], "whatever the clock says");
    }
    assert!(all.iter().all(|notice| notice.since == at(5) && notice.closes.is_none()));
    assert_eq!(ServiceFacts { ports_changed: false, ..changed }.notices(&[person(1)]), []);
}

#[test]
fn more_reach_than_was_agreed_waits_for_those_who_give_it() {
    let facts = ExposureFacts {
        share: model::ShareId::new(uuid::Uuid::from_u128(7)),
        friend: person(3),
        lines: vec!["tcp 22 on maple".into(), "udp 53 on maple".into()],
        since: at(5),
    };
    // A steward to whom it is lent reads it as the friend: not at all.
    let all = facts.notices(&[person(1), person(2), person(3)]);
    let told: Vec<_> = all.iter().map(|notice| notice.person).collect();
    assert_eq!(told, [1, 2].map(person));
    let what = What::Exposure { share: facts.share, first: "tcp 22 on maple".into(), more: 1 };
    assert_eq!((&all[0].what, all[0].since), (&what, at(5)));
    assert_eq!(reads(&all, person(1), at(0)), [NoticeKind::Exposure], "whatever the clock says");
    assert_eq!(ExposureFacts { lines: Vec::new(), ..facts }.notices(&[person(1)]), []);
}

#[test]
fn a_host_waits_when_another_text_is_in_force_there() {
    let revision = Revision::new(7);
    let facts = HostFacts { revision, made: at(10), fetches: None, told: None, pasted: None, refused: None };
    let waits = |facts: HostFacts, now| {
        let notices = facts.notices(&[person(1)]);
        let open = reads(&notices, person(1), now) == [NoticeKind::Host];
        let found = notices.first().map(|notice| match &notice.what {
            What::Host { found, .. } => *found,
            other => panic!("{other:?}"),
        });
        (open, found)
    };
    assert_eq!(waits(facts, at(10)), (false, None), "nobody knows what is there");
    let says = |number, hold| Told { at: at(11), revision: Revision::new(number), hold };
    let told = |number| HostFacts { told: Some(says(number, None)), ..facts };
    assert_eq!(waits(told(7), at(12)), (false, None));
    assert_eq!(waits(told(6), at(12)), (true, Some(Found::Older)));
    // It fetches every five minutes: it is given the time for three of them.
    let fetches = HostFacts { fetches: Some(at(9)), ..told(6) };
    let made = |seconds| at(10).plus_seconds(seconds);
    assert_eq!(waits(fetches, made(14 * 60)), (false, Some(Found::Older)));
    assert_eq!(waits(fetches, made(15 * 60)), (true, Some(Found::Older)));
    let pasted =
        |number, whole| Some(Pasted { at: at(12), revision: Revision::new(number), whole, hold: None });
    let altered = HostFacts { pasted: pasted(7, false), ..told(7) };
    assert_eq!(
        waits(altered, at(10)),
        (true, Some(Found::Altered)),
        "its number does not outweigh its rules"
    );
    let nothing = HostFacts { pasted: pasted(0, false), ..fetches };
    assert_eq!(waits(nothing, at(10)), (true, Some(Found::Nothing)));
    // A guard that holds nothing is told at once, whatever its number is, by whoever says so last.
    for (hold, found) in [
        (Hold::Flushed, Found::Flushed),
        (Hold::NoInterface, Found::NoInterface),
        (Hold::Blind, Found::Blind),
    ] {
        let told = HostFacts { told: Some(says(7, Some(hold))), ..fetches };
        assert_eq!(waits(told, at(10)), (true, Some(found)));
        let nothing = HostFacts { told: Some(says(0, Some(hold))), ..fetches };
        assert_eq!(waits(nothing, at(10)), (true, Some(found)), "also before it has said what is in force");
        let looked = pasted(7, true).map(|pasted| Pasted { hold: Some(hold), ..pasted });
        assert_eq!(waits(HostFacts { pasted: looked, ..facts }, at(12)), (true, Some(found)));
        let mended = HostFacts { pasted: pasted(7, true), ..told };
        assert_eq!(waits(mended, at(12)), (false, None), "it was looked at since");
    }
    assert_eq!(waits(HostFacts { told: Some(says(7, Some(Hold::Holds))), ..facts }, at(12)), (false, None));
}

/// It was given a token on day 9, and its text is of day 10.
#[test]
fn a_host_that_never_fetched_its_text_waits_after_a_quarter_of_an_hour() {
    let facts = HostFacts {
        revision: Revision::new(1),
        made: at(10),
        fetches: Some(at(9)),
        told: None,
        pasted: None,
        refused: None,
    };
    let who = [person(1)];
    let late = at(10).plus_seconds(15 * 60);
    assert_eq!(reads(&facts.notices(&who), person(1), late.plus_seconds(-1)), []);
    assert_eq!(reads(&facts.notices(&who), person(1), late), [NoticeKind::Host]);
    let fresh = HostFacts { fetches: Some(at(12)), ..facts };
    assert_eq!(reads(&fresh.notices(&who), person(1), at(12)), [], "it was told of only now");
    let nothing = HostFacts { revision: Revision::NONE, ..facts };
    assert_eq!(nothing.notices(&who), [], "there is nothing to fetch");
    // Nobody put it in place by hand, and nobody said so: that is not known.
    assert_eq!(HostFacts { fetches: None, ..facts }.notices(&who), []);
}

#[test]
fn a_host_waits_while_no_text_can_be_made_for_it() {
    let facts = HostFacts {
        revision: Revision::NONE,
        made: at(0),
        fetches: None,
        told: None,
        pasted: None,
        refused: Some(at(5)),
    };
    let all = facts.notices(&[person(1), person(2)]);
    for who in [person(1), person(2)] {
        assert_eq!(reads(&all, who, at(5)), [NoticeKind::HostText]);
    }
    assert_eq!(HostFacts { refused: None, ..facts }.notices(&[person(1)]), [], "it is gone with its cause");
}

/// What is open and is to have other ports waits for whoever gives it, beside what else is told of it; what stopped is told
/// as that.
#[test]
fn other_ports_wait_for_who_gives_a_share() {
    use NoticeKind::{Attention as Stopped, EndsSoon, Review};
    let (owner, friend) = (person(1), person(3));
    let asked = "tcp:25570".parse().unwrap();
    let drifted = ShareState::Drifted { attention: attention(Need::Look) };
    for (state, giving) in
        [(ShareState::Active { since: at(12) }, vec![Review, EndsSoon]), (drifted, vec![Stopped])]
    {
        let facts = ShareFacts {
            unasked: false,
            state: Some(&state),
            asked: Some(&asked),
            longer: None,
            accepted: at(10),
            ends: Some(at(40)),
            owner_out: None,
            told: Causes::default(),
            now: at(20),
        };
        let all = facts.notices(&SharePeople { friend, givers: &[owner] });
        assert_eq!(reads(&all, owner, at(39)), giving, "{state:?}");
        assert!(!reads(&all, friend, at(39)).contains(&Review), "{state:?}");
    }
}
