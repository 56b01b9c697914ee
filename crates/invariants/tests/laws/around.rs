//! The laws of who gives and gets what, by what happened since the look before.

use std::collections::{BTreeMap, BTreeSet};

use invariants::{Around, Ask, Baseline, Circle, Job, Moment, Observation, Offer, Owned, Service, check};

use super::harms::Harm;
use super::{before, open, set, start};

/// Ana's tailnet with her steward; Minecraft is listed to Dee by name and to her circle, in which is Eve, who asks for it.
pub fn around() -> Around {
    let owned = Owned {
        owner: "p1".into(),
        stewards: set(["p4"]),
        members: BTreeSet::new(),
        credentials: set(["oauth_client", "user_token"]),
    };
    let service = Service {
        tailnet: "t1".into(),
        kind: "minecraft".into(),
        audience: "people".into(),
        people: set(["p2"]),
        circles: set(["c1"]),
        ..Service::default()
    };
    let ask = |person: &str| Ask { service: "s1".into(), person: person.into(), ..Ask::default() };
    let declined = answered(ask("p2"), "declined", Some("p1"));
    let approved = BTreeMap::from([("minecraft".to_owned(), 7)]);
    let circle = Circle { owner: "p1".into(), people: set(["p5"]), approved };
    Around {
        shut_out: BTreeSet::new(),
        owned: [("t1".to_owned(), owned)].into(),
        services: [("s1".to_owned(), service)].into(),
        asks: [("a1".to_owned(), ask("p5")), ("a2".to_owned(), declined)].into(),
        circles: [("c1".to_owned(), circle)].into(),
    }
}

fn answered(ask: Ask, answer: &str, by: Option<&str>) -> Ask {
    Ask { answer: Some(answer.into()), answered: Some(400), by: by.map(Into::into), ..ask }
}

fn t1(o: &mut Observation) -> &mut Owned {
    o.around.owned.get_mut("t1").expect("it is in the world")
}

fn c1(o: &mut Observation) -> &mut Circle {
    o.around.circles.get_mut("c1").expect("it is in the world")
}

fn asks(o: &mut Observation, id: &str, person: &str) {
    let ask = Ask { service: "s1".into(), person: person.into(), ..Ask::default() };
    o.around.asks.insert(id.into(), ask);
}

fn answer(o: &mut Observation, id: &str, answer: &str, by: Option<&str>) {
    let ask = o.around.asks.remove(id).expect("it is in the world");
    o.around.asks.insert(id.into(), answered(ask, answer, by));
}

/// To Eve, as one of the circle.
fn offer(o: &mut Observation) {
    o.offers.push(Offer {
        id: "o2".into(),
        service: "s1".into(),
        circle: Some("c1".into()),
        ends: None,
        to_person: Some("p5".into()),
        uses: 1,
        uses_left: 1,
        lapses: 5_000,
        withdrawn: None,
        declined: BTreeSet::new(),
    });
}

/// Dee is in the circle, and her share was agreed beforehand.
fn beforehand(o: &mut Observation) {
    c1(o).people.insert("p2".into());
    o.shares[0].beforehand = Some("c1".into());
}

/// Her steward has it, and everything with it.
fn hand_over(o: &mut Observation) {
    let owned = t1(o);
    owned.owner = "p4".into();
    owned.stewards = set(["p1"]);
    owned.credentials.remove("user_token");
    for share in &mut o.shares {
        share.owner = "p4".into();
    }
}

fn shown(o: &mut Observation, person: &str, is: bool) {
    o.shown.insert((person.into(), "s1".into()), is);
}

pub fn harms() -> Vec<Harm> {
    let mut all: Vec<Harm> = vec![
        (open, |o| asks(o, "a3", "p3"), "to whom a service is listed"),
        (open, |o| asks(o, "a3", "p1"), "to whom a service is listed"),
        (open, |o| answer(o, "a1", "declined", Some("p3")), "answered once"),
        (open, |o| answer(o, "a1", "declined", None), "answered once"),
        (open, |o| answer(o, "a1", "withdrawn", Some("p1")), "answered once"),
        (open, |o| answer(o, "a1", "offered", None), "answered once"),
        (open, |o| answer(o, "a2", "withdrawn", Some("p2")), "answered once"),
        (open, |o| answer(o, "a2", "declined", Some("p4")), "answered once"),
        (open, |o| o.around.asks.get_mut("a2").expect("it is in the world").answered = None, "answered once"),
        (open, |o| shown(o, "p3", true), "is shown to those"),
        (open, |o| shown(o, "p5", false), "is shown to those"),
        (open, |o| o.shares[0].owner = "p3".into(), "by its owner or by a member"),
        (
            open,
            |o| o.jobs.push(Job { kind: "sync".into(), subject: "t1".into(), owner: Some("p3".into()) }),
            "by its owner or by a member",
        ),
    ];
    all.extend(harms_of_circles());
    all.extend(harms_of_handing_over());
    all
}

