//! Who is at the other end, when trusted proxies stand between.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::Request;

use crate::config::Network;

/// The first address, seen from here, that is no trusted proxy. Unknown when there is no connection (in tests).
pub fn address<B>(request: &Request<B>, trusted: &[Network]) -> Option<IpAddr> {
    let ConnectInfo(peer) = request.extensions().get::<ConnectInfo<SocketAddr>>()?;
    let said = request.headers().get_all("x-forwarded-for");
    let said = said.iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    // Each proxy adds whom it saw at the end: only what a trusted one has added is believed.
    let mut hops: Vec<Option<IpAddr>> = said.map(|hop| hop.trim().parse().ok()).collect();
    let mut at = peer.ip();
    while is_trusted(at, trusted) {
        match hops.pop() {
            Some(Some(hop)) => at = hop,
            Some(None) | None => break,
        }
    }
    Some(at.to_canonical())
}

/// Whose address it is: of IPv6 one subscriber has a whole /64 (RFC 6177) and may come from any address in it.
pub fn subscriber(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) & !u128::from(u64::MAX)).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// Whether what this address says of others is believed.
pub fn is_trusted(address: IpAddr, trusted: &[Network]) -> bool {
    trusted.iter().any(|network| network.contains(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_trusted_proxies_say_is_believed() {
        let trusted: Vec<Network> = ["127.0.0.1", "10.0.0.0/8"].map(|net| net.parse().unwrap()).into();
        let find = |peer: &str, said: &[&str]| {
            let mut request = Request::new(());
            let peer: SocketAddr = format!("{peer}:1000").parse().unwrap();
            request.extensions_mut().insert(ConnectInfo(peer));
            for hop in said {
                request.headers_mut().append("x-forwarded-for", hop.parse().unwrap());
            }
            address(&request, &trusted).unwrap().to_string()
        };
        assert_eq!(find("192.0.2.1", &["198.51.100.7"]), "192.0.2.1", "a stranger says anything");
        assert_eq!(find("127.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(find("127.0.0.1", &["1.1.1.1, 198.51.100.7, 10.2.3.4"]), "198.51.100.7");
        assert_eq!(find("127.0.0.1", &["1.1.1.1", "198.51.100.7"]), "198.51.100.7");
        assert_eq!(find("127.0.0.1", &[]), "127.0.0.1");
        assert_eq!(find("10.0.0.1", &["nonsense"]), "10.0.0.1");
    }
}
