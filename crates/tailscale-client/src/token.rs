//! The token that an OAuth client mints: kept, renewed early, thrown away when refused.

use std::time::Duration;

use control_plane::{ControlPlaneError, Secret};
use reqwest::Method;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::call::Call;
use crate::client::{ClientCredential, TailscaleClient};
use crate::wire;

/// Renew this long before the end.
const EARLY: Duration = Duration::from_mins(1);
/// Where the answer does not say; documented as fixed.
const LIFETIME: Duration = Duration::from_hours(1);

#[derive(Clone)]
pub struct Minted {
    pub token: Secret,
    pub scopes: Vec<String>,
    renew_at: Instant,
}

/// One client's token.
pub struct TokenKeeper {
    pub credential: ClientCredential,
    minted: Mutex<Option<Minted>>,
}

impl TokenKeeper {
    pub fn new(credential: ClientCredential) -> Self {
        Self { credential, minted: Mutex::new(None) }
    }

    /// A token that is good for a while. `refused` is one that was just answered with 401: it is not given again.
    /// Callers wait for each other, so one renewal serves all.
    pub async fn token(
        &self,
        client: &TailscaleClient,
        refused: Option<&Secret>,
    ) -> Result<Minted, ControlPlaneError> {
        let mut minted = self.minted.lock().await;
        if let Some(good) = minted.as_ref().filter(|minted| {
            minted.renew_at > Instant::now()
                && refused.is_none_or(|refused| refused.expose() != minted.token.expose())
        }) {
            return Ok(good.clone());
        }
        *minted = None;
        let fresh = self.mint(client).await?;
        *minted = Some(fresh.clone());
        Ok(fresh)
    }

    /// A new token, whatever there is.
    pub async fn renew(&self, client: &TailscaleClient) -> Result<Minted, ControlPlaneError> {
        let mut minted = self.minted.lock().await;
        let fresh = self.mint(client).await?;
        *minted = Some(fresh.clone());
        Ok(fresh)
    }

    async fn mint(&self, client: &TailscaleClient) -> Result<Minted, ControlPlaneError> {
        let ClientCredential { id, secret } = &self.credential;
        let form = [
            ("client_id", id.as_str()),
            ("client_secret", secret.expose()),
            ("grant_type", "client_credentials"),
        ];
        // A second token does no harm, so minting is repeated like a read.
        let call = Call::new(Method::POST, client.url(&["oauth", "token"])?).form(&form).repeatable();
        let answer = client.send(&call, None).await?;
        // RFC 6749, section 5.2: bad client credentials may come as 400 or as 401.
        let invalid_client = answer.status == 400
            && answer
                .json::<wire::error::Refusal>("a refusal")
                .is_ok_and(|refusal| refusal.error == "invalid_client");
        if invalid_client {
            return Err(ControlPlaneError::Unauthorised);
        }
        let token: wire::token::Token = answer.success(&[secret.expose()])?.json("an access token")?;
        let lifetime = token.expires_in.map_or(LIFETIME, Duration::from_secs);
        Ok(Minted {
            token: Secret::new(token.access_token),
            scopes: token.scope.split_whitespace().map(Into::into).collect(),
            renew_at: Instant::now() + lifetime.saturating_sub(EARLY),
        })
    }
}