fn harms_of_circles() -> Vec<Harm> {
    const NO_YES: &str = "nobody said yes";
    const LEFT: &str = "no longer in a circle";
    let without_kind: fn(&mut Observation) = |o| {
        beforehand(o);
        c1(o).approved.clear();
    };
    let without_end: fn(&mut Observation) = |o| {
        beforehand(o);
        o.shares[0].ends = None;
    };
    let longer: fn(&mut Observation) = |o| {
        beforehand(o);
        o.shares[0].ends = Some(8 * 86_400_000_000);
    };
    let other_circle: fn(&mut Observation) = |o| {
        beforehand(o);
        o.shares[0].beforehand = Some("c2".into());
    };
    let of_whoever: fn(&mut Observation) = |o| {
        beforehand(o);
        c1(o).owner = "p3".into();
    };
    let who_left: fn(&mut Observation) = |o| {
        offer(o);
        c1(o).people.clear();
    };
    let never_in_it: fn(&mut Observation) = |o| {
        offer(o);
        o.offers[1].to_person = Some("p3".into());
    };
    let still_shown: fn(&mut Observation) = |o| {
        shown(o, "p5", true);
        c1(o).people.clear();
    };
    vec![
        (open, |o| o.shares[0].beforehand = Some("c1".into()), NO_YES),
        (open, without_kind, NO_YES),
        (open, without_end, NO_YES),
        (open, longer, NO_YES),
        (open, other_circle, NO_YES),
        (open, of_whoever, NO_YES),
        (open, who_left, LEFT),
        (open, never_in_it, LEFT),
        (open, still_shown, "is shown to those"),
    ]
}

fn harms_of_handing_over() -> Vec<Harm> {
    let to_whoever: fn(&mut Observation) = |o| {
        hand_over(o);
        t1(o).owner = "p3".into();
    };
    let with_login: fn(&mut Observation) = |o| {
        hand_over(o);
        t1(o).credentials.insert("user_token".into());
    };
    let still_steward: fn(&mut Observation) = |o| {
        hand_over(o);
        t1(o).stewards.insert("p4".into());
    };
    let without_shares: fn(&mut Observation) = |o| {
        hand_over(o);
        o.shares[0].owner = "p1".into();
    };
    vec![
        (open, to_whoever, "goes to a steward"),
        (open, with_login, "goes to a steward"),
        (open, still_steward, "goes to a steward"),
        (open, without_shares, "by its owner or by a member"),
    ]
}

#[test]
fn what_people_may_do_is_no_violation() {
    let well: [fn(&mut Observation); 9] = [
        beforehand,
        hand_over,
        |o| asks(o, "a3", "p2"),
        |o| {
            answer(o, "a1", "declined", Some("p4"));
            t1(o).stewards.remove("p4");
        },
        |o| {
            answer(o, "a1", "offered", None);
            offer(o);
        },
        |o| answer(o, "a1", "withdrawn", Some("p5")),
        |o| answer(o, "a2", "offered", Some("p1")),
        |o| {
            offer(o);
            c1(o).people.clear();
            o.offers[1].withdrawn = Some(900);
        },
        |o| {
            for (person, is) in [("p1", true), ("p2", true), ("p3", false), ("p4", true), ("p5", true)] {
                shown(o, person, is);
            }
        },
    ];
    for (number, change) in well.into_iter().enumerate() {
        let mut seen = open();
        change(&mut seen);
        assert_eq!(check(&start(), &seen, Moment::Halted), [], "{number}");
    }
}

/// What was seen before counts: a friend who came into the circle after they accepted, and a circle that is gone.
#[test]
fn what_changed_since_the_look_before_is_judged_by_that() {
    let broken = |first: &Observation, then: &Observation| {
        let mut start = Baseline::default();
        start.learn(&before());
        start.remember(first);
        let found = check(&start, then, Moment::Halted);
        found.into_iter().map(|violation| violation.law).collect::<Vec<_>>().join("; ")
    };
    let mut agreed = open();
    beforehand(&mut agreed);
    assert!(broken(&open(), &agreed).contains("nobody said yes"), "not approved when it was accepted");
    let mut ended = agreed.clone();
    c1(&mut ended).approved.clear();
    assert_eq!(broken(&agreed, &ended), "", "what was agreed stays");

    let mut offered = open();
    offer(&mut offered);
    let mut gone = offered.clone();
    gone.around.circles.clear();
    gone.around.services.get_mut("s1").expect("it is in the world").circles.clear();
    gone.offers[1].circle = None;
    assert!(broken(&offered, &gone).contains("no longer in a circle"), "its circle is gone");
    gone.offers[1].withdrawn = Some(900);
    assert_eq!(broken(&offered, &gone), "");
}
