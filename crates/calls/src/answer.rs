//! One HTTP answer, and what its status means.

use std::time::Duration;

use control_plane::{ControlPlaneError, Detail, ETag};
use jiff::Timestamp;
use reqwest::header::{CONTENT_TYPE, DATE, ETAG, HeaderMap, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use serde::de::DeserializeOwned;

/// An answer, read whole, of bounded size.
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    /// Reads the body, at most `limit` bytes of it.
    pub(crate) async fn read(mut response: Response, limit: usize) -> Result<Self, ReadError> {
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(ReadError::Broken)? {
            if body.len() + chunk.len() > limit {
                return Err(ReadError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Self { status: response.status(), headers: response.headers().clone(), body })
    }

    /// Itself, unless it is a page: a captive portal or a proxy's own page answers 200 to everything, an API never does.
    ///
    /// # Errors
    /// A page.
    pub fn no_page(self) -> Result<Self, ControlPlaneError> {
        if self.is_page() {
            return Err(ControlPlaneError::InvalidResponse {
                reason: "a web page came instead of an answer".into(),
            });
        }
        Ok(self)
    }

    /// Whether it is a page for people.
    pub fn is_page(&self) -> bool {
        self.content_type().starts_with("text/html")
    }

    /// Whether it is a page for people with nothing on it.
    pub fn is_blank_page(&self) -> bool {
        const NOTHING: &[u8] = b"<body></body>";
        self.is_page() && self.body.windows(NOTHING.len()).any(|part| part == NOTHING)
    }

    /// `Content-Type` in lower case; empty if there is none.
    pub fn content_type(&self) -> String {
        let kind = self.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        kind.trim_start().to_ascii_lowercase()
    }

    /// What its status means where the control plane says nothing else, with its cleaned words.
    pub fn error(&self, said: String, details: Vec<Detail>) -> ControlPlaneError {
        let status = self.status.as_u16();
        let message = if said.is_empty() { format!("it answered {status} without a reason") } else { said };
        match status {
            401 => ControlPlaneError::Unauthorised,
            402 | 403 => ControlPlaneError::Forbidden { message },
            404 | 410 => ControlPlaneError::NotFound,
            412 => ControlPlaneError::Conflict,
            429 => ControlPlaneError::RateLimited { retry_after: self.retry_after() },
            405 | 501 => ControlPlaneError::Unsupported { what: message },
            400..=499 => ControlPlaneError::Rejected { message, details },
            500..=599 => ControlPlaneError::Unreachable { reason: format!("it answered {status}") },
            _ => ControlPlaneError::InvalidResponse { reason: format!("unexpected status {status}") },
        }
    }

    /// How long it asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        retry_after(&self.headers)
    }

    /// `Date`: the other side's clock, in whole seconds.
    pub fn date(&self) -> Option<Timestamp> {
        let text = self.headers.get(DATE)?.to_str().ok()?;
        jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
    }

    /// The version mark.
    pub fn etag(&self) -> Option<ETag> {
        let text = self.headers.get(ETAG)?.to_str().ok()?;
        Some(ETag::new(text)).filter(|etag| !etag.as_str().is_empty())
    }

    /// The body as text.
    ///
    /// # Errors
    /// What is none.
    pub fn text(self) -> Result<String, ControlPlaneError> {
        String::from_utf8(self.body)
            .map_err(|_| ControlPlaneError::InvalidResponse { reason: "the answer is no text".into() })
    }

    /// The body as JSON. The error names `what` was expected, never what came: it may hold a secret.
    ///
    /// # Errors
    /// What is not of this form.
    pub fn json<T: DeserializeOwned>(&self, what: &str) -> Result<T, ControlPlaneError> {
        serde_json::from_slice(&self.body).map_err(|error| ControlPlaneError::InvalidResponse {
            reason: format!("expected {what}, failed at line {} column {}", error.line(), error.column()),
        })
    }

    /// The body as JSON, with the default for an empty one and for `null`.
    ///
    /// # Errors
    /// What is not of this form.
    pub fn json_or_default<T: DeserializeOwned + Default>(&self, what: &str) -> Result<T, ControlPlaneError> {
        if self.body.trim_ascii().is_empty() {
            return Ok(T::default());
        }
        Ok(self.json::<Option<T>>(what)?.unwrap_or_default())
    }
}

/// `Retry-After`: seconds or a date (RFC 9110, section 10.2.3).
#[expect(clippy::disallowed_methods, reason = "the date of an answer is of the world's clock")]
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    Duration::try_from(date.duration_since(Timestamp::now())).ok()
}

/// Why a body could not be read.
pub(crate) enum ReadError {
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
        #[expect(clippy::disallowed_methods, reason = "the date of an answer is of the world's clock")]
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
