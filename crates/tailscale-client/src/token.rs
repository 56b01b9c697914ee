//! The token that an OAuth client mints: kept, renewed early, thrown away when refused.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex as StdMutex, PoisonError};
use std::time::Duration;

use calls::Call;
use control_plane::{ControlPlaneError, Secret};
use reqwest::Method;
use sha2::{Digest as _, Sha256};
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

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

/// Tokens of all credentials: one for each, from one client of a credential to the next, until it ends. Cheap to clone;
/// keep one for the process.
#[derive(Clone, Default)]
pub struct Tokens(Arc<StdMutex<HashMap<Whose, Arc<TokenKeeper>>>>);

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens")
    }
}

/// A credential at a control plane. A secret that was changed is another credential.
#[derive(PartialEq, Eq, Hash)]
struct Whose {
    base: Url,
    id: String,
    secret: [u8; 32],
}

impl Tokens {
    /// So many are kept; which goes when one more comes does not matter, since another can be minted.
    const MOST: usize = 4096;

    pub(crate) fn keeper(&self, base: &Url, credential: ClientCredential) -> Arc<TokenKeeper> {
        let secret = Sha256::digest(credential.secret.expose()).into();
        let whose = Whose { base: base.clone(), id: credential.id.clone(), secret };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= Self::MOST && !kept.contains_key(&whose) {
            // Those that nobody uses just now.
            kept.retain(|_, keeper| Arc::strong_count(keeper) > 1);
        }
        Arc::clone(kept.entry(whose).or_insert_with(|| Arc::new(TokenKeeper::new(credential))))
    }
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
        let answer = client.caller.send(&call, None).await?;
        // RFC 6749, section 5.2: bad client credentials may come as 400 or as 401.
        let invalid_client = answer.status == 400
            && answer
                .json::<wire::error::Refusal>("a refusal")
                .is_ok_and(|refusal| refusal.error == "invalid_client");
        if invalid_client {
            return Err(ControlPlaneError::Unauthorised);
        }
        let token: wire::token::Token =
            wire::error::success(answer, &[secret.expose()])?.json("an access token")?;
        let lifetime = token.expires_in.map_or(LIFETIME, Duration::from_secs);
        Ok(Minted {
            token: Secret::new(token.access_token),
            scopes: token.scope.split_whitespace().map(Into::into).collect(),
            renew_at: Instant::now() + lifetime.saturating_sub(EARLY),
        })
    }
}
