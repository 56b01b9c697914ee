//! What runs on the machine that is lent, and what a friend does with it: a little Minecraft server in which one can stay,
//! and two things that nobody lent.
//!
//! <https://minecraft.wiki/w/Java_Edition_protocol/Server_List_Ping>; whoever asks to log in gets each byte back, which
//! proves both directions of an open connection.

use std::io::{self, Read, Write};
use std::net::{Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

/// What is lent.
pub const MINECRAFT: u16 = 25565;
/// What is not.
pub const NOT_LENT: [u16; 2] = [8080, 22];

const STATUS: &str = r#"{"version":{"name":"1.21.4","protocol":769},"players":{"max":20,"online":0},"description":{"text":"dune"}}"#;
const TICK: Duration = Duration::from_millis(100);

/// Serves until the process ends.
///
/// # Errors
/// When a port is taken.
pub fn serve() -> anyhow::Result<()> {
    for port in NOT_LENT {
        let listener = listen(port)?;
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let _ = stream.write_all(b"hello\n");
            }
        });
    }
    let listener = listen(MINECRAFT)?;
    crate::claims::say("serves");
    for stream in listener.incoming().flatten() {
        // Whoever hangs up in the middle is of no interest.
        thread::spawn(move || answer(stream));
    }
    Ok(())
}

fn listen(port: u16) -> anyhow::Result<TcpListener> {
    TcpListener::bind((Ipv6Addr::UNSPECIFIED, port)).with_context(|| format!("port {port}"))
}

fn answer(mut stream: TcpStream) -> io::Result<()> {
    let handshake = packet(&mut stream)?;
    if handshake.last() == Some(&1) {
        let _request = packet(&mut stream)?;
        let body = [&[0][..], &number(STATUS.len()), STATUS.as_bytes()].concat();
        return stream.write_all(&[&number(body.len())[..], &body].concat());
    }
    let mut byte = [0];
    loop {
        stream.read_exact(&mut byte)?;
        stream.write_all(&byte)?;
    }
}

/// A number as the protocol writes it: seven bits to a byte, the smallest first.
fn number(mut rest: usize) -> Vec<u8> {
    let low = |rest: usize| u8::try_from(rest & 0x7f).unwrap_or_default();
    let mut bytes = Vec::new();
    while rest > 0x7f {
        bytes.push(low(rest) | 0x80);
        rest >>= 7;
    }
    bytes.push(low(rest));
    bytes
}

/// The next packet, of the small ones that a client sends.
fn packet(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut length = [0];
    stream.read_exact(&mut length)?;
    let mut bytes = vec![0; usize::from(length.first().copied().unwrap_or_default() & 0x7f)];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn dial(address: SocketAddr, limit: Duration) -> anyhow::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, limit)?;
    stream.set_read_timeout(Some(limit))?;
    stream.set_write_timeout(Some(limit))?;
    Ok(stream)
}

/// What a client shows of the server in its list.
///
/// # Errors
/// When nobody answers in time.
pub fn ping(address: SocketAddr, limit: Duration) -> anyhow::Result<String> {
    let mut stream = dial(address, limit)?;
    let (host, unset) = (address.ip().to_string(), craftping::PROTOCOL_VERSION_NOT_SET);
    let told = craftping::sync::ping(&mut stream, &host, address.port(), unset)?;
    Ok(told.version)
}

/// Whether somebody answers there at all, with something.
///
/// # Errors
/// When nobody does in time.
pub fn knock(address: SocketAddr, limit: Duration) -> anyhow::Result<()> {
    let mut stream = dial(address, limit)?;
    stream.read_exact(&mut [0])?;
    Ok(())
}

/// Joins the game and stays. Says `echo` and a number whenever something came back; ends when nothing does for so long.
///
/// # Errors
/// When one cannot join.
pub fn play(address: SocketAddr, silence: Duration) -> anyhow::Result<()> {
    let mut stream = dial(address, Duration::from_secs(5))?;
    // Protocol 769, a host, the port, and that one logs in.
    let host = address.ip().to_string();
    let port = address.port().to_be_bytes();
    let body = [&[0][..], &number(769), &number(host.len()), host.as_bytes(), &port, &[2]].concat();
    stream.write_all(&[&number(body.len())[..], &body].concat())?;
    stream.set_read_timeout(Some(TICK))?;
    let (mut last, mut count) = (Instant::now(), 0_u64);
    let mut byte = [0];
    loop {
        stream.write_all(b".").context("the connection is gone")?;
        match stream.read(&mut byte) {
            Ok(0) => bail!("the server hung up"),
            Ok(_) => {
                (last, count) = (Instant::now(), count + 1);
                crate::claims::say(&format!("echo {count}"));
                thread::sleep(TICK);
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {}
            Err(error) => return Err(error.into()),
        }
        if last.elapsed() > silence {
            bail!("silent for {silence:?}");
        }
    }
}
