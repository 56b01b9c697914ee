//! Numbers and secrets as Headscale writes and reads them.

use jiff::Timestamp;
use rand::Rng as _;

use super::Dialect;

/// What Go prints for a time that was never set.
pub const YEAR_ONE: &str = "0001-01-01T00:00:00Z";

/// A time, or year 1.
pub fn time_or_year_one(time: Option<Timestamp>) -> String {
    time.map_or_else(|| YEAR_ONE.to_owned(), |time| time.to_string())
}

/// `strconv.ParseUint` with its words.
pub fn parse(text: &str) -> Result<u64, String> {
    let words = |what: &str| format!("strconv.ParseUint: parsing \"{text}\": {what}");
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(words("invalid syntax"));
    }
    text.parse().map_err(|_| words("value out of range"))
}

/// How many letters the part of a key has that is shown later.
const SHOWN: usize = 12;

/// A secret of the given kind, such as `api`. Released versions use the letters of base64, 0.30 those of hex.
#[expect(clippy::disallowed_methods, reason = "what a control plane makes up is nobody's to say beforehand")]
pub fn secret(dialect: Dialect, kind: &str) -> String {
    let letters: &[u8] = if dialect.has_gateway() {
        b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
    } else {
        b"0123456789abcdef"
    };
    let mut random = rand::rng();
    let mut some = |count: usize| -> String {
        (0..count).map(|_| char::from(letters[random.random_range(0..letters.len())])).collect()
    };
    format!("hskey-{kind}-{}-{}", some(SHOWN), some(64))
}

/// The part of a key between its kind and its secret half.
pub fn shown(secret: &str, kind: &str) -> Option<String> {
    let rest = secret.strip_prefix("hskey-")?.strip_prefix(kind)?.strip_prefix('-')?;
    let (prefix, rest) = rest.split_at_checked(SHOWN)?;
    rest.starts_with('-').then(|| prefix.to_owned())
}

/// How lists show a key.
pub fn masked(secret: &str, kind: &str) -> String {
    format!("hskey-{kind}-{}-***", shown(secret, kind).unwrap_or_default())
}

/// What stands in the sign-in address of a machine that waits.
#[expect(clippy::disallowed_methods, reason = "what a control plane makes up is nobody's to say beforehand")]
pub fn auth_id(dialect: Dialect) -> String {
    let letters: String =
        rand::rng().sample_iter(rand::distr::Alphanumeric).take(AUTH_ID).map(char::from).collect();
    if dialect == Dialect::V0_28 { letters } else { format!("{AUTH_PREFIX}{letters}") }
}

/// Begins every id of a machine that waits, from 0.29 on.
pub const AUTH_PREFIX: &str = "hskey-authreq-";
/// Letters of such an id after its prefix.
pub const AUTH_ID: usize = 24;
