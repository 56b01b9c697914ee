//! Identity providers: authorization code with PKCE, state and nonce.

mod github;
mod http;
mod oidc;

use model::text::one_line;
use oauth2::{PkceCodeChallenge, PkceCodeVerifier};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::config::{Provider, ProviderKind, is_private};
use crate::state::AppState;

/// What of a started sign-in must be remembered until the provider sends the person back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Secrets {
    pub state: String,
    pub nonce: String,
    pub verifier: String,
    /// Where the provider sends them back to: it wants to hear the same again with the code.
    #[serde(default)]
    pub callback: String,
}

/// What a provider says of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identified {
    /// The provider's own, stable name for them.
    pub subject: String,
    /// As they would recognise themselves: an address or a user name.
    pub label: String,
    /// Only if the provider has verified it.
    pub email: Option<String>,
    /// What to call them until they say otherwise.
    pub name: Option<String>,
}

/// The longest label that is kept, in characters: an address has no more (RFC 5321, section 4.5.3.1).
const LONGEST_LABEL: usize = 254;

impl Identified {
    /// With words that can be shown. An address that says more than is seen is none.
    fn cleaned(self) -> Self {
        let label = one_line(&self.label, LONGEST_LABEL);
        let email = self.email.filter(|email| one_line(email, LONGEST_LABEL) == *email);
        let name = self.name.map(|name| one_line(&name, LONGEST_LABEL));
        Self {
            label: if label.is_empty() { "somebody without a name".into() } else { label },
            email,
            name,
            ..self
        }
    }
}

/// Why a provider could not be asked, or its answer was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// No answer, or one that is none of this protocol's: temporary, or the configuration is wrong.
    #[error("{0}")]
    Unreachable(String),
    /// It answered, and refused the code.
    #[error("{0}")]
    Refused(String),
    /// Its answer does not fit to what was asked: somebody may have meddled with it.
    #[error("{0}")]
    Untrusted(String),
}

/// The provider with this id, if there is one.
pub fn find(state: &AppState, id: &str) -> Option<Provider> {
    state.providers().iter().find(|provider| provider.id == id).cloned()
}

/// Where to send the person, and what to remember. `base` is the address at which they started, without a slash at
/// the end: only there their browser is known when they come back.
///
/// # Errors
/// When the provider cannot be reached.
pub async fn start(
    state: &AppState,
    provider: &Provider,
    base: &str,
) -> Result<(Url, Secrets), ProviderError> {
    let secrets = Secrets {
        state: state.random.new_token(),
        nonce: state.random.new_token(),
        verifier: state.random.new_token(),
        // Has to be registered with each.
        callback: format!("{base}/sign-in/callback/{}", provider.id),
    };
    let http = client(state);
    let url: Url = match &provider.kind {
        ProviderKind::Oidc { issuer } => {
            oidc::authorize_url(&http, provider, issuer, &secrets.callback, &secrets).await?
        }
        ProviderKind::GitHub { base_url, .. } => {
            github::authorize_url(provider, base_url, &secrets.callback, &secrets)?
        }
    };
    // The browser is led there by a link: no other scheme, and nobody who reads along.
    if !is_private(&url) {
        return Err(ProviderError::Untrusted("it leads to an address without https".into()));
    }
    Ok((url, secrets))
}

/// Who came back with this code.
///
/// # Errors
/// When the provider cannot be reached, refuses the code, or says what was not asked.
pub async fn identify(
    state: &AppState,
    provider: &Provider,
    secrets: &Secrets,
    code: String,
) -> Result<Identified, ProviderError> {
    let http = client(state);
    let who = match &provider.kind {
        ProviderKind::Oidc { issuer } => {
            oidc::identify(&http, provider, issuer, &secrets.callback, secrets, code).await
        }
        ProviderKind::GitHub { base_url, api_url } => {
            github::identify(&http, provider, base_url, api_url, &secrets.callback, secrets, code).await
        }
    };
    who.map(Identified::cleaned)
}

fn client(state: &AppState) -> http::Http {
    http::Http::new(state.http.clone(), state.config.timing.provider)
}

fn challenge(secrets: &Secrets) -> PkceCodeChallenge {
    PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(secrets.verifier.clone()))
}
