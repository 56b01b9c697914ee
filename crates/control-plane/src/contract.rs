//! The suite that every implementation must pass.
//!
//! An implementation calls [`contract_tests!`](crate::contract_tests) with the name of an async function that makes
//! a fresh [`Stage`]; each law becomes one test.

use std::any::Any;
use std::sync::Arc;

use crate::{
    ControlPlane, ControlPlaneError, DeviceId, InviteId, KeyId, ListedAuthKey, NewAuthKey, NewInvite,
    Precondition, PreviewFor, Secret, UserKind,
};

/// Two tailnets to play on, fresh for each law.
pub struct Stage {
    /// The owner's side, with both credentials.
    pub owner: Arc<dyn ControlPlane>,
    /// The owner's side without a user token.
    pub owner_without_user_token: Arc<dyn ControlPlane>,
    /// The friend's side, with a user token.
    pub friend: Arc<dyn ControlPlane>,
    /// Login of the friend.
    pub friend_login: String,
    /// Hostname of a device of the owner's that nobody was invited to yet.
    pub hostname: String,
    /// A valid policy other than the one in force, with comments.
    pub other_policy: String,
    /// Login of a member of the owner's tailnet who has a device.
    pub member_login: String,
    /// A tag that both a person and the client of the owner's side may give.
    pub tag: String,
    /// A tag of the policy that the client may not give.
    pub tag_of_others: String,
    /// Whatever has to live as long as the stage.
    pub keep: Box<dyn Any + Send>,
}

impl Stage {
    async fn device(&self) -> crate::Device {
        let devices = self.owner.list_devices().await.expect("devices can be listed").devices;
        devices.into_iter().find(|d| d.hostname == self.hostname).expect("the device of the stage is listed")
    }
}

