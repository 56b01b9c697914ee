//! What is told of the past.

use markup::{hostile, plain};
use model::looks::Looks;
use server::secrets::hash_token;
use server::store::looks::{Look, Packed};
use server::text_pack::pack;

use super::Pair;
use crate::access::Scene;
use crate::access::table::Role;

/// A look an hour ago, and one now, that found this.
pub async fn put_look(scene: &Scene, policy: &str, network: &str, text: &str) {
    let (db, now) = (&scene.app.state.db, scene.app.state.now());
    let packed = |text: &str| Packed { name: hash_token(text), packed: pack(text).unwrap() };
    let look = Look {
        id: scene.app.state.new_id::<()>().uuid(),
        at: Looks { first: now.plus_seconds(-3600), last: now },
        revision: "r".into(),
        policy: Ok(hash_token(policy)),
        network: hash_token(network),
        sharing_missing: Some(text.to_owned()),
    };
    let texts = [packed(policy), packed(network)];
    assert!(db.add_look(scene.world.tailnet, &look, &texts).await.unwrap());
}

/// What was found on a day, and an entry of the trail with its policy.
#[tokio::test]
async fn what_is_told_of_the_past_is_no_markup() {
    let mut pair = Pair::new().await;
    for role in [Role::TailnetOwner, Role::Auditor] {
        let (mut calm, mut sharp) = pair.browsers(role).await;
        let page = pair.hurt.path("/tailnets/{id}/reach/day", true);
        let day = |text: &str| {
            format!("{page}?day=2026-12-01&node={}", app::paths::encoded(&format!("maple{text}")))
        };
        let (harmless, hurt) = (calm.get(&day(&plain())).await, sharp.get(&day(hostile())).await);
        assert!(hurt.text().contains("dario@example.com"), "{hurt:?}");
        pair.compare(&format!("{page} as {role:?}"), &harmless, &hurt);
        // Each filter, as it comes back with what is wrong with it.
        for name in ["person", "tailnet", "machine", "service", "share", "kind", "from", "until"] {
            let asked = |text: &str| format!("/audit?{name}={}", app::paths::encoded(text));
            let (harmless, hurt) = (calm.get(&asked(&plain())).await, sharp.get(&asked(hostile())).await);
            assert!(hurt.text().contains("A filter is not understood"), "{name}: {hurt:?}");
            pair.compare(&format!("/audit?{name} as {role:?}"), &harmless, &hurt);
        }
        let entry = pair.hurt.path("/audit/{entry}", true);
        let (harmless, hurt) = (calm.get(&entry).await, sharp.get(&entry).await);
        assert!(hurt.text().contains("Who gained reach"), "{hurt:?}");
        pair.compare(&format!("{entry} as {role:?}"), &harmless, &hurt);
    }
    pair.end(20);
}
