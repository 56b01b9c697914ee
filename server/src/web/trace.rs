//! One line per request, without secrets.

use axum::http::{Request, Uri};
use tower_http::classify::{ServerErrorsAsFailures, SharedClassifier};
use tower_http::trace::{DefaultOnResponse, TraceLayer};
use tracing::{Level, Span};

type MakeSpan<B> = fn(&Request<B>) -> Span;

pub fn layer<B>() -> TraceLayer<SharedClassifier<ServerErrorsAsFailures>, MakeSpan<B>> {
    let make_span: MakeSpan<B> = span::<B>;
    TraceLayer::new_for_http()
        .make_span_with(make_span)
        .on_response(DefaultOnResponse::new().level(Level::INFO))
}

fn span<B>(request: &Request<B>) -> Span {
    tracing::info_span!("request", method = %request.method(), path = %path(request.uri()))
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
