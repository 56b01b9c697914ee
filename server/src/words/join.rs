//! How one joins a service, in plain words.

use app::ports::services::JoinStep;
use model::join::{BEDROCK, JoinPort};
use model::{Protocol, ServiceKind as Kind};

use crate::store::services::{Service, ServiceAtNode};

/// What to type into the game or the browser. Only the full MagicDNS name resolves for a friend.
pub fn address(placed: &ServiceAtNode) -> String {
    at(&placed.service, &placed.dns_name)
}

/// The same with another name for the machine.
fn at(service: &Service, host: &str) -> String {
    address_of(service.kind, service.join, host)
}

/// The same for a service of this kind that is joined on this port.
pub fn address_of(kind: Kind, join: JoinPort, host: &str) -> String {
    match (kind, join.port) {
        (Kind::Ssh, 22) => host.to_owned(),
        (Kind::Http | Kind::Git, 443) => format!("https://{host}/"),
        (Kind::Http | Kind::Git, 80) => format!("http://{host}/"),
        // A forge is pushed to over SSH.
        (Kind::Git, 22) => format!("ssh://git@{host}/"),
        (Kind::Http | Kind::Git | Kind::Media, port @ 8443) => format!("https://{host}:{port}/"),
        (Kind::Http | Kind::Git | Kind::Media, port) => format!("http://{host}:{port}/"),
        (_, port) => format!("{host}:{port}"),
    }
}

/// The steps for a friend; with their login, the step of installing Tailscale names the account.
pub fn steps(placed: &ServiceAtNode, login: Option<&str>) -> Vec<JoinStep> {
    let ServiceAtNode { service, .. } = placed;
    let install = login.map(|login| {
        let words =
            format!("On the device you will use, from tailscale.com/download, and sign in as {login}.");
        step("Install Tailscale", words, None)
    });
    let mut steps: Vec<JoinStep> = install.into_iter().collect();
    match service.kind {
        Kind::Minecraft | Kind::Bedrock => steps.extend(game(placed)),
        _ => steps.push(open(service, address(placed))),
    }
    if login.is_some() {
        let words = "Names have to be switched on in your Tailscale account: MagicDNS, at login.tailscale.com/admin/dns. \
                     The short name does not work from outside. Without it, the address by number:";
        steps.push(step("If the name is not found", words.into(), number(placed)));
    }
    steps
}

pub(super) fn open(service: &Service, address: String) -> JoinStep {
    let name = &service.name;
    let (title, words, copy) = match service.kind {
        Kind::Http | Kind::Git | Kind::Media => ("Open it", "In your browser:".to_owned(), address),
        Kind::Ssh => (
            "Connect",
            "In a terminal; the owner tells you the user name.".to_owned(),
            ssh(service.join.port, address.trim_end_matches(&format!(":{}", service.join.port))),
        ),
        Kind::Files => ("Connect", "In your file manager, connect to this server:".to_owned(), address),
        Kind::Game | Kind::Other | Kind::Minecraft | Kind::Bedrock => {
            ("Connect", format!("In {name}, this is the address:"), address)
        }
    };
    step(title, words, Some(copy))
}

/// Minecraft comes in two editions: one joins over TCP, the other over UDP by a port of its own field.
pub(super) fn game(placed: &ServiceAtNode) -> Vec<JoinStep> {
    let ServiceAtNode { service, dns_name, .. } = placed;
    let java = (service.kind == Kind::Minecraft && service.join.protocol == Protocol::Tcp).then(|| {
        let words = "In Minecraft: Multiplayer, Add Server, and this address.";
        step("Add the server", words.into(), Some(address(placed)))
    });
    let bedrock = bedrock_port(service).map(|port| {
        let words = format!("Servers, Add Server: the address below, and {port} as the port.");
        step("On Bedrock (phone, console, Windows)", words, Some(dns_name.clone()))
    });
    let steps: Vec<JoinStep> = java.into_iter().chain(bedrock).collect();
    if steps.is_empty() { vec![open(service, address(placed))] } else { steps }
}

/// The port of the Bedrock edition, if there is one: its own number, or whatever the owner calls Bedrock.
fn bedrock_port(service: &Service) -> Option<u16> {
    let own = BEDROCK.into_iter().find(|port: &JoinPort| port.is_in(&service.ports));
    let said = (service.kind == Kind::Bedrock).then_some(service.join);
    said.or(own).map(|port| port.port)
}

