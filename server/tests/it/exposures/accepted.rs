//! Each way in which reach grows, accepted as it is.

use super::{LOGIN, Open, Told, WAYS, told_of};
use crate::harness::Who::Ana;

/// Fails if what is accepted is one rule or one kind of growth and not what is reached, or if it is forgotten by a sync.
#[tokio::test]
async fn however_it_came_it_can_be_accepted_and_what_comes_besides_is_told_again() {
    for way in WAYS {
        let open = Open::share().await;
        let before = (way.before)(&open);
        open.all.demo.simulator.edit_policy("ana", &before).unwrap();
        (way.grow)(&open);
        open.synced().await;
        let line = format!("{} maple", way.told);
        assert_eq!(open.told().await, told_of(&[&line], &[&line]), "{}", way.name);
        let seen = open.ways().await.seen;
        open.all.ask(Ana).shares.accept_beyond(open.share, seen).await.unwrap();
        assert_eq!(open.told().await, Told::default(), "{}: in the instant after", way.name);
        open.synced().await;
        assert_eq!(open.told().await, Told::default(), "{}: a sync changes nothing of it", way.name);
        assert!(open.is_open().await, "{}", way.name);
        open.all.drain().await;
        // Whoever reaches every port cannot reach more of it.
        if way.told == "every other port" {
            continue;
        }
        let accepted = open.all.policy("ana");
        open.edit(&open.with(&format!(r#"{{"src": ["{LOGIN}"], "dst": ["tag:home"], "ip": ["tcp:80"]}}"#)));
        open.synced().await;
        assert_eq!(open.told().await, told_of(&["tcp 80 maple"], &["tcp 80 maple"]), "{}", way.name);
        open.fix().await;
        assert_eq!(open.told().await, Told::default(), "{}", way.name);
        assert_eq!(open.all.policy("ana"), accepted, "{}: what was accepted stays", way.name);
        open.all.drain().await;
    }
}
