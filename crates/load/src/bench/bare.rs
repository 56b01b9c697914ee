//! A handler that does nothing but answer: what the machine gives for these bytes, whoever makes them.

use std::convert::Infallible;
use std::ffi::OsStr;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::Stdio;

use anyhow::Context as _;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, header};
use hyper_util::rt::TokioIo;
use tempfile::NamedTempFile;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

/// With it and a file we are that handler.
pub const WORD: &str = "--bare";

/// As a process of its own, as the app is one. Ends when dropped.
pub struct Bare {
    pub process: Own,
    _page: NamedTempFile,
}

impl Bare {
    pub async fn start(page: &str) -> anyhow::Result<Self> {
        let file = NamedTempFile::new()?;
        std::fs::write(file.path(), page)?;
        let process = Own::start([WORD.as_ref(), file.path().as_os_str()]).await?;
        Ok(Self { process, _page: file })
    }
}

/// Ourselves once more, as something that listens and says where. Ends when dropped.
pub struct Own {
    pub address: SocketAddr,
    _process: Child,
}

impl Own {
    pub async fn start(arguments: impl IntoIterator<Item = &OsStr>) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut process = command.spawn()?;
        let mut lines = BufReader::new(process.stdout.take().context("stdout is piped")?).lines();
        let line = lines.next_line().await?.context("it ended")?;
        Ok(Self { address: line.parse()?, _process: process })
    }
}

pub async fn serve(file: &str) -> anyhow::Result<()> {
    let page = Bytes::from(std::fs::read(file)?);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let page = page.clone();
        let answer = move |_: Request<Incoming>| {
            let page = page.clone();
            async move {
                let mut response = Response::new(Full::new(page));
                let html = header::HeaderValue::from_static("text/html; charset=utf-8");
                response.headers_mut().insert(header::CONTENT_TYPE, html);
                Ok::<_, Infallible>(response)
            }
        };
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer)));
    }
}
