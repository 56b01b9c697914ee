//! Readers for what the API really sends.

use std::net::IpAddr;

use model::Timestamp;
use model::text::one_line;
use serde::{Deserialize, Deserializer};

/// `null` where the schema promises a value.
///
/// # Errors
/// What is neither.
pub fn nullable<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::<T>::deserialize(from)?.unwrap_or_default())
}

/// The longest text of a name, in characters: of a host in DNS (RFC 1035), and of a login (RFC 5321).
const LONGEST_NAME: usize = 254;

/// A name that people read: one line of what can be shown. Anybody may have written it, on a machine or in a profile.
///
/// # Errors
/// What is neither.
pub fn name<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(one_line(&nullable::<D, String>(from)?, LONGEST_NAME))
}

/// A list of such names.
///
/// # Errors
/// What is neither.
pub fn names<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let names: Vec<String> = nullable(from)?;
    Ok(names.iter().map(|name| one_line(name, LONGEST_NAME)).collect())
}

/// A time; `""`, `null` and the zero time of Go (year 1) mean that there is none.
///
/// # Errors
/// What is neither.
pub fn time<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
    let Some(text) = Option::<String>::deserialize(from)?.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let time: Timestamp = text.parse().map_err(serde::de::Error::custom)?;
    Ok(Some(time).filter(|time| time.seconds() > 0))
}

/// An id that is a string in one place and a number in another.
///
/// # Errors
/// What is neither.
pub fn id<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Id {
        Text(String),
        Number(u64),
    }
    Ok(match Option::<Id>::deserialize(from)? {
        Some(Id::Text(text)) => text,
        Some(Id::Number(number)) => number.to_string(),
        None => String::new(),
    })
}

/// Addresses, IPv4 first.
///
/// # Errors
/// What is neither.
pub fn addresses<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<IpAddr>, D::Error> {
    let mut addresses: Vec<IpAddr> = nullable(from)?;
    addresses.sort_by_key(IpAddr::is_ipv6);
    Ok(addresses)
}
