//! Randomness and what is made of it, as a part that can be given.

use std::fmt;
use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::{Id, Timestamp};
use rand::rngs::{OsRng, StdRng};
use rand::{RngCore, SeedableRng, TryRngCore};

enum Source {
    System,
    /// For tests and pictures: the same ids in every run. Never for keys.
    Seeded(Box<StdRng>),
}

struct State {
    source: Source,
    /// Millisecond of the last id, and how many were made in it before.
    last: (u64, u16),
}

/// Makes random bytes and ids.
pub struct Random(Mutex<State>);

impl Random {
    pub fn system() -> Self {
        Self(Mutex::new(State { source: Source::System, last: (0, 0) }))
    }

    pub fn seeded(seed: u64) -> Self {
        let source = Source::Seeded(Box::new(StdRng::seed_from_u64(seed)));
        Self(Mutex::new(State { source, last: (0, 0) }))
    }

    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        fill(&mut self.state().source)
    }

    /// A secret of 256 bits for URLs and cookies, in 43 characters.
    pub fn new_token(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes::<32>())
    }

    /// A new id (uuid v7). Ids made by one process sort in the order in which they were made.
    pub fn new_id<T>(&self, now: Timestamp) -> Id<T> {
        let mut state = self.state();
        let now = u64::try_from(now.micros() / 1000).unwrap_or(0);
        let (last, count) = state.last;
        // Twelve bits of the id count within a millisecond; when they are used up, the next one is borrowed.
        state.last = match count {
            _ if now > last => (now, 0),
            0x0fff => (last + 1, 0),
            _ => (last, count + 1),
        };
        let (millis, count) = state.last;
        let mut random = fill::<10>(&mut state.source);
        random[..2].copy_from_slice(&count.to_be_bytes());
        Id::new(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn fill<const N: usize>(source: &mut Source) -> [u8; N] {
    let mut bytes = [0; N];
    match source {
        // Without randomness of the system no secret can be made: better to stop.
        Source::System => OsRng.try_fill_bytes(&mut bytes).expect("the system gives random bytes"),
        Source::Seeded(rng) => rng.fill_bytes(&mut bytes),
    }
    bytes
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Random")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_in_the_order_in_which_they_were_made_even_within_a_millisecond() {
        let random = Random::seeded(1);
        let now = Timestamp::from_seconds(1_800_000_000);
        let ids: Vec<model::ShareId> = (0..10_000).map(|_| random.new_id(now)).collect();
        assert!(ids.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn tokens_have_256_bits_and_no_characters_that_urls_change() {
        let token = Random::system().new_token();
        assert_eq!(token.len(), 43);
        assert!(token.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'));
        assert_ne!(token, Random::system().new_token());
    }
}
