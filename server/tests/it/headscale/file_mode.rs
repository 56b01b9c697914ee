//! Where the policy is a file on the server: what is read is the file, so nothing is called open or ended by it.

use model::{Need, ShareState, Trouble};
use simulator::Dialect;
use simulator::headscale::world::Headscale;

use crate::harness::community::{Community, POLICY, world};

#[tokio::test]
async fn what_stands_in_a_file_is_not_said_to_be_in_force() {
    let all = Community::on(Headscale {
        policy_path: Some("/etc/headscale/policy.hujson".into()),
        ..world(Dialect::V0_29)
    })
    .await;
    let mill = all.connect().await;
    let notes = all.ask(all.ana).tailnets.get(mill).await.unwrap().notes;
    assert!(notes.iter().any(|note| note.contains("in a file on the server")), "{notes:?}");
    let share = all.accepted(mill, "tcp:25565", all.bruno, "bruno").await;
    all.approved(share, "bruno").await;
    all.drain().await;
    let page = all.ask(all.ana).shares.get(share).await.unwrap();
    let manual = page.manual.expect("the text to put in");
    assert!(manual.steps.iter().any(|step| step.contains("SIGHUP")), "{:?}", manual.steps);
    assert_eq!(all.policy(), POLICY, "nothing is written");

    // Put in, and not loaded.
    all.simulator.headscale_policy("mill", Some(&manual.whole.unwrap())).unwrap();
    all.ask(all.ana).shares.retry(share).await.unwrap();
    all.drain().await;
    let ShareState::NeedsAttention { attention, .. } = all.state(share).await else {
        panic!("{:?}", all.state(share).await)
    };
    assert_eq!((attention.need, attention.trouble), (Need::Look, Trouble::InFile));
    assert!(!all.ask(all.bruno).shares.get(share).await.unwrap().join.is_empty(), "he may try");

    all.ask(all.ana).shares.end(share).await.unwrap();
    all.drain().await;
    let manual = all.ask(all.ana).shares.get(share).await.unwrap().manual.expect("the text to take it out");
    all.simulator.headscale_policy("mill", Some(&manual.whole.unwrap())).unwrap();
    assert_eq!(all.policy(), POLICY);
    all.ask(all.ana).shares.retry(share).await.unwrap();
    all.drain().await;
    let ShareState::Ended { open_question: Some(question), .. } = all.state(share).await else {
        panic!("{:?}", all.state(share).await)
    };
    assert!(question.contains("not proven"), "{question}");
}
