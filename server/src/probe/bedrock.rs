//! The status of a Minecraft server (Bedrock edition): one datagram there, one back.
//!
//! <https://minecraft.wiki/w/RakNet>, "Unconnected Ping" and "Unconnected Pong".

use super::words::plain;
use super::{Dialer, ProbeResult, Target};

/// By which `RakNet` tells its own packets from others.
const MAGIC: [u8; 16] =
    [0x00, 0xff, 0xff, 0x00, 0xfe, 0xfe, 0xfe, 0xfe, 0xfd, 0xfd, 0xfd, 0xfd, 0x12, 0x34, 0x56, 0x78];
/// What stands before the text of an answer: its kind, a time, the server's number, the magic and the text's length.
const HEAD: usize = 1 + 8 + 8 + 16 + 2;

/// One of the two may be lost on the way: the answer to either is as good.
pub async fn ask(dialer: &dyn Dialer, target: Target) -> Option<ProbeResult> {
    status(&dialer.exchange(target, &request()).await.ok()?)
}

fn request() -> Vec<u8> {
    let mut packet = vec![0x01];
    packet.extend([0; 8]);
    packet.extend(MAGIC);
    packet.extend([0; 8]);
    packet
}

/// `MCPE;what it says of itself;protocol;version;players;most;…`
fn status(packet: &[u8]) -> Option<ProbeResult> {
    let (head, text) = packet.split_at_checked(HEAD)?;
    (head.first() == Some(&0x1c) && head.get(17..33) == Some(&MAGIC)).then_some(())?;
    let text = String::from_utf8_lossy(text);
    let mut fields = text.split(';');
    (fields.next()?.starts_with("MC")).then_some(())?;
    let motd = fields.next().and_then(|motd| plain(motd, super::minecraft::LONGEST_MOTD));
    let version = fields.nth(1).and_then(|version| plain(version, 30));
    let mut count = || fields.next()?.parse::<u32>().ok().map(|count| count.min(1_000_000));
    let players = count().zip(count());
    Some(ProbeResult { version, players, motd, status: None })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pong(text: &str) -> Vec<u8> {
        let mut packet = vec![0x1c];
        packet.extend([7; 16]);
        packet.extend(MAGIC);
        packet.extend(u16::try_from(text.len()).unwrap().to_be_bytes());
        packet.extend(text.as_bytes());
        packet
    }

    /// The example of the page named above.
    #[test]
    fn a_status_as_servers_send_it() {
        let told = status(&pong(
            "MCPE;Dedicated Server;390;1.14.60;0;10;13253860892328930865;Bedrock level;Survival;1;19132;19133;",
        ))
        .unwrap();
        assert_eq!(told.version.as_deref(), Some("1.14.60"));
        assert_eq!(told.players, Some((0, 10)));
        assert_eq!(told.motd.as_deref(), Some("Dedicated Server"));
    }

    #[test]
    fn what_is_no_status_is_no_answer() {
        for bad in [&[][..], &[0x1c; 40], b"HTTP/1.1 200 OK\r\n", &pong("hello")[..], &pong("")[..20]] {
            assert_eq!(status(bad), None, "{bad:?}");
        }
        assert!(status(&pong("MCEE;§aSchool")).unwrap().players.is_none());
    }

    proptest! {
        #[test]
        fn hostile_bytes_are_no_trouble(bytes: Vec<u8>, text: String) {
            let _ = status(&bytes);
            let _ = status(&pong(&format!("MCPE;{text}").chars().take(9_000).collect::<String>()));
        }
    }
}
