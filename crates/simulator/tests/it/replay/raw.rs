//! HTTP without a client's ideas of a path: `..` and `//` go as they are.

use std::fmt::Write as _;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What is sent.
#[derive(Clone, Debug)]
pub struct Sent {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<String>,
}

/// What came.
#[derive(Clone, Debug)]
pub struct Came {
    pub status: u16,
    /// Names in lower case; one may stand more than once.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

pub async fn send(address: &str, sent: &Sent) -> Came {
    let host = address.strip_prefix("http://").expect("an address of ours");
    let mut stream = TcpStream::connect(host).await.expect("the simulator listens");
    let mut head = format!("{} {} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n", sent.method, sent.path);
    for (name, value) in &sent.headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    if let Some(body) = &sent.body {
        let _ = write!(head, "Content-Length: {}\r\n", body.len());
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).await.expect("the head is taken");
    stream.write_all(sent.body.as_deref().unwrap_or_default().as_bytes()).await.expect("the body is taken");
    let mut all = Vec::new();
    stream.read_to_end(&mut all).await.expect("an answer");
    let text = String::from_utf8(all).expect("a text");
    let (head, body) = text.split_once("\r\n\r\n").expect("a head");
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).expect("a status");
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    Came { status, headers, body: body.to_owned() }
}
