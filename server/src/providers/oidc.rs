//! Providers that speak OpenID Connect. Endpoints and keys are read afresh each time: a rotated key just works.

use oauth2::{AuthorizationCode, ClientId, ClientSecret, CsrfToken, PkceCodeVerifier, RedirectUrl, Scope};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreGenderClaim, CoreIdTokenClaims, CoreProviderMetadata,
};
use openidconnect::{
    EmptyAdditionalClaims, EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl, Nonce,
    OAuth2TokenResponse as _, RequestTokenError, TokenResponse as _, UserInfoClaims,
};
use url::Url;

use super::http::Http;
use super::{Identified, ProviderError, Secrets, challenge};
use crate::config::Provider;

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

pub async fn authorize_url(
    http: &Http,
    provider: &Provider,
    issuer: &str,
    callback: &str,
    secrets: &Secrets,
) -> Result<Url, ProviderError> {
    let client = discover(http, provider, issuer, callback).await?;
    let (state, nonce) = (secrets.state.clone(), secrets.nonce.clone());
    let (url, _, _) = client
        .authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            || CsrfToken::new(state),
            || Nonce::new(nonce),
        )
        .add_scopes(["profile", "email"].map(|scope| Scope::new(scope.into())))
        .set_pkce_challenge(challenge(secrets))
        .url();
    Ok(url)
}

pub async fn identify(
    http: &Http,
    provider: &Provider,
    issuer: &str,
    callback: &str,
    secrets: &Secrets,
    code: String,
) -> Result<Identified, ProviderError> {
    let client = discover(http, provider, issuer, callback).await?;
    let asks = http.asks();
    let token = client
        .exchange_code(AuthorizationCode::new(code))
        .map_err(|error| ProviderError::Unreachable(error.to_string()))?
        .set_pkce_verifier(PkceCodeVerifier::new(secrets.verifier.clone()))
        .request_async(&asks)
        .await
        .map_err(|error| match error {
            RequestTokenError::ServerResponse(refusal) => ProviderError::Refused(refusal.to_string()),
            other => ProviderError::Unreachable(with_cause(&other)),
        })?;
    let id_token =
        token.id_token().ok_or_else(|| ProviderError::Untrusted("it sent no identity token".into()))?;
    let claims: &CoreIdTokenClaims = id_token
        .claims(&client.id_token_verifier(), &Nonce::new(secrets.nonce.clone()))
        .map_err(|error| ProviderError::Untrusted(with_cause(&error)))?;

    let mut found = Found {
        email: claims.email().map(|email| email.to_string()),
        verified: claims.email_verified().unwrap_or(false),
        name: claims.name().and_then(|name| name.get(None)).map(|name| name.to_string()),
        user_name: claims.preferred_username().map(|name| name.to_string()),
    };
    if let (None, Some(_)) = (&found.email, client.user_info_url()) {
        // Many providers keep these out of the token. Signing in does not fail for want of them.
        let request = client
            .user_info(token.access_token().clone(), Some(claims.subject().clone()))
            .map_err(|error| ProviderError::Unreachable(error.to_string()))?;
        let info: Result<UserInfoClaims<EmptyAdditionalClaims, CoreGenderClaim>, _> =
            request.request_async(&asks).await;
        match info {
            Ok(info) => found.add(&info),
            Err(error) => tracing::warn!("no user info from `{}`: {}", provider.id, with_cause(&error)),
        }
    }
    Ok(found.identified(claims.subject().to_string()))
}

async fn discover(
    http: &Http,
    provider: &Provider,
    issuer: &str,
    callback: &str,
) -> Result<Client, ProviderError> {
    let unreachable = |error: &dyn std::error::Error| ProviderError::Unreachable(with_cause(error));
    let issuer = IssuerUrl::new(issuer.to_owned()).map_err(|error| unreachable(&error))?;
    let asks = http.asks();
    let metadata =
        CoreProviderMetadata::discover_async(issuer, &asks).await.map_err(|error| unreachable(&error))?;
    let secret = provider.client_secret.as_ref().map(|secret| ClientSecret::new(secret.reveal().to_owned()));
    let callback = RedirectUrl::new(callback.to_owned()).map_err(|error| unreachable(&error))?;
    Ok(CoreClient::from_provider_metadata(metadata, ClientId::new(provider.client_id.clone()), secret)
        .set_redirect_uri(callback))
}

/// The words of an error and of what is beneath it.
fn with_cause(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text
}

struct Found {
    email: Option<String>,
    verified: bool,
    name: Option<String>,
    user_name: Option<String>,
}

impl Found {
    fn add(&mut self, info: &UserInfoClaims<EmptyAdditionalClaims, CoreGenderClaim>) {
        self.email = info.email().map(|email| email.to_string());
        self.verified = info.email_verified().unwrap_or(false);
        let name = info.name().and_then(|name| name.get(None)).map(|name| name.to_string());
        self.name = self.name.take().or(name);
        let user_name = info.preferred_username().map(|name| name.to_string());
        self.user_name = self.user_name.take().or(user_name);
    }

    fn identified(self, subject: String) -> Identified {
        let label = self.email.clone().or_else(|| self.user_name.clone()).unwrap_or_else(|| subject.clone());
        Identified {
            subject,
            label,
            email: self.email.filter(|_| self.verified),
            name: self.name.or(self.user_name),
        }
    }
}
