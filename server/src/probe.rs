//! Does a service answer? Asked from this host, only of listed services, only inside a tailnet.
//!
//! What may be asked is a [`Target`], which cannot be made of anything but a device address of a tailnet and a
//! port. The only way out is a [`Dialer`]; nothing here looks up a name or follows an answer elsewhere.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use async_trait::async_trait;
use firewall::TailnetAddress;
use model::join::BEDROCK;
use model::{JoinPort, Protocol, ServiceKind};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::{Instant, timeout_at};

use crate::store::probes::ProbeResult;

mod bedrock;
mod http;
mod legacy;
mod minecraft;
mod words;

pub use minecraft::LONGEST_STATUS;

/// Whether services are asked from here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Switch {
    On,
    /// And why.
    Off(String),
}

/// What may be asked: a port of a device of a tailnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    address: TailnetAddress,
    port: JoinPort,
}

/// What is asked of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Whether it takes a connection.
    Connection,
    Http,
    Minecraft,
    Bedrock,
}

/// What is asked of such a service, if an answer would be understood. Over UDP silence says nothing, but of a game that is
/// known.
pub fn question(kind: ServiceKind, port: JoinPort) -> Option<Question> {
    match port.protocol {
        Protocol::Tcp => Some(Question::of(kind, port.port)),
        Protocol::Udp => {
            let known =
                kind == ServiceKind::Bedrock || (kind == ServiceKind::Minecraft && BEDROCK.contains(&port));
            known.then_some(Question::Bedrock)
        }
    }
}

/// Whether there is something to ask.
pub fn can_be_asked(kind: ServiceKind, port: JoinPort) -> bool {
    question(kind, port).is_some()
}

impl Target {
    /// The first address that can be a device's. `None`: there is nothing to ask.
    pub fn new(addresses: &[String], kind: ServiceKind, port: JoinPort) -> Option<Self> {
        let address = addresses.iter().find_map(|text| text.parse().ok())?;
        can_be_asked(kind, port).then_some(Self { address, port })
    }

    /// Where that is.
    pub const fn socket(self) -> SocketAddr {
        SocketAddr::new(self.address.ip(), self.port.port)
    }
}

/// A connection, whatever it is made of.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Where a host stands. Addresses mean one machine inside one tailnet only: another tailnet may have the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standpoint {
    /// In the tailnets of whose machines it is one, by these addresses.
    At(Vec<IpAddr>),
    /// In a simulated world: in all of them.
    Everywhere,
}

/// The only way out.
#[async_trait]
pub trait Dialer: Send + Sync + fmt::Debug {
    async fn dial(&self, target: Target) -> std::io::Result<Box<dyn Stream>>;
    /// Sends a datagram, and gives the first that comes back.
    async fn exchange(&self, target: Target, datagram: &[u8]) -> std::io::Result<Vec<u8>>;
    /// Where this host stands. An error says why it can ask nobody.
    async fn stands(&self) -> Result<Standpoint, String>;
}

/// Over the host's own network.
#[derive(Clone, Copy, Debug)]
pub struct Direct;

#[async_trait]
impl Dialer for Direct {
    async fn dial(&self, target: Target) -> std::io::Result<Box<dyn Stream>> {
        Ok(Box::new(TcpStream::connect(target.socket()).await?))
    }

    async fn exchange(&self, target: Target, datagram: &[u8]) -> std::io::Result<Vec<u8>> {
        exchange(target.socket(), datagram).await
    }

    /// A datagram socket that is bound to a way into the tailnet has this host's own address there; nothing is sent.
    /// Toward the address of Tailscale's own resolver, which is routed on every client; of peers each may have a
    /// route of its own.
    async fn stands(&self) -> Result<Standpoint, String> {
        let mut own = Vec::new();
        for (bind, toward) in [("0.0.0.0:0", "100.100.100.100:9"), ("[::]:0", "[fd7a:115c:a1e0::53]:9")] {
            let Ok(socket) = UdpSocket::bind(bind).await else { continue };
            let Ok(toward) = toward.parse::<SocketAddr>() else { continue };
            if socket.connect(toward).await.is_ok()
                && let Ok(local) = socket.local_addr()
                && TailnetAddress::new(local.ip()).is_ok()
            {
                own.push(local.ip());
            }
        }
        if own.is_empty() {
            return Err("this host has no address in a tailnet".into());
        }
        Ok(Standpoint::At(own))
    }
}

/// The longest datagram that is read: what fits on the way through a tailnet is shorter.
const LONGEST_DATAGRAM: usize = 1500;

