//! The one port of a service that people type in and that is asked whether it answers.

use std::fmt;
use std::str::FromStr;

use crate::ports::PortError;
use crate::{PortRange, Protocol, ServiceKind, ServicePorts};

/// Written `tcp:25565`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JoinPort {
    /// Over which it is reached.
    pub protocol: Protocol,
    /// 1 to 65535.
    pub port: u16,
}

/// Where Minecraft Java listens by itself (<https://minecraft.wiki/w/Server.properties>, `server-port`).
pub const MINECRAFT: JoinPort = JoinPort { protocol: Protocol::Tcp, port: 25565 };
/// Where Minecraft Bedrock listens by itself over IPv4 and IPv6 (the same page, `server-port` and `server-portv6`).
pub const BEDROCK: [JoinPort; 2] =
    [JoinPort { protocol: Protocol::Udp, port: 19132 }, JoinPort { protocol: Protocol::Udp, port: 19133 }];

impl JoinPort {
    /// Which port people join, of `ports` as somebody typed them: that of the game where it is among them, else the one
    /// that was typed first.
    ///
    /// # Errors
    /// As `ServicePorts::from_str`.
    pub fn typed(kind: ServiceKind, text: &str) -> Result<(ServicePorts, Self), PortError> {
        let ports: ServicePorts = text.parse()?;
        let first = ServicePorts::items(text).next().ok_or(PortError::Empty)??;
        Ok((ports.clone(), Self::of_game(kind, &ports).unwrap_or(first.into())))
    }

    /// The same where nobody knows what was typed first: a port that such services usually have, else the lowest, TCP
    /// before UDP.
    pub fn usual(kind: ServiceKind, ports: &ServicePorts) -> Option<Self> {
        let usual = ServicePorts::items(kind.usual_ports()).filter_map(Result::ok).map(Self::from);
        let mut usual = usual.filter(|port| port.is_in(ports));
        Self::of_game(kind, ports).or_else(|| usual.next()).or_else(|| ports.iter().next().map(Self::from))
    }

    fn of_game(kind: ServiceKind, ports: &ServicePorts) -> Option<Self> {
        let known: &[Self] = match kind {
            ServiceKind::Minecraft => &[MINECRAFT],
            ServiceKind::Bedrock => &BEDROCK,
            _ => &[],
        };
        known.iter().copied().find(|port| port.is_in(ports))
    }

    /// Whether it is one of these.
    pub fn is_in(self, ports: &ServicePorts) -> bool {
        ports.of(self.protocol).contains(self.port)
    }

    /// The ports for a form, so that typing them again gives this one: it comes first.
    pub fn before(self, ports: &ServicePorts) -> String {
        let first = |(protocol, range): &(Protocol, PortRange)| {
            (*protocol, range.first()) == (self.protocol, self.port)
        };
        let own = ports.iter().find(first);
        let others = ports.iter().filter(|item| Some(*item) != own);
        let others = others.map(|(protocol, range)| format!("{protocol}:{range}"));
        let own = own.map_or_else(|| self.to_string(), |(protocol, range)| format!("{protocol}:{range}"));
        std::iter::once(own).chain(others).collect::<Vec<_>>().join(", ")
    }
}

impl From<(Protocol, PortRange)> for JoinPort {
    fn from((protocol, range): (Protocol, PortRange)) -> Self {
        Self { protocol, port: range.first() }
    }
}

impl fmt::Display for JoinPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.protocol, self.port)
    }
}

impl FromStr for JoinPort {
    type Err = PortError;

    fn from_str(text: &str) -> Result<Self, PortError> {
        ServicePorts::items(text).next().ok_or(PortError::Empty)?.map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn typed(kind: ServiceKind, text: &str) -> String {
        JoinPort::typed(kind, text).unwrap().1.to_string()
    }

    #[test]
    fn people_join_what_was_typed_first_or_the_port_of_the_game() {
        use ServiceKind::{Bedrock, Git, Http, Minecraft};
        for (kind, text, join) in [
            // A map beside the game (BlueMap, Dynmap), in either order.
            (Minecraft, "tcp:25565, tcp:8100", "tcp:25565"),
            (Minecraft, "tcp:8123, tcp:25565", "tcp:25565"),
            (Minecraft, "25560-25570", "tcp:25565"),
            (Minecraft, "tcp:25570, tcp:8100", "tcp:25570"),
            // Voice beside the game.
            (Minecraft, "udp:24454, tcp:25565", "tcp:25565"),
            (Git, "tcp:443, tcp:22", "tcp:443"),
            (Git, "tcp:2222, tcp:443", "tcp:2222"),
            (Http, "8443,80", "tcp:8443"),
            (Bedrock, "udp:19133, udp:19132", "udp:19132"),
            (Bedrock, "udp:20000", "udp:20000"),
            (Minecraft, "udp:19132", "udp:19132"),
        ] {
            assert_eq!(typed(kind, text), join, "{kind} {text}");
        }
    }

    #[test]
    fn where_nobody_knows_what_was_typed_first_it_is_a_usual_port() {
        use ServiceKind::{Git, Other, Ssh};
        let usual = |kind, text: &str| JoinPort::usual(kind, &text.parse().unwrap()).unwrap().to_string();
        assert_eq!(usual(Git, "22,443"), "tcp:443");
        assert_eq!(usual(Git, "22"), "tcp:22");
        assert_eq!(usual(Ssh, "2222"), "tcp:2222");
        assert_eq!(usual(Other, "udp:5,7"), "tcp:7");
    }

    proptest! {
        #[test]
        fn what_a_form_shows_gives_the_same_again(
            ports in prop::collection::vec((any::<bool>(), 1_u16..200, 0_u16..4), 1..6),
            kind in prop::sample::select(ServiceKind::ALL.to_vec()),
        ) {
            let item = |(tcp, first, more): &(bool, u16, u16)| {
                format!("{}:{first}-{}", if *tcp { "tcp" } else { "udp" }, first + more)
            };
            let text = ports.iter().map(item).collect::<Vec<_>>().join(" ");
            let (set, join) = JoinPort::typed(kind, &text).unwrap();
            prop_assert!(join.is_in(&set));
            prop_assert_eq!(JoinPort::typed(kind, &join.before(&set)).unwrap(), (set, join));
        }
    }
}