/// Makes one `#[tokio::test]` per law, on stages from `$stage().await`.
#[macro_export]
macro_rules! contract_tests {
    ($stage:path) => {
        $crate::contract_tests! { @each $stage:
            every_credential_can_say_what_it_is
            devices_can_be_found_by_either_id
            members_are_listed
            the_policy_is_kept_byte_for_byte
            a_policy_changed_in_the_meantime_is_not_overwritten
            an_invalid_policy_is_refused_and_changes_nothing
            a_preview_changes_nothing
            an_invite_goes_from_made_to_accepted_to_gone
            an_invite_is_accepted_once
            without_a_user_token_no_invite_is_made
            an_auth_key_goes_from_made_to_listed_to_revoked
            an_auth_key_has_the_tags_that_were_asked_for
            a_client_makes_keys_with_tags_of_its_own_only
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

/// Every credential that a plane claims to have is taken, and says what it makes possible.
pub async fn every_credential_can_say_what_it_is(stage: Stage) {
    for plane in [&stage.owner, &stage.owner_without_user_token, &stage.friend] {
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
    let judged = stage.owner.validate_policy(broken).await.expect("it can be asked");
    assert!(!judged.passed);
    assert!(!judged.message.is_empty());
    let good = stage.owner.validate_policy(&stage.other_policy).await.expect("it can be asked");
    assert!(good.passed, "{good:?}");
    assert_eq!(stage.owner.get_policy().await, Ok(before));
}

/// A preview is only a look.
pub async fn a_preview_changes_nothing(stage: Stage) {
    if !stage.owner.capabilities().preview {
        return;
    }
    let before = stage.owner.get_policy().await.expect("the policy can be read");
    let asked = PreviewFor::User(stage.member_login.clone());
    let matches = stage.owner.preview_policy(&stage.other_policy, &asked).await.expect("it can be asked");
    assert!(!matches.is_empty());
    assert_eq!(stage.owner.get_policy().await, Ok(before));
}

/// The whole life of an invite, seen from both sides.
pub async fn an_invite_goes_from_made_to_accepted_to_gone(stage: Stage) {
    let device = stage.device().await;
    assert!(stage.owner.list_invites(&device.id).await.expect("invites can be listed").is_empty());

    let made = stage.owner.create_invite(&device.id, &NewInvite::default()).await.expect("it is made");
    assert!(!made.accepted && !made.multi_use && made.accepted_by.is_none());
    assert_eq!(made.device, device.legacy_id);
    let url = made.url.expect("the link is shown");

    let accepted = stage.friend.accept_invite(&url).await.expect("the friend accepts");
    assert_eq!(accepted.accepted_by, stage.friend_login);
    assert_eq!(accepted.name, device.name);

    let listed = stage.owner.list_invites(&device.id).await.expect("invites can be listed");
    assert_eq!(listed.len(), 1);
    assert!(listed[0].accepted);
    assert_eq!(listed[0].accepted_by.as_deref(), Some(stage.friend_login.as_str()));
    let users = stage.owner.list_users().await.expect("users can be listed");
    let friend =
        users.iter().find(|u| u.login == stage.friend_login).expect("the friend is a share recipient");
    assert_eq!(friend.kind, UserKind::Shared);
    let theirs = stage.friend.list_devices().await.expect("devices can be listed");
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
    let made = stage.owner.create_invite(&device.id, &NewInvite::default()).await.expect("it is made");
    let url = made.url.expect("the link is shown");
    stage.friend.accept_invite(&url).await.expect("the friend accepts");
    for code in [url, Secret::new("https://login.tailscale.com/admin/invite/made-up")] {
        let refused = stage.friend.accept_invite(&code).await;
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
    let refused = plane.create_invite(&device.id, &NewInvite::default()).await;
    assert!(matches!(refused, Err(ControlPlaneError::Unsupported { .. })), "{refused:?}");
    assert!(plane.list_invites(&device.id).await.expect("invites can be listed").is_empty());
}

/// The whole life of an auth key; revoking it twice tells that it is gone, or that it stays so.
pub async fn an_auth_key_goes_from_made_to_listed_to_revoked(stage: Stage) {
    let asked = NewAuthKey { lifetime_seconds: Some(600), ..named("acequia contract 1") };
    let made = stage.owner.create_auth_key(&asked).await.expect("it is made");
    assert!(!made.key.expose().is_empty(), "the key is shown when it is made");
    let listed = listed(&stage, &asked.description).await.expect("it is listed under its description");
    assert_eq!((&listed.id, listed.expires), (&made.id, made.expires));
    assert!(listed.tags.is_empty());

    stage.owner.delete_auth_key(&made.id).await.expect("it is revoked");
    assert_eq!(self::listed(&stage, &asked.description).await, None, "a revoked key is good for nothing");
    let again = stage.owner.delete_auth_key(&made.id).await;
    assert!(matches!(again, Ok(()) | Err(ControlPlaneError::NotFound)), "{again:?}");
    for id in ["kNOBODY", "../devices", ""] {
        let refused = stage.owner.delete_auth_key(&KeyId::new(id)).await;
        assert_eq!(refused, Err(ControlPlaneError::NotFound), "{id:?}");
    }
}

/// Tags that the policy knows are kept; one that it does not know makes no key.
pub async fn an_auth_key_has_the_tags_that_were_asked_for(stage: Stage) {
    let asked = NewAuthKey { tags: vec![stage.tag.clone()], ..named("acequia contract 2") };
    let made = stage.owner.create_auth_key(&asked).await.expect("it is made");
    let found = listed(&stage, &asked.description).await.expect("it is listed");
    assert_eq!((found.id, found.tags), (made.id, asked.tags));

    let asked = NewAuthKey { tags: vec!["tag:nobodys".into()], ..named("acequia contract 3") };
    let refused = stage.owner.create_auth_key(&asked).await;
    assert!(matches!(refused, Err(ControlPlaneError::Rejected { .. })), "{refused:?}");
    assert_eq!(listed(&stage, &asked.description).await, None);
}

/// Without tags, or with somebody else's, a client is refused. What it made it can list and revoke.
pub async fn a_client_makes_keys_with_tags_of_its_own_only(stage: Stage) {
    let plane = &stage.owner_without_user_token;
    for tags in [Vec::new(), vec![stage.tag_of_others.clone()]] {
        let asked = NewAuthKey { tags, ..named("acequia contract 4") };
        let refused = plane.create_auth_key(&asked).await;
        let said = matches!(
            refused,
            Err(ControlPlaneError::Unsupported { .. } | ControlPlaneError::Rejected { .. })
        );
        assert!(said, "{refused:?}");
        assert_eq!(listed(&stage, &asked.description).await, None);
    }
    let asked = NewAuthKey { tags: vec![stage.tag.clone()], ..named("acequia contract 5") };
    let made = plane.create_auth_key(&asked).await.expect("it is made");
    let theirs = plane.list_auth_keys().await.expect("keys can be listed");
    assert!(theirs.iter().any(|key| key.id == made.id && key.tags == asked.tags), "{theirs:?}");
    plane.delete_auth_key(&made.id).await.expect("it is revoked");
    assert_eq!(listed(&stage, &asked.description).await, None);
}

fn named(description: &str) -> NewAuthKey {
    NewAuthKey { description: description.into(), ..NewAuthKey::default() }
}

async fn listed(stage: &Stage, description: &str) -> Option<ListedAuthKey> {
    let keys = stage.owner.list_auth_keys().await.expect("keys can be listed");
    keys.into_iter().find(|key| key.description == description)
}

/// Ids nobody has, also such as try to leave their place in a path.
pub async fn what_is_unknown_is_not_found(stage: Stage) {
    for id in ["nNOBODY", "../tailnet/-/acl", "a/b", "", ".."] {
        let device = stage.owner.get_device(&DeviceId::new(id)).await;
        assert_eq!(device, Err(ControlPlaneError::NotFound), "{id:?}");
        let invite = stage.owner.get_invite(&InviteId::new(id)).await;
        assert!(matches!(invite, Err(ControlPlaneError::NotFound)), "{id:?}");
    }
}
