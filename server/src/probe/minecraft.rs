//! The status of a Minecraft server (Java edition): version, players and what it says of itself.
//!
//! The crates that speak this look names up themselves and bring their own sockets; a status is three short
//! packets, so they are written here, over our own way out and with hard limits.
//! The protocol: <https://minecraft.wiki/w/Java_Edition_protocol/Server_List_Ping>.

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::words::plain;
use super::{ProbeResult, Stream, Target};

/// The longest answer that is read: an icon of 64 × 64 pixels and a long list of players are far shorter.
pub const LONGEST_STATUS: usize = 128 * 1024;
/// How deep a text of texts may be nested.
const DEEPEST: u8 = 16;
/// How much of what a server says of itself is put together.
pub const LONGEST_MOTD: usize = 120;

pub async fn ask(stream: &mut dyn Stream, target: Target, name: &str) -> Option<ProbeResult> {
    stream.write_all(&request(target, name)).await.ok()?;
    let length =
        usize::try_from(read_number(stream).await?).ok().filter(|length| *length <= LONGEST_STATUS)?;
    let mut packet = vec![0; length];
    stream.read_exact(&mut packet).await.ok()?;
    status(&packet)
}

/// Handshake with the wish for a status, then the wish itself. It says by which name the server was found, as a game
/// does: a router before several servers leads by it. Longer names there are none.
fn request(target: Target, name: &str) -> Vec<u8> {
    let socket = target.socket();
    let host = if name.is_empty() || name.len() > 255 { socket.ip().to_string() } else { name.to_owned() };
    let mut handshake = vec![0x00];
    // The version of the protocol: none in particular, as one asks for it.
    put_number(&mut handshake, -1);
    put_number(&mut handshake, i32::try_from(host.len()).unwrap_or(0));
    handshake.extend(host.as_bytes());
    handshake.extend(socket.port().to_be_bytes());
    handshake.push(0x01);
    let mut bytes = Vec::new();
    put_number(&mut bytes, i32::try_from(handshake.len()).unwrap_or(0));
    bytes.extend(handshake);
    bytes.extend([0x01, 0x00]);
    bytes
}

/// What the packet of a status says; `None` for anything else.
fn status(packet: &[u8]) -> Option<ProbeResult> {
    let mut rest = packet;
    (take_number(&mut rest)? == 0).then_some(())?;
    let length = usize::try_from(take_number(&mut rest)?).ok()?;
    let status: Value = serde_json::from_slice(rest.get(..length)?).ok()?;
    let status = status.as_object()?;
    let count = |name: &str| {
        let count = status.get("players")?.get(name)?.as_i64()?;
        Some(u32::try_from(count.clamp(0, 1_000_000)).unwrap_or(0))
    };
    let mut motd = String::new();
    if let Some(description) = status.get("description") {
        gather(description, DEEPEST, &mut motd);
    }
    Some(ProbeResult {
        version: status.get("version").and_then(|it| plain(it.get("name")?.as_str()?, 30)),
        players: count("online").zip(count("max")),
        motd: plain(&motd, LONGEST_MOTD),
        status: None,
    })
}

/// The texts of a text component, in order.
fn gather(part: &Value, depth: u8, text: &mut String) {
    if depth == 0 || text.len() > LONGEST_MOTD * 8 {
        return;
    }
    match part {
        Value::String(own) => text.push_str(own),
        Value::Array(parts) => parts.iter().for_each(|part| gather(part, depth - 1, text)),
        Value::Object(part) => {
            for name in ["text", "translate"] {
                if let Some(Value::String(own)) = part.get(name) {
                    text.push_str(own);
                }
            }
            if let Some(extra) = part.get("extra") {
                gather(extra, depth - 1, text);
            }
        }
        _ => {}
    }
}

/// Seven bits a byte, lowest first, at most five bytes.
fn put_number(bytes: &mut Vec<u8>, number: i32) {
    let mut left = number.cast_unsigned();
    while left > 0x7f {
        bytes.push((left & 0x7f) as u8 | 0x80);
        left >>= 7;
    }
    bytes.push((left & 0x7f) as u8);
}

fn take_number(bytes: &mut &[u8]) -> Option<i32> {
    let mut number = 0_u32;
    for shift in [0, 7, 14, 21, 28] {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u32::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(number.cast_signed());
        }
    }
    None
}

async fn read_number(stream: &mut dyn Stream) -> Option<i32> {
    let mut bytes = Vec::with_capacity(5);
    while bytes.len() < 5 {
        bytes.push(stream.read_u8().await.ok()?);
        if let Some(number) = take_number(&mut bytes.as_slice()) {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn packet(json: &str) -> Vec<u8> {
        let mut packet = vec![0];
        put_number(&mut packet, i32::try_from(json.len()).unwrap());
        packet.extend(json.as_bytes());
        packet
    }

    #[test]
    fn a_status_as_servers_send_it() {
        let told = status(&packet(
            r#"{"version":{"name":"Paper 1.21.4","protocol":769},"players":{"max":20,"online":2,"sample":[]},
                "description":{"text":"§6Llamas","extra":[{"text":" and","bold":true},"\n mills"]},"favicon":"data:x"}"#,
        ))
        .unwrap();
        assert_eq!(told.version.as_deref(), Some("Paper 1.21.4"));
        assert_eq!(told.players, Some((2, 20)));
        assert_eq!(told.motd.as_deref(), Some("Llamas and mills"));
        let old = status(&packet(r#"{"description":"A Minecraft Server"}"#)).unwrap();
        assert_eq!(old, ProbeResult { motd: Some("A Minecraft Server".into()), ..ProbeResult::default() });
    }

    #[test]
    fn what_is_no_status_is_no_answer() {
        for bad in ["", "[]", "null", "{", "\"x\""] {
            assert_eq!(status(&packet(bad)), None, "{bad}");
        }
        assert_eq!(status(&[]), None);
        assert_eq!(status(&[0, 0xff, 0xff, 0xff, 0xff, 0x0f]), None, "a negative length");
        assert_eq!(status(&[0, 5, b'{', b'}']), None, "longer than it is");
    }

    #[test]
    fn a_text_of_texts_ends_somewhere() {
        let deep = format!("{}\"x\"{}", "[".repeat(100), "]".repeat(100));
        assert_eq!(status(&packet(&format!("{{\"description\":{deep}}}"))).unwrap().motd, None);
        let long = format!("{{\"description\":\"{}\"}}", "a".repeat(50_000));
        assert_eq!(status(&packet(&long)).unwrap().motd.unwrap().chars().count(), LONGEST_MOTD + 1);
    }

    proptest! {
        #[test]
        fn numbers_come_back(number: i32) {
            let mut bytes = Vec::new();
            put_number(&mut bytes, number);
            prop_assert!(bytes.len() <= 5);
            prop_assert_eq!(take_number(&mut bytes.as_slice()), Some(number));
        }

        #[test]
        fn hostile_bytes_are_no_trouble(bytes: Vec<u8>) {
            let _ = status(&bytes);
            let _ = status(&packet(&String::from_utf8_lossy(&bytes)));
        }

        #[test]
        fn whatever_a_server_says_is_shown_as_one_plain_line(text: String) {
            let json = serde_json::json!({ "description": text, "version": { "name": text } }).to_string();
            let told = status(&packet(&json)).unwrap();
            for shown in told.motd.iter().chain(&told.version) {
                prop_assert!(shown.chars().count() <= LONGEST_MOTD + 1);
                prop_assert!(!shown.chars().any(char::is_control));
            }
        }
    }
}
