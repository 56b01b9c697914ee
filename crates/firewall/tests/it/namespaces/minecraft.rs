//! The status of a Minecraft server, asked by a friend across the guard.
//!
//! The client is a crate that knows nothing of ours. The server is npm's `minecraft-protocol` where node finds it,
//! which is a real one; it is no dependency of the tests, because it brings 455 MB of game data for the one answer
//! that the responder below gives in a few lines. `npm install --prefix DIR minecraft-protocol` and
//! `NODE_PATH=DIR/node_modules` are enough to have it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use firewall::{Part, remove};

use super::agent::{Agent, Expected};
use super::host::TAILSCALED;
use super::world::{World, server};
use super::{GUARDS, guard, load, tools};
use crate::tools::iptables::variant;
use crate::{cases, sandbox};

const PORT: u16 = 25565;
/// What both servers say: version, players, motd.
const STATUS: &str = "1.20.4; 0 of 20; Islands of Ana";

/// What the server at `address` says of itself, within `limit` for each step.
pub fn status(address: SocketAddr, limit: Duration) -> Option<String> {
    let mut stream = TcpStream::connect_timeout(&address, limit).ok()?;
    // Without it a guard that drops the answer would hold the client for ever.
    stream.set_read_timeout(Some(limit)).ok()?;
    let host = address.ip().to_string();
    let asked =
        craftping::sync::ping(&mut stream, &host, address.port(), craftping::PROTOCOL_VERSION_NOT_SET);
    let told = asked.ok()?;
    let motd = told.description?;
    let motd = motd["text"].as_str().or(motd.as_str())?.to_owned();
    Some(format!("{}; {} of {}; {motd}", told.version, told.online_players, told.max_players))
}

/// Answers whoever asks for the status, as <https://minecraft.wiki/w/Java_Edition_protocol/Server_List_Ping> says.
pub fn respond(port: u16) {
    let listener = TcpListener::bind(("::", port)).unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            // Whoever hangs up in the middle is of no interest.
            std::thread::spawn(move || answer(&mut stream));
        }
    });
}

fn answer(stream: &mut TcpStream) -> Option<()> {
    // The handshake says which host was dialled, the request behind it is empty.
    let handshake = packet(stream)?;
    let request = packet(stream)?;
    if handshake.last() != Some(&1) || request != [0] {
        return None;
    }
    let status = r#"{"version":{"name":"1.20.4","protocol":765},"players":{"max":20,"online":0},"description":{"text":"Islands of Ana"}}"#;
    let body = [&[0][..], &number(status.len()), status.as_bytes()].concat();
    stream.write_all(&[&number(body.len())[..], &body].concat()).ok()
}

/// A number as the protocol writes it: seven bits to a byte, the smallest first.
fn number(mut rest: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while rest > 0x7f {
        bytes.push(u8::try_from(rest & 0x7f).unwrap() | 0x80);
        rest >>= 7;
    }
    bytes.push(u8::try_from(rest).unwrap());
    bytes
}

/// The next packet, of the small ones that a client sends.
fn packet(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut length = [0];
    stream.read_exact(&mut length).ok()?;
    let mut bytes = vec![0; usize::from(length[0] & 0x7f)];
    stream.read_exact(&mut bytes).ok()?;
    Some(bytes)
}

/// The real server; it ends when its input does.
const REAL: &str = "
const server = require('minecraft-protocol').createServer({
  host: '::', port: 25565, 'online-mode': false, version: '1.20.4', motd: 'Islands of Ana', maxPlayers: 20,
});
server.on('listening', () => console.log('listening'));
process.stdin.on('end', () => process.exit()).resume();
";

/// Whether node finds the real server; if not, says so in one line.
fn has_real() -> bool {
    let mut look = Command::new("node");
    let found = look.args(["-e", "require.resolve('minecraft-protocol')"]).stderr(Stdio::null()).status();
    let found = found.is_ok_and(|status| status.success());
    if !found {
        println!("npm's minecraft-protocol is not installed: a small responder answers in its place");
    }
    found
}

/// The real server in the world, until it is dropped before the world.
struct Real(Child);

impl Real {
    fn start(world: &World) -> Self {
        let mut node = world.inside("server");
        node.args(["node", "-e", REAL]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = node.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "listening\n");
        Self(child)
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

#[test]
fn a_friend_sees_the_server_until_the_share_is_gone_and_a_stranger_never() {
    let real = has_real();
    for (backend, name, command) in GUARDS {
        let Some(mut world) = World::without_services("a Minecraft server", tools(backend)) else { return };
        if tools(backend).contains(&"iptables-nft") {
            world.run(&variant(name));
        }
        if sandbox::installed("tailscaled's rules", &["iptables"]) {
            world.run(TAILSCALED);
        }
        let server_process = real.then(|| Real::start(&world));
        if !real {
            world.server.play(PORT);
        }
        for v6 in [false, true] {
            let address = server(v6, PORT);
            let open = |agent: &mut Agent| agent.status(address, Expected::Open);
            let blocked = |agent: &mut Agent| agent.status(address, Expected::Blocked);
            assert_eq!(open(&mut world.stranger), STATUS, "{backend}: without a guard");
            world.run(&guard(&cases::named("known"), backend, command));
            assert_eq!(open(&mut world.friend), STATUS, "{backend}: the friend");
            assert_eq!(open(&mut world.laptop), STATUS, "{backend}: the owner");
            assert_eq!(blocked(&mut world.stranger), "-", "{backend}: a stranger");
            world.run(&guard(&cases::named("none"), backend, command));
            assert_eq!(blocked(&mut world.friend), "-", "{backend}: the friend after the share");
            assert_eq!(open(&mut world.laptop), STATUS, "{backend}: the owner after the share");
            let gone = remove(&cases::named("none"), backend, Part::Guard).text();
            world.run(&load(command, &gone));
        }
        drop(server_process);
    }
}
