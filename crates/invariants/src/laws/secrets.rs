//! Promise 5: what opens something is sealed at rest.

use super::Found;
use crate::Observation;

pub const SEALED: &str = "no secret stands in plain text in the database";

pub fn check(seen: &Observation, found: &mut Found) {
    for stored in &seen.texts {
        for secret in seen.secrets.iter().filter(|secret| !secret.text.is_empty()) {
            found.must(!stored.text.contains(&secret.text), SEALED, || {
                format!("{} in {}", secret.name, stored.place)
            });
        }
        // A sealed text is never the thing itself, whatever it is.
        let plain = stored.place.ends_with("_sealed")
            && ["{", "http", "tskey"].iter().any(|start| stored.text.starts_with(start));
        found.must(!plain, SEALED, || format!("{} is not sealed", stored.place));
    }
}
