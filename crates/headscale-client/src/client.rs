//! What a client is made of.

use std::sync::OnceLock;

use calls::{AddressError, Answer, Call, Caller, CallerError, Limits, PlainHttp, Trust};
use control_plane::{ControlPlaneError, Secret};
use reqwest::Method;
use serde::Serialize;
use url::Url;

use crate::refusal;
use crate::version::Version;

/// Which server, and how it is reached.
#[derive(Clone, Debug)]
pub struct Server {
    /// Its address without `/api/v1`, as this machine reaches it.
    pub address: String,
    /// `hskey-api-…`; older servers write it otherwise. It may everything there.
    pub api_key: Secret,
    /// End of its MagicDNS names. No call tells it, so its owner is asked.
    pub base_domain: Option<String>,
    /// What it was found to be before; `None`: it is asked when that matters.
    pub version: Option<Version>,
    /// Whether it may be reached in the clear.
    pub plain_http: PlainHttp,
    /// Whose certificates are believed.
    pub trust: Trust,
}

impl Server {
    /// At this address, with this key.
    pub fn new(address: impl Into<String>, api_key: Secret) -> Self {
        Self {
            address: address.into(),
            api_key,
            base_domain: None,
            version: None,
            plain_http: PlainHttp::default(),
            trust: Trust::default(),
        }
    }
}

/// Why no client could be made.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Not an address to which the key may go.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// Nobody can call.
    #[error(transparent)]
    Caller(#[from] CallerError),
}

/// One Headscale.
pub struct HeadscaleClient {
    pub(crate) caller: Caller,
    pub(crate) base: Url,
    pub(crate) api_key: Secret,
    pub(crate) base_domain: Option<String>,
    pub(crate) version: OnceLock<Version>,
}

impl HeadscaleClient {
    /// A client that has not called anybody yet.
    ///
    /// # Errors
    /// For an address that would send the key in the clear to others than allowed, or certificates that are none.
    pub fn new(server: Server, limits: Limits) -> Result<Self, BuildError> {
        let base = calls::address::parse(&server.address, server.plain_http)?;
        let caller = Caller::new(limits, &server.trust)?;
        let version = server.version.map_or_else(OnceLock::new, OnceLock::from);
        let base_domain = server.base_domain.map(|domain| domain.trim_matches('.').to_owned());
        Ok(Self {
            caller,
            base,
            api_key: server.api_key,
            base_domain: base_domain.filter(|domain| !domain.is_empty()),
            version,
        })
    }

    /// A path of the server. Ids and names come from outside, so one that could mean anything else in a path is answered
    /// without asking.
    pub(crate) fn url(&self, segments: &[&str]) -> Result<Url, ControlPlaneError> {
        let odd = |segment: &&str| matches!(*segment, "" | "." | "..") || segment.contains(['/', '\\']);
        let mut url = self.base.clone();
        match url.path_segments_mut() {
            Ok(mut path) if !segments.iter().any(odd) => path.pop_if_empty().extend(segments),
            _ => return Err(ControlPlaneError::NotFound),
        };
        Ok(url)
    }

    pub(crate) fn call(&self, method: Method, segments: &[&str]) -> Result<Call, ControlPlaneError> {
        let segments = [&["api", "v1"], segments].concat();
        let call = Call::new(method, self.url(&segments)?).with_final(refusal::is_final);
        Ok(call.hiding(self.api_key.expose()))
    }

    /// The answer of a call of v1.
    pub(crate) async fn ask(&self, call: &Call) -> Result<Answer, ControlPlaneError> {
        let answer = self.caller.send(call, Some(&self.api_key)).await?;
        refusal::success(answer, &call.hidden())
    }

    pub(crate) async fn get(&self, segments: &[&str]) -> Result<Answer, ControlPlaneError> {
        self.ask(&self.call(Method::GET, segments)?).await
    }

    pub(crate) async fn post(
        &self,
        segments: &[&str],
        body: &impl Serialize,
    ) -> Result<Answer, ControlPlaneError> {
        self.ask(&self.call(Method::POST, segments)?.json(body)?).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_goes_in_the_clear_only_where_that_is_allowed() {
        let server = |address: &str| Server::new(address, Secret::new("hskey-api-x-y"));
        let private = server("http://192.168.1.5:8080");
        assert!(matches!(
            HeadscaleClient::new(private.clone(), Limits::default()),
            Err(BuildError::Address(_))
        ));
        let allowed = Server { plain_http: PlainHttp::PrivateAddresses, ..private };
        assert!(HeadscaleClient::new(allowed, Limits::default()).is_ok());
        let broken = Server {
            trust: Trust { private_ca: Some(b"no certificate".to_vec()) },
            ..server("https://headscale.lan")
        };
        assert!(matches!(HeadscaleClient::new(broken, Limits::default()), Err(BuildError::Caller(_))));
    }

    #[test]
    fn names_stay_in_their_place_in_the_path() {
        let client = HeadscaleClient::new(
            Server::new("http://127.0.0.1:1/under/", Secret::new("k")),
            Limits::default(),
        );
        let client = client.unwrap();
        let url = client.url(&["api", "v1", "user", "1", "rename", "a b?c"]).unwrap();
        assert_eq!(url.as_str(), "http://127.0.0.1:1/under/api/v1/user/1/rename/a%20b%3Fc");
        assert_eq!(client.url(&["user", "../node"]), Err(ControlPlaneError::NotFound));
    }
}
