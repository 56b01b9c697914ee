//! Webhooks as <https://www.standardwebhooks.com> has them: an id that stays, the time of the try, and both with the body
//! under a signature that only who has the secret can make.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, Mac as _};
use model::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::Sha256;
use url::Url;

use super::{Failure, Letter, address, http};
use crate::config::Notifications;
use crate::words::telling as words;

/// Where somebody wants to be told, and the secret that they share with this Acequia.
#[derive(Clone, Serialize, Deserialize)]
pub struct Hook {
    pub url: Url,
    /// `whsec_` and base64.
    pub secret: String,
}

/// A new secret, of random bytes.
pub fn secret(bytes: [u8; 32]) -> String {
    format!("whsec_{}", BASE64.encode(bytes))
}

/// Why an address cannot be that of a webhook here, as far as it tells by itself.
pub fn refusal(config: &Notifications, url: &Url) -> Option<&'static str> {
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Some(words::NO_ADDRESS);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Some(words::NO_PASSWORD_IN_ADDRESS);
    }
    if config.allows(url) {
        None
    } else if !config.webhook_hosts.is_empty() {
        Some(words::NOT_ALLOWED)
    } else if url.scheme() == "http" {
        Some(words::NOT_HTTPS)
    } else {
        None
    }
}

/// One try.
///
/// # Errors
/// When it was not taken.
pub async fn send(config: &Notifications, to: &Hook, letter: &Letter, now: Timestamp) -> Result<(), Failure> {
    if let Some(why) = refusal(config, &to.url) {
        return Err(Failure::ForGood(why.into()));
    }
    let mut client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(config.timeout)
        .user_agent(concat!("acequia/", env!("CARGO_PKG_VERSION")));
    if !config.allows(&to.url) {
        let found = tokio::time::timeout(config.timeout, address::public(&to.url)).await;
        let found = found.unwrap_or_else(|_| Err(Failure::Later(words::NO_SUCH_HOST.into())))?;
        client = client.resolve_to_addrs(to.url.host_str().unwrap_or_default(), &found);
    }
    let client = client.build().map_err(|_| Failure::Later(words::BROKEN_OFF.into()))?;
    let body = body(letter);
    let time = now.seconds().to_string();
    let signature = signature(&to.secret, &letter.id, &time, &body)
        .ok_or_else(|| Failure::ForGood(words::NO_SECRET.into()))?;
    let request = client
        .post(to.url.clone())
        .header("webhook-id", &letter.id)
        .header("webhook-timestamp", time)
        .header("webhook-signature", format!("v1,{signature}"))
        .header("content-type", "application/json")
        .body(body);
    http::post(request).await
}

/// The same at each try, to the byte.
fn body(letter: &Letter) -> String {
    let links: Vec<_> =
        letter.links.iter().map(|(label, url)| json!({ "label": label, "url": url })).collect();
    json!({
        "type": format!("share.{}", letter.kind),
        "timestamp": letter.at,
        "data": {
            "as": letter.heard_as,
            "title": letter.title,
            "detail": letter.detail,
            "links": links,
        },
    })
    .to_string()
}

/// In base64; none if the secret is none of ours.
fn signature(secret: &str, id: &str, time: &str, body: &str) -> Option<String> {
    let key = BASE64.decode(secret.strip_prefix("whsec_")?).ok()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(format!("{id}.{time}.{body}").as_bytes());
    Some(BASE64.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification.
    #[test]
    fn a_signature_is_that_of_the_standard() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let body = r#"{"test": 2432232314}"#;
        let signed = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body);
        assert_eq!(signed.as_deref(), Some("g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
        assert_eq!(signature("of somebody else", "x", "1", body), None);
    }

    #[test]
    fn without_a_list_webhooks_go_by_https_and_with_one_to_its_hosts() {
        let any = Notifications::default();
        let listed =
            Notifications { webhook_hosts: vec!["192.168.1.5:8080".into()], ..Notifications::default() };
        let fine = |config: &Notifications, url: &str| refusal(config, &Url::parse(url).unwrap()).is_none();
        assert!(fine(&any, "https://hooks.example.org/x"));
        assert!(
            !fine(&any, "http://hooks.example.org/x") && !fine(&any, "https://me:pw@hooks.example.org/x")
        );
        assert!(!fine(&any, "ftp://hooks.example.org/x"));
        assert!(fine(&listed, "http://192.168.1.5:8080/x"));
        assert!(!fine(&listed, "https://hooks.example.org/x") && !fine(&listed, "http://192.168.1.5/x"));
    }
}
