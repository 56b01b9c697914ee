//! One line per request, without secrets.

use std::sync::Arc;

use axum::http::{Request, Uri};
use tower_http::classify::{ServerErrorsAsFailures, SharedClassifier};
use tower_http::trace::{DefaultOnResponse, TraceLayer};
use tracing::{Level, Span};

use super::client;
use super::request_id::RequestId;
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
        let id = request.extensions().get::<RequestId>().map(RequestId::as_str);
        tracing::info_span!("request", id, method = %request.method(), path = %path(request.uri()), client)
    }
}

/// As many characters as an id with its strokes; a token has more.
const LONGEST_ID: usize = 36;

/// The path without what may be secret in it: an offer's link, whatever is longer than an id, and the query (codes of
/// sign-in).
fn path(uri: &Uri) -> String {
    let mut in_link = false;
    let segments = uri.path().split('/').map(|segment| {
        let secret = in_link || segment.len() > LONGEST_ID;
        in_link = segment == "o";
        if secret { "…" } else { segment }
    });
    segments.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_codes_are_not_logged() {
        for (uri, logged) in [
            ("/o/s3cret", "/o/…"),
            ("/gate/o/s3cret/accept", "/gate/o/…/accept"),
            ("/sign-in/again/aBcD1234aBcD1234aBcD1234aBcD1234aBcD1234_-x", "/sign-in/again/…"),
            ("/x/aBcD1234aBcD1234aBcD1234aBcD1234aBcD1234_-x/y", "/x/…/y"),
            (
                "/shares/01900000-0000-7000-8000-000000000000/end",
                "/shares/01900000-0000-7000-8000-000000000000/end",
            ),
            ("/sign-in/callback/forge?code=s3cret", "/sign-in/callback/forge"),
            ("/shares/1", "/shares/1"),
        ] {
            assert_eq!(path(&Uri::from_static(uri)), logged);
        }
    }
}
