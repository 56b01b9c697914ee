//! Texts that are kept for long and seldom read: compressed, as text again.

use std::io::{Read as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

/// What no text of ours is longer than; whatever unpacks to more was not packed here.
const LONGEST: u64 = 256 << 20;

/// Slow for a long text: not for a thread that serves requests.
///
/// # Errors
/// Never, in truth: a vector takes every byte.
pub fn pack(text: &str) -> std::io::Result<String> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes())?;
    Ok(STANDARD_NO_PAD.encode(encoder.finish()?))
}

/// What was packed.
///
/// # Errors
/// When it was not.
pub fn unpack(packed: &str) -> std::io::Result<String> {
    let bytes = STANDARD_NO_PAD.decode(packed).map_err(std::io::Error::other)?;
    let mut text = String::new();
    ZlibDecoder::new(bytes.as_slice()).take(LONGEST).read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_comes_back_to_the_byte_and_takes_a_fraction() {
        let node = |n: usize| format!("\"node-{n}\": {{\"ipv4\": \"100.64.{}.{}\"}},\n", n / 250, n % 250);
        let long = (0..5_000).map(node).collect::<Vec<_>>().concat();
        for text in ["", "{}", "ä\r\n\u{0}x", &long] {
            assert_eq!(unpack(&pack(text).unwrap()).unwrap(), text);
        }
        assert!(pack(&long).unwrap().len() * 5 < long.len(), "{}", pack(&long).unwrap().len());
        for wrong in ["!", "AAAA", "e30"] {
            assert!(unpack(wrong).is_err(), "{wrong}");
        }
    }
}
