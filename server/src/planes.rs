//! Control planes of connected tailnets, spoken to with their sealed credentials.

use std::sync::Arc;

use app::fault::Fault;
use control_plane::{ControlPlane, ControlPlaneError, CredentialKind, CredentialReport, Secret};
use headscale_client::HeadscaleClient;
use model::{Login, PlaneKind, ShareId, TailnetId};
use tailscale_client::{ClientCredential, Tailnet, TailscaleClient};

pub mod headscale;

use crate::secrets::OpenError;
use crate::state::AppState;
use crate::store::shares::Share;
use crate::store::tailnets::{Credential, Tailnet as StoredTailnet, kind_name};

/// What the credentials of a tailnet are opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Work,
    /// Taking back what was given.
    Ending,
}

/// With the credentials of somebody who is blocked or removed nothing is done but ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "The owner of this tailnet may no longer come in here, so nothing is done with its credentials but ending what is \
     open."
)]
pub struct OwnerShutOut;

/// An OAuth client as one sealed text: the id is no secret, but belongs to it.
pub fn join_client(id: &str, secret: &str) -> String {
    format!("{id}\n{secret}")
}

/// The control plane of a stored tailnet.
///
/// # Errors
/// When it is not stored, a credential cannot be opened with the key file, or [`OwnerShutOut`].
pub async fn of(state: &AppState, id: TailnetId) -> anyhow::Result<Arc<dyn ControlPlane>> {
    for_purpose(state, id, Purpose::Work).await
}

/// The same for taking back what was given: that is done for whoever owns it.
///
/// # Errors
/// When it is not stored, or a credential cannot be opened with the key file.
pub async fn to_end(state: &AppState, id: TailnetId) -> anyhow::Result<Arc<dyn ControlPlane>> {
    for_purpose(state, id, Purpose::Ending).await
}

async fn for_purpose(
    state: &AppState,
    id: TailnetId,
    purpose: Purpose,
) -> anyhow::Result<Arc<dyn ControlPlane>> {
    let Some(tailnet) = state.db.find_tailnet(id).await? else { anyhow::bail!("tailnet {id} is not stored") };
    let (mut client, mut user_token, mut api_key) = (None, None, None);
    for credential in state.db.list_credentials(id).await?.whole()? {
        let text = open_credential(state, &tailnet, &credential, purpose).await?;
        match credential.kind {
            CredentialKind::Client => client = Some(text),
            CredentialKind::UserToken => user_token = Some(text),
            CredentialKind::ApiKey => api_key = Some(text),
        }
    }
    if tailnet.kind.is_headscale() {
        let Some(key) = api_key else { anyhow::bail!("tailnet {id} is a Headscale without an API key") };
        return Ok(Arc::new(with_key(state, &tailnet, Some(tailnet.kind), &key)?));
    }
    Ok(with(state, &tailnet.base_url, client.as_deref(), user_token.as_deref())?)
}

/// The Headscale of a stored tailnet, of which nothing is taken for known: what it is is asked anew.
///
/// # Errors
/// As [`of`].
pub async fn unknown_headscale(state: &AppState, tailnet: &StoredTailnet) -> anyhow::Result<HeadscaleClient> {
    let key = open_api_key(state, tailnet).await?;
    Ok(with_key(state, tailnet, None, key.expose())?)
}

/// The API key of a stored Headscale.
///
/// # Errors
/// As [`of`].
pub async fn open_api_key(state: &AppState, tailnet: &StoredTailnet) -> anyhow::Result<Secret> {
    let all = state.db.list_credentials(tailnet.id).await?.whole()?;
    let key = all.into_iter().find(|credential| credential.kind == CredentialKind::ApiKey);
    let Some(key) = key else { anyhow::bail!("tailnet {} has no API key", tailnet.id) };
    Ok(Secret::new(open_credential(state, tailnet, &key, Purpose::Work).await?))
}

/// The Headscale of a stored tailnet with a key, which may be another one than the stored.
///
/// # Errors
/// For an address to which the key may not be sent.
pub fn with_key(
    state: &AppState,
    tailnet: &StoredTailnet,
    kind: Option<PlaneKind>,
    key: &str,
) -> Result<HeadscaleClient, headscale_client::BuildError> {
    headscale::client(state, &tailnet.base_url, tailnet.base_domain.as_deref(), kind, key)
}

