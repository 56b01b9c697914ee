//! Changes come from our own pages only.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::Web;
use super::problem::Problem;

/// Refuses unsafe methods unless the browser says that one of our pages sent them.
pub async fn layer(State(web): State<Web>, request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let own = web.services.config.base_url.origin().ascii_serialization();
    if safe || is_ours(request.headers(), &own) {
        return next.run(request).await;
    }
    tracing::warn!(method = %request.method(), "refused a request that no page of ours sent");
    let text = "This form was not sent from a page of this Acequia, so nothing was changed. Open the page here \
                and send it again. If you came here through a proxy, its address has to be in `base_url`.";
    Problem::new(&web.services.config, StatusCode::FORBIDDEN, "Sent from elsewhere", text).into_response()
}

fn is_ours(headers: &HeaderMap, own: &str) -> bool {
    let text = |name| headers.get(name).and_then(|value: &axum::http::HeaderValue| value.to_str().ok());
    if let Some(site) = text(header::HeaderName::from_static("sec-fetch-site")) {
        return site == "same-origin";
    }
    // Old browsers, and plain http by an address that is not this machine's.
    let Some(origin) = text(header::ORIGIN) else { return false };
    let host = text(header::HOST).unwrap_or_default();
    origin == own || origin.split_once("://").is_some_and(|(_, rest)| !rest.is_empty() && rest == host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_may_change_something() {
        let ours = |pairs: &[(&'static str, &'static str)]| {
            let headers = pairs.iter().map(|(name, value)| {
                (header::HeaderName::from_static(name), axum::http::HeaderValue::from_static(value))
            });
            is_ours(&headers.collect(), "https://gate.example")
        };
        assert!(ours(&[("sec-fetch-site", "same-origin")]));
        assert!(ours(&[("origin", "https://gate.example")]));
        assert!(ours(&[("origin", "http://10.0.0.5:3000"), ("host", "10.0.0.5:3000")]));
        for refused in [
            &[][..],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "none")],
            &[("sec-fetch-site", "cross-site"), ("origin", "https://gate.example")],
            &[("origin", "null")],
            &[("origin", "https://gate.example.evil.example"), ("host", "gate.example")],
            &[("origin", "https://evil.example"), ("host", "gate.example")],
        ] {
            assert!(!ours(refused), "{refused:?}");
        }
    }
}
