//! A server with several owners is handed over: what others lend there stays theirs, also what they lend to its new owner.

use app::fault::Fault;
use app::ports::offers::OfferForm;
use app::ports::services::ServiceForm;
use model::{ShareState, TailnetRole};
use simulator::Dialect;

use super::owners::{known, lent, minecraft};
use crate::harness::community::{Community, world};

/// Bruno lends Minecraft to Carla, and offers her more. What Ana gives her would be hers to give.
///
/// Sabotage: `given_as_owner!` left out of `hindrance`, of the shares that are shown, or of `SHARES`; `lm` left out of
/// `offers_to_them!`.
#[tokio::test]
async fn what_a_lender_gives_to_the_new_owner_goes_on_and_what_the_former_one_gave_ends_first() {
    for all in Community::each(|| world(Dialect::V0_29)).await {
        let mill = all.connect().await;
        known(&all, mill).await;
        let laptop = all.node(mill, "bruno-laptop").await;
        let (_, share) = lent(&all, laptop).await;
        all.approved(share, "carla").await;
        all.drain().await;
        assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);
        let lending = all.ask(all.bruno);
        let form = ServiceForm { name: "Mumble".into(), ports: "tcp:64738".into(), ..minecraft() };
        let service = lending.services.create(laptop, form).await.unwrap();
        let form = OfferForm {
            service: service.to_string(),
            to: "person".into(),
            person: all.carla.to_string(),
            until: "ended".into(),
            ..OfferForm::default()
        };
        let (offer, _) = lending.offers.create(form).await.unwrap();
        let own = all.accepted(mill, "tcp:8080", all.carla, "carla@example.com").await;

        let giving = all.ask(all.ana);
        giving.stewards.add(mill, all.carla.to_string(), TailnetRole::Steward).await.unwrap();
        let planned = giving.stewards.plan_handover(mill, all.carla).await.unwrap();
        assert_eq!(planned.gates.iter().map(|gate| gate.share).collect::<Vec<_>>(), [Some(own)]);
        assert!(!planned.means.iter().any(|text| text.contains("open offer")), "{:?}", planned.means);
        let refused = giving.stewards.hand_over(mill, all.carla, false).await;
        assert!(matches!(refused, Err(Fault::Conflict(_))), "{refused:?}");
        giving.shares.end(own).await.unwrap();
        all.drain().await;
        giving.stewards.hand_over(mill, all.carla, false).await.unwrap();
        all.drain().await;

        let db = &all.app.state.db;
        assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);
        assert_eq!(db.find_share(share).await.unwrap().unwrap().owner, all.bruno);
        assert!(db.find_offer(offer).await.unwrap().unwrap().withdrawn.is_none());
        lending.shares.end(share).await.unwrap();
        all.drain().await;
        assert!(all.state(share).await.is_over(), "{:?}", all.state(share).await);
    }
}
