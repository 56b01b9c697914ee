//! Does a service answer? Asked from this host, only of listed services, only inside a tailnet.
//!
//! What may be asked is a [`Target`], which cannot be made of anything but a device address of a tailnet and a
//! port. The only way out is a [`Dialer`]; nothing here looks up a name or follows an answer elsewhere.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use async_trait::async_trait;
use firewall::TailnetAddress;
use model::{Protocol, ServiceKind, ServicePorts};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UdpSocket};

use crate::store::probes::ProbeResult;

mod http;
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
    port: u16,
}

impl Target {
    /// The first address that can be a device's, and the first TCP port. `None`: there is nothing to ask.
    pub fn new(addresses: &[String], ports: &ServicePorts) -> Option<Self> {
        let address = addresses.iter().find_map(|text| text.parse().ok())?;
        let port = ports.of(Protocol::Tcp).ranges().first()?.first();
        Some(Self { address, port })
    }

    /// Where that is.
    pub const fn socket(self) -> SocketAddr {
        SocketAddr::new(self.address.ip(), self.port)
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

/// What kind of answer is understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Speech {
    /// A connection is enough.
    Tcp,
    Http,
    Minecraft,
}

impl Speech {
    const fn of(kind: ServiceKind, target: Target) -> Self {
        match kind {
            ServiceKind::Minecraft => Self::Minecraft,
            // Over TLS a connection is what can be said: a certificate is for a name, and names are not looked up.
            ServiceKind::Http | ServiceKind::Media | ServiceKind::Git | ServiceKind::Files
                if !matches!(target.port, 22 | 443 | 445 | 8443) =>
            {
                Self::Http
            }
            ServiceKind::Http
            | ServiceKind::Media
            | ServiceKind::Git
            | ServiceKind::Files
            | ServiceKind::Game
            | ServiceKind::Ssh
            | ServiceKind::Other => Self::Tcp,
        }
    }
}

/// Asks once. `None`: it did not answer within `limit`.
pub async fn ask(
    dialer: &dyn Dialer,
    target: Target,
    kind: ServiceKind,
    limit: Duration,
) -> Option<ProbeResult> {
    let asked = async {
        let mut stream = dialer.dial(target).await.ok()?;
        // Whoever takes the connection is up, also one who speaks something else than expected.
        Some(match Speech::of(kind, target) {
            Speech::Tcp => ProbeResult::default(),
            Speech::Http => http::ask(&mut stream, target).await.unwrap_or_default(),
            // A server behind a door that only opens: without a status nobody can play there.
            Speech::Minecraft => minecraft::ask(&mut stream, target).await?,
        })
    };
    tokio::time::timeout(limit, asked).await.ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(addresses: &[&str], ports: &str) -> Option<Target> {
        let addresses: Vec<String> = addresses.iter().map(|&text| text.to_owned()).collect();
        Target::new(&addresses, &ports.parse().unwrap())
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
    fn without_a_tcp_port_there_is_nothing_to_ask() {
        assert_eq!(target(&["100.64.0.5"], "udp:19132"), None);
        assert_eq!(target(&["100.64.0.5"], "udp:19132, tcp:25565-25570").unwrap().port, 25565);
    }
}
