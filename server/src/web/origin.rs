//! Changes come from our own pages only.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use url::Url;

use super::Web;
use super::address::Address;
use super::problem::Problem;

/// Refuses unsafe methods unless the browser says that one of our pages sent them.
pub async fn layer(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    let config = &web.state.config;
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let here = request.extensions().get::<Address>().map(|address| &address.0);
    // In the demo it may be a loopback name, which stands in no configuration.
    let own: Vec<String> =
        config.addresses().chain(here).map(|url| url.origin().ascii_serialization()).collect();
    if !safe && !is_ours(request.headers(), &own) {
        tracing::warn!(method = %request.method(), "refused a request that no page of ours sent");
        let text = "This form was not sent from a page of this Acequia, so nothing was changed. Open the page here \
                    and send it again. If you came here by another address, such as that of a proxy or in a LAN, it \
                    has to be in `base_url` or `also_at`.";
        return Problem::new(StatusCode::FORBIDDEN, "Sent from elsewhere", text).into_response();
    }
    // Server functions lead people back to where they say that they come from.
    if !comes_from(request.headers(), &own) {
        request.headers_mut().remove(header::REFERER);
    }
    next.run(request).await
}

fn is_ours(headers: &HeaderMap, own: &[String]) -> bool {
    if let Some(site) = text(headers, HeaderName::from_static("sec-fetch-site")) {
        return site == "same-origin";
    }
    // Old browsers, and plain http by an address that is not this machine's.
    text(headers, header::ORIGIN).is_some_and(|origin| own.iter().any(|own| own == origin))
}

fn comes_from(headers: &HeaderMap, own: &[String]) -> bool {
    let url = text(headers, header::REFERER).and_then(|url| Url::parse(url).ok());
    url.is_some_and(|url| own.contains(&url.origin().ascii_serialization()))
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_may_change_something() {
        let ours = |pairs: &[(&'static str, &'static str)]| {
            let headers = pairs.iter().map(|(name, value)| {
                (HeaderName::from_static(name), axum::http::HeaderValue::from_static(value))
            });
            is_ours(&headers.collect(), &["https://gate.example".into(), "http://10.0.0.5:3000".into()])
        };
        assert!(ours(&[("sec-fetch-site", "same-origin")]));
        assert!(ours(&[("origin", "https://gate.example")]));
        assert!(ours(&[("origin", "http://10.0.0.5:3000"), ("host", "what-a-proxy-makes-of-it")]));
        for refused in [
            &[][..],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "none")],
            &[("sec-fetch-site", "cross-site"), ("origin", "https://gate.example")],
            &[("origin", "null")],
            &[("origin", "http://10.0.0.6:3000"), ("host", "10.0.0.6:3000")],
            &[("origin", "http://10.0.0.5:3001"), ("host", "10.0.0.5:3001")],
            &[("origin", "http://gate.example"), ("host", "gate.example")],
            &[("origin", "https://gate.example.evil.example"), ("host", "gate.example")],
            &[("origin", "https://evil.example"), ("host", "gate.example")],
        ] {
            assert!(!ours(refused), "{refused:?}");
        }
    }
}
