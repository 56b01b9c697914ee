//! What a server is, found out by asking.

use control_plane::ControlPlaneError;
use reqwest::Method;
use serde::{Deserialize, Serialize};

use calls::Call;

use crate::client::HeadscaleClient;
use crate::wire::about::About;

/// A version of Headscale, as far as clients have to tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Version {
    /// Before 0.28: read, and never written.
    #[serde(rename = "older")]
    Older,
    /// 0.28: a policy cannot be checked without writing it.
    #[serde(rename = "0.28")]
    V0_28,
    /// 0.29.
    #[serde(rename = "0.29")]
    V0_29,
    /// 0.30, which has another API beside.
    #[serde(rename = "0.30")]
    V0_30,
}

impl HeadscaleClient {
    /// What the server is; asked once.
    ///
    /// # Errors
    /// Where nobody answers, or something that is no Headscale.
    pub async fn version(&self) -> Result<Version, ControlPlaneError> {
        if let Some(known) = self.version.get() {
            return Ok(*known);
        }
        let found = self.find_out().await?;
        Ok(*self.version.get_or_init(|| found))
    }

    /// Whether a Headscale answers there, as far as that shows without a key.
    pub async fn is_there(&self) -> bool {
        let Ok(url) = self.url(&["version"]) else { return false };
        let about = self.caller.send(&Call::new(Method::GET, url), None).await;
        about.is_ok_and(|about| {
            let minor = about.json::<About>("a version").ok().and_then(|about| about.minor());
            about.status.is_success() && minor.is_some()
        })
    }

    /// By what it has: the numbers of snapshots mislead (one of 0.30 calls itself 0.29), so they only tell the old ones.
    async fn find_out(&self) -> Result<Version, ControlPlaneError> {
        // Neither needs the key.
        let about = self.caller.send(&Call::new(Method::GET, self.url(&["version"])?), None).await?;
        let minor = about.json::<About>("a version").ok().and_then(|about| about.minor());
        if !about.status.is_success() || minor.is_none_or(|minor| minor < 28) {
            // Whether it is a Headscale at all is said by the first call with the key.
            self.get(&["user"]).await?;
            return Ok(Version::Older);
        }
        let document = Call::new(Method::GET, self.url(&["api", "v2", "openapi.json"])?);
        let document = self.caller.send(&document, None).await?;
        if document.status == 200 && document.content_type().starts_with("application/openapi+json") {
            return Ok(Version::V0_30);
        }
        let check = self.post(&["policy", "check"], &serde_json::json!({ "policy": "{}" })).await;
        match check {
            Ok(_) => Ok(Version::V0_29),
            Err(ControlPlaneError::NotFound | ControlPlaneError::Unsupported { .. }) => Ok(Version::V0_28),
            Err(error) => Err(error),
        }
    }

    /// As [`HeadscaleClient::version`], where something is to be changed.
    pub(crate) async fn writable(&self) -> Result<Version, ControlPlaneError> {
        match self.version().await? {
            Version::Older => Err(ControlPlaneError::Unsupported {
                what: "this Headscale is older than 0.28; it is read, and nothing is changed on it".into(),
            }),
            version => Ok(version),
        }
    }
}
