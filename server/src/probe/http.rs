//! Asks a web server for its status. The body is not read, and nothing that the answer says is followed.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{ProbeResult, Stream, Target};

/// A status line is shorter.
const LONGEST: u64 = 64;

pub async fn ask(stream: &mut dyn Stream, target: Target) -> Option<ProbeResult> {
    let host = target.socket();
    let request =
        format!("HEAD / HTTP/1.1\r\nHost: {host}\r\nUser-Agent: acequia\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    let mut head = stream.take(LONGEST);
    while answer.len() < 12 && head.read_buf(&mut answer).await.ok()? > 0 {}
    status(&answer).map(|status| ProbeResult { status: Some(status), ..ProbeResult::default() })
}

/// `HTTP/1.1 200`, and whatever follows.
fn status(answer: &[u8]) -> Option<u16> {
    let text = std::str::from_utf8(answer.get(..12)?).ok()?;
    let (version, status) = text.split_once(' ')?;
    let status: u16 = status.parse().ok()?;
    (matches!(version, "HTTP/1.1" | "HTTP/1.0") && (100..600).contains(&status)).then_some(status)
}

#[cfg(test)]
mod tests {
    use super::status;

    #[test]
    fn a_status_is_three_digits_after_the_version() {
        assert_eq!(status(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/"), Some(302));
        for bad in
            [b"".as_slice(), b"HTTP/1.1 2", b"HTTP/1.1 999", b"SSH-2.0-OpenSSH", b"HTTP/1.1 +20", &[255; 40]]
        {
            assert_eq!(status(bad), None);
        }
    }
}