/// A control plane with credentials that are not stored (yet). `client` is as [`join_client`] makes it.
///
/// # Errors
/// For an address to which credentials may not be sent.
pub fn with(
    state: &AppState,
    base_url: &str,
    client: Option<&str>,
    user_token: Option<&str>,
) -> Result<Arc<dyn ControlPlane>, tailscale_client::BuildError> {
    let client = client
        .and_then(|text| text.split_once('\n'))
        .map(|(id, secret)| ClientCredential { id: id.to_owned(), secret: Secret::new(secret) });
    let tailnet = Tailnet { name: "-".into(), client, user_token: user_token.map(Secret::new) };
    let client = TailscaleClient::sharing(base_url, tailnet, headscale::limits(state), &state.tokens)?;
    Ok(Arc::new(client))
}

/// Seals a credential for its row.
pub fn seal_credential(state: &AppState, tailnet: TailnetId, kind: CredentialKind, text: &str) -> String {
    state.sealer.seal("credentials", "secret_sealed", &credential_row(tailnet, kind), text.as_bytes())
}

/// A credential as it is stored after the control plane has taken it.
pub fn credential(
    state: &AppState,
    id: TailnetId,
    kind: CredentialKind,
    text: &str,
    report: CredentialReport,
) -> Credential {
    // Of an OAuth client its id, which is no secret; of a token only what says that it is one.
    let hint = match (kind, text.split_once('\n')) {
        (CredentialKind::Client, Some((client_id, _))) => client_id.to_owned(),
        _ => text.chars().take(12).chain(['…']).collect(),
    };
    Credential {
        kind,
        sealed: seal_credential(state, id, kind, text),
        hint,
        expires: report.expires,
        report: Some(report),
        refused: None,
        checked: state.now(),
    }
}

/// The one place where a stored credential is opened.
async fn open_credential(
    state: &AppState,
    tailnet: &StoredTailnet,
    credential: &Credential,
    purpose: Purpose,
) -> anyhow::Result<String> {
    if purpose == Purpose::Work && !state.db.is_here(tailnet.owner).await? {
        anyhow::bail!(OwnerShutOut);
    }
    let row = credential_row(tailnet.id, credential.kind);
    Ok(state.sealer.open_text("credentials", "secret_sealed", &row, &credential.sealed)?)
}

fn credential_row(tailnet: TailnetId, kind: CredentialKind) -> String {
    format!("{tailnet}/{}", kind_name(kind))
}

/// What a failed call means to a person, as a sentence about the control plane.
pub fn in_words(error: &ControlPlaneError) -> String {
    sharing::words::of_call(&error.into())
}

/// A control plane that did not answer somebody who wanted to read: nothing was changed.
pub fn unavailable(error: ControlPlaneError) -> Fault {
    Fault::unavailable(in_words(&error))
}

/// Seals the link of a share's invite: only the friend is shown it.
pub fn seal_invite(state: &AppState, share: ShareId, url: &str) -> String {
    state.sealer.seal("shares", "invite_url_sealed", &share.to_string(), url.as_bytes())
}

/// The link of a share's invite, if there is one.
///
/// # Errors
/// When it cannot be opened with the key file.
pub fn open_invite(state: &AppState, share: &Share) -> Result<Option<String>, OpenError> {
    share
        .invite_url_sealed
        .as_deref()
        .map(|sealed| state.sealer.open_text("shares", "invite_url_sealed", &share.id.to_string(), sealed))
        .transpose()
}

/// The friend's own control plane, where they connected a tailnet with a user token of the agreed login.
///
/// # Errors
/// When the store fails.
pub async fn of_friend(state: &AppState, share: &Share) -> anyhow::Result<Option<Arc<dyn ControlPlane>>> {
    if !state.db.is_here(share.friend).await? {
        return Ok(None);
    }
    for tailnet in state.db.list_tailnets_of(share.friend).await?.readable() {
        // A steward does not accept in the owner's name.
        if tailnet.owner != share.friend {
            continue;
        }
        if token_login(state, tailnet.id).await?.is_some_and(|login| login == share.login) {
            return Ok(Some(of(state, tailnet.id).await?));
        }
    }
    Ok(None)
}

/// The login that a tailnet's user token acts as, as far as it is known and good.
///
/// # Errors
/// When the store fails.
pub async fn token_login(state: &AppState, tailnet: TailnetId) -> sqlx::Result<Option<Login>> {
    let credentials = state.db.list_credentials(tailnet).await?.readable();
    let token = credentials.into_iter().find(|credential| credential.kind == CredentialKind::UserToken);
    Ok(token
        .filter(|token| token.refused.is_none() && token.expires.is_none_or(|at| at > state.now()))
        .and_then(|token| token.report?.actor?.login.parse().ok()))
}
