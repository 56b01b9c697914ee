//! Connections that are kept from one caller to the next.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::redirect::Policy;

use crate::caller::{CallerError, Trust};

/// A kept connection is closed after so long without a call: sooner than servers close theirs (nginx after 75 s), since
/// a write that meets such an end leaves open whether it happened.
const IDLE: Duration = Duration::from_secs(20);

/// To connect, for an answer, and who is believed: what a client is made of.
type Kind = (Duration, Duration, Trust);

/// HTTP clients with their open connections, one for each way to call. Clones share them, within one tokio runtime.
///
/// Making a client reads the certificates of the whole system, and the first call of each one begins with a handshake:
/// both once instead of at every job.
#[derive(Clone, Debug, Default)]
pub struct Connections {
    clients: Arc<Mutex<HashMap<Kind, reqwest::Client>>>,
}

impl Connections {
    pub(crate) fn client(
        &self,
        connect: Duration,
        answer: Duration,
        trust: &Trust,
    ) -> Result<reqwest::Client, CallerError> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let kind = (connect, answer, trust.clone());
        if let Some(client) = clients.get(&kind) {
            return Ok(client.clone());
        }
        let client = make(&kind)?;
        clients.insert(kind, client.clone());
        Ok(client)
    }
}

fn make((connect, answer, trust): &Kind) -> Result<reqwest::Client, CallerError> {
    // reqwest is built without a TLS provider so that aws-lc stays out; a second call changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("acequia/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .pool_idle_timeout(IDLE)
        .connect_timeout(*connect)
        .timeout(*answer);
    if let Some(pem) = &trust.private_ca {
        let authorities = reqwest::Certificate::from_pem_bundle(pem).ok().filter(|all| !all.is_empty());
        builder = builder.tls_certs_merge(authorities.ok_or(CallerError::Certificates)?);
    }
    builder.build().map_err(CallerError::Http)
}

#[cfg(test)]
mod tests {
    use reqwest::Method;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;
    use crate::{Call, Caller, Limits};

    /// Answers whatever is asked until the other side is gone.
    async fn answer(mut stream: TcpStream) {
        let mut asked = Vec::new();
        let mut piece = [0; 1024];
        while let Ok(read @ 1..) = stream.read(&mut piece).await {
            asked.extend_from_slice(&piece[..read]);
            if asked.ends_with(b"\r\n\r\n") {
                asked.clear();
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await.unwrap();
            }
        }
    }

    /// How many connections three callers make that come one after the other.
    async fn connections_of(limits: impl Fn() -> Limits) -> usize {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let asks = async {
            for _ in 0..3 {
                let caller = Caller::new(limits(), &Trust::default()).unwrap();
                caller.send(&Call::new(Method::GET, url.parse().unwrap()), None).await.unwrap();
            }
        };
        tokio::pin!(asks);
        let mut made = 0;
        loop {
            tokio::select! {
                () = &mut asks => return made,
                accepted = listener.accept() => {
                    made += 1;
                    tokio::spawn(answer(accepted.unwrap().0));
                }
            }
        }
    }

    #[tokio::test]
    async fn a_caller_goes_on_with_the_connection_of_the_one_before() {
        let connections = Connections::default();
        let kept = || Limits { connections: connections.clone(), ..Limits::default() };
        assert_eq!(connections_of(kept).await, 1);
        assert_eq!(connections_of(Limits::default).await, 3);
    }

    #[test]
    fn who_is_believed_by_one_caller_is_not_believed_by_another() {
        let connections = Connections::default();
        let client = |trust: &Trust| connections.client(Duration::ZERO, Duration::ZERO, trust);
        assert!(client(&Trust::default()).is_ok());
        assert!(client(&Trust { private_ca: Some(b"no certificate".to_vec()) }).is_err());
        assert!(client(&Trust::default()).is_ok());
        assert_eq!(connections.clients.lock().unwrap().len(), 1);
    }
}
