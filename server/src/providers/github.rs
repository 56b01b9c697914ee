//! GitHub: plain OAuth 2.0, and its API says who it was.
//!
//! Endpoints: docs.github.com "Authorizing OAuth apps" and "Get the authenticated user".

use oauth2::basic::BasicClient;
use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, PkceCodeVerifier,
    RedirectUrl, RequestTokenError, Scope, TokenResponse as _, TokenUrl,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::http::Http;
use super::{Identified, ProviderError, Secrets, challenge};
use crate::config::Provider;

type Client = BasicClient<
    oauth2::EndpointSet,
    oauth2::EndpointNotSet,
    oauth2::EndpointNotSet,
    oauth2::EndpointNotSet,
    oauth2::EndpointSet,
>;

#[derive(Deserialize)]
struct User {
    id: u64,
    login: String,
    name: Option<String>,
}

#[derive(Deserialize)]
struct Email {
    #[serde(rename = "email")]
    address: String,
    primary: bool,
    verified: bool,
}

pub fn authorize_url(
    provider: &Provider,
    base_url: &Url,
    callback: &str,
    secrets: &Secrets,
) -> Result<Url, ProviderError> {
    let state = secrets.state.clone();
    let client = client(provider, base_url, callback)?;
    let (url, _) = client
        .authorize_url(|| CsrfToken::new(state))
        .add_scopes(["read:user", "user:email"].map(|scope| Scope::new(scope.into())))
        .set_pkce_challenge(challenge(secrets))
        .url();
    Ok(url)
}

pub async fn identify(
    http: &Http,
    provider: &Provider,
    base_url: &Url,
    api_url: &Url,
    callback: &str,
    secrets: &Secrets,
    code: String,
) -> Result<Identified, ProviderError> {
    let asks = http.asks();
    let token = client(provider, base_url, callback)?
        .exchange_code(AuthorizationCode::new(code))
        .set_pkce_verifier(PkceCodeVerifier::new(secrets.verifier.clone()))
        .request_async(&asks)
        .await
        .map_err(|error| match error {
            RequestTokenError::ServerResponse(refusal) => ProviderError::Refused(refusal.to_string()),
            // GitHub says that a code is wrong with status 200, in a body that is no token.
            RequestTokenError::Parse(_, body) if refuses(&body) => {
                ProviderError::Refused("the code is wrong or was used before".into())
            }
            RequestTokenError::Request(error) => ProviderError::Unreachable(error.to_string()),
            other => ProviderError::Unreachable(other.to_string()),
        })?;
    let token = token.access_token().secret();
    let user: User = get(http, api_url, "user", token).await?;
    let emails: Vec<Email> = get(http, api_url, "user/emails", token).await?;
    let email = emails.into_iter().find(|email| email.primary && email.verified).map(|email| email.address);
    Ok(Identified {
        subject: user.id.to_string(),
        name: Some(user.name.unwrap_or_else(|| user.login.clone())),
        label: user.login,
        email,
    })
}

fn refuses(body: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(body).is_ok_and(|body| body.get("error").is_some())
}

fn client(provider: &Provider, base_url: &Url, callback: &str) -> Result<Client, ProviderError> {
    let wrong = |error: url::ParseError| ProviderError::Unreachable(error.to_string());
    let base = base_url.as_str().trim_end_matches('/');
    let client = BasicClient::new(ClientId::new(provider.client_id.clone()))
        .set_auth_uri(AuthUrl::new(format!("{base}/login/oauth/authorize")).map_err(wrong)?)
        .set_token_uri(TokenUrl::new(format!("{base}/login/oauth/access_token")).map_err(wrong)?)
        .set_redirect_uri(RedirectUrl::new(callback.to_owned()).map_err(wrong)?);
    Ok(match &provider.client_secret {
        Some(secret) => client.set_client_secret(ClientSecret::new(secret.reveal().to_owned())),
        None => client,
    })
}

async fn get<T: DeserializeOwned>(
    http: &Http,
    api_url: &Url,
    path: &str,
    token: &str,
) -> Result<T, ProviderError> {
    let unreachable = |error: String| ProviderError::Unreachable(error);
    let mut request = HttpRequest::new(Vec::new());
    let url = format!("{}/{path}", api_url.as_str().trim_end_matches('/'));
    *request.uri_mut() = url.parse().map_err(|_| unreachable(format!("`{url}` is no web address")))?;
    for (name, value) in
        [("authorization", format!("Bearer {token}")), ("accept", "application/vnd.github+json".into())]
    {
        let value = value.parse().map_err(|_| unreachable("its token has strange characters".into()))?;
        request.headers_mut().insert(name, value);
    }
    let answer = http.ask(request).await.map_err(|error| unreachable(error.to_string()))?;
    if !answer.status().is_success() {
        return Err(unreachable(format!("it answers {} for /{path}", answer.status())));
    }
    serde_json::from_slice(answer.body()).map_err(|error| unreachable(format!("/{path}: {error}")))
}