/// Where names do not resolve.
pub(super) fn number(placed: &ServiceAtNode) -> Option<String> {
    let address = placed.addresses.iter().find(|address| !address.contains(':'))?;
    let service = &placed.service;
    Some(match service.kind {
        // Its port has a field of its own.
        Kind::Bedrock | Kind::Minecraft
            if service.join.protocol == Protocol::Udp && bedrock_port(service).is_some() =>
        {
            address.clone()
        }
        Kind::Ssh => ssh(service.join.port, address),
        _ => at(service, address),
    })
}

fn ssh(port: u16, host: &str) -> String {
    if port == 22 { format!("ssh {host}") } else { format!("ssh -p {port} {host}") }
}

pub(super) fn step(title: &str, detail: String, copy: Option<String>) -> JoinStep {
    JoinStep { title: title.into(), detail, copy }
}

#[cfg(test)]
pub(super) mod tests {
    use model::{Audience, Timestamp};

    use super::*;

    pub fn placed(kind: Kind, typed: &str) -> ServiceAtNode {
        let (ports, join) = JoinPort::typed(kind, typed).unwrap();
        let id = uuid::Uuid::nil();
        ServiceAtNode {
            service: Service {
                id: model::ServiceId::new(id),
                node: model::NodeId::new(id),
                name: "It".into(),
                kind,
                ports,
                join,
                about: String::new(),
                audience: Audience::Nobody,
                left_alone: false,
            },
            tailnet: model::TailnetId::new(id),
            owner: model::PersonId::new(id),
            owner_name: "Ana".into(),
            node_name: "maple".into(),
            dns_name: "maple.ts.net".into(),
            addresses: vec!["100.64.0.1".into(), "fd7a::1".into()],
            online: true,
            last_seen: Some(Timestamp::from_micros(0)),
            gone: false,
            declared: None,
            sort_name: "it".into(),
            up: true,
            found: None,
        }
    }

    /// What is to be typed, and what is said before it.
    fn told(kind: Kind, typed: &str) -> Vec<String> {
        let steps = steps(&placed(kind, typed), Some("dario@example.com"));
        steps.into_iter().map(|step| format!("{}: {}", step.title, step.copy.unwrap_or_default())).collect()
    }

    #[test]
    fn what_one_types_is_the_port_to_join_and_each_edition_has_its_words() {
        let of = |kind, typed| {
            let all = told(kind, typed);
            all[1..all.len() - 1].to_vec()
        };
        let java = "Add the server: maple.ts.net:25565";
        let bedrock = "On Bedrock (phone, console, Windows): maple.ts.net";
        assert_eq!(of(Kind::Minecraft, "tcp:25565, tcp:8100"), [java], "a map beside it");
        assert_eq!(of(Kind::Minecraft, "tcp:25565, udp:24454"), [java], "voice is no Bedrock");
        assert_eq!(of(Kind::Minecraft, "tcp:25565, udp:19132"), [java, bedrock]);
        assert_eq!(of(Kind::Minecraft, "udp:19132"), [bedrock], "there is no Java edition");
        assert_eq!(of(Kind::Minecraft, "udp:20000"), ["Connect: maple.ts.net:20000"]);
        assert_eq!(of(Kind::Bedrock, "udp:20000"), [bedrock], "the owner says so");
        assert_eq!(of(Kind::Git, "tcp:443, tcp:22"), ["Open it: https://maple.ts.net/"]);
        assert_eq!(of(Kind::Ssh, "2222"), ["Connect: ssh -p 2222 maple.ts.net"]);
        let last = told(Kind::Minecraft, "25565").pop().unwrap();
        assert_eq!(last, "If the name is not found: 100.64.0.1:25565");
        for (kind, typed, number) in [
            (Kind::Bedrock, "udp:19132", "100.64.0.1"),
            (Kind::Minecraft, "udp:19132", "100.64.0.1"),
            (Kind::Ssh, "2222", "ssh -p 2222 100.64.0.1"),
            (Kind::Ssh, "22", "ssh 100.64.0.1"),
            (Kind::Http, "8443", "https://100.64.0.1:8443/"),
        ] {
            assert_eq!(told(kind, typed).pop().unwrap(), format!("If the name is not found: {number}"));
        }
    }
}
