//! The suite that every implementation must pass.
//!
//! An implementation calls [`contract_tests!`](crate::contract_tests) with the name of an async function that makes
//! a fresh [`Stage`]; each law becomes one test. What a kind of control plane has not is declared by its [`Capabilities`]:
//! then a law holds it to *that*, that it says so and that nothing happens. Nothing is left out silently.

mod keys;
mod server;

use std::any::Any;
use std::sync::Arc;

use crate::{
    Capabilities, ControlPlane, ControlPlaneError, DeviceId, InviteId, NewInvite, Precondition, PreviewFor,
    Secret, UserId, UserKind,
};

/// A tailnet to play on, and its neighbour where machines are shared with one; fresh for each law.
pub struct Stage {
    /// What this kind of control plane has.
    pub declared: Capabilities,
    /// The owner's side, with all credentials.
    pub owner: Arc<dyn ControlPlane>,
    /// The owner's side without a user token, where there are such; otherwise as the owner's.
    pub owner_without_user_token: Arc<dyn ControlPlane>,
    /// The friend's side, where machines are shared with others: with a user token, and its login.
    pub friend: Option<(Arc<dyn ControlPlane>, String)>,
    /// Hostname of a device of the owner's that nobody was invited to yet.
    pub hostname: String,
    /// A valid policy other than the one in force, with comments.
    pub other_policy: String,
    /// Login of a member of the owner's tailnet who has a device.
    pub member_login: String,
    /// Whose machines come in with keys that have no tags; `None`: those of whoever asks.
    pub key_user: Option<UserId>,
    /// A tag that both a person and the client of the owner's side may give.
    pub tag: String,
    /// A tag of the policy that the client may not give.
    pub tag_of_others: String,
    /// Where a machine waits to be let in.
    pub waiting: Option<Secret>,
    /// How many calls the control plane has had so far.
    pub calls: Box<dyn Fn() -> usize + Send + Sync>,
    /// Whatever has to live as long as the stage.
    pub keep: Box<dyn Any + Send>,
}

pub use keys::{
    a_client_makes_keys_with_tags_of_its_own_only, an_auth_key_goes_from_made_to_listed_to_revoked,
    an_auth_key_has_the_tags_that_were_asked_for,
};
pub use server::{
    a_credential_is_replaced_by_its_successor, a_machine_is_logged_out_and_deleted,
    a_machine_that_waits_is_let_in_once, an_account_goes_from_made_to_renamed_to_deleted,
};

impl Stage {
    async fn device(&self) -> crate::Device {
        let devices = self.owner.list_devices().await.expect("devices can be listed").devices;
        devices.into_iter().find(|d| d.hostname == self.hostname).expect("the device of the stage is listed")
    }

    /// That this is said not to be there, and that nobody was asked.
    async fn is_not_there<T: std::fmt::Debug>(
        &self,
        asked: impl Future<Output = Result<T, ControlPlaneError>>,
    ) {
        let before = (self.calls)();
        let answer = asked.await;
        assert!(matches!(answer, Err(ControlPlaneError::Unsupported { .. })), "{answer:?}");
        assert_eq!((self.calls)(), before, "nobody is asked for what is not there");
    }
}

/// Makes one `#[tokio::test]` per law, on stages from `$stage().await`.
#[macro_export]
macro_rules! contract_tests {
    ($stage:path) => {
        $crate::contract_tests! { @each $stage:
            a_plane_has_what_is_declared_of_it
            every_credential_can_say_what_it_is
            devices_can_be_found_by_either_id
            members_are_listed
            the_policy_is_kept_byte_for_byte
            a_policy_changed_in_the_meantime_is_not_overwritten
            an_invalid_policy_is_refused_and_changes_nothing
            an_empty_policy_is_refused_and_changes_nothing
            a_preview_changes_nothing
            an_invite_goes_from_made_to_accepted_to_gone
            an_invite_is_accepted_once
            without_a_user_token_no_invite_is_made
            an_auth_key_goes_from_made_to_listed_to_revoked
            an_auth_key_has_the_tags_that_were_asked_for
            a_client_makes_keys_with_tags_of_its_own_only
            an_account_goes_from_made_to_renamed_to_deleted
            a_machine_that_waits_is_let_in_once
            a_machine_is_logged_out_and_deleted
            a_credential_is_replaced_by_its_successor
            what_is_unknown_is_not_found
        }
    };
    (@each $stage:path: $($law:ident)*) => {$(
        #[tokio::test]
        async fn $law() {
            $crate::contract::$law($stage().await).await;
        }
    )*};
}

/// Nobody has more or less than what is said of their kind.
#[expect(clippy::unused_async, reason = "all laws have one shape")]
pub async fn a_plane_has_what_is_declared_of_it(stage: Stage) {
    for plane in [&stage.owner, &stage.owner_without_user_token] {
        assert_eq!(plane.capabilities(), stage.declared);
    }
    assert_eq!(stage.friend.is_some(), stage.declared.invites, "somebody to share with");
}