/// Sends a datagram to an address, and gives the first that comes back from there.
pub async fn exchange(to: SocketAddr, datagram: &[u8]) -> std::io::Result<Vec<u8>> {
    let any: SocketAddr = if to.is_ipv4() { ([0; 4], 0).into() } else { ([0; 16], 0).into() };
    let socket = UdpSocket::bind(any).await?;
    socket.connect(to).await?;
    socket.send(datagram).await?;
    let mut answer = vec![0; LONGEST_DATAGRAM];
    let length = socket.recv(&mut answer).await?;
    answer.truncate(length);
    Ok(answer)
}

impl Question {
    /// Over TCP.
    const fn of(kind: ServiceKind, port: u16) -> Self {
        match kind {
            ServiceKind::Minecraft => Self::Minecraft,
            // Over TLS a connection is what can be said: a certificate is for a name, and names are not looked up.
            ServiceKind::Http | ServiceKind::Media | ServiceKind::Git | ServiceKind::Files
                if !matches!(port, 22 | 443 | 445 | 8443) =>
            {
                Self::Http
            }
            ServiceKind::Http
            | ServiceKind::Media
            | ServiceKind::Git
            | ServiceKind::Files
            | ServiceKind::Game
            | ServiceKind::Ssh
            | ServiceKind::Bedrock
            | ServiceKind::Other => Self::Connection,
        }
    }
}

/// Asks once, by the machine's full `name` where a router may sort by it. `None`: it did not answer within `limit`.
pub async fn ask(
    dialer: &dyn Dialer,
    target: Target,
    (kind, name): (ServiceKind, &str),
    limit: Duration,
) -> Option<ProbeResult> {
    let until = Instant::now() + limit;
    if target.port.protocol == Protocol::Udp {
        return timeout_at(until, bedrock::ask(dialer, target)).await.ok().flatten();
    }
    let mut stream = timeout_at(until, dialer.dial(target)).await.ok()?.ok()?;
    // Whoever takes the connection is up, also one who speaks something else than expected, or says nothing: people may
    // play where no status is told.
    let told = match Question::of(kind, target.port.port) {
        Question::Connection | Question::Bedrock => None,
        Question::Http => timeout_at(until, http::ask(&mut stream, target)).await.ok().flatten(),
        Question::Minecraft => {
            // Half of the time: a server from before 1.7 may wait for more.
            let half = until - limit / 2;
            let today = timeout_at(half, minecraft::ask(&mut stream, target, name)).await.ok().flatten();
            drop(stream);
            match today {
                Some(told) => Some(told),
                None => timeout_at(until, legacy(dialer, target)).await.ok().flatten(),
            }
        }
    };
    Some(told.unwrap_or_default())
}

async fn legacy(dialer: &dyn Dialer, target: Target) -> Option<ProbeResult> {
    legacy::ask(&mut dialer.dial(target).await.ok()?).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(addresses: &[&str], port: &str) -> Option<Target> {
        let addresses: Vec<String> = addresses.iter().map(|&text| text.to_owned()).collect();
        Target::new(&addresses, ServiceKind::Minecraft, port.parse().unwrap())
    }

    #[test]
    fn only_devices_of_a_tailnet_can_be_asked() {
        assert_eq!(target(&["100.64.0.5"], "tcp:80").unwrap().socket().to_string(), "100.64.0.5:80");
        assert!(target(&["fd7a:115c:a1e0::5"], "tcp:80").is_some());
        for bad in [
            "127.0.0.1",
            "10.0.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "100.100.100.100",
            "::1",
            "::ffff:100.64.0.5",
            "::ffff:127.0.0.1",
            "fd7a:115c:a1e1::1",
            "fe80::1",
            "localhost",
            "maple.example.com",
            "100.64.0.5/10",
            "100.64.0.5:22",
            "0144.0100.0.5",
            "1681915909",
            "",
        ] {
            assert_eq!(target(&[bad], "tcp:80"), None, "{bad}");
        }
    }

    #[test]
    fn over_udp_only_a_known_game_is_asked() {
        let asked = |kind, port: &str| can_be_asked(kind, port.parse().unwrap());
        assert!(asked(ServiceKind::Minecraft, "udp:19132") && asked(ServiceKind::Bedrock, "udp:20000"));
        assert!(!asked(ServiceKind::Minecraft, "udp:24454") && !asked(ServiceKind::Game, "udp:19132"));
        assert!(asked(ServiceKind::Game, "tcp:19132"));
    }
}
