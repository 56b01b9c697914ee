//! One HTTP answer, and what its status means.

use std::time::Duration;

use control_plane::{ControlPlaneError, ETag};
use jiff::Timestamp;
use reqwest::header::{CONTENT_TYPE, ETAG, HeaderMap, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use serde::de::DeserializeOwned;

use crate::wire::error::Refusal;
use crate::words::clean;

/// An answer, read whole, of bounded size.
pub struct Answer {
    pub status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    /// Reads the body, at most `limit` bytes of it.
    pub async fn read(mut response: Response, limit: usize) -> Result<Self, ReadError> {
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(ReadError::Broken)? {
            if body.len() + chunk.len() > limit {
                return Err(ReadError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Self { status: response.status(), headers: response.headers().clone(), body })
    }

    /// Itself if the status says so, else the error. `hide` are secrets that the words may repeat.
    pub fn success(self, hide: &[&str]) -> Result<Self, ControlPlaneError> {
        if !self.status.is_success() {
            return Err(self.error(hide));
        }
        // A captive portal or a proxy's own page answers 200 to everything; the API never answers with a page.
        let kind = self.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if kind.trim_start().to_ascii_lowercase().starts_with("text/html") {
            return Err(ControlPlaneError::Garbled { reason: "a web page came instead of an answer".into() });
        }
        Ok(self)
    }

    fn error(&self, hide: &[&str]) -> ControlPlaneError {
        let refusal: Refusal = serde_json::from_slice(&self.body).unwrap_or_default();
        let said = if refusal.message.is_empty() { &refusal.error } else { &refusal.message };
        let mut message = clean(said, hide);
        if message.is_empty() {
            message = format!("it answered {} without a reason", self.status.as_u16());
        }
        match self.status.as_u16() {
            401 => ControlPlaneError::Unauthorised,
            402 | 403 => ControlPlaneError::Forbidden { message },
            404 | 410 => ControlPlaneError::NotFound,
            412 => ControlPlaneError::Conflict,
            429 => ControlPlaneError::RateLimited { retry_after: self.retry_after() },
            405 | 501 => ControlPlaneError::Unsupported { what: message },
            400..=499 => {
                let details = refusal.data.into_iter().map(Into::into).collect();
                ControlPlaneError::Rejected { message, details }
            }
            500..=599 => {
                ControlPlaneError::Unreachable { reason: format!("it answered {}", self.status.as_u16()) }
            }
            status => ControlPlaneError::Garbled { reason: format!("unexpected status {status}") },
        }
    }

    /// `Retry-After`: seconds or a date (RFC 9110, section 10.2.3).
    pub fn retry_after(&self) -> Option<Duration> {
        let text = self.headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
        if let Ok(seconds) = text.parse() {
            return Some(Duration::from_secs(seconds));
        }
        let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
        Duration::try_from(date.duration_since(Timestamp::now())).ok()
    }

    /// The version mark.
    pub fn etag(&self) -> Option<ETag> {
        let text = self.headers.get(ETAG)?.to_str().ok()?;
        Some(ETag::new(text)).filter(|etag| !etag.as_str().is_empty())
    }

    /// The body as text.
    pub fn text(self) -> Result<String, ControlPlaneError> {
        String::from_utf8(self.body)
            .map_err(|_| ControlPlaneError::Garbled { reason: "the answer is no text".into() })
    }

    /// The body as JSON. The error names `what` was expected, never what came: it may hold a secret.
    pub fn json<T: DeserializeOwned>(&self, what: &str) -> Result<T, ControlPlaneError> {
        serde_json::from_slice(&self.body).map_err(|error| ControlPlaneError::Garbled {
            reason: format!("expected {what}, failed at line {} column {}", error.line(), error.column()),
        })
    }

    /// The body as JSON, with the default for an empty one and for `null`.
    pub fn json_or_default<T: DeserializeOwned + Default>(&self, what: &str) -> Result<T, ControlPlaneError> {
        if self.body.trim_ascii().is_empty() {
            return Ok(T::default());
        }
        Ok(self.json::<Option<T>>(what)?.unwrap_or_default())
    }
}

/// Why a body could not be read.
pub enum ReadError {
    Broken(reqwest::Error),
    TooLong,
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn answer(header: &str, value: String) -> Answer {
        let head = http::Response::builder().status(429).header(header, value);
        let response = Response::from(head.body("{}").unwrap());
        let Ok(answer) = Answer::read(response, 100).await else { panic!("a short body can be read") };
        answer
    }

    #[tokio::test]
    async fn a_time_to_wait_is_read_as_seconds_and_as_a_date() {
        let after = |value: String| async { answer("retry-after", value).await.retry_after() };
        assert_eq!(after("7".into()).await, Some(Duration::from_secs(7)));
        let soon = Timestamp::now() + jiff::SignedDuration::from_mins(10);
        let date = soon.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let wait = after(date).await.unwrap();
        assert!(wait > Duration::from_mins(9) && wait <= Duration::from_mins(10), "{wait:?}");
        assert_eq!(after("Wed, 21 Oct 2015 07:28:00 GMT".into()).await, None);
        assert_eq!(after("soon".into()).await, None);
    }

    #[tokio::test]
    async fn a_body_beyond_the_limit_is_not_read() {
        let response: Response = http::Response::new("x".repeat(101)).into();
        assert!(matches!(Answer::read(response, 100).await, Err(ReadError::TooLong)));
    }
}
