//! Laws of keys for new machines.

use super::Stage;
use crate::{ControlPlaneError, KeyId, ListedAuthKey, NewAuthKey};

/// The whole life of an auth key; revoking it twice tells that it is gone, or that it stays so.
pub async fn an_auth_key_goes_from_made_to_listed_to_revoked(stage: Stage) {
    let asked = NewAuthKey { lifetime_seconds: Some(600), ..stage.untagged("acequia contract 1") };
    let made = stage.owner.create_auth_key(&asked).await.expect("it is made");
    assert!(!made.key.expose().is_empty(), "the key is shown when it is made");
    assert!(made.expires.is_some(), "every key has its end");
    let listed = stage.listed(&made.id).await.expect("it is listed");
    assert_eq!((&listed.id, listed.expires), (&made.id, made.expires));
    assert_eq!(listed.description, stage.described(&asked));
    assert!(listed.tags.is_empty());
    assert_eq!(listed.user, stage.key_user);

    stage.owner.delete_auth_key(&made.id).await.expect("it is revoked");
    assert_eq!(stage.listed(&made.id).await, None, "a revoked key is good for nothing");
    let again = stage.owner.delete_auth_key(&made.id).await;
    assert!(matches!(again, Ok(()) | Err(ControlPlaneError::NotFound)), "{again:?}");
    for id in ["kNOBODY", "../devices", ""] {
        let refused = stage.owner.delete_auth_key(&KeyId::new(id)).await;
        assert_eq!(refused, Err(ControlPlaneError::NotFound), "{id:?}");
    }
}

/// Tags that the policy knows are kept; one that it does not know makes no key, where anybody looks.
pub async fn an_auth_key_has_the_tags_that_were_asked_for(stage: Stage) {
    let asked = NewAuthKey { tags: vec![stage.tag.clone()], ..named("acequia contract 2") };
    let made = stage.owner.create_auth_key(&asked).await.expect("it is made");
    let found = stage.listed(&made.id).await.expect("it is listed");
    assert_eq!((found.id, found.tags), (made.id, asked.tags));

    let before = stage.owner.list_auth_keys().await.expect("keys can be listed").len();
    let asked = NewAuthKey { tags: vec!["tag:nobodys".into()], ..named("acequia contract 3") };
    let made = stage.owner.create_auth_key(&asked).await;
    let after = stage.owner.list_auth_keys().await.expect("keys can be listed").len();
    if stage.declared.key_tags_checked {
        assert!(matches!(made, Err(ControlPlaneError::Rejected { .. })), "{made:?}");
        assert_eq!(after, before);
    } else {
        assert!(made.is_ok(), "{made:?}");
        assert_eq!(after, before + 1);
    }
}

/// Without tags, or with somebody else's, a client is refused, and so is a key of nobody. What was made can be listed and
/// revoked.
pub async fn a_client_makes_keys_with_tags_of_its_own_only(stage: Stage) {
    let plane = &stage.owner_without_user_token;
    let others =
        if stage.declared.key_tags_checked { vec![vec![stage.tag_of_others.clone()]] } else { Vec::new() };
    for tags in std::iter::once(Vec::new()).chain(others) {
        let before = stage.owner.list_auth_keys().await.expect("keys can be listed");
        let refused = plane.create_auth_key(&NewAuthKey { tags, ..named("acequia contract 4") }).await;
        let said = matches!(
            refused,
            Err(ControlPlaneError::Unsupported { .. } | ControlPlaneError::Rejected { .. })
        );
        assert!(said, "{refused:?}");
        assert_eq!(stage.owner.list_auth_keys().await.expect("keys can be listed"), before);
    }
    let asked = NewAuthKey { tags: vec![stage.tag.clone()], ..named("acequia contract 5") };
    let made = plane.create_auth_key(&asked).await.expect("it is made");
    let theirs = plane.list_auth_keys().await.expect("keys can be listed");
    assert!(theirs.iter().any(|key| key.id == made.id && key.tags == asked.tags), "{theirs:?}");
    plane.delete_auth_key(&made.id).await.expect("it is revoked");
    assert_eq!(stage.listed(&made.id).await, None);
}

fn named(description: &str) -> NewAuthKey {
    NewAuthKey { description: description.into(), ..NewAuthKey::default() }
}

impl Stage {
    /// A key without tags, of the account that has such.
    fn untagged(&self, description: &str) -> NewAuthKey {
        NewAuthKey { user: self.key_user.clone(), ..named(description) }
    }

    /// The description that a listed key has.
    fn described(&self, asked: &NewAuthKey) -> String {
        if self.declared.key_descriptions { asked.description.clone() } else { String::new() }
    }

    async fn listed(&self, id: &KeyId) -> Option<ListedAuthKey> {
        let keys = self.owner.list_auth_keys().await.expect("keys can be listed");
        keys.into_iter().find(|key| key.id == *id)
    }
}
