//! The one HTTP client in the shape that `oauth2` asks for.

use std::time::Duration;

use oauth2::{HttpRequest, HttpResponse};

use crate::config::is_private;

/// Answers of providers are small: keys, tokens, claims.
const LARGEST: usize = 1 << 20;

#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// A provider that is reached over https names addresses of its own: those have to be as safe.
    #[error("it leads to an address without https")]
    NotPrivate,
    #[error("it does not answer: {0}")]
    Send(String),
    #[error("its answer is larger than {LARGEST} bytes")]
    TooLarge,
}

/// Follows no redirects, waits only so long, reads only so much.
#[derive(Clone, Debug)]
pub struct Http {
    client: reqwest::Client,
    limit: Duration,
}

impl Http {
    pub fn new(client: reqwest::Client, limit: Duration) -> Self {
        Self { client, limit }
    }

    /// As an `oauth2` client.
    pub fn asks(
        &self,
    ) -> impl Fn(
        HttpRequest,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send>>
    + Send
    + Sync
    + 'static {
        let this = self.clone();
        move |request| {
            let this = this.clone();
            Box::pin(async move { this.ask(request).await })
        }
    }

    pub async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let send = |error: reqwest::Error| HttpError::Send(innermost(&error));
        let mut request = reqwest::Request::try_from(request).map_err(send)?;
        if !is_private(request.url()) {
            return Err(HttpError::NotPrivate);
        }
        *request.timeout_mut() = Some(self.limit);
        let mut answer = self.client.execute(request).await.map_err(send)?;
        let mut response = HttpResponse::new(Vec::new());
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        while let Some(chunk) = answer.chunk().await.map_err(send)? {
            if response.body().len() + chunk.len() > LARGEST {
                return Err(HttpError::TooLarge);
            }
            response.body_mut().extend_from_slice(&chunk);
        }
        Ok(response)
    }
}

/// The cause at the bottom, without the URL: "connection refused" tells more than "error sending request".
fn innermost(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".into();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
