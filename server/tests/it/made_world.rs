//! The named world is in force as if people had made it, so that figures from it are figures of the app.

use invariants::Moment;
use model::{JobKind, ShareState};
use server::jobs::Runner;
use server::queue;

use crate::harness::Who::Ana;
use crate::harness::neighbours::Neighbours;

#[tokio::test]
async fn a_made_world_is_at_rest_and_a_sync_finds_nothing_that_was_made_elsewhere() {
    let all = Neighbours::made(120).await;
    let (services, mut witness) = (all.app_state(), all.witness().await);
    all.all_is_well(&mut witness, Moment::Rest, "as it was made").await;
    let mut open = 0;
    // Between the two of them is one of her friends.
    let (ana, ben) = (&all.people.0[0], &all.people.0[2]);
    for owner in [ana, ben] {
        let tailnet = services.db.list_tailnets_of(owner.id).await.unwrap().whole().unwrap().remove(0);
        let was = services.db.list_open_shares(tailnet.id).await.unwrap().whole().unwrap();
        queue::enqueue(services, JobKind::Sync, tailnet.id).await.unwrap();
        assert_eq!(Runner::new(services.clone()).drain().await.unwrap(), 1);
        let tailnet = services.db.find_tailnet(tailnet.id).await.unwrap().unwrap();
        assert_eq!((tailnet.sync_failed, tailnet.observe_error), (None, None));
        assert!(services.db.list_unmanaged(tailnet.id).await.unwrap().whole().unwrap().is_empty());
        let shares = services.db.list_open_shares(tailnet.id).await.unwrap().whole().unwrap();
        for (share, was) in shares.iter().zip(&was) {
            assert_eq!(share.state, was.state);
            open += usize::from(
                matches!(share.state, ShareState::Active { .. }) && share.seen_in_force.is_some(),
            );
        }
    }
    // Of 120 machines: three friends, and two machines of Ben's.
    assert_eq!(open, 3 + 2);
    all.all_is_well(&mut witness, Moment::Rest, "after a sync").await;

    let home = all.ask(Ana).inbox.home_page(None).await.unwrap();
    assert_eq!(home.count.to_string(), "5", "{:?}", home.items);
    let review = home.items.iter().find(|item| item.href.ends_with("/review")).unwrap();
    assert!(review.title.contains("review what it opens"), "{review:?}");
}

#[tokio::test]
async fn what_waits_in_a_made_world_can_be_reviewed_opened_and_ended() {
    let all = Neighbours::made(50).await;
    let tailnet =
        all.app_state().db.list_tailnets_of(all.people[Ana].id).await.unwrap().whole().unwrap().remove(0).id;
    let before = all.policy("commons");
    let shares = all.app_state().db.list_open_shares(tailnet).await.unwrap().whole().unwrap();
    let waiting = shares.iter().find(|share| matches!(share.state, ShareState::Accepted { .. })).unwrap().id;
    all.approved(Ana, waiting).await;
    all.drain().await;
    assert!(
        matches!(all.state(waiting).await, ShareState::WaitingForFriend { .. }),
        "{:?}",
        all.state(waiting).await
    );
    all.ask(Ana).shares.end(waiting).await.unwrap();
    all.drain().await;
    assert!(all.state(waiting).await.is_over());
    assert_eq!(all.policy("commons"), before);

    let open = shares.iter().find(|share| matches!(share.state, ShareState::Active { .. })).unwrap();
    all.ask(Ana).shares.end(open.id).await.unwrap();
    all.drain().await;
    assert!(all.state(open.id).await.is_over(), "{:?}", all.state(open.id).await);
    assert!(!all.policy("commons").contains(&open.id.to_string()));
}
