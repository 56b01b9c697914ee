//! What the file's own tests say of a service is what reach says of it.

use policy::{run_tests, validate};

use super::*;

const SOURCES: [&str; 12] = [
    "cleo@example.com",
    "autogroup:member",
    "autogroup:shared",
    "friend@elsewhere.example",
    "tag:server",
    "*",
    "autogroup:danger-all",
    "10.0.0.0/24",
    "group:staff@example.com",
    "group://fleet/players",
    "autogroup:new",
    "svc:web",
];
const DESTINATIONS: [&str; 8] = [
    "svc:web",
    "svc:mail",
    "*",
    "tag:server",
    "10.0.0.0/8",
    "autogroup:internet",
    "tag://fleet/runner",
    "autogroup:new",
];
/// What else a rule has; the last two are not understood here.
const RESTS: [&str; 6] = [
    r#""ip": ["tcp:443"]"#,
    r#""ip": ["*"]"#,
    r#""ip": ["udp:443", "icmp:*"]"#,
    r#""ip": ["443"], "via": ["tag:router"]"#,
    r#""ip": ["443"], "via": ["tag:new"]"#,
    r#""ip": ["quic:443"]"#,
];
const ASKED: [&str; 6] = [
    "cleo@example.com",
    "ben@example.com",
    "friend@elsewhere.example",
    "tag:server",
    "tag:router",
    "10.0.0.5",
];

/// Whether the entry of `tests` holds.
fn holds(policy: &Policy) -> bool {
    let network = network();
    let checked = validate(policy, &network).unwrap();
    run_tests(policy, &checked, &network).unwrap().is_empty()
}

// Documentation of `tests`, "accept and deny destinations": a service is one of them. What is not known makes no test fail.
#[test]
fn tests_and_reach_say_the_same_of_services() {
    let (mut yes, mut no, mut perhaps) = (0, 0, 0);
    for (src, dst, rest) in SOURCES.iter().flat_map(|src| {
        DESTINATIONS.iter().flat_map(move |dst| RESTS.iter().map(move |rest| (*src, *dst, *rest)))
    }) {
        let rule = format!(r#"{{"src": ["{src}"], "dst": ["{dst}"], {rest}}}"#);
        let with = |test: &str| {
            of(&format!(r#""externalTailnets": {{"fleet": {{}}}}, "grants": [{rule}], "tests": [{test}]"#))
        };
        let named = with(r#"{"src": "cleo@example.com", "deny": ["svc:mail:443"]}"#);
        let engine = Engine::read(&named, &network(), Reading::InForce).unwrap();
        for (who, (proto, number), port) in ASKED.iter().flat_map(|who| {
            [(("tcp", 6), 443), (("tcp", 6), 22), (("udp", 17), 443), (("icmp", 1), 0)]
                .map(|(proto, port)| (*who, proto, port))
        }) {
            let [accept, deny] = ["accept", "deny"].map(|side| {
                let test =
                    format!(r#"{{"src": "{who}", "proto": "{proto}", "{side}": ["svc:mail:{port}"]}}"#);
                holds(&Policy::read(&with(&test), Reading::InForce).unwrap())
            });
            let port = Some(port).filter(|port| *port > 0);
            let said = engine.explain(&who.parse().unwrap(), &Target::of("svc:mail"), number, port).verdict();
            let wanted = match said {
                Some(true) => (true, false),
                Some(false) => (false, true),
                None => (true, true),
            };
            assert_eq!((accept, deny), wanted, "{who} {proto} {port:?}: {said:?} by {rule}");
            match said {
                Some(true) => yes += 1,
                Some(false) => no += 1,
                None => perhaps += 1,
            }
        }
    }
    assert!(yes > 50 && no > 1000 && perhaps > 300, "{yes} yes, {no} no, {perhaps} perhaps");
}
