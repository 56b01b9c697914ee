//! What somebody approved beforehand, on a server that several people share: the account counts that was chosen, and what others
//! lend there waits for a yes.

use app::ports::offers::OfferForm;
use app::ports::services::ServiceForm;
use model::{NodeId, PersonId, ShareId, ShareState, TailnetId};
use simulator::Dialect;
use simulator::headscale::world::{Headscale, User};

use super::owners::known;
use crate::harness::community::{CARLA, Community, POLICY, world};

/// With an account that is nobody's here.
fn with_dora() -> Headscale {
    let mut server = world(Dialect::V0_29);
    server.users.push(User { name: "dora".into(), ..User::default() });
    server
}

/// Ana meets both, and approves Minecraft for them beforehand.
async fn approved(all: &Community, mill: TailnetId) {
    let circles = all.ask(all.ana).circles;
    let circle = circles.create("Players".into()).await.unwrap();
    for friend in [all.bruno, all.carla] {
        let token = all.offered(mill, "tcp:25565").await;
        all.ask(friend).offers.decline(token).await.unwrap();
        circles.add(circle, friend.to_string()).await.unwrap();
    }
    circles.approve(circle, "minecraft".into(), "40".into()).await.unwrap();
}

/// Somebody gives Minecraft on this machine for a month; the friend accepts with this name for themselves.
async fn accepted(
    all: &Community,
    (giver, node): (PersonId, NodeId),
    (friend, written): (PersonId, &str),
) -> ShareId {
    let giving = all.ask(giver);
    let form = ServiceForm {
        name: "Minecraft".into(),
        kind: "minecraft".into(),
        ports: "tcp:25565".into(),
        audience: "everybody".into(),
        ..ServiceForm::default()
    };
    let service = giving.services.create(node, form).await.unwrap();
    let form = OfferForm {
        service: service.to_string(),
        to: "link".into(),
        until: "month".into(),
        ..OfferForm::default()
    };
    let (_, token) = giving.offers.create(form).await.unwrap();
    all.ask(friend).offers.accept(token, written.into()).await.unwrap()
}

async fn waits(all: &Community, share: ShareId) -> bool {
    all.drain().await;
    let asked = all.ask(all.ana).inbox.home().await.unwrap().items;
    assert!(asked.iter().any(|item| item.title.contains("review what it opens")), "{asked:?}");
    let waits = matches!(all.state(share).await, ShareState::Accepted { again: None });
    waits && !all.policy().contains(&share.to_string())
}

async fn opens(all: &Community, share: ShareId, account: &str) {
    all.drain().await;
    assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);
    let (policy, rule) = (all.policy(), format!(r#""src": ["{account}@"]"#));
    assert!(policy.contains(&share.to_string()) && policy.contains(&rule), "{policy}");
}

/// Bruno writes somebody else's name. What Carla writes is hers, as a provider has verified it, and is no account that anybody
/// chose.
///
/// Sabotage: on a Headscale `login_of_friend` gives the login of the share.
#[tokio::test]
async fn on_a_server_the_account_counts_that_was_chosen_and_not_what_was_written_or_verified() {
    for all in Community::each(with_dora).await {
        let mill = all.connect().await;
        approved(&all, mill).await;
        let dune = (all.ana, all.node(mill, "dune").await);
        let friends =
            [(all.bruno, "dora", "bruno", "bruno"), (all.carla, "carla@example.com", "carla", CARLA)];
        for (friend, written, account, name) in friends {
            let share = accepted(&all, dune, (friend, written)).await;
            assert!(waits(&all, share).await, "{written}: {:?}", all.state(share).await);
            assert!(!all.policy().contains("dora"), "{}", all.policy());
            // Said at the one that waits, before a job looks at the next one: that one is for the account, whatever was written.
            let next = accepted(&all, dune, (friend, written)).await;
            all.ask(all.ana).members.choose(share, all.account(account)).await.unwrap();
            opens(&all, next, name).await;
            for share in [share, next] {
                all.ask(all.ana).shares.end(share).await.unwrap();
            }
            all.drain().await;
            assert_eq!(all.policy(), POLICY);
        }
    }
}

/// Ana looks after the server, and Bruno's laptop is Bruno's.
///
/// Sabotage: `h.owner_id = t.owner_id` left out of `GIVEN`.
#[tokio::test]
async fn what_somebody_lends_on_a_server_of_others_is_not_approved_beforehand_by_its_owner() {
    for all in Community::each(with_dora).await {
        let mill = all.connect().await;
        approved(&all, mill).await;
        known(&all, mill).await;
        let (dune, laptop) = (all.node(mill, "dune").await, all.node(mill, "bruno-laptop").await);
        let lent = accepted(&all, (all.bruno, laptop), (all.carla, "carla@example.com")).await;
        all.ask(all.ana).members.choose(lent, all.account("carla")).await.unwrap();
        assert!(waits(&all, lent).await, "{:?}", all.state(lent).await);
        // Of her own machine the same is.
        let own = accepted(&all, (all.ana, dune), (all.carla, "carla@example.com")).await;
        opens(&all, own, CARLA).await;
        assert!(waits(&all, lent).await, "{:?}", all.state(lent).await);
    }
}
