//! What a client is made of.

use std::sync::Arc;

use calls::{AddressError, Caller, CallerError, Limits, PlainHttp, Trust};
use control_plane::{ControlPlaneError, Secret};
use url::Url;

use crate::token::{TokenKeeper, Tokens};

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

/// Why no client could be made.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Not an address to which credentials may go.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// Not a tailnet name.
    #[error("`{0}` is not a tailnet; write - for the credential's own")]
    Tailnet(String),
    /// Nobody can call.
    #[error(transparent)]
    Caller(#[from] CallerError),
}

/// The Tailscale API for one tailnet.
pub struct TailscaleClient {
    pub(crate) caller: Caller,
    pub(crate) base: Url,
    pub(crate) tailnet: Tailnet,
    pub(crate) token: Option<Arc<TokenKeeper>>,
}

impl TailscaleClient {
    /// Where the real service is.
    pub const BASE_URL: &str = "https://api.tailscale.com";

    /// A client that has not called anybody yet. `base` is the address without `/api/v2`.
    ///
    /// # Errors
    /// For an address that would send credentials in the clear, or a tailnet name that leaves its place in a path.
    pub fn new(base: &str, tailnet: Tailnet, limits: Limits) -> Result<Self, BuildError> {
        Self::sharing(base, tailnet, limits, &Tokens::default())
    }

    /// As [`TailscaleClient::new`], with tokens that other clients minted with the same credential.
    ///
    /// # Errors
    /// As [`TailscaleClient::new`].
    pub fn sharing(
        base: &str,
        tailnet: Tailnet,
        limits: Limits,
        tokens: &Tokens,
    ) -> Result<Self, BuildError> {
        let base = calls::address::parse(base, PlainHttp::ThisMachine)?;
        if matches!(tailnet.name.as_str(), "" | "." | "..") {
            return Err(BuildError::Tailnet(tailnet.name));
        }
        let caller = Caller::new(limits, &Trust::default())?;
        let token = tailnet.client.clone().map(|credential| tokens.keeper(&base, credential));
        Ok(Self { caller, base, tailnet, token })
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
    fn a_client_is_made_for_an_address_that_may_have_the_credentials_and_a_tailnet() {
        assert!(client("https://api.tailscale.com", "-").is_ok());
        assert!(matches!(client("http://192.168.1.5", "-"), Err(BuildError::Address(_))));
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
