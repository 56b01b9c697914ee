//! One call: which credential, how often, how long.

use std::error::Error;
use std::time::Duration;

use control_plane::{ControlPlaneError, CredentialKind, Secret};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Method, Request};
use serde::Serialize;
use url::Url;

use crate::answer::{Answer, ReadError};
use crate::client::TailscaleClient;

/// A request before it has a credential.
pub struct Call {
    method: Method,
    url: Url,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Option<Vec<u8>>,
    repeatable: bool,
    hide: Vec<Secret>,
}

impl Call {
    /// Only a GET is repeated on trouble.
    pub fn new(method: Method, url: Url) -> Self {
        let repeatable = method == Method::GET;
        let json = (ACCEPT, HeaderValue::from_static("application/json"));
        Self { method, url, headers: vec![json], body: None, repeatable, hide: Vec::new() }
    }

    pub fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }

    /// A secret that the answer's words may repeat.
    pub fn hiding(mut self, secret: &str) -> Self {
        self.hide.push(Secret::new(secret));
        self
    }

    /// Sets the header, in place of an earlier value.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.retain(|(other, _)| *other != name);
        self.headers.push((name, value));
        self
    }

    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.url.query_pairs_mut().append_pair(name, value);
        self
    }

    pub fn text(mut self, body: &str, content_type: &'static str) -> Self {
        self.body = Some(body.as_bytes().to_vec());
        self.header(CONTENT_TYPE, HeaderValue::from_static(content_type))
    }

    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.text(&body, "application/x-www-form-urlencoded")
    }

    pub fn json(self, body: &impl Serialize) -> Result<Self, ControlPlaneError> {
        let text = serde_json::to_string(body)
            .map_err(|_| ControlPlaneError::Unsupported { what: "this cannot be written as JSON".into() })?;
        Ok(self.text(&text, "application/json"))
    }

    fn request(&self, token: Option<&Secret>) -> Result<Request, ControlPlaneError> {
        let mut request = Request::new(self.method.clone(), self.url.clone());
        let headers = request.headers_mut();
        headers.extend(self.headers.iter().cloned());
        if let Some(token) = token {
            // What cannot stand in a header is no token.
            let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose()))
                .map_err(|_| ControlPlaneError::Unauthorised)?;
            value.set_sensitive(true);
            headers.insert(reqwest::header::AUTHORIZATION, value);
        }
        *request.body_mut() = self.body.clone().map(Into::into);
        Ok(request)
    }
}

impl TailscaleClient {
    /// With the client if there is one; with the user token if there is no client, or if the client lacks the right.
    pub(crate) async fn call(&self, call: &Call) -> Result<Answer, ControlPlaneError> {
        match (&self.token, &self.tailnet.user_token) {
            (None, _) => self.call_as(CredentialKind::UserToken, call).await,
            (Some(_), None) => self.call_as(CredentialKind::Client, call).await,
            (Some(_), Some(_)) => match self.call_as(CredentialKind::Client, call).await {
                // A refusal for lack of rights had no effect, so asking again as the person is safe.
                Err(ControlPlaneError::Forbidden { .. }) => {
                    self.call_as(CredentialKind::UserToken, call).await
                }
                other => other,
            },
        }
    }

    /// With this credential only.
    pub(crate) async fn call_as(
        &self,
        kind: CredentialKind,
        call: &Call,
    ) -> Result<Answer, ControlPlaneError> {
        let hide: Vec<&str> = call.hide.iter().map(Secret::expose).collect();
        match (kind, &self.token, &self.tailnet.user_token) {
            (CredentialKind::Client, Some(keeper), _) => {
                let minted = keeper.token(self, None).await?;
                let mut answer = self.send(call, Some(&minted.token)).await?;
                if answer.status == 401 {
                    // The token may have been revoked while the client was not: a fresh one, once.
                    let minted = keeper.token(self, Some(&minted.token)).await?;
                    answer = self.send(call, Some(&minted.token)).await?;
                }
                answer.success(&hide)
            }
            (CredentialKind::UserToken, _, Some(token)) => self.send(call, Some(token)).await?.success(&hide),
            (CredentialKind::Client, None, _) => {
                Err(ControlPlaneError::Unsupported { what: "no client is connected".into() })
            }
            (CredentialKind::UserToken, _, None) => Err(ControlPlaneError::Unsupported {
                what: "this needs a user token of an owner or admin of the tailnet".into(),
            }),
        }
    }

    /// Sends until there is an answer that repeating would not mend.
    pub(crate) async fn send(
        &self,
        call: &Call,
        token: Option<&Secret>,
    ) -> Result<Answer, ControlPlaneError> {
        let mut backoff = self.limits.backoff;
        for attempt in 1.. {
            let last = attempt >= self.limits.attempts;
            let wait = match self.send_once(call, token).await {
                Ok(answer) => match self.wait_after(call, &answer, backoff) {
                    Some(wait) if !last => wait,
                    _ => return Ok(answer),
                },
                Err(error) if last || !call.repeatable || !error.passes_by_itself() => return Err(error),
                Err(_) => backoff,
            };
            tokio::time::sleep(wait).await;
            backoff = backoff.saturating_mul(2);
        }
        Err(ControlPlaneError::Unreachable { reason: "it was not tried".into() })
    }

    /// How long to wait before the same call again; `None` if that is for the caller to decide.
    fn wait_after(&self, call: &Call, answer: &Answer, backoff: Duration) -> Option<Duration> {
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
            ReadError::TooLong => {
                ControlPlaneError::Garbled { reason: format!("longer than {} bytes", self.limits.body) }
            }
        });
        let status = answer.as_ref().map(|answer| answer.status.as_u16()).ok();
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
