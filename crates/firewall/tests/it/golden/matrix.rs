//! What the cases have to be like, so that none of them is taken out unnoticed.

use firewall::{Input, Opening, Share};
use model::{PortRange, Protocol};

use crate::cases;

type Like = fn(&Input) -> bool;

/// What the cases together have to cover, each as a word and what an input must be like.
const MATRIX: [(&str, Like); 12] = [
    ("no share", |input| input.shares().count() == 0),
    ("one share", |input| input.shares().count() == 1),
    ("several shares", |input| input.shares().count() > 2),
    ("ranges", |input| any(input, |share| ranges(share).any(|range| range.first() < range.last()))),
    ("more ports than one multiport holds", |input| {
        let slots = |range: &PortRange| if range.first() == range.last() { 1 } else { 2 };
        any(input, |share| ranges(share).map(slots).sum::<usize>() > 15)
    }),
    ("TCP alone", |input| any(input, |share| share.ports.of(Protocol::Udp).is_empty())),
    ("UDP alone", |input| any(input, |share| share.ports.of(Protocol::Tcp).is_empty())),
    ("both protocols", |input| {
        any(input, |share| Protocol::ALL.iter().all(|p| !share.ports.of(*p).is_empty()))
    }),
    ("friends' addresses beside none", |input| {
        any(input, |share| share.peers.is_some()) && any(input, |share| share.peers.is_none())
    }),
    ("IPv6 alone", |input| input.own().iter().all(|own| own.ip().is_ipv6())),
    ("an end before any clock can be right, and one that has passed", |input| {
        let passed = |share: &Share| share.until.is_some_and(|until| until.seconds() < 1_780_000_000);
        any(input, |share| share.opening() == Opening::Ended)
            && any(input, |share| passed(share) && share.opening() != Opening::Ended)
    }),
    ("an end to come", |input| {
        any(input, |share| share.until.is_some_and(|until| until.seconds() > 2_100_000_000))
    }),
];

fn any(input: &Input, like: impl Fn(&Share) -> bool) -> bool {
    input.shares().any(like)
}

fn ranges(share: &Share) -> impl Iterator<Item = &PortRange> {
    Protocol::ALL.into_iter().flat_map(|protocol| share.ports.of(protocol).ranges())
}

#[test]
fn the_cases_cover_everything_that_an_input_can_be_like() {
    for (word, like) in MATRIX {
        assert!(cases::all().iter().any(|(_, input)| like(input)), "no case with {word}");
    }
}
