//! One line per request, without secrets.

use std::sync::Arc;

use axum::http::{Request, Uri};
use tower_http::classify::{ServerErrorsAsFailures, SharedClassifier};
use tower_http::trace::{DefaultOnResponse, TraceLayer};
use tracing::{Level, Span};

use super::client;
use crate::config::Config;

/// Makes the span in which everything about a request is logged.
#[derive(Clone, Debug)]
pub struct RequestSpan(Arc<Config>);

pub fn layer(config: &Arc<Config>) -> TraceLayer<SharedClassifier<ServerErrorsAsFailures>, RequestSpan> {
    TraceLayer::new_for_http()
        .make_span_with(RequestSpan(config.clone()))
        .on_response(DefaultOnResponse::new().level(Level::INFO))
}

impl<B> tower_http::trace::MakeSpan<B> for RequestSpan {
    fn make_span(&mut self, request: &Request<B>) -> Span {
        let client = client::address(request, &self.0.trusted_proxies).map(tracing::field::display);
        tracing::info_span!("request", method = %request.method(), path = %path(request.uri()), client)
    }
}

/// The path without what is secret in it: an offer's link, and the query (codes of sign-in).
fn path(uri: &Uri) -> String {
    let path = uri.path();
    match path.find("/o/") {
        Some(at) => format!("{}/o/…", path.get(..at).unwrap_or_default()),
        None => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_codes_are_not_logged() {
        for (uri, logged) in [
            ("/o/s3cret", "/o/…"),
            ("/gate/o/s3cret/accept", "/gate/o/…"),
            ("/sign-in/callback/forge?code=s3cret", "/sign-in/callback/forge"),
            ("/shares/1", "/shares/1"),
        ] {
            assert_eq!(path(&Uri::from_static(uri)), logged);
        }
    }
}
