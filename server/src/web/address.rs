//! At which of our addresses somebody comes.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use url::Url;

use super::Web;
use super::problem::Problem;
use crate::config::Config;

/// One of the configured addresses; `base_url` where a request names none of them.
#[derive(Clone, Debug)]
pub struct Address(pub Url);

impl Address {
    /// Whether people come by https: cookies are then for https only.
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The address as text, without a slash at the end.
    pub fn base(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }
}

/// Puts the [`Address`] into the request. The demo, where anybody may be anybody, answers under its own names only: else
/// a page of another site, whose name was made to lead here, could read along and act (DNS rebinding).
pub async fn layer(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    let config = &web.state.config;
    let found = find(config, &request);
    if config.demo && found.is_none() {
        let text = format!(
            "This demo answers at {} and at loopback names only, so that no other site can use it. Nothing was \
             changed.",
            config.base()
        );
        return Problem::new(StatusCode::FORBIDDEN, "Asked under another name", text).into_response();
    }
    request.extensions_mut().insert(Address(found.unwrap_or_else(|| config.base_url.clone())));
    next.run(request).await
}

/// The address that a request names, if it is one of ours.
fn find(config: &Config, request: &Request) -> Option<Url> {
    // What the request line says outweighs the header (RFC 9112, section 3.2.2).
    let named: Authority = match request.uri().authority() {
        Some(authority) => authority.clone(),
        None => request.headers().get(header::HOST)?.to_str().ok()?.parse().ok()?,
    };
    let known = config.addresses().find(|url| is_at(url, &named)).cloned();
    known.or_else(|| if config.demo { loopback(config, &named) } else { None })
}

fn is_at(url: &Url, named: &Authority) -> bool {
    let host = url.host_str().is_some_and(|host| host.eq_ignore_ascii_case(named.host()));
    // A browser leaves out the usual port.
    let port = match named.port_u16() {
        None if named.as_str() == named.host() => url.port().is_none(),
        port => port == url.port_or_known_default(),
    };
    host && port && !named.as_str().contains('@')
}

/// Names that lead to one's own machine whatever a name server says.
fn loopback(config: &Config, named: &Authority) -> Option<Url> {
    let host = named.host();
    let ip = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let is_own = host.eq_ignore_ascii_case("localhost") || ip.is_ok_and(|ip| ip.is_loopback());
    let url = Url::parse(&format!("http://{named}{}/", config.base_path())).ok()?;
    (is_own && url.username().is_empty()).then_some(url)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use axum::body::Body;

    use super::*;

    fn config() -> Config {
        let url = |text| Url::parse(text).unwrap();
        let listen = ([127, 0, 0, 1], 3000).into();
        let mut config = Config::new(listen, url("https://gate.example.org"), Path::new("/nowhere"));
        config.also_at = vec![url("http://192.168.1.5:3000"), url("http://[fd00::5]"), url("http://box.lan")];
        config
    }

    fn found(config: &Config, host: &str) -> Option<String> {
        let request = Request::builder().uri("/shares").header("host", host).body(Body::empty()).unwrap();
        find(config, &request).map(|url| url.to_string())
    }

    #[test]
    fn an_address_is_known_by_host_and_port() {
        let config = config();
        for (host, address) in [
            ("gate.example.org", Some("https://gate.example.org/")),
            ("GATE.example.org:443", Some("https://gate.example.org/")),
            ("192.168.1.5:3000", Some("http://192.168.1.5:3000/")),
            ("[fd00::5]", Some("http://[fd00::5]/")),
            ("box.lan:80", Some("http://box.lan/")),
            ("gate.example.org:80", None),
            ("192.168.1.5", None),
            ("gate.example.org.evil.example", None),
            ("evil.example@box.lan", None),
            ("localhost:3000", None),
            ("", None),
        ] {
            assert_eq!(found(&config, host).as_deref(), address, "{host}");
        }
    }

    #[test]
    fn the_demo_has_loopback_names_too() {
        let config = Config { demo: true, ..config() };
        for host in ["localhost:3000", "127.0.0.1:3000", "[::1]:3000", "127.9.9.9", "LocalHost"] {
            assert!(found(&config, host).is_some(), "{host}");
        }
        for host in ["localhost.evil.example:3000", "127.0.0.1.evil.example", "10.0.0.1", "a@localhost", ""] {
            assert_eq!(found(&config, host), None, "{host}");
        }
    }
}
