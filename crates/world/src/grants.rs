//! Policies as text, in the style in which people write them.

use std::net::{Ipv4Addr, Ipv6Addr};

use model::{ServicePorts, ShareId};
use policy::share::{Form, ShareRule};
use simulator::world::Device;

/// A policy with these sections before its grants.
pub fn policy(sections: &[(&str, Vec<String>)], grants: &[String]) -> String {
    let named = sections.iter().map(|(name, members)| section(name, ('{', '}'), members));
    let rules = [section("grants", ('[', ']'), grants), section("ssh", ('[', ']'), &[SSH.to_owned()])];
    format!("{{\n{}}}\n", named.chain(rules).collect::<String>())
}

const SSH: &str = r#"{"action": "check", "src": ["autogroup:member"], "dst": ["autogroup:self"], "users": ["autogroup:nonroot"]},"#;

fn section(name: &str, (open, close): (char, char), lines: &[String]) -> String {
    format!("\t\"{name}\": {open}\n\t\t{}\n\t{close},\n", lines.join("\n\t\t"))
}

pub fn grant(src: &str, dst: &str, ip: &str) -> String {
    format!(r#"{{"src": ["{src}"], "dst": ["{dst}"], "ip": ["{ip}"]}},"#)
}

/// The rule of a share and its mark, as the app writes them.
pub fn share(id: ShareId, with: &str, device: &Device, ports: &ServicePorts) -> [String; 2] {
    let addresses =
        device.ipv4.map(|v4| v4.to_string()).into_iter().chain(device.ipv6.map(|v6| v6.to_string()));
    let rule = ShareRule {
        src: vec![with.to_owned()],
        dst: addresses.collect(),
        ip: ports.iter().map(|(protocol, range)| format!("{protocol}:{range}")).collect(),
        form: Form::Grants,
    };
    [format!("// acequia:share={id}"), format!("{},", rule.text())]
}

/// As ids are made, but the same every time: sorted by number within a kind.
pub fn share_id(kind: u8, number: usize) -> ShareId {
    /// 2026-01-01.
    const BEGINNING: u64 = 1_767_225_600_000;
    let millis = BEGINNING + u64::try_from(number).unwrap_or_default();
    ShareId::new(uuid::Builder::from_unix_timestamp_millis(millis, &[kind; 10]).into_uuid())
}

/// A machine with addresses of its own, which no other one of the network numbered `network` has.
pub fn machine(network: u8, number: usize, hostname: String, user: &str) -> Device {
    let number = u32::try_from(number).unwrap_or_default();
    // 100.64.0.0 and on for the first network, 100.96.0.0 and on for the second; never the last of a /24.
    let ipv4 = u32::from(Ipv4Addr::new(100, 64 + 32 * network, 0, 1)) + number / 250 * 256 + number % 250;
    let half = |bits: u32| u16::try_from(bits & 0xffff).unwrap_or_default();
    // A group of its own for each network: `fd7a:115c:a1e0::53` is the name server's.
    let own = u16::from(network) + 1;
    let ipv6 = Ipv6Addr::new(0xfd7a, 0x115c, 0xa1e0, own, 0, 0, half(number >> 16), half(number));
    Device { ipv4: Some(ipv4.into()), ipv6: Some(ipv6), ..Device::new(hostname, user) }
}
