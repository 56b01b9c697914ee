//! Whom the rule in a file names, where nothing proves that the file is in force: an account that is gone or renamed is told there
//! as well.

use model::{Need, ShareId, Step, Trouble};

use super::guests::agreed;
use super::told::{by_hand, in_file};
use crate::harness::community::Community;

async fn stopped(all: &Community, share: ShareId) -> (Step, Need, Trouble) {
    let state = all.state(share).await;
    let Some(attention) = state.attention() else { panic!("{state:?}") };
    (attention.step, attention.need, attention.trouble.clone())
}

/// Bruno was there before, and Dora is made for her share.
///
/// Sabotage: leave `is_in_file` out of `is_looked_at`, or `Resume` out of `look_at_filed`.
#[tokio::test]
async fn in_a_file_too_an_account_that_is_gone_or_renamed_is_told_and_over_when_it_is_back() {
    for name in ["bruno", "dora"] {
        for all in Community::each(in_file).await {
            let mill = all.connect().await;
            let share = if name == "dora" {
                let dora = all.app.person("Dora").await;
                agreed(&all, mill, "tcp:25565", dora).await
            } else {
                let share = all.accepted(mill, "tcp:25565", all.bruno, "bruno").await;
                all.approved(share, "bruno").await;
                share
            };
            all.drain().await;
            by_hand(&all, share).await;
            let open = (Step::Confirm, Need::Look, Trouble::InFile);
            let gone = (Step::Rule, Need::Review, Trouble::AccountGone { login: format!("{name}@") });
            all.sync(mill).await;
            assert_eq!(stopped(&all, share).await, open, "{name}");

            all.simulator.headscale_renames_user("mill", name, "somebody").unwrap();
            all.sync(mill).await;
            assert_eq!(stopped(&all, share).await, gone, "{name}");
            all.sync(mill).await;
            assert_eq!(stopped(&all, share).await, gone, "{name}: still");
            all.simulator.headscale_renames_user("mill", "somebody", name).unwrap();
            all.sync(mill).await;
            assert_eq!(stopped(&all, share).await, open, "{name}: it is back");

            all.simulator.headscale_deletes_user("mill", name).unwrap();
            all.sync(mill).await;
            assert_eq!(stopped(&all, share).await, gone, "{name}: deleted");
        }
    }
}