/// Every credential that a plane claims to have is taken, and says what it makes possible.
pub async fn every_credential_can_say_what_it_is(stage: Stage) {
    let friend = stage.friend.as_ref().map(|(plane, _)| plane);
    for plane in [&stage.owner, &stage.owner_without_user_token].into_iter().chain(friend) {
        let kinds = plane.credentials();
        assert!(!kinds.is_empty());
        for kind in kinds {
            let report = plane.check_credential(kind).await.expect("the credential is taken");
            assert_eq!(report.kind, kind);
            assert!(!report.abilities.is_empty(), "{report:?}");
        }
    }
}

/// `get_device` takes both ids and gives what the list has.
pub async fn devices_can_be_found_by_either_id(stage: Stage) {
    let device = stage.device().await;
    assert!(!device.addresses.is_empty());
    assert!(device.addresses[0].is_ipv4(), "IPv4 comes first");
    for id in [&device.id, &device.legacy_id] {
        assert_eq!(stage.owner.get_device(id).await.expect("it is there"), device);
    }
}

/// Members are members, and each has a login.
pub async fn members_are_listed(stage: Stage) {
    let users = stage.owner.list_users().await.expect("users can be listed");
    let member = users.iter().find(|u| u.login == stage.member_login).expect("the member is listed");
    assert_eq!(member.kind, UserKind::Member);
    assert!(users.iter().all(|u| !u.login.is_empty()));
}

/// What is written is what is read, and the mark moves with it.
pub async fn the_policy_is_kept_byte_for_byte(stage: Stage) {
    let before = stage.owner.get_policy().await.expect("the policy can be read");
    let mark = before.etag.clone().expect("it has a mark");
    let written = stage.owner.set_policy(&stage.other_policy, &Precondition::Matches(mark.clone())).await;
    let written = written.expect("the condition holds");
    assert_eq!(written.text, stage.other_policy);
    assert_ne!(written.etag.as_ref(), Some(&mark));
    assert_eq!(stage.owner.get_policy().await, Ok(written.clone()));

    let mark = written.etag.expect("it has a mark");
    let back = stage.owner.set_policy(&before.text, &Precondition::Matches(mark)).await;
    assert_eq!(back.expect("the condition holds").text, before.text);
}

/// A stale mark is a conflict, and so is "still the default" for a file that was changed.
pub async fn a_policy_changed_in_the_meantime_is_not_overwritten(stage: Stage) {
    let before = stage.owner.get_policy().await.expect("the policy can be read");
    let old = before.etag.expect("it has a mark");
    let ours = Precondition::Matches(old);
    let changed = stage.owner.set_policy(&stage.other_policy, &ours).await.expect("the condition holds");
    assert_eq!(stage.owner.set_policy(&before.text, &ours).await, Err(ControlPlaneError::Conflict));
    let refused = stage.owner.set_policy(&before.text, &Precondition::IsDefault).await;
    assert_eq!(refused, Err(ControlPlaneError::Conflict));
    assert_eq!(stage.owner.get_policy().await, Ok(changed));
}

/// Neither a broken file nor its validation leaves a trace.
pub async fn an_invalid_policy_is_refused_and_changes_nothing(stage: Stage) {
    let before = stage.owner.get_policy().await.expect("the policy can be read");
    let condition = Precondition::Matches(before.etag.clone().expect("it has a mark"));
    let broken = "{ \"acls\": [ ";
    let refused = stage.owner.set_policy(broken, &condition).await;
    assert!(matches!(refused, Err(ControlPlaneError::Rejected { .. })), "{refused:?}");
    if !stage.declared.validate {
        stage.is_not_there(stage.owner.validate_policy(broken)).await;
        assert_eq!(stage.owner.get_policy().await, Ok(before));
        return;
    }
    let judged = stage.owner.validate_policy(broken).await.expect("it can be asked");
    assert!(!judged.passed);
    assert!(!judged.message.is_empty());
    let good = stage.owner.validate_policy(&stage.other_policy).await.expect("it can be asked");
    assert!(good.passed, "{good:?}");
    assert_eq!(stage.owner.get_policy().await, Ok(before));
}

/// An empty text is no policy anywhere; on some servers it lets everybody in, later.
pub async fn an_empty_policy_is_refused_and_changes_nothing(stage: Stage) {
    let before = stage.owner.get_policy().await.expect("the policy can be read");
    let condition = Precondition::Matches(before.etag.clone().expect("it has a mark"));
    for empty in ["", " \n\t"] {
        let refused = stage.owner.set_policy(empty, &condition).await;
        assert!(matches!(refused, Err(ControlPlaneError::Rejected { .. })), "{refused:?}");
    }
    assert_eq!(stage.owner.get_policy().await, Ok(before));
}

