//! The API key is replaced before it ends, by a click or by itself, and whoever is interrupted loses nothing.

use control_plane::CredentialKind;
use futures_util::StreamExt as _;
use model::TailnetId;
use simulator::{Dialect, Fault, FaultRule, Moment, Operation};

use super::VERSIONS;
use crate::harness::community::Community;

const DAY: i64 = 24 * 60 * 60;

async fn hint(all: &Community, mill: TailnetId) -> String {
    let stored = all.app.state.db.list_credentials(mill).await.unwrap().whole().unwrap();
    assert_eq!(stored.len(), 1);
    assert_eq!(stored[0].kind, CredentialKind::ApiKey);
    stored[0].sealed.clone()
}

async fn is_read(all: &Community, mill: TailnetId) {
    all.sync(mill).await;
    let card = all.ask(all.ana).tailnets.get(mill).await.unwrap().card;
    assert_eq!(card.trouble, None);
    assert!(matches!(card.sync, app::ports::tailnets::Sync::Done { .. }), "{:?}", card.sync);
}

#[tokio::test]
async fn a_click_makes_a_new_key_tries_it_and_ends_the_old_one() {
    for version in VERSIONS {
        let all = Community::of(version).await;
        let mill = all.connect().await;
        let (before, keys) = (hint(&all, mill).await, all.server().api_keys);
        let view = all.ask(all.ana).tailnets.get(mill).await.unwrap().server.unwrap();
        assert!(view.can_renew && view.key.unwrap().contains("90 days"), "{version:?}");
        all.ask(all.ana).tailnets.renew_api_key(mill).await.unwrap();
        all.drain().await;
        assert_ne!(hint(&all, mill).await, before);
        let after = all.server().api_keys;
        assert!(after.len() == 1 && after != keys, "{version:?}: {keys:?} → {after:?}");
        is_read(&all, mill).await;
        assert!(!all.ask(all.ana).tailnets.get(mill).await.unwrap().server.unwrap().renewing);
    }
}

#[tokio::test]
async fn a_key_that_is_near_its_end_is_told_of_and_replaced_by_itself() {
    let all = Community::of(Dialect::V0_29).await;
    let mill = all.connect().await;
    let before = hint(&all, mill).await;
    let waits = async || all.ask(all.ana).inbox.home().await.unwrap().items.len();
    let none = waits().await;
    all.later(77 * DAY).await;
    is_read(&all, mill).await;
    assert_eq!(waits().await, none + 1, "a fortnight before");
    assert_eq!(hint(&all, mill).await, before);
    all.later(7 * DAY).await;
    is_read(&all, mill).await;
    assert_ne!(hint(&all, mill).await, before, "less than a week is left");
    assert_eq!(waits().await, none, "and nobody has to do anything");
}

#[tokio::test]
async fn whatever_goes_wrong_on_the_way_one_good_key_is_left_and_it_is_the_one_that_is_kept() {
    let calls = [Operation::V1ListApiKeys, Operation::V1CreateApiKey, Operation::V1ExpireApiKey];
    let faults = [Fault::HangUp, Fault::Status { status: 502, message: None }, Fault::Garbage];
    let moments = [Moment::BeforeEffect, Moment::AfterEffect];
    let cases = calls.into_iter().flat_map(|target| moments.map(|moment| (target, moment)));
    let cases = cases
        .flat_map(|(target, moment)| faults.clone().map(|fault| Box::pin(replaced(target, fault, moment))));
    futures_util::stream::iter(cases).buffer_unordered(9).collect::<Vec<()>>().await;
}

async fn replaced(target: Operation, fault: Fault, moment: Moment) {
    let all = Community::of(Dialect::V0_29).await;
    let mill = all.connect().await;
    let told = format!("{target:?} {fault:?} {moment:?}");
    all.simulator.fail(FaultRule { target: target.into(), fault, times: 5, moment });
    all.ask(all.ana).tailnets.renew_api_key(mill).await.unwrap();
    all.drain().await;
    all.simulator.clear_faults();
    all.later(3600).await;
    assert_eq!(all.server().api_keys.len(), 1, "{told}: {:?}", all.server().api_keys);
    is_read(&all, mill).await;
}
