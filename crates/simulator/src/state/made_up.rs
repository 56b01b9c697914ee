//! What a world leaves out, the same every time; and secrets, never the same.

use std::net::{Ipv4Addr, Ipv6Addr};

use rand::Rng as _;
use rand::distr::Alphanumeric;
use sha2::{Digest, Sha256};

/// Addresses in the ranges that the service uses: 100.64.0.0/10 and `fd7a:115c:a1e0::/48`.
pub fn addresses(tailnet: &str, hostname: &str) -> (Ipv4Addr, Ipv6Addr) {
    let digest = Sha256::digest(format!("{tailnet}/{hostname}"));
    let bytes = <[u8; 32]>::from(digest);
    // 64 to 111: the last addresses of the range are not given to machines.
    let ipv4 = Ipv4Addr::new(100, 64 + bytes[0] % 48, bytes[1], 1 + bytes[2] % 254);
    let half = |at: usize| u16::from_be_bytes([bytes[at], bytes[at + 1]]);
    let ipv6 = Ipv6Addr::new(0xfd7a, 0x115c, 0xa1e0, 0, 0, 0, half(2), half(4));
    (ipv4, ipv6)
}

/// 32 letters and digits.
#[expect(clippy::disallowed_methods, reason = "what a control plane makes up is nobody's to say beforehand")]
pub fn secret() -> String {
    rand::rng().sample_iter(Alphanumeric).take(32).map(char::from).collect()
}
