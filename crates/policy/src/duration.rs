//! Durations as Go writes them: the control plane's refusals quote them, so parser and printer must agree.

use std::fmt::{self, Write as _};

/// A span of time in nanoseconds, signed, as Go's `time.Duration`.
///
/// ```
/// use policy::duration::GoDuration;
/// let period: GoDuration = "1.5h".parse().unwrap();
/// assert_eq!(period.to_string(), "1h30m0s");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GoDuration(pub i64);

/// Why a text is no duration; the wording is Go's (package `time`, `ParseDuration`).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GoDurationError {
    /// Not a number with a unit.
    #[error("time: invalid duration {}", quoted(.0))]
    Invalid(String),
    /// A number without a unit.
    #[error("time: missing unit in duration {}", quoted(.0))]
    MissingUnit(String),
    /// A unit that Go does not know.
    #[error("time: unknown unit {} in duration {}", quoted(.unit), quoted(.text))]
    UnknownUnit {
        /// What stands where the unit should.
        unit: String,
        /// The whole text.
        text: String,
    },
}

const NANOSECOND: u64 = 1;
const MICROSECOND: u64 = 1_000;
const MILLISECOND: u64 = 1_000_000;
const SECOND: u64 = 1_000_000_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;

impl GoDuration {
    /// From whole hours.
    pub const fn hours(hours: i64) -> Self {
        Self(hours * HOUR.cast_signed())
    }
}

impl std::str::FromStr for GoDuration {
    type Err = GoDurationError;

    fn from_str(text: &str) -> Result<Self, GoDurationError> {
        let invalid = || GoDurationError::Invalid(text.to_owned());
        let (negative, mut rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        if rest == "0" {
            return Ok(Self(0));
        }
        if rest.is_empty() {
            return Err(invalid());
        }
        let mut total: u64 = 0;
        while !rest.is_empty() {
            let (whole, after) = digits(rest);
            let (fraction, after) = match after.strip_prefix('.') {
                Some(after) => digits(after),
                None => ("", after),
            };
            if whole.is_empty() && fraction.is_empty() {
                return Err(invalid());
            }
            let end = after.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(after.len());
            let (name, next) = after.split_at_checked(end).ok_or_else(invalid)?;
            if name.is_empty() {
                return Err(GoDurationError::MissingUnit(text.to_owned()));
            }
            let unit = unit(name).ok_or_else(|| GoDurationError::UnknownUnit {
                unit: name.to_owned(),
                text: text.to_owned(),
            })?;
            let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| invalid())? };
            let value = whole
                .checked_mul(unit)
                .ok_or_else(invalid)?
                .checked_add(part(fraction, unit))
                .ok_or_else(invalid)?;
            total = total.checked_add(value).filter(|sum| *sum <= 1 << 63).ok_or_else(invalid)?;
            rest = next;
        }
        match (negative, i64::try_from(total)) {
            (true, Ok(total)) => Ok(Self(-total)),
            (true, Err(_)) => Ok(Self(i64::MIN)),
            (false, Ok(total)) => Ok(Self(total)),
            (false, Err(_)) => Err(invalid()),
        }
    }
}

fn digits(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// The fraction's share of a unit, rounded down; digits beyond the precision of 64 bits are ignored, as in Go.
fn part(fraction: &str, unit: u64) -> u64 {
    let (mut numerator, mut scale) = (0u128, 1u128);
    for digit in fraction.bytes().take(18) {
        numerator = numerator * 10 + u128::from(digit.wrapping_sub(b'0'));
        scale *= 10;
    }
    u64::try_from(numerator * u128::from(unit) / scale).unwrap_or(0)
}

fn unit(name: &str) -> Option<u64> {
    Some(match name {
        "ns" => NANOSECOND,
        // U+00B5 (micro sign) and U+03BC (Greek mu), both accepted by Go.
        "us" | "\u{b5}s" | "\u{3bc}s" => MICROSECOND,
        "ms" => MILLISECOND,
        "s" => SECOND,
        "m" => MINUTE,
        "h" => HOUR,
        _ => return None,
    })
}

/// Go's `time.quote`: escapes quotes, backslashes, control characters and every byte beyond ASCII.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        if (' '..'\u{80}').contains(&c) {
            if c == '"' || c == '\\' {
                out.push('\\');
            }
            out.push(c);
        } else {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                _ = write!(out, "\\x{byte:02x}");
            }
        }
    }
    out.push('"');
    out
}

impl fmt::Display for GoDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = self.0.unsigned_abs();
        if self.0 < 0 {
            f.write_str("-")?;
        }
        match total {
            0 => f.write_str("0s"),
            n if n < MICROSECOND => write!(f, "{n}ns"),
            n if n < MILLISECOND => write!(f, "{}\u{b5}s", decimal(n, MICROSECOND)),
            n if n < SECOND => write!(f, "{}ms", decimal(n, MILLISECOND)),
            n => {
                let (hours, minutes) = (n / HOUR, n % HOUR / MINUTE);
                if hours > 0 {
                    write!(f, "{hours}h")?;
                }
                if n >= MINUTE {
                    write!(f, "{minutes}m")?;
                }
                write!(f, "{}s", decimal(n % MINUTE, SECOND))
            }
        }
    }
}

fn decimal(value: u64, unit: u64) -> String {
    let width = unit.ilog10() as usize;
    let fraction = format!("{:0width$}", value % unit);
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() { format!("{}", value / unit) } else { format!("{}.{fraction}", value / unit) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_written_as_go_does() {
        let same =
            |text: &str, go: &str| assert_eq!(text.parse::<GoDuration>().unwrap().to_string(), go, "{text}");
        same("0", "0s");
        same("-1m", "-1m0s");
        same("168h0m1s", "168h0m1s");
        same("1.5h", "1h30m0s");
        same("30s", "30s");
        same("2ms", "2ms");
        same("1.1us", "1.1\u{b5}s");
        same("100ns", "100ns");
        same("1h0.25s", "1h0m0.25s");
        same(".5s", "500ms");
        same("+2h", "2h0m0s");
    }

    #[test]
    fn refusals_have_the_words_of_go() {
        let refusal = |text: &str| text.parse::<GoDuration>().unwrap_err().to_string();
        assert_eq!(refusal("abc"), "time: invalid duration \"abc\"");
        assert_eq!(refusal(""), "time: invalid duration \"\"");
        assert_eq!(refusal("."), "time: invalid duration \".\"");
        assert_eq!(refusal("10"), "time: missing unit in duration \"10\"");
        assert_eq!(refusal("7d"), "time: unknown unit \"d\" in duration \"7d\"");
        assert_eq!(refusal("1h 2m"), "time: unknown unit \"h \" in duration \"1h 2m\"");
        assert_eq!(refusal("9999999999h"), "time: invalid duration \"9999999999h\"");
        assert_eq!(refusal("\u{e9}"), "time: invalid duration \"\\xc3\\xa9\"");
    }
}
