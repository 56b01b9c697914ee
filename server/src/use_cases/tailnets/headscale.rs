//! A Headscale is connected with an API key: what answers is asked first, and a server is looked after once.

use std::collections::BTreeSet;

use app::fault::{Fault, FieldErrors};
use app::ports::tailnets::{ConnectForm, ServerView};
use control_plane::{ControlPlane as _, ControlPlaneError, CredentialKind, renewal};
use headscale_client::HeadscaleClient;
use model::secrets::KeyKind;
use model::{JobKind, Name, PlaneKind, TailnetId};

use crate::failure::OrInternal as _;
use crate::planes::{self, headscale, in_words};
use crate::queue;
use crate::store::tailnets::{Credential, NotConnected, Tailnet};
use crate::use_cases::Asker;
use crate::words;

impl Asker {
    pub(super) async fn connect_headscale(&self, form: ConnectForm) -> Result<TailnetId, Fault> {
        let me = self.me()?;
        let mut errors = FieldErrors::new();
        let name = form.name.parse::<Name>().map_err(|error| errors.push(("name".into(), error.to_string())));
        let plane = self.control_plane(&form.base_url);
        if plane.is_none() {
            errors.push(("base_url".into(), words::tailnet::CHOOSE_A_CONTROL_PLANE.into()));
        }
        let names = names(&form.base_domain, &form.login_server).map_err(|wrong| errors.push(wrong));
        let (Ok(name), Some((base_url, label)), Ok((base_domain, login_server)), true) =
            (name, plane, names, errors.is_empty())
        else {
            return Err(Fault::Invalid(errors));
        };
        let id = self.state.new_id();
        let checked = self.checked_key(id, &base_url, &form.api_key).await?;
        let (stored, kind, keys) = checked;
        self.first_of_its_server(id, &base_url, &keys).await?;
        let tailnet = Tailnet {
            base_domain,
            login_server,
            ..Tailnet::new((id, me), name.to_string(), (label, base_url), kind)
        };
        self.store_connected(&tailnet, &[stored]).await
    }

    /// A key that the server has taken just now, with what the server is and the keys of its machines.
    async fn checked_key(
        &self,
        id: TailnetId,
        base_url: &str,
        typed: &str,
    ) -> Result<(Credential, PlaneKind, BTreeSet<String>), Fault> {
        let key = typed.trim();
        if key.is_empty() || key.len() > 500 || !key.chars().all(|c| c.is_ascii_graphic()) {
            return Err(Fault::field("api_key", words::headscale::NO_KEY));
        }
        if KeyKind::of(key).is_some_and(|kind| kind != KeyKind::Headscale) {
            return Err(Fault::field("api_key", words::headscale::KEY_OF_TAILSCALE));
        }
        let client = headscale::client(&self.state, base_url, None, None, key)
            .map_err(|error| Fault::field("base_url", error))?;
        let (kind, report, keys) = asked(&client).await.map_err(|error| match error {
            ControlPlaneError::Unreachable { reason } => words::headscale::does_not_answer(&reason),
            ControlPlaneError::Unauthorised => Fault::field("api_key", words::headscale::KEY_REFUSED),
            ControlPlaneError::NotFound
            | ControlPlaneError::Unsupported { .. }
            | ControlPlaneError::InvalidResponse { .. } => {
                Fault::field("base_url", words::headscale::NO_HEADSCALE)
            }
            other => Fault::field("api_key", in_words(&other)),
        })?;
        Ok((planes::credential(&self.state, id, CredentialKind::ApiKey, key, report), kind, keys))
    }

    /// Whoever has a key of a server may everything there, so a second one who connects it would take everybody's machines
    /// for theirs.
    async fn first_of_its_server(
        &self,
        id: TailnetId,
        base_url: &str,
        keys: &BTreeSet<String>,
    ) -> Result<(), Fault> {
        let keys = keys.iter().map(String::as_str).collect();
        let same = self.state.db.find_same_server(id, base_url, &keys).await;
        let Some(same) = same.or_internal("look for the same server")? else { return Ok(()) };
        let same = self.state.db.find_tailnet(same).await.or_internal("read the tailnet")?;
        let me = self.me()?;
        let same = same.ok_or(Fault::NotFound)?;
        if same.owner == me {
            return Err(Fault::field("base_url", words::headscale::is_yours_already(&same.name)));
        }
        let known =
            self.state.db.find_member(same.id, me).await.or_internal("look which account they are")?;
        if known.is_some() {
            return Err(Fault::field("base_url", words::lender::YOURS_ARE_THERE));
        }
        // They are stewards there, and may do there what they want to do.
        if self.state.db.is_steward(same.id, me).await.or_internal("look for stewards")? {
            return Err(Fault::field("base_url", words::headscale::is_yours_already(&same.name)));
        }
        Err(self.ask_to_lend(&same).await?)
    }

