//! Reads rendered text back into decisions, knowing nothing of how it was made. What it does not know, it refuses.

mod iptables;
mod nft;
mod open;
mod windows;

use std::net::IpAddr;

pub use iptables::iptables;
pub use nft::nft;
pub use open::open;
pub use windows::windows;

/// The first packet of a new connection that comes in through the tailnet interface.
#[derive(Clone, Copy, Debug)]
pub struct Packet {
    pub source: IpAddr,
    pub protocol: &'static str,
    pub port: u16,
    /// Unix seconds of the host's clock.
    pub time: i64,
}

/// Whether `port` is in a list such as `22,80-90`, with the given sign between the ends of a range.
fn listed(ports: &str, between: char, port: u16) -> bool {
    ports.split(',').map(str::trim).any(|item| {
        let (first, last) = item.split_once(between).unwrap_or((item, item));
        let (first, last): (u16, u16) = (first.parse().unwrap(), last.parse().unwrap());
        assert!(0 < first && first <= last, "{ports}");
        (first..=last).contains(&port)
    })
}
