//! What a client is made of.

use std::sync::Arc;
use std::time::Duration;

use control_plane::{ControlPlaneError, Secret};
use reqwest::redirect::Policy;
use tokio::sync::Semaphore;
use url::Url;

use crate::token::TokenKeeper;

/// An OAuth client: id and secret.
#[derive(Clone, Debug)]
pub struct ClientCredential {
    /// No secret.
    pub id: String,
    /// `tskey-client-…`.
    pub secret: Secret,
}

/// Which tailnet, and with which credentials.
#[derive(Clone, Debug)]
pub struct Tailnet {
    /// The tailnet in paths: `-` for the credential's own (the rule), an id such as `T1234CNTRL`, or a legacy
    /// organisation name.
    pub name: String,
    /// For reading, the policy, and deleting invites.
    pub client: Option<ClientCredential>,
    /// `tskey-api-…` of a person: for making and accepting invites, and to see devices shared in.
    pub user_token: Option<Secret>,
}

/// Patience and bounds. The default is for people who wait; tests use shorter times.
#[derive(Clone, Debug)]
pub struct Limits {
    /// To connect.
    pub connect: Duration,
    /// For one whole answer.
    pub answer: Duration,
    /// The longest body that is read, in bytes.
    pub body: usize,
    /// How often a read is tried, the first time included.
    pub attempts: u32,
    /// Before the second attempt; doubled before each further one.
    pub backoff: Duration,
    /// The longest `Retry-After` that is waited for; a longer one goes to the caller at once.
    pub longest_wait: Duration,
    /// Calls at the same time.
    pub concurrency: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(30),
            body: 16 * 1024 * 1024,
            attempts: 4,
            backoff: Duration::from_millis(250),
            longest_wait: Duration::from_secs(20),
            concurrency: 8,
        }
    }
}

/// Why no client could be made.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Not `https://…`, nor `http://` to the machine itself.
    #[error("`{0}` is not the address of a control plane; write https://…, or http:// for this machine only")]
    Address(String),
    /// Not a tailnet name.
    #[error("`{0}` is not a tailnet; write - for the credential's own")]
    Tailnet(String),
    /// The TLS library did not start.
    #[error("the http client could not be made")]
    Http(#[source] reqwest::Error),
}

/// The Tailscale API for one tailnet.
pub struct TailscaleClient {
    pub(crate) http: reqwest::Client,
    pub(crate) base: Url,
    pub(crate) tailnet: Tailnet,
    pub(crate) limits: Limits,
    pub(crate) slots: Arc<Semaphore>,
    pub(crate) token: Option<TokenKeeper>,
}

impl TailscaleClient {
    /// Where the real service is.
    pub const BASE_URL: &str = "https://api.tailscale.com";

    /// A client that has not called anybody yet. `base` is the address without `/api/v2`.
    ///
    /// # Errors
    /// For an address that would send credentials in the clear, or a tailnet name that leaves its place in a path.
    pub fn new(base: &str, tailnet: Tailnet, limits: Limits) -> Result<Self, BuildError> {
        let address = || BuildError::Address(base.chars().take(200).collect());
        let mut url = Url::parse(base).map_err(|_| address())?;
        let local = match url.host() {
            Some(url::Host::Domain(name)) => name == "localhost",
            Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
            Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
            None => return Err(address()),
        };
        if !(url.scheme() == "https" || url.scheme() == "http" && local) || !url.username().is_empty() {
            return Err(address());
        }
        url.set_query(None);
        url.set_fragment(None);
        if matches!(tailnet.name.as_str(), "" | "." | "..") {
            return Err(BuildError::Tailnet(tailnet.name));
        }
        // reqwest is built without a TLS provider so that aws-lc stays out; a second call changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .user_agent(concat!("acequia/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .connect_timeout(limits.connect)
            .timeout(limits.answer)
            .build()
            .map_err(BuildError::Http)?;
        let slots = Arc::new(Semaphore::new(limits.concurrency.max(1)));
        let token = tailnet.client.clone().map(TokenKeeper::new);
        Ok(Self { http, base: url, tailnet, limits, slots, token })
    }

    /// `/api/v2/` and these segments. Ids come from outside, so one that could mean anything else in a path is
    /// answered without asking.
    pub(crate) fn url(&self, segments: &[&str]) -> Result<Url, ControlPlaneError> {
        let mut url = self.base.clone();
        if segments.iter().any(|segment| matches!(*segment, "" | "." | "..") || segment.contains(['/', '\\']))
        {
            return Err(ControlPlaneError::NotFound);
        }
        match url.path_segments_mut() {
            Ok(mut path) => path.pop_if_empty().extend(["api", "v2"]).extend(segments),
            Err(()) => return Err(ControlPlaneError::NotFound),
        };
        Ok(url)
    }

    /// `/api/v2/tailnet/NAME/` and these segments.
    pub(crate) fn tailnet_url(&self, segments: &[&str]) -> Result<Url, ControlPlaneError> {
        self.url(&[&["tailnet", &self.tailnet.name], segments].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(base: &str, name: &str) -> Result<TailscaleClient, BuildError> {
        let tailnet = Tailnet { name: name.into(), client: None, user_token: None };
        TailscaleClient::new(base, tailnet, Limits::default())
    }

    #[test]
    fn credentials_are_sent_in_the_clear_to_this_machine_only() {
        assert!(client("https://api.tailscale.com", "-").is_ok());
        assert!(client("http://127.0.0.1:4000", "-").is_ok());
        assert!(client("http://[::1]:4000", "-").is_ok());
        for bad in ["http://api.tailscale.com", "ftp://x", "nonsense", "https://me:pw@example.com"] {
            assert!(matches!(client(bad, "-"), Err(BuildError::Address(_))), "{bad}");
        }
        assert!(matches!(client("https://api.tailscale.com", ".."), Err(BuildError::Tailnet(_))));
    }

    #[test]
    fn ids_stay_in_their_place_in_the_path() {
        let client = client("http://127.0.0.1:4000/under/", "example.com").unwrap();
        assert_eq!(
            client.tailnet_url(&["keys", "k?1#2"]).unwrap().as_str(),
            "http://127.0.0.1:4000/under/api/v2/tailnet/example.com/keys/k%3F1%232"
        );
        assert_eq!(client.url(&["device", "../../x"]), Err(ControlPlaneError::NotFound));
    }
}