/// A preview is only a look.
pub async fn a_preview_changes_nothing(stage: Stage) {
    let asked = PreviewFor::User(stage.member_login.clone());
    if !stage.declared.preview {
        return stage.is_not_there(stage.owner.preview_policy(&stage.other_policy, &asked)).await;
    }
    let before = stage.owner.get_policy().await.expect("the policy can be read");
    let matches = stage.owner.preview_policy(&stage.other_policy, &asked).await.expect("it can be asked");
    assert!(!matches.is_empty());
    assert_eq!(stage.owner.get_policy().await, Ok(before));
}

/// The whole life of an invite, seen from both sides.
pub async fn an_invite_goes_from_made_to_accepted_to_gone(stage: Stage) {
    let device = stage.device().await;
    let Some((friend_plane, friend_login)) = &stage.friend else {
        stage.is_not_there(stage.owner.list_invites(&device.id)).await;
        stage.is_not_there(stage.owner.create_invite(&device.id, &NewInvite::default())).await;
        stage.is_not_there(stage.owner.get_invite(&InviteId::new("1"))).await;
        return stage.is_not_there(stage.owner.delete_invite(&InviteId::new("1"))).await;
    };
    assert!(stage.owner.list_invites(&device.id).await.expect("invites can be listed").is_empty());

    let made = stage.owner.create_invite(&device.id, &NewInvite::default()).await.expect("it is made");
    assert!(!made.accepted && !made.multi_use && made.accepted_by.is_none());
    assert_eq!(made.device, device.legacy_id);
    let url = made.url.expect("the link is shown");

    let accepted = friend_plane.accept_invite(&url).await.expect("the friend accepts");
    assert_eq!(accepted.accepted_by, *friend_login);
    assert_eq!(accepted.name, device.name);

    let listed = stage.owner.list_invites(&device.id).await.expect("invites can be listed");
    assert_eq!(listed.len(), 1);
    assert!(listed[0].accepted);
    assert_eq!(listed[0].accepted_by.as_deref(), Some(friend_login.as_str()));
    let users = stage.owner.list_users().await.expect("users can be listed");
    let friend = users.iter().find(|u| u.login == *friend_login).expect("the friend is a share recipient");
    assert_eq!(friend.kind, UserKind::Shared);
    let theirs = friend_plane.list_devices().await.expect("devices can be listed");
    assert!(theirs.shared_in_listed);
    assert!(theirs.devices.iter().any(|d| d.external && d.name == device.name), "the friend sees the device");

    stage.owner.delete_invite(&made.id).await.expect("it is deleted");
    assert!(stage.owner.list_invites(&device.id).await.expect("invites can be listed").is_empty());
    assert!(matches!(stage.owner.get_invite(&made.id).await, Err(ControlPlaneError::NotFound)));
    let again = stage.owner.delete_invite(&made.id).await;
    assert_eq!(again, Err(ControlPlaneError::NotFound));
}

/// A used code and a made-up code are refused.
pub async fn an_invite_is_accepted_once(stage: Stage) {
    let device = stage.device().await;
    let Some((friend, _)) = &stage.friend else {
        let made_up = Secret::new("https://login.tailscale.com/admin/invite/made-up");
        return stage.is_not_there(stage.owner.accept_invite(&made_up)).await;
    };
    let made = stage.owner.create_invite(&device.id, &NewInvite::default()).await.expect("it is made");
    let url = made.url.expect("the link is shown");
    friend.accept_invite(&url).await.expect("the friend accepts");
    for code in [url, Secret::new("https://login.tailscale.com/admin/invite/made-up")] {
        let refused = friend.accept_invite(&code).await;
        assert!(
            matches!(refused, Err(ControlPlaneError::Rejected { .. } | ControlPlaneError::NotFound)),
            "{refused:?}"
        );
    }
}

/// Without a user token the plane says what is missing, and no invite appears.
pub async fn without_a_user_token_no_invite_is_made(stage: Stage) {
    let device = stage.device().await;
    let plane = &stage.owner_without_user_token;
    stage.is_not_there(plane.create_invite(&device.id, &NewInvite::default())).await;
    if !stage.declared.invites {
        return;
    }
    assert!(plane.list_invites(&device.id).await.expect("invites can be listed").is_empty());
}

/// Ids nobody has, also such as try to leave their place in a path.
pub async fn what_is_unknown_is_not_found(stage: Stage) {
    for id in ["nNOBODY", "999999", "18446744073709551616", "../tailnet/-/acl", "a/b", "", ".."] {
        let device = stage.owner.get_device(&DeviceId::new(id)).await;
        assert_eq!(device, Err(ControlPlaneError::NotFound), "{id:?}");
        if stage.declared.invites {
            let invite = stage.owner.get_invite(&InviteId::new(id)).await;
            assert!(matches!(invite, Err(ControlPlaneError::NotFound)), "{id:?}");
        } else {
            stage.is_not_there(stage.owner.get_invite(&InviteId::new(id))).await;
        }
    }
}
