//! The control plane's questions in Headscale's words.

use async_trait::async_trait;
use control_plane::{
    Ability, AcceptedInvite, AuthKey, Capabilities, ControlPlane, ControlPlaneError, CredentialKind,
    CredentialReport, Device, DeviceId, DeviceList, Invite, InviteId, KeyId, ListedApiKey, ListedAuthKey,
    NewAuthKey, NewInvite, NewUser, PolicyFile, Precondition, PreviewFor, PreviewMatch, Secret, Settings,
    User, UserId, Validation,
};
use jiff::SignedDuration;
use model::Timestamp;
use reqwest::Method;
use serde_json::json;

use crate::client::HeadscaleClient;
use crate::names;
use crate::policy::Kept;
use crate::version::Version;
use crate::wire;

type Result<T> = std::result::Result<T, ControlPlaneError>;

/// How long an auth key is good where nobody says: as at Tailscale. Without an end it would be dead from the start.
const LIFETIME_SECONDS: u32 = 90 * 24 * 60 * 60;

fn no_invites<T>() -> Result<T> {
    Err(ControlPlaneError::Unsupported { what: "a Headscale has no invites".into() })
}

/// An id as the server gives them out: a number. Whatever else is nobody's, and is not asked for.
fn number(id: &str) -> Result<&str> {
    let fits = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()) && id.parse::<u64>().is_ok();
    if fits { Ok(id) } else { Err(ControlPlaneError::NotFound) }
}

fn rejected<T>(error: &names::NameError) -> Result<T> {
    Err(ControlPlaneError::Rejected { message: error.to_string(), details: Vec::new() })
}

#[expect(clippy::disallowed_methods, reason = "the world's clock: ends of keys are the server's")]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

#[async_trait]
impl ControlPlane for HeadscaleClient {
    /// What is not known of the version yet is not promised: ask for it first ([`HeadscaleClient::version`]).
    fn capabilities(&self) -> Capabilities {
        let version = self.version.get().copied().unwrap_or(Version::Older);
        let writes = version > Version::Older;
        Capabilities {
            invites: false,
            conditional_writes: false,
            validate: version >= Version::V0_29,
            preview: false,
            key_descriptions: false,
            key_tags_checked: false,
            accounts: writes,
            device_ends: writes,
            sign_ins: writes,
            renewal: writes,
        }
    }

    fn credentials(&self) -> Vec<CredentialKind> {
        vec![CredentialKind::ApiKey]
    }

    async fn check_credential(&self, kind: CredentialKind) -> Result<CredentialReport> {
        if kind != CredentialKind::ApiKey {
            return Err(ControlPlaneError::Unsupported {
                what: "a Headscale is asked with an API key".into(),
            });
        }
        let reads = [Ability::ReadDevices, Ability::ReadUsers, Ability::ReadPolicy, Ability::ReadSettings];
        let writes =
            [Ability::WritePolicy, Ability::CreateAuthKeys, Ability::ManageUsers, Ability::ManageDevices];
        let may_write = self.version().await? > Version::Older;
        let keys = self.list_api_keys().await?;
        let own = keys.into_iter().find(|key| key.is(&self.api_key));
        Ok(CredentialReport {
            kind,
            id: own.as_ref().map(|key| key.id.clone()),
            description: String::new(),
            expires: own.and_then(|key| key.expires),
            scopes: Vec::new(),
            actor: None,
            abilities: reads.into_iter().chain(writes.into_iter().filter(|_| may_write)).collect(),
        })
    }

    async fn list_devices(&self) -> Result<DeviceList> {
        let list: wire::node::Nodes = self.get(&["node"]).await?.json("a list of machines")?;
        let devices = list.nodes.into_iter().map(|node| node.plain(self.base_domain.as_deref())).collect();
        Ok(DeviceList { devices, shared_in_listed: true })
    }

    async fn get_device(&self, id: &DeviceId) -> Result<Device> {
        let one: wire::node::One = self.get(&["node", number(id.as_str())?]).await?.json("a machine")?;
        Ok(one.node.plain(self.base_domain.as_deref()))
    }

    async fn list_users(&self) -> Result<Vec<User>> {
        let list: wire::user::Users = self.get(&["user"]).await?.json("a list of accounts")?;
        Ok(list.users.into_iter().map(Into::into).collect())
    }

    async fn get_policy(&self) -> Result<PolicyFile> {
        self.policy_file().await
    }

    async fn set_policy(&self, text: &str, condition: &Precondition) -> Result<PolicyFile> {
        self.write_policy(text, condition).await
    }

    async fn validate_policy(&self, text: &str) -> Result<Validation> {
        self.check_policy(text).await
    }

    async fn preview_policy(&self, _: &str, _: &PreviewFor) -> Result<Vec<PreviewMatch>> {
        Err(ControlPlaneError::Unsupported { what: "a Headscale has no preview".into() })
    }

    async fn list_invites(&self, _: &DeviceId) -> Result<Vec<Invite>> {
        no_invites()
    }

    async fn create_invite(&self, _: &DeviceId, _: &NewInvite) -> Result<Invite> {
        no_invites()
    }

    async fn get_invite(&self, _: &InviteId) -> Result<Invite> {
        no_invites()
    }

    async fn delete_invite(&self, _: &InviteId) -> Result<()> {
        no_invites()
    }

    async fn accept_invite(&self, _: &Secret) -> Result<AcceptedInvite> {
        no_invites()
    }

