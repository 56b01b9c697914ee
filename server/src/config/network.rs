//! A range of addresses, for trusted proxies.

use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;

/// An address with a prefix length; a lone address is a range of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network(IpNet);

impl Network {
    /// An IPv4 address is the same one in its IPv6 form.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let range = text.trim().parse::<IpNet>().ok();
        let alone = || text.trim().parse::<IpAddr>().ok().map(IpNet::from);
        let wrong = || format!("`{text}` is no address or range; write it like 127.0.0.1 or 10.0.0.0/8");
        range.or_else(alone).map(Self).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_contains_its_addresses_and_no_others() {
        let has = |net: &str, ip: &str| net.parse::<Network>().unwrap().contains(ip.parse().unwrap());
        assert!(has("10.0.0.0/8", "10.255.1.2"));
        assert!(!has("10.0.0.0/8", "11.0.0.1"));
        assert!(has("127.0.0.1", "::ffff:127.0.0.1"));
        assert!(!has("127.0.0.1", "127.0.0.2"));
        assert!(has("::/0", "2001:db8::1"));
        assert!(!has("0.0.0.0/0", "::1"));
        for wrong in ["", "10.0.0.0/33", "proxy", "::1/129", "1.2.3.4/x"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }
}
