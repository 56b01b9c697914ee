//! The addresses of a tailnet's own devices.

use std::collections::BTreeSet;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use serde::ser::{Error as _, Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

use crate::TailnetAddress;

/// The addresses of a tailnet's own devices, who pass the guard of every machine. The texts of many machines have one
/// list: a clone is the same one, and what is written of it is made once.
#[derive(Clone, Debug, Default)]
pub struct Own(Arc<Listed>);

#[derive(Debug, Default)]
struct Listed {
    addresses: BTreeSet<TailnetAddress>,
    /// As JSON, made when it is first written.
    json: OnceLock<Box<RawValue>>,
}

impl Deref for Own {
    type Target = BTreeSet<TailnetAddress>;

    fn deref(&self) -> &Self::Target {
        &self.0.addresses
    }
}

impl FromIterator<TailnetAddress> for Own {
    fn from_iter<I: IntoIterator<Item = TailnetAddress>>(addresses: I) -> Self {
        Self(Arc::new(Listed { addresses: addresses.into_iter().collect(), json: OnceLock::new() }))
    }
}

impl PartialEq for Own {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.addresses == other.0.addresses
    }
}

impl Eq for Own {}

impl Serialize for Own {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if let Some(written) = self.0.json.get() {
            return written.serialize(to);
        }
        let written = to_raw_value(&self.0.addresses).map_err(S::Error::custom)?;
        self.0.json.get_or_init(|| written).serialize(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_machine_writes_of_the_list_is_there_for_all() {
        let own: Own =
            ["100.64.0.10", "fd7a:115c:a1e0::10"].iter().map(|text| text.parse().unwrap()).collect();
        let elsewhere = own.clone();
        assert_eq!(serde_json::to_string(&own).unwrap(), r#"["100.64.0.10","fd7a:115c:a1e0::10"]"#);
        assert!(elsewhere.0.json.get().is_some(), "the other machine has its text already");
        assert_eq!(serde_json::to_value(&elsewhere).unwrap()[1], "fd7a:115c:a1e0::10");
    }
}
