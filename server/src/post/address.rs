//! To which addresses a webhook may go that anybody here can set up: public ones. What is in the network of this machine,
//! or in the machine itself, is the instance owner's to give.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use url::{Host, Url};

use super::Failure;
use crate::words::telling as words;

/// The addresses of a host, each of which is public. Asked once: the connection goes to one of them, whatever the name
/// leads to a moment later.
pub(super) async fn public(url: &Url) -> Result<Vec<SocketAddr>, Failure> {
    let port = url.port_or_known_default().unwrap_or(443);
    let found: Vec<SocketAddr> = match url.host() {
        None => Vec::new(),
        Some(Host::Ipv4(ip)) => vec![(ip, port).into()],
        Some(Host::Ipv6(ip)) => vec![(ip, port).into()],
        Some(Host::Domain(name)) => match tokio::net::lookup_host((name, port)).await {
            Ok(found) => found.collect(),
            Err(_) => return Err(Failure::Later(words::NO_SUCH_HOST.into())),
        },
    };
    if found.is_empty() {
        return Err(Failure::Later(words::NO_SUCH_HOST.into()));
    }
    // One private address among public ones is somebody who tries.
    if found.iter().all(|address| is_public(address.ip())) {
        Ok(found)
    } else {
        Err(Failure::ForGood(words::NOT_PUBLIC.into()))
    }
}

/// As IANA's registries of special-purpose addresses have it (RFC 6890 and its successors), on the careful side.
fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || a == 0
        // Shared among the customers of a provider, and the addresses of tailnets.
        || (a == 100 && (64..128).contains(&b))
        || (a, b, c) == (192, 0, 0)
        || (a, b, c) == (192, 88, 99)
        || (a == 198 && (18..20).contains(&b))
        // Multicast, reserved, and everybody.
        || a >= 224;
    !special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, ..] = ip.segments();
    // Only these are given out as global unicast; within them some lead elsewhere: 2001::/23 (Teredo and protocols),
    // 2001:db8::/32 and 3fff::/20 (documentation), 2002::/16 (an IPv4 address inside).
    let global = a & 0xe000 == 0x2000;
    let special = (a == 0x2001 && (b < 0x200 || b == 0x0db8)) || a == 0x2002 || (a == 0x3fff && b < 0x1000);
    global && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_a_network_of_ones_own_is_not_public() {
        for public in
            ["1.1.1.1", "93.184.216.34", "100.63.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:1.1.1.1"]
        {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for private in [
            "127.0.0.1",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.127.255.255",
            "0.0.0.0",
            "0.1.2.3",
            "192.0.0.8",
            "192.0.2.1",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "fe80::1",
            "fd12::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:a00:1::",
            "3fff::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
    }

    #[tokio::test]
    async fn a_host_is_public_only_if_each_of_its_addresses_is() {
        let of = async |url: &str| public(&Url::parse(url).unwrap()).await;
        assert!(matches!(of("https://localhost/x").await, Err(Failure::ForGood(_))));
        assert!(matches!(of("https://127.1/x").await, Err(Failure::ForGood(_))), "however it is written");
        assert!(matches!(of("https://0x7f000001/x").await, Err(Failure::ForGood(_))));
        assert!(matches!(of("https://[::1]:8443/x").await, Err(Failure::ForGood(_))));
        assert_eq!(of("https://1.1.1.1:8443/x").await, Ok(vec!["1.1.1.1:8443".parse().unwrap()]));
    }
}
