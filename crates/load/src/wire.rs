//! One keep-alive connection of one browser, from an address of its own, with its cookies.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use anyhow::{Context as _, bail};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, Response, header};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, timeout};

/// How long anybody waits for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Client {
    from: IpAddr,
    to: SocketAddr,
    sender: Option<SendRequest<Full<Bytes>>>,
    cookies: BTreeMap<String, String>,
    /// How long an answer may take.
    pub patience: Duration,
}

/// What came back, read to its end.
pub struct Answer {
    pub status: u16,
    /// Where it leads, if it does.
    pub location: Option<String>,
    pub body: String,
}

/// How an answer came, of which nothing is kept.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    pub status: u16,
    /// Until the first bytes of its body.
    pub first: Duration,
    pub whole: Duration,
    pub bytes: usize,
}

impl Client {
    pub fn new(from: IpAddr, to: SocketAddr) -> Self {
        Self { from, to, sender: None, cookies: BTreeMap::new(), patience: PATIENCE }
    }

    /// Another browser window: the same cookies, from another address and on a connection of its own.
    #[must_use]
    pub fn beside(&self, from: IpAddr) -> Self {
        Self { cookies: self.cookies.clone(), patience: self.patience, ..Self::new(from, self.to) }
    }

    pub fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    pub async fn get(&mut self, path: &str) -> anyhow::Result<Answer> {
        self.send("GET", path, None).await
    }

    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> anyhow::Result<Answer> {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send("POST", path, Some(("application/x-www-form-urlencoded", &form))).await
    }

    /// # Errors
    /// When there is no answer in time; one that is no success is an answer.
    pub async fn send(
        &mut self,
        method: &str,
        path: &str,
        body: Option<(&str, &str)>,
    ) -> anyhow::Result<Answer> {
        let kept = self.sender.is_some();
        match timeout(self.patience, self.try_send(method, path, body)).await {
            Ok(Ok(answer)) => Ok(answer),
            // A connection that was idle may be closed at the moment in which it is used again.
            Ok(Err(error)) if kept => {
                self.sender = None;
                let again = timeout(self.patience, self.try_send(method, path, body)).await;
                again.with_context(|| format!("no answer to {method} {path}"))?.context(error)
            }
            Ok(Err(error)) => Err(error.context(format!("{method} {path}"))),
            Err(_) => {
                self.sender = None;
                bail!("no answer to {method} {path} in {:?}", self.patience)
            }
        }
    }

    /// Reads an answer as it comes, without keeping it.
    ///
    /// # Errors
    /// When there is no answer in time.
    pub async fn watch(&mut self, path: &str) -> anyhow::Result<Arrival> {
        let began = Instant::now();
        let patience = self.patience;
        let arrival = async {
            let (sender, response) = self.ask("GET", path, None).await?;
            let status = response.status().as_u16();
            let (mut body, mut first, mut bytes) = (response.into_body(), None, 0);
            while let Some(frame) = body.frame().await {
                if let Some(data) = frame?.data_ref() {
                    first.get_or_insert_with(|| began.elapsed());
                    bytes += data.len();
                }
            }
            self.sender = Some(sender);
            let whole = began.elapsed();
            Ok(Arrival { status, first: first.unwrap_or(whole), whole, bytes })
        };
        timeout(patience, arrival).await.with_context(|| format!("no answer to {path} in {patience:?}"))?
    }

    async fn try_send(
        &mut self,
        method: &str,
        path: &str,
        body: Option<(&str, &str)>,
    ) -> anyhow::Result<Answer> {
        let (sender, response) = self.ask(method, path, body).await?;
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            self.keep(cookie.to_str().unwrap_or_default());
        }
        let body = body.collect().await?.to_bytes();
        self.sender = Some(sender);
        let location = parts.headers.get(header::LOCATION).and_then(|value| value.to_str().ok());
        Ok(Answer {
            status: parts.status.as_u16(),
            location: location.map(str::to_owned),
            body: String::from_utf8_lossy(&body).into_owned(),
        })
    }

    /// The head of the answer, and the connection for when its body was read.
    async fn ask(
        &mut self,
        method: &str,
        path: &str,
        body: Option<(&str, &str)>,
    ) -> anyhow::Result<(SendRequest<Full<Bytes>>, Response<Incoming>)> {
        let mut sender = match self.sender.take() {
            Some(sender) if !sender.is_closed() => sender,
            _ => {
                let stream = connect(self.from, self.to).await?;
                let (sender, connection) = handshake(TokioIo::new(stream)).await?;
                tokio::spawn(connection);
                sender
            }
        };
        sender.ready().await?;
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, self.to.to_string())
            .header(header::ACCEPT, "text/html")
            .header(
                header::USER_AGENT,
                "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
            )
            .header("sec-fetch-site", "same-origin");
        if !self.cookies.is_empty() {
            let pairs: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, pairs.join("; "));
        }
        if let Some((kind, _)) = body {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        let text = body.map(|(_, text)| text.to_owned()).unwrap_or_default();
        let response = sender.send_request(request.body(Full::new(Bytes::from(text)))?).await?;
        Ok((sender, response))
    }

    fn keep(&mut self, cookie: &str) {
        let Some((name, value)) = cookie.split(';').next().and_then(|pair| pair.split_once('=')) else {
            return;
        };
        if value.is_empty() || cookie.contains("Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

/// A connection from one of this machine's own addresses.
///
/// # Errors
/// When it is refused.
pub async fn connect(from: IpAddr, to: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::new(from, 0))?;
    let stream = socket.connect(to).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// A page that is there.
///
/// # Errors
/// With the status, if it is not.
pub fn ok(answer: Answer, what: &str) -> anyhow::Result<Answer> {
    anyhow::ensure!(answer.status == 200, "{what}: {} to {:?}", answer.status, answer.location);
    Ok(answer)
}

/// A form that was taken: where it leads.
///
/// # Errors
/// With the status, if it was not.
pub fn leads(answer: Answer, what: &str) -> anyhow::Result<String> {
    let Answer { status, location, .. } = answer;
    let location = location.filter(|_| matches!(status, 302 | 303));
    let to = location.with_context(|| format!("{what}: {status}"))?;
    anyhow::ensure!(!to.contains("/sign-in"), "{what}: signed out");
    Ok(to)
}
