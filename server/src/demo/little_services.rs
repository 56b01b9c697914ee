//! Real little services on this machine's own loopback, in the place of the demo's listed ones: what the directory
//! says of them was asked over a real connection.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::json;
use simulator::{Control, World};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::probe::{Dialer, Standpoint, Stream, Target};

/// (tailnet, machine, port, what it speaks); whatever else is asked does not answer.
const SERVICES: [(&str, &str, u16, Speaks); 4] = [
    ("ana", "maple", 25565, Speaks::Minecraft),
    ("ben", "jukebox", 8096, Speaks::Http),
    ("ben", "forge", 22, Speaks::Nothing),
    ("chiara", "cellar", 8000, Speaks::Http),
];

#[derive(Clone, Copy, Debug)]
enum Speaks {
    Minecraft,
    Http,
    Nothing,
}

/// Leads from an address in a simulated tailnet to a service on this machine, and nowhere else.
#[derive(Debug, Default)]
pub struct Loopback {
    doors: BTreeMap<SocketAddr, SocketAddr>,
}

impl Loopback {
    /// Starts the services of the machines that the simulator has. They end with the process.
    ///
    /// # Errors
    /// When nothing can be listened on.
    pub async fn start(control: &Control, world: &World) -> anyhow::Result<Arc<Self>> {
        let mut doors = BTreeMap::new();
        for (tailnet, machine, port, speaks) in SERVICES {
            if !world.tailnets.iter().any(|known| known.name == tailnet) {
                continue;
            }
            let view = control.tailnet(tailnet)?;
            let Some(device) = view.devices.iter().find(|device| device.hostname == machine) else {
                continue;
            };
            let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
            let door = listener.local_addr()?;
            doors.extend(device.addresses.iter().map(|ip| (SocketAddr::new(*ip, port), door)));
            tokio::spawn(listen(listener, speaks));
        }
        Ok(Arc::new(Self { doors }))
    }
}

#[async_trait]
impl Dialer for Loopback {
    async fn dial(&self, target: Target) -> std::io::Result<Box<dyn Stream>> {
        let door = self.doors.get(&target.socket()).ok_or(std::io::ErrorKind::ConnectionRefused)?;
        Ok(Box::new(TcpStream::connect(door).await?))
    }

    async fn exchange(&self, _: Target, _: &[u8]) -> std::io::Result<Vec<u8>> {
        // No little service listens over UDP.
        Err(std::io::ErrorKind::ConnectionRefused.into())
    }

    async fn stands(&self) -> Result<Standpoint, String> {
        Ok(Standpoint::Everywhere)
    }
}

async fn listen(listener: TcpListener, speaks: Speaks) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            // Whoever hangs up in the middle is of no interest.
            let _ = answer(stream, speaks).await;
        });
    }
}

async fn answer(mut stream: TcpStream, speaks: Speaks) -> std::io::Result<()> {
    let mut asked = [0; 512];
    match speaks {
        Speaks::Nothing => {}
        Speaks::Http => {
            let _ = stream.read(&mut asked).await?;
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await?;
        }
        Speaks::Minecraft => {
            let _ = stream.read(&mut asked).await?;
            let status = json!({
                "version": { "name": "1.21.4", "protocol": 769 },
                "players": { "max": 20, "online": 2 },
                "description": { "text": "§2Be kind to the §6llamas" },
            })
            .to_string();
            // Lengths over 127 take two bytes, the lower seven bits first; this text has fewer than 16384.
            let number = |length: usize| {
                let low = u8::try_from(length & 0x7f).unwrap_or(0) | 0x80;
                [low, u8::try_from((length >> 7) & 0x7f).unwrap_or(0)]
            };
            let mut packet = number(status.len() + 3).to_vec();
            packet.push(0);
            packet.extend(number(status.len()));
            packet.extend(status.as_bytes());
            stream.write_all(&packet).await?;
        }
    }
    Ok(())
}
