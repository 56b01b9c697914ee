//! Laws of a server that is its owner's: accounts, machines, and the key for it all.

use super::Stage;
use crate::{ControlPlaneError, KeyId, NewUser, Secret, UserId, UserKind};

/// An account of ours has no mail; a name that no rule could name for sure is never asked for.
pub async fn an_account_goes_from_made_to_renamed_to_deleted(stage: Stage) {
    let new = NewUser { name: "bruno-2".into(), display_name: "Bruno".into() };
    if !stage.declared.accounts {
        stage.is_not_there(stage.owner.create_user(&new)).await;
        stage.is_not_there(stage.owner.rename_user(&UserId::new("1"), "other")).await;
        return stage.is_not_there(stage.owner.delete_user(&UserId::new("1"))).await;
    }
    let made = stage.owner.create_user(&new).await.expect("it is made");
    assert_eq!(
        (made.display_name.as_str(), made.kind, made.email.as_deref()),
        ("Bruno", UserKind::Member, None)
    );
    let users = stage.owner.list_users().await.expect("users can be listed");
    assert!(users.contains(&made), "{users:?}");
    let again = stage.owner.create_user(&new).await;
    assert!(matches!(again, Err(ControlPlaneError::Rejected { .. })), "{again:?}");
    for name in ["", "a b", "ana@", "*", "Ana", "tag:x", "a/b"] {
        let before = (stage.calls)();
        let refused = stage.owner.create_user(&NewUser { name: name.into(), ..NewUser::default() }).await;
        assert!(matches!(refused, Err(ControlPlaneError::Rejected { .. })), "{name:?}: {refused:?}");
        assert_eq!((stage.calls)(), before, "{name:?} is asked for");
    }
    let renamed = stage.owner.rename_user(&made.id, "bruno-3").await.expect("it is renamed");
    assert_eq!((&renamed.id, renamed.name.as_str()), (&made.id, "bruno-3"));

    let member = users.iter().find(|user| user.login == stage.member_login).expect("the member is listed");
    let refused = stage.owner.delete_user(&member.id).await;
    assert!(matches!(refused, Err(ControlPlaneError::Rejected { .. })), "it has machines: {refused:?}");
    stage.owner.delete_user(&made.id).await.expect("it is deleted");
    assert_eq!(stage.owner.delete_user(&made.id).await, Err(ControlPlaneError::NotFound));
    let left = stage.owner.list_users().await.expect("users can be listed");
    assert!(left.iter().all(|user| user.id != made.id));
}

/// By the address of its page, as the account that is meant, and not a second time.
pub async fn a_machine_that_waits_is_let_in_once(stage: Stage) {
    let users = stage.owner.list_users().await.expect("users can be listed");
    let member = users.iter().find(|user| user.login == stage.member_login).expect("the member is listed");
    let Some(waiting) = stage.waiting.as_ref().filter(|_| stage.declared.sign_ins) else {
        assert!(!stage.declared.sign_ins, "a machine waits where it can be let in");
        return stage
            .is_not_there(stage.owner.let_in(&Secret::new("https://hs.example/register/x"), member))
            .await;
    };
    let device = stage.owner.let_in(waiting, member).await.expect("it is let in");
    assert_eq!(device.user_id.as_ref(), Some(&member.id));
    assert_eq!(device.user_login, member.login);
    assert_eq!(stage.owner.get_device(&device.id).await, Ok(device));
    let again = stage.owner.let_in(waiting, member).await;
    assert_eq!(again.map(|device| device.id), Err(ControlPlaneError::NotFound));
    for odd in ["", "https://hs.example/register/a b", "hskey-authreq-nobody000000000000000000"] {
        let refused = stage.owner.let_in(&Secret::new(odd), member).await.map(|device| device.id);
        let said = matches!(refused, Err(ControlPlaneError::NotFound | ControlPlaneError::Rejected { .. }));
        assert!(said, "{odd:?}: {refused:?}");
    }
}

/// Logged out it is listed, and over; deleted it is gone. Either a second time does no harm.
pub async fn a_machine_is_logged_out_and_deleted(stage: Stage) {
    let device = stage.device().await;
    if !stage.declared.device_ends {
        stage.is_not_there(stage.owner.expire_device(&device.id)).await;
        return stage.is_not_there(stage.owner.delete_device(&device.id)).await;
    }
    assert_eq!(device.key_expires, None);
    for _ in 0..2 {
        stage.owner.expire_device(&device.id).await.expect("it is logged out");
        assert!(stage.device().await.key_expires.is_some(), "it is over");
    }
    stage.owner.delete_device(&device.id).await.expect("it is deleted");
    assert_eq!(stage.owner.get_device(&device.id).await, Err(ControlPlaneError::NotFound));
    assert_eq!(stage.owner.delete_device(&device.id).await, Err(ControlPlaneError::NotFound));
    assert_eq!(stage.owner.expire_device(&device.id).await, Err(ControlPlaneError::NotFound));
}

/// A new one with an end, and the end of an old one.
pub async fn a_credential_is_replaced_by_its_successor(stage: Stage) {
    let ends: model::Timestamp = "2090-01-02T03:04:05Z".parse().expect("a time");
    if !stage.declared.renewal {
        stage.is_not_there(stage.owner.list_api_keys()).await;
        stage.is_not_there(stage.owner.create_api_key(ends)).await;
        return stage.is_not_there(stage.owner.expire_api_key(&KeyId::new("1"))).await;
    }
    let before = stage.owner.list_api_keys().await.expect("keys can be listed");
    let made = stage.owner.create_api_key(ends).await.expect("it is made");
    let after = stage.owner.list_api_keys().await.expect("keys can be listed");
    let new: Vec<_> = after.iter().filter(|key| !before.contains(key)).collect();
    assert_eq!(new.len(), 1);
    assert!(new[0].is(&made) && new[0].expires == Some(ends), "{new:?}");
    assert!(before.iter().all(|key| !key.is(&made)));

    stage.owner.expire_api_key(&new[0].id).await.expect("it is ended");
    stage.owner.expire_api_key(&new[0].id).await.expect("it is over already");
    let over = stage.owner.list_api_keys().await.expect("keys can be listed");
    assert!(over.iter().find(|key| key.is(&made)).is_none_or(|key| key.expires < Some(ends)), "{over:?}");
    assert_eq!(stage.owner.expire_api_key(&KeyId::new("999999")).await, Err(ControlPlaneError::NotFound));
    // The one that is asked with can end itself: nothing is taken from it any more.
    let kind = stage.owner.credentials()[0];
    let own = stage
        .owner
        .check_credential(kind)
        .await
        .expect("it is taken")
        .id
        .expect("it is known by its beginning");
    stage.owner.expire_api_key(&own).await.expect("it is ended");
    assert_eq!(stage.owner.list_api_keys().await, Err(ControlPlaneError::Unauthorised));
}
