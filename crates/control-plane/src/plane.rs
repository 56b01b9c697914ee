//! The trait itself.

use async_trait::async_trait;

use crate::{
    AcceptedInvite, AuthKey, ControlPlaneError, CredentialKind, CredentialReport, Device, DeviceId,
    DeviceList, Invite, InviteId, KeyId, ListedAuthKey, NewAuthKey, NewInvite, PolicyFile, Precondition,
    PreviewFor, PreviewMatch, Secret, Settings, User, Validation,
};

type Result<T> = std::result::Result<T, ControlPlaneError>;

/// What this kind of control plane knows at all, whatever the credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own; no two exclude each other")]
pub struct Capabilities {
    /// Machines can be shared with accounts of other tailnets.
    pub invites: bool,
    /// The policy carries a version mark that protects writes.
    pub policy_marks: bool,
    /// Candidates can be validated without being written.
    pub validate: bool,
    /// Candidates can be previewed for one person.
    pub preview: bool,
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
}