    /// Whoever looks after a server is asked; gives what whoever asks is told.
    async fn ask_to_lend(&self, tailnet: &Tailnet) -> Result<Fault, Fault> {
        let entry = self.about_tailnet(tailnet, words::lender::ASKED_TO_LEND).await?.at(&self.state);
        let asked = self.state.db.put_asking(tailnet.id, self.me()?, &entry).await;
        asked.or_internal("ask whoever looks after the server")?;
        Ok(words::lender::owner_was_asked())
    }

    /// Stores what was checked, and begins to read it.
    pub(super) async fn store_connected(
        &self,
        tailnet: &Tailnet,
        stored: &[Credential],
    ) -> Result<TailnetId, Fault> {
        let entry =
            self.about_tailnet(tailnet, words::tailnet::connected(&tailnet.name)).await?.at(&self.state);
        let (db, now) = (&self.state.db, self.state.now());
        let most = self.state.config.limits.tailnets_per_person;
        let stored = db.insert_tailnet(tailnet, stored, (most, now), &entry).await;
        match stored.or_internal("store the tailnet")? {
            None => {}
            Some(NotConnected::ShutOut) => return Err(Fault::SignedOut),
            Some(NotConnected::Full) => return Err(words::tailnet::too_many(most)),
            Some(NotConnected::Already(other)) if tailnet.kind.is_headscale() => {
                let other = db.find_tailnet(other).await.or_internal("read the tailnet")?;
                return Err(self.ask_to_lend(&other.ok_or(Fault::NotFound)?).await?);
            }
            Some(NotConnected::Already(other)) => {
                let other = db.find_tailnet(other).await.or_internal("read the tailnet")?;
                let name =
                    other.map_or_else(|| "another tailnet".into(), |other| format!("“{}”", other.name));
                return Err(Fault::field("client_secret", words::tailnet::connected_already(&name)));
            }
        }
        queue::enqueue(&self.state, JobKind::Sync, tailnet.id).await.or_internal("queue the sync")?;
        Ok(tailnet.id)
    }

    pub(super) async fn put_api_key(&self, id: TailnetId, key: &str) -> Result<(), Fault> {
        let tailnet = self.own_headscale(id).await?;
        let (checked, _, seen) = self.checked_key(id, &tailnet.base_url, key).await?;
        let db = &self.state.db;
        // Ids of machines are the same on every server: their keys tell.
        let known = db.list_node_keys(id).await.or_internal("list the machines")?;
        if !known.is_empty() && !seen.is_empty() && known.iter().all(|key| !seen.contains(key)) {
            return Err(Fault::field("api_key", words::tailnet::SEES_NO_MACHINE_OF_IT));
        }
        let entry = self.about_tailnet(&tailnet, words::headscale::PUT_IN_KEY).await?.at(&self.state);
        db.forget_renewal(id).await.or_internal("forget the replacement")?;
        let stored = db.replace_credential(id, &checked, &entry).await;
        if !stored.or_internal("store the key")? {
            return Err(Fault::NotFound);
        }
        self.wake_shares(id).await
    }

    pub(super) async fn begin_renewal(&self, id: TailnetId) -> Result<(), Fault> {
        let tailnet = self.own_headscale(id).await?;
        if tailnet.kind == PlaneKind::HeadscaleOlder {
            return Err(Fault::conflict(words::headscale::TOO_OLD));
        }
        crate::tailnet::renewal::begin(&self.state, &tailnet).await.or_internal("begin to replace the key")
    }

