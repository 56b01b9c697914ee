use std::net::IpAddr;

use super::{Packet, listed};

/// Whether no Block rule names the packet; Windows rules know no dates.
pub fn windows(text: &str, packet: Packet) -> bool {
    !text.lines().filter(|line| line.contains(" -Action Block ")).any(|line| {
        let after = |option: &str| line.split_once(&format!(" -{option} ")).unwrap().1;
        let list = |option| {
            let (list, _) = after(option).strip_prefix("@('").unwrap().split_once("')").unwrap();
            list.split("', '").collect::<Vec<_>>()
        };
        let protocol = after("Protocol").split(' ').next().unwrap();
        protocol.eq_ignore_ascii_case(packet.protocol)
            && list("LocalPort").iter().any(|item| listed(item, '-', packet.port))
            && list("RemoteAddress").iter().any(|item| within(item, packet.source))
    })
}

fn within(item: &str, source: IpAddr) -> bool {
    let (first, last) = item.split_once('-').unwrap_or((item, item));
    let (first, last): (IpAddr, IpAddr) = (first.parse().unwrap(), last.parse().unwrap());
    assert!(first <= last && first.is_ipv4() == last.is_ipv4(), "{item}");
    source.is_ipv4() == first.is_ipv4() && (first..=last).contains(&source)
}