    async fn get_settings(&self) -> Result<Settings> {
        Ok(Settings {
            policy_managed_elsewhere: Some(self.policy_kept().await? == Kept::File),
            devices_need_approval: Some(false),
            users_need_approval: Some(false),
            ..Settings::default()
        })
    }

    async fn create_auth_key(&self, key: &NewAuthKey) -> Result<AuthKey> {
        self.writable().await?;
        let user = key.user.as_ref().map(|id| number(id.as_str())).transpose()?;
        if user.is_none() && key.tags.is_empty() {
            let what = "a key of a Headscale is for one of its accounts, or has tags".into();
            return Err(ControlPlaneError::Unsupported { what });
        }
        let lifetime = i64::from(key.lifetime_seconds.unwrap_or(LIFETIME_SECONDS));
        let by_length =
            || now().checked_add(SignedDuration::from_secs(lifetime)).unwrap_or(jiff::Timestamp::MAX);
        let by_time = key.ends.and_then(|ends| jiff::Timestamp::from_second(ends.seconds()).ok());
        let expiration = by_time.unwrap_or_else(by_length);
        let mut asked = json!({
            "reusable": key.reusable, "ephemeral": key.ephemeral, "aclTags": key.tags,
            "expiration": expiration.to_string(),
        });
        if let Some(user) = user {
            asked["user"] = user.into();
        }
        let made: wire::key::Made = self.post(&["preauthkey"], &asked).await?.json("a pre-auth key")?;
        Ok(made.pre_auth_key.into())
    }

    async fn list_auth_keys(&self) -> Result<Vec<ListedAuthKey>> {
        let answer = self.get(&["preauthkey"]).await?;
        // By the clock that ends them: a key that was ended just now is over, though ours may be behind.
        let now = Timestamp::from_seconds(answer.date().unwrap_or_else(now).as_second());
        let list: wire::key::Keys = answer.json("a list of pre-auth keys")?;
        Ok(list.pre_auth_keys.into_iter().filter(|key| key.is_good(now)).map(Into::into).collect())
    }

    /// Ends it. Released versions answer well of a key that is not there.
    async fn delete_auth_key(&self, id: &KeyId) -> Result<()> {
        self.writable().await?;
        self.post(&["preauthkey", "expire"], &json!({ "id": number(id.as_str())? })).await.map(drop)
    }

    async fn create_user(&self, user: &NewUser) -> Result<User> {
        if let Err(error) = names::check_form(&user.name) {
            return rejected(&error);
        }
        self.writable().await?;
        let asked = json!({ "name": user.name, "displayName": user.display_name });
        let made: wire::user::One = self.post(&["user"], &asked).await?.json("an account")?;
        Ok(made.user.into())
    }

    async fn rename_user(&self, id: &UserId, name: &str) -> Result<User> {
        if let Err(error) = names::check_form(name) {
            return rejected(&error);
        }
        self.writable().await?;
        let call = self.call(Method::POST, &["user", number(id.as_str())?, "rename", name])?;
        let renamed: wire::user::One = self.ask(&call).await?.json("an account")?;
        Ok(renamed.user.into())
    }

    async fn delete_user(&self, id: &UserId) -> Result<()> {
        self.writable().await?;
        self.ask(&self.call(Method::DELETE, &["user", number(id.as_str())?])?).await.map(drop)
    }

    /// With `{}` and nothing else: where a version does not look, a later date logs out at once.
    async fn expire_device(&self, id: &DeviceId) -> Result<()> {
        self.writable().await?;
        self.post(&["node", number(id.as_str())?, "expire"], &json!({})).await.map(drop)
    }

    async fn delete_device(&self, id: &DeviceId) -> Result<()> {
        self.writable().await?;
        self.ask(&self.call(Method::DELETE, &["node", number(id.as_str())?])?).await.map(drop)
    }

    async fn let_in(&self, waiting: &Secret, user: &User) -> Result<Device> {
        let text = waiting.expose().trim().trim_end_matches('/');
        let id = text.rsplit('/').next().unwrap_or_default();
        let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if id.is_empty() || !id.chars().all(fine) {
            return Err(ControlPlaneError::NotFound);
        }
        // Its provider's name for it is for policies; here it is called by its own.
        let name = wire::user::own_name(user);
        let call = if self.writable().await? == Version::V0_28 {
            let call = self.call(Method::POST, &["node", "register"])?;
            call.query("user", &name).query("key", id)
        } else {
            let asked = json!({ "user": name, "authId": id });
            self.call(Method::POST, &["auth", "register"])?.json(&asked)?
        };
        let one: wire::node::One = self.ask(&call.hiding(id)).await?.json("a machine")?;
        Ok(one.node.plain(self.base_domain.as_deref()))
    }

    async fn list_api_keys(&self) -> Result<Vec<ListedApiKey>> {
        let list: wire::key::ApiKeys = self.get(&["apikey"]).await?.json("a list of API keys")?;
        Ok(list.api_keys.into_iter().map(Into::into).collect())
    }

    async fn create_api_key(&self, ends: Timestamp) -> Result<Secret> {
        self.writable().await?;
        let asked = json!({ "expiration": ends.to_string() });
        let made: wire::key::NewApiKey = self.post(&["apikey"], &asked).await?.json("an API key")?;
        Ok(Secret::new(made.api_key))
    }

    async fn expire_api_key(&self, id: &KeyId) -> Result<()> {
        self.writable().await?;
        self.post(&["apikey", "expire"], &json!({ "id": number(id.as_str())? })).await.map(drop)
    }
}