    pub(super) async fn put_names(
        &self,
        id: TailnetId,
        base_domain: &str,
        login_server: &str,
    ) -> Result<(), Fault> {
        let tailnet = self.own_headscale(id).await?;
        let wrong = |(field, error): (String, String)| Fault::Invalid(vec![(field, error)]);
        let (base_domain, login_server) = names(base_domain, login_server).map_err(wrong)?;
        let entry = self.about_tailnet(&tailnet, words::headscale::WROTE_NAMES).await?.at(&self.state);
        let stored =
            self.state.db.put_names_of_server(id, base_domain.as_deref(), login_server.as_deref(), &entry);
        stored.await.or_internal("store the names")?;
        queue::enqueue(&self.state, JobKind::Sync, id).await.or_internal("queue the sync")
    }

    async fn own_headscale(&self, id: TailnetId) -> Result<Tailnet, Fault> {
        let tailnet = self.own_tailnet(id).await?;
        if tailnet.kind.is_headscale() { Ok(tailnet) } else { Err(words::headscale::is_none()) }
    }

    /// What a tailnet's page says of its server.
    pub(super) async fn server_view(
        &self,
        tailnet: &Tailnet,
        stored: &[Credential],
    ) -> Result<Option<ServerView>, Fault> {
        if !tailnet.kind.is_headscale() {
            return Ok(None);
        }
        let key = stored.iter().find(|credential| credential.kind == CredentialKind::ApiKey);
        let now = self.state.now();
        let left = key.and_then(|key| key.expires).map(|expires| renewal::days_left(expires, now));
        let going_on = self.state.db.find_renewal(tailnet.id).await;
        let renewing = going_on.or_internal("look whether the key is being replaced")?.is_some();
        let good = key.is_some_and(|key| key.refused.is_none()) && left.is_none_or(|days| days >= 0);
        Ok(Some(ServerView {
            key: left.map(words::headscale::days_left),
            can_renew: good && !renewing && tailnet.kind != PlaneKind::HeadscaleOlder,
            renewing,
            base_domain: tailnet.base_domain.clone().unwrap_or_default(),
            login_server: tailnet.login_server.clone().unwrap_or_default(),
        }))
    }
}

/// What the notes on the page of a Headscale say.
pub fn notes(tailnet: &Tailnet) -> Vec<String> {
    let mut notes = Vec::new();
    if tailnet.kind == PlaneKind::HeadscaleOlder {
        notes.push(words::headscale::TOO_OLD.to_owned());
    } else if tailnet.policy_is_elsewhere() == Ok(true) {
        notes.push(words::headscale::IN_FILE.to_owned());
    } else {
        notes.push(words::headscale::NO_WAY_BACK.to_owned());
    }
    if tailnet.login_server.is_none() || tailnet.base_domain.is_none() {
        notes.push(words::headscale::NAMES_MISSING.to_owned());
    }
    notes
}

/// What a server is, what the key is, and which machines are there.
async fn asked(
    client: &HeadscaleClient,
) -> Result<(PlaneKind, control_plane::CredentialReport, BTreeSet<String>), ControlPlaneError> {
    let kind = headscale::find_out(client).await?;
    let report = client.check_credential(CredentialKind::ApiKey).await?;
    let devices = client.list_devices().await?.devices;
    Ok((kind, report, devices.into_iter().filter_map(|device| device.node_key).collect()))
}

/// What clients call a server and its machines, where that was written.
fn names(
    base_domain: &str,
    login_server: &str,
) -> Result<(Option<String>, Option<String>), (String, String)> {
    let domain = base_domain.trim().trim_matches('.').to_lowercase();
    let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    if domain.len() > 200
        || !domain.chars().all(fine)
        || domain.split('.').any(str::is_empty) && !domain.is_empty()
    {
        return Err(("base_domain".into(), words::headscale::NO_BASE_DOMAIN.into()));
    }
    let server = login_server.trim().trim_end_matches('/');
    let web = url::Url::parse(server).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https") && url.has_host() && url.username().is_empty()
    });
    // It stands in commands that people copy.
    let plain = server
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, ':' | '/' | '.' | '-' | '_' | '[' | ']'));
    let fits = web && plain && server.len() <= 400;
    if !server.is_empty() && !fits {
        return Err(("login_server".into(), words::headscale::NO_LOGIN_SERVER.into()));
    }
    let kept = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Ok((kept(&domain), kept(server)))
}
