//! What a set of rules opens between two addresses.

use super::PortRanges;
use crate::set::Bits;
use crate::syntax::protocol::{ICMP, ICMP_V6, SCTP, TCP, UDP};

/// The ports by protocol that may be used from one address to another.
///
/// Read as a client's packet filter reads rules: TCP, UDP and SCTP by port; other protocols by a rule with
/// that protocol and all ports; ICMP as soon as any rule joins the two addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Opening {
    tcp: PortRanges,
    udp: PortRanges,
    sctp: PortRanges,
    other: Bits,
    icmp: bool,
}

impl Opening {
    /// Of one rule with these protocols and ports.
    pub(crate) fn of(protocols: &[u8], ports: &PortRanges) -> Self {
        let mut opening = Self { icmp: true, ..Self::default() };
        for protocol in protocols {
            match *protocol {
                TCP => opening.tcp.union_with(ports),
                UDP => opening.udp.union_with(ports),
                SCTP => opening.sctp.union_with(ports),
                ICMP | ICMP_V6 => {}
                other if ports.is_all() => {
                    opening.other.insert(other.into());
                }
                _ => {}
            }
        }
        opening
    }

    pub(crate) fn union_with(&mut self, other: &Self) {
        self.tcp.union_with(&other.tcp);
        self.udp.union_with(&other.udp);
        self.sctp.union_with(&other.sctp);
        self.other.union_with(&other.other);
        self.icmp |= other.icmp;
    }

    pub(crate) fn difference(&self, other: &Self) -> Self {
        let mut rest = self.other.clone();
        rest.subtract(&other.other);
        Self {
            tcp: self.tcp.difference(&other.tcp),
            udp: self.udp.difference(&other.udp),
            sctp: self.sctp.difference(&other.sctp),
            other: rest,
            icmp: self.icmp && !other.icmp,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        !self.icmp && !self.carries()
    }

    /// Whether anything but ICMP is open.
    pub(super) fn carries(&self) -> bool {
        !(self.tcp.is_empty() && self.udp.is_empty() && self.sctp.is_empty() && self.other.is_empty())
    }

    /// The ports of a protocol; all or none where a protocol has no ports.
    pub(crate) fn ports(&self, protocol: u8) -> PortRanges {
        let all = |open: bool| if open { PortRanges::all() } else { PortRanges::new() };
        match protocol {
            TCP => self.tcp.clone(),
            UDP => self.udp.clone(),
            SCTP => self.sctp.clone(),
            ICMP | ICMP_V6 => all(self.icmp),
            other => all(self.other.contains(other.into())),
        }
    }

    pub(crate) fn allows(&self, protocol: u8, port: Option<u16>) -> bool {
        let ports = match protocol {
            TCP => &self.tcp,
            UDP => &self.udp,
            SCTP => &self.sctp,
            ICMP | ICMP_V6 => return self.icmp,
            other => return self.other.contains(other.into()),
        };
        port.map_or(!ports.is_empty(), |port| ports.contains(port))
    }

    /// Everything worth telling, by protocol. ICMP follows from any other reach and is listed only where it is
    /// all there is, or where it is asked for.
    pub(crate) fn listed(&self, asked: Option<u8>) -> Vec<(u8, PortRanges)> {
        let numbers: Vec<u8> = match asked {
            Some(protocol) => vec![protocol],
            None if !self.carries() && self.icmp => vec![ICMP],
            None => {
                let other = self.other.iter().filter_map(|number| u8::try_from(number).ok());
                [TCP, UDP, SCTP].into_iter().chain(other).collect()
            }
        };
        let listed = numbers.into_iter().map(|number| (number, self.ports(number)));
        listed.filter(|(_, ports)| !ports.is_empty()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn icmp_comes_with_any_rule_and_other_protocols_need_all_ports() {
        let web = Opening::of(&[TCP], &PortRanges::range(80, 80));
        assert!(web.allows(ICMP, None) && web.allows(TCP, Some(80)));
        assert!(!web.allows(TCP, Some(81)) && !web.allows(UDP, Some(80)));
        assert!(!Opening::of(&[47], &PortRanges::range(80, 80)).allows(47, None));
        assert!(Opening::of(&[47], &PortRanges::all()).allows(47, None));
        assert_eq!(web.listed(None), [(TCP, PortRanges::range(80, 80))]);
        assert_eq!(Opening::of(&[ICMP], &PortRanges::all()).listed(None), [(ICMP, PortRanges::all())]);
    }
}
