//! The trait itself.

use async_trait::async_trait;
use model::Timestamp;

use crate::{
    AcceptedInvite, AuthKey, ControlPlaneError, CredentialKind, CredentialReport, Device, DeviceId,
    DeviceList, Invite, InviteId, KeyId, ListedApiKey, ListedAuthKey, NewAuthKey, NewInvite, NewUser,
    PolicyFile, Precondition, PreviewFor, PreviewMatch, Secret, Settings, User, UserId, Validation,
};

type Result<T> = std::result::Result<T, ControlPlaneError>;

/// What this kind of control plane knows at all, whatever the credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own; no two exclude each other")]
pub struct Capabilities {
    /// Machines can be shared with accounts of other tailnets.
    pub invites: bool,
    /// A write of the policy is conditional: it is refused if somebody else wrote since it was read. Without it the client
    /// looks before and after, and an edit in the moment between can be lost unseen.
    pub conditional_writes: bool,
    /// Candidates can be validated without being written.
    pub validate: bool,
    /// Candidates can be previewed for one person.
    pub preview: bool,
    /// Auth keys carry a description that lists show; without it only their ids tell them apart.
    pub key_descriptions: bool,
    /// Tags of auth keys are those of the policy and of the credential; without it any tag is taken.
    pub key_tags_checked: bool,
    /// Accounts can be made, renamed and deleted.
    pub accounts: bool,
    /// Machines can be logged out and deleted.
    pub device_ends: bool,
    /// A machine that waits at its sign-in page can be let in by the id that stands there.
    pub sign_ins: bool,
    /// The credential can make its successor, and end itself.
    pub renewal: bool,
}

/// One tailnet's control plane, seen with the credentials at hand. Every call picks the credential that can do it;
/// without one the answer is [`ControlPlaneError::Unsupported`], and nothing was sent.
///
/// Reads are repeated a few times on trouble; a write is sent once, so that after
/// [`ControlPlaneError::leaves_effect_unknown`] the caller has to look.
#[async_trait]
pub trait ControlPlane: Send + Sync {
    /// What this kind of control plane knows.
    fn capabilities(&self) -> Capabilities;

    /// Which credentials there are.
    fn credentials(&self) -> Vec<CredentialKind>;

    /// Asks the control plane about one credential: whether it is taken, until when, and what it makes possible.
    async fn check_credential(&self, kind: CredentialKind) -> Result<CredentialReport>;

    /// All devices with their routes. Those shared in are in it only with a user token that works.
    async fn list_devices(&self) -> Result<DeviceList>;

    /// One device, by either of its ids.
    async fn get_device(&self, id: &DeviceId) -> Result<Device>;

    /// Members and share recipients.
    async fn list_users(&self) -> Result<Vec<User>>;

    /// The policy file, byte for byte, and its mark.
    async fn get_policy(&self) -> Result<PolicyFile>;

    /// Replaces the policy file if the condition holds, and gives back what is stored now.
    ///
    /// [`ControlPlaneError::Conflict`] if it does not hold, [`ControlPlaneError::Rejected`] if the file is invalid
    /// or one of its tests fails.
    async fn set_policy(&self, text: &str, condition: &Precondition) -> Result<PolicyFile>;

    /// Whether the control plane would take this file; changes nothing.
    async fn validate_policy(&self, text: &str) -> Result<Validation>;

    /// Which rules of a candidate matter for one person or one destination; changes nothing.
    async fn preview_policy(&self, text: &str, preview: &PreviewFor) -> Result<Vec<PreviewMatch>>;

    /// Invites of one device, open and accepted.
    async fn list_invites(&self, device: &DeviceId) -> Result<Vec<Invite>>;

    /// Makes an invite.
    async fn create_invite(&self, device: &DeviceId, invite: &NewInvite) -> Result<Invite>;

    /// One invite.
    async fn get_invite(&self, id: &InviteId) -> Result<Invite>;

    /// Deletes an invite. Whether this ends a share that was accepted through it is not documented anywhere:
    /// look at the invites and users afterwards.
    async fn delete_invite(&self, id: &InviteId) -> Result<()>;

    /// Accepts an invite that somebody else made, for the person of the user token.
    async fn accept_invite(&self, url: &Secret) -> Result<AcceptedInvite>;

    /// The tailnet's settings. A credential without the right gets `None`s, not an error.
    async fn get_settings(&self) -> Result<Settings>;

    /// Makes an auth key for a new machine.
    async fn create_auth_key(&self, key: &NewAuthKey) -> Result<AuthKey>;

    /// Auth keys that are good, as far as the credentials at hand may know of them.
    async fn list_auth_keys(&self) -> Result<Vec<ListedAuthKey>>;

    /// Revokes an auth key. Machines that joined with it stay.
    async fn delete_auth_key(&self, id: &KeyId) -> Result<()>;

    /// Makes a local account.
    async fn create_user(&self, user: &NewUser) -> Result<User> {
        let _ = user;
        Err(none("accounts cannot be made here"))
    }

    /// Calls an account something else. Rules that name it by its old name end silently.
    async fn rename_user(&self, id: &UserId, name: &str) -> Result<User> {
        let _ = (id, name);
        Err(none("accounts cannot be renamed here"))
    }

    /// Deletes an account without machines. Rules that name it stay, and are inherited by the next of that name.
    async fn delete_user(&self, id: &UserId) -> Result<()> {
        let _ = id;
        Err(none("accounts cannot be deleted here"))
    }

    /// Logs a machine out now: it has to come in anew.
    async fn expire_device(&self, id: &DeviceId) -> Result<()> {
        let _ = id;
        Err(none("machines cannot be logged out here"))
    }

    /// Takes a machine out.
    async fn delete_device(&self, id: &DeviceId) -> Result<()> {
        let _ = id;
        Err(none("machines cannot be deleted here"))
    }

    /// Lets in the machine that waits at its sign-in page, as one of this account. `waiting` is the page's address, or the
    /// id in it.
    async fn let_in(&self, waiting: &Secret, user: &User) -> Result<Device> {
        let _ = (waiting, user);
        Err(none("machines that wait cannot be let in here"))
    }

    /// Keys for this API, good or not.
    async fn list_api_keys(&self) -> Result<Vec<ListedApiKey>> {
        Err(none("there are no API keys here"))
    }

    /// Makes another key for this API, with an end. Shown once; see [`crate::renewal`] for what is done with it.
    async fn create_api_key(&self, ends: Timestamp) -> Result<Secret> {
        let _ = ends;
        Err(none("there are no API keys here"))
    }

    /// Ends an API key; one that is over stays so.
    async fn expire_api_key(&self, id: &KeyId) -> Result<()> {
        let _ = id;
        Err(none("there are no API keys here"))
    }
}

fn none(what: &str) -> ControlPlaneError {
    ControlPlaneError::Unsupported { what: what.to_owned() }
}
