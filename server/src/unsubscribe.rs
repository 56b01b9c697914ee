//! Links by which somebody says that they want no more mails of a kind, without signing in (RFC 8058). Whoever has one can
//! say that, and do nothing else; nobody but us can make one.

use model::{HeardAs, HeardKind, PersonId};
use serde::{Deserialize, Serialize};

use crate::secrets::Sealer;

/// What is stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stop {
    /// Mails of one kind to somebody who is here.
    Kind { person: PersonId, heard_as: HeardAs, kind: HeardKind },
    /// Offers to an address, by the hash of it.
    Address(String),
}

const PLACE: (&str, &str, &str) = ("unsubscribe", "token", "");

/// Sealed for this one purpose, in letters that may stand in a path.
pub fn token(sealer: &Sealer, stop: &Stop) -> String {
    let text = serde_json::to_vec(stop).unwrap_or_default();
    let (table, column, row) = PLACE;
    sealer.seal(table, column, row, &text).replace('+', "-").replace('/', "_")
}

/// What a token stops; none if we did not make it.
pub fn read(sealer: &Sealer, token: &str) -> Option<Stop> {
    // Longer than any that we make.
    if token.len() > 600 {
        return None;
    }
    let (table, column, row) = PLACE;
    let in_store = token.replace('-', "+").replace('_', "/");
    serde_json::from_slice(&sealer.open(table, column, row, &in_store).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_only_if_we_made_it_for_this() {
        let sealer = Sealer::ephemeral();
        let stop = Stop::Address("abc".into());
        let made = token(&sealer, &stop);
        assert!(made.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)), "{made}");
        assert_eq!(read(&sealer, &made), Some(stop));
        assert_eq!(read(&Sealer::ephemeral(), &made), None);
        let other = sealer.seal("channels", "target_sealed", "", br#"{"Address":"abc"}"#);
        assert_eq!(read(&sealer, &other.replace('+', "-").replace('/', "_")), None);
        for wrong in ["", "x", &made[1..]] {
            assert_eq!(read(&sealer, wrong), None);
        }
    }
}
