//! Addresses and prefixes as numbers.

use std::net::IpAddr;

/// First and last address of an address or prefix, as numbers, with its family.
pub fn span(text: &str) -> Option<(bool, u128, u128)> {
    let (address, length) = text.split_once('/').map_or((text, None), |(a, l)| (a, Some(l)));
    let number = |address: IpAddr| match address {
        IpAddr::V4(v4) => (true, u128::from(v4.to_bits()), 32),
        IpAddr::V6(v6) => (false, v6.to_bits(), 128),
    };
    let (v4, bits, width) = number(address.parse().ok()?);
    let length: u32 = length.map_or(Ok(width), str::parse).ok()?;
    let host = if length == 0 && width == 128 { u128::MAX } else { (1u128 << (width - length)) - 1 };
    Some((v4, bits & !host, bits | host))
}

pub fn within(address: IpAddr, text: &str) -> bool {
    let (Some((v4, at, _)), Some((w4, first, last))) = (span(&address.to_string()), span(text)) else {
        return false;
    };
    v4 == w4 && first <= at && at <= last
}

pub fn covers(wide: &str, narrow: &str) -> bool {
    let (Some((w4, a, b)), Some((n4, c, d))) = (span(wide), span(narrow)) else { return false };
    w4 == n4 && a <= c && d <= b
}

pub fn overlap(x: &str, y: &str) -> bool {
    let (Some(one), Some(other)) = (span(x), span(y)) else { return false };
    one.0 == other.0 && one.1 <= other.2 && other.1 <= one.2
}

pub const TAILNET: [&str; 2] = ["100.64.0.0/10", "fd7a:115c:a1e0::/48"];
pub const CHROME_OS: &str = "100.115.92.0/23";
pub const PRIVATE: [&str; 5] =
    ["10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"];

pub fn public(text: &str) -> bool {
    let v4 = span(text).is_some_and(|(v4, ..)| v4);
    if v4 { !PRIVATE.iter().any(|private| overlap(private, text)) } else { covers("2000::/3", text) }
}
