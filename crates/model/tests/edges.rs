//! The edges of what nouns take: the last that is fine and the first that is not.

use std::cmp::Ordering;
use std::collections::HashSet;

use model::login::LoginError;
use model::ports::PortError;
use model::text::TextError;
use model::{Login, Name, Note, PortRange, PortSet, Protocol, ServicePorts, ShareId, Timestamp};

#[test]
fn ranges_have_edges_that_are_in_them() {
    let range = PortRange::new(10, 20).unwrap();
    assert_eq!((range.first(), range.last()), (10, 20));
    assert_eq!([9, 10, 15, 20, 21].map(|port| range.contains(port)), [false, true, true, true, false]);
    assert_eq!(PortRange::new(7, 7).unwrap().to_string(), "7");
    assert_eq!(PortRange::new(0, 7), Err(PortError::NotAPort("0".into())));
    assert_eq!(PortRange::new(8, 7), Err(PortError::Reversed(8, 7)));
    assert_eq!("".parse::<PortRange>(), Err(PortError::Empty));
    assert_eq!(" 1 - 65535 ".parse::<PortRange>().map(String::from), Ok("1-65535".into()));
}

#[test]
fn sets_join_what_touches_and_nothing_else() {
    let set = |ranges: &[(u16, u16)]| -> PortSet {
        ranges.iter().map(|(first, last)| PortRange::new(*first, *last).unwrap()).collect()
    };
    assert_eq!(set(&[(5, 6), (1, 3), (7, 9), (8, 8)]).to_string(), "1-3,5-9");
    assert_eq!(set(&[(1, 65_535), (65_535, 65_535)]).to_string(), "1-65535");
    assert_eq!(set(&[(1, 9), (2, 3), (12, 12)]).ranges().len(), 2);
    let both = set(&[(1, 2)]).union(&set(&[(4, 5)]));
    assert_eq!([1, 2, 3, 4, 5, 6].map(|port| both.contains(port)), [true, true, false, true, true, false]);
    assert_eq!((both.is_empty(), PortSet::default().is_empty()), (false, true));
    assert_eq!(Vec::from(both).len(), 2);
}

#[test]
fn a_service_has_from_one_to_thirty_two_ranges_of_two_protocols() {
    let many = |count: u16| (1..=count).map(|n| format!("udp:{}", n * 2)).collect::<Vec<_>>().join(",");
    assert!(many(32).parse::<ServicePorts>().is_ok());
    assert_eq!(many(33).parse::<ServicePorts>(), Err(PortError::TooMany(32)));
    // Of both together.
    let mixed = format!("{},tcp:1,tcp:3", many(31));
    assert_eq!(mixed.parse::<ServicePorts>(), Err(PortError::TooMany(32)));
    let ports: ServicePorts = "UDP:9;tcp:7\n8".parse().unwrap();
    assert_eq!(ports.of(Protocol::Tcp).to_string(), "7-8");
    assert_eq!(ports.of(Protocol::Udp).to_string(), "9");
    assert_eq!(String::from(ports), "tcp:7-8,udp:9");
    assert_eq!(Protocol::ALL.map(Protocol::number), [6, 17]);
    assert_eq!(Protocol::ALL.map(|protocol| protocol.to_string()), ["tcp", "udp"]);
}

#[test]
fn a_login_is_one_name_at_one_place_of_at_most_254_characters() {
    let long = |length: usize| format!("{}@x", "a".repeat(length - 2)).parse::<Login>();
    assert!(long(254).is_ok());
    assert_eq!(long(255), Err(LoginError::TooLong));
    let refused = |text: &str| text.parse::<Login>().unwrap_err();
    assert_eq!(refused(" "), LoginError::Empty);
    for text in ["ana", "@x", "a@", "a@b@c"] {
        assert_eq!(refused(text), LoginError::Shape, "{text}");
    }
    for text in ["a b@x", "tag:a@x", "*@x", "a@x:1", "\"a@x"] {
        assert_eq!(refused(text), LoginError::Character, "{text}");
    }
    let login: Login = " Ana.b_c-d+e@x.y ".parse().unwrap();
    assert_eq!((login.as_str(), login.to_string().as_str()), ("Ana.b_c-d+e@x.y", "Ana.b_c-d+e@x.y"));
    assert_eq!(login, "ana.B_c-d+e@X.y".parse().unwrap());
    assert_ne!(login, "ana.b_c-d+e@x.z".parse().unwrap());
    assert_eq!(String::from(login), "Ana.b_c-d+e@x.y");
}

#[test]
fn texts_end_where_they_say() {
    assert!("é".repeat(80).parse::<Name>().is_ok());
    let long = "é".repeat(2001).parse::<Note>();
    assert_eq!(long, Err(TextError::TooLong { max: 2000, len: 2001 }));
    assert_eq!("".parse::<Note>().map(String::from), Ok(String::new()));
    assert_eq!(" \n ".parse::<Name>(), Err(TextError::Empty));
    assert_eq!("a\nb".parse::<Note>().map(|note| note.to_string()), Ok("a\nb".into()));
    assert!("a\tb".parse::<Note>().is_err());
    assert_eq!((Name::MAX, Note::MAX), (80, 2000));
}

#[test]
fn times_count_in_microseconds_and_round_down() {
    let time = Timestamp::from_micros(-1);
    assert_eq!((time.micros(), time.seconds()), (-1, -1));
    assert_eq!(Timestamp::from_seconds(5).micros(), 5_000_000);
    assert_eq!(Timestamp::from_seconds(5).plus_seconds(-2), Timestamp::from_seconds(3));
    assert_eq!(Timestamp::from_seconds(i64::MAX).plus_seconds(1).micros(), i64::MAX);
    assert_eq!(Timestamp::from_seconds(1_796_126_400).to_date(), "2026-12-01");
    assert_eq!(String::from(Timestamp::from_seconds(0)), "1970-01-01T00:00:00Z");
}

#[test]
fn ids_are_told_apart_by_all_of_them() {
    let (one, other) = ("0".repeat(31) + "1", "0".repeat(31) + "2");
    let [first, second] = [&one, &other].map(|text| text.parse::<ShareId>().unwrap());
    assert_ne!(first, second);
    assert_eq!(first.cmp(&second), Ordering::Less);
    assert_eq!(first.partial_cmp(&second), Some(Ordering::Less));
    assert_eq!((first.to_string(), format!("{second:?}")), (one, other));
    assert_eq!(HashSet::from([first, second, first]).len(), 2);
    assert_eq!(ShareId::new(first.uuid()), first);
    assert!("share".parse::<ShareId>().is_err());
}
