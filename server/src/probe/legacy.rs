//! The status of a Minecraft server from before 1.7: it does not know today's packets, and says what it is as it shows
//! somebody the door.
//!
//! <https://minecraft.wiki/w/Java_Edition_protocol/Server_List_Ping>, sections "1.4 to 1.5" and "Beta 1.8 to 1.3".

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::words::plain;
use super::{ProbeResult, Stream};

/// The longest answer that is read, in UTF-16 units: the text of a status has some hundred.
const LONGEST: u16 = 2048;

pub async fn ask(stream: &mut dyn Stream) -> Option<ProbeResult> {
    stream.write_all(&[0xfe, 0x01]).await.ok()?;
    (stream.read_u8().await.ok()? == 0xff).then_some(())?;
    let length = stream.read_u16().await.ok().filter(|length| *length <= LONGEST)?;
    let mut units = Vec::with_capacity(usize::from(length));
    for _ in 0..length {
        units.push(stream.read_u16().await.ok()?);
    }
    Some(status(&String::from_utf16_lossy(&units)))
}

/// `§1`, protocol, version, words, players, most, with zeros between them; before that words, players, most, with `§`.
fn status(text: &str) -> ProbeResult {
    let count = |text: &str| text.parse::<u32>().ok().map(|count| count.min(1_000_000));
    let motd = |text: &str| plain(text, super::minecraft::LONGEST_MOTD);
    let fields: Vec<&str> = text.split('\0').collect();
    if let ["§1", _, version, words, now, most] = fields[..] {
        return ProbeResult {
            version: plain(version, 30),
            players: count(now).zip(count(most)),
            motd: motd(words),
            status: None,
        };
    }
    let mut fields = text.rsplitn(3, '§');
    let (most, now, words) = (fields.next(), fields.next(), fields.next());
    ProbeResult {
        players: now.and_then(count).zip(most.and_then(count)),
        motd: words.and_then(motd),
        ..ProbeResult::default()
    }
}

#[cfg(test)]
mod tests {
    use super::status;

    #[test]
    fn both_forms_are_understood_and_others_are_an_answer_without_words() {
        let told = status("§1\u{0}61\u{0}1.5.2\u{0}A Minecraft Server\u{0}3\u{0}20");
        assert_eq!((told.version.as_deref(), told.players), (Some("1.5.2"), Some((3, 20))));
        assert_eq!(told.motd.as_deref(), Some("A Minecraft Server"));
        let old = status("A Minecraft Server§0§20");
        assert_eq!((old.motd.as_deref(), old.players), (Some("A Minecraft Server"), Some((0, 20))));
        let kicked = status("You are not white-listed on this server!");
        assert_eq!((kicked.motd, kicked.players), (None, None));
    }
}
