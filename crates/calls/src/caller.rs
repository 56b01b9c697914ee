//! Who calls: patience, bounds, and when a call is made again.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use control_plane::{ControlPlaneError, Secret};
use tokio::sync::Semaphore;

use crate::answer::{Answer, ReadError};
use crate::call::Call;
use crate::connections::Connections;
use crate::tally::{Outcome, Tally};

/// Patience and bounds. The default is for people who wait; tests use shorter times.
#[derive(Clone, Debug)]
pub struct Limits {
    /// To connect.
    pub connect: Duration,
    /// For one whole answer.
    pub answer: Duration,
    /// The longest body that is read, in bytes.
    pub body: usize,
    /// How often a read is tried, the first time included.
    pub attempts: u32,
    /// Before the second attempt; doubled before each further one.
    pub backoff: Duration,
    /// The longest `Retry-After` that is waited for; a longer one goes to the caller at once.
    pub longest_wait: Duration,
    /// Calls at the same time.
    pub concurrency: usize,
    /// After a write that nothing guarded, until it is looked at once more.
    pub second_look: Duration,
    /// Where each call is counted.
    pub tally: Arc<Tally>,
    /// Connections that are kept for the next caller.
    pub connections: Connections,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(30),
            body: 16 * 1024 * 1024,
            attempts: 4,
            backoff: Duration::from_millis(250),
            longest_wait: Duration::from_secs(20),
            concurrency: 8,
            second_look: Duration::from_millis(400),
            tally: Arc::default(),
            connections: Connections::default(),
        }
    }
}

/// Whose certificates are believed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Trust {
    /// Authorities besides the public ones, as PEM: of somebody's own network.
    pub private_ca: Option<Vec<u8>>,
}

/// Why nobody can call.
#[derive(Debug, thiserror::Error)]
pub enum CallerError {
    /// No certificates where they should be.
    #[error("the certificates of the private authority are not understood; they have to be PEM")]
    Certificates,
    /// The TLS library did not start.
    #[error("the http client could not be made")]
    Http(#[source] reqwest::Error),
}

/// Makes calls: so many at a time, so patiently.
pub struct Caller {
    http: reqwest::Client,
    limits: Limits,
    slots: Semaphore,
}

impl Caller {
    /// A caller that has not called anybody yet.
    ///
    /// # Errors
    /// Certificates that are none.
    pub fn new(limits: Limits, trust: &Trust) -> Result<Self, CallerError> {
        let http = limits.connections.client(limits.connect, limits.answer, trust)?;
        let slots = Semaphore::new(limits.concurrency.max(1));
        Ok(Self { http, limits, slots })
    }

    /// As it was made.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Sends until there is an answer that repeating would not mend.
    ///
    /// # Errors
    /// No answer, or none that can be read.
    pub async fn send(&self, call: &Call, token: Option<&Secret>) -> Result<Answer, ControlPlaneError> {
        let mut backoff = self.limits.backoff;
        for attempt in 1.. {
            let last = attempt >= self.limits.attempts;
            let wait = match self.send_once(call, token).await {
                Ok(answer) => match self.wait_after(call, &answer, backoff) {
                    Some(wait) if !last => wait,
                    _ => return Ok(answer),
                },
                Err(error) if last || !call.repeatable || !error.is_transient() => return Err(error),
                Err(_) => backoff,
            };
            tokio::time::sleep(wait).await;
            backoff = backoff.saturating_mul(2);
        }
        Err(ControlPlaneError::Unreachable { reason: "it was not tried".into() })
    }

    /// How long to wait before the same call again; `None` if that is for the caller to decide.
    fn wait_after(&self, call: &Call, answer: &Answer, backoff: Duration) -> Option<Duration> {
        if (call.is_final)(answer) {
            return None;
        }
        let retry_after = answer.retry_after();
        match answer.status.as_u16() {
            // Refused before anything happened, so this holds for writes too.
            429 => Some(retry_after.unwrap_or(backoff)).filter(|wait| *wait <= self.limits.longest_wait),
            500 | 502..=504 if call.repeatable => {
                Some(retry_after.unwrap_or(backoff).min(self.limits.longest_wait))
            }
            _ => None,
        }
    }

    async fn send_once(&self, call: &Call, token: Option<&Secret>) -> Result<Answer, ControlPlaneError> {
        let _slot = self.slots.acquire().await;
        let request = call.request(token)?;
        let result = match self.http.execute(request).await {
            Ok(response) => Answer::read(response, self.limits.body).await,
            Err(error) => Err(ReadError::Broken(error)),
        };
        let answer = result.map_err(|error| match error {
            ReadError::Broken(error) => self.unreachable(&error),
            ReadError::TooLong => ControlPlaneError::InvalidResponse {
                reason: format!("longer than {} bytes", self.limits.body),
            },
        });
        let status = answer.as_ref().map(|answer| answer.status.as_u16()).ok();
        self.limits.tally.add(Outcome::of(status));
        tracing::debug!(method = %call.method, path = call.url.path(), status, "asked the control plane");
        answer
    }

    fn unreachable(&self, error: &reqwest::Error) -> ControlPlaneError {
        if error.is_timeout() {
            let reason = format!("no answer within {} s", self.limits.answer.as_secs_f32());
            return ControlPlaneError::Unreachable { reason };
        }
        // The innermost cause names the trouble (`connection refused`, `certificate expired`) and no secret: URL and
        // headers are known to the outermost one only.
        let mut cause: &dyn Error = error;
        while let Some(inner) = cause.source() {
            cause = inner;
        }
        let reason = match cause.downcast_ref::<reqwest::Error>() {
            None => crate::words::clean(&cause.to_string(), &[]),
            Some(_) => "the connection broke".to_owned(),
        };
        ControlPlaneError::Unreachable { reason }
    }
}
