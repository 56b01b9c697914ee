//! What is approved beforehand for a circle opens without a review, and says why where it waits for one all the same.

use anyhow::ensure;
use end2end::{Stage, journey};
use playwright_rs::Browser;
use simulator::World;

use crate::look::Look;
use crate::steps;

const FRIEND: &str = "dario@nopal.example";

/// Sabotage: `clean` that takes every plan; the job not queued in `accept_offer`, or in `take_beforehand`.
#[test]
fn a_kind_that_is_approved_beforehand_opens_without_asking_where_the_policy_is_narrow() -> anyhow::Result<()>
{
    journey(|browser| async move { tell(&browser, Look::Desk).await })
}

#[test]
fn a_kind_that_is_approved_beforehand_opens_without_asking_and_without_script() -> anyhow::Result<()> {
    journey(|browser| async move { tell(&browser, Look::WithoutScript).await })
}

async fn tell(browser: &Browser, look: Look) -> anyhow::Result<()> {
    let stage = Stage::set(World::demo()).await?;
    let wide = stage.simulator.policy("ana")?;
    let ana = look.arrive(browser, &stage.app).await?;
    stage.owns(&ana, "ana@arroyo.example").await?;
    stage.connect(&ana, "ana").await?;
    let tailnet = ana.path();
    let link = steps::offer_minecraft(&ana, "maple", "").await?;
    let dario = look.arrive(browser, &stage.app).await?;
    steps::decline(&stage, &dario, &link, FRIEND).await?;
    steps::circle_of_one(&ana, look).await?;
    ana.sees("Nothing yet: you are asked each time.").await?;
    ana.press("Approve beforehand").await?;
    ana.sees("for at most 30 days").await?;
    look.at(&ana).await?;
    ana.open(&tailnet).await?;
    ana.follow("maple").await?;
    steps::list_for_circle((&ana, look), "Creative", "minecraft", "25570").await?;
    steps::offer_to_circle(&ana, look).await?;

    // The wildcard would let him have more: it waits, its owner reads why, and he does not.
    let share = steps::accept_listed(&dario, "Creative").await?;
    ana.open(&share).await?;
    ana.watches("It waits for a yes all the same").await?;
    look.at(&ana).await?;
    ana.follow("Review what it opens").await?;
    ana.sees("What nobody asked for").await?;
    ana.sees("It waits for a yes all the same").await?;
    look.at(&ana).await?;
    ensure!(stage.simulator.policy("ana")? == wide, "nothing is written before somebody says so");
    dario.open(&share).await?;
    let text = dario.text().await?;
    ensure!(!text.contains("beforehand"), "that is for its owner:\n{text}");
    steps::end(&ana, &share).await?;

    // Without the wildcard it is open before anybody looked at it.
    let narrow =
        wide.replace(r#"{"src": ["*"], "dst""#, r#"{"src": ["autogroup:member", "autogroup:tagged"], "dst""#);
    stage.simulator.edit_policy("ana", &narrow)?;
    ana.open("/directory").await?;
    ana.follow("Creative").await?;
    steps::offer_to_circle(&ana, look).await?;
    let share = steps::accept_listed(&dario, "Creative").await?;
    dario.watches("Open the invite").await?;
    stage.simulator.accept("dario", FRIEND, &stage.simulator.tailnet("ana")?.invites[0].url)?;
    dario.watches_state("open").await?;
    dario.check().await?;
    ana.open("/").await?;
    let text = ana.text().await?;
    ensure!(!text.contains("review what it opens"), "nobody is asked:\n{text}");
    ana.open(&share).await?;
    ana.watches_state("open").await?;
    ana.sees("approved beforehand for shares of this kind").await?;
    look.at(&ana).await?;
    steps::end(&ana, &share).await?;

    // What nobody offered he gets without asking.
    ana.open(&tailnet).await?;
    ana.follow("maple").await?;
    steps::list_for_circle((&ana, look), "Survival", "minecraft", "25571").await?;
    dario.open("/directory").await?;
    dario.follow("Survival").await?;
    dario.sees("lends you this without being asked").await?;
    look.at(&dario).await?;
    dario.press("Get it").await?;
    dario.arrives("/shares/").await?;
    let share = dario.path();
    dario.watches("Open the invite").await?;
    stage.simulator.accept("dario", FRIEND, &stage.simulator.tailnet("ana")?.invites[0].url)?;
    dario.watches_state("open").await?;
    steps::end(&ana, &share).await?;
    ensure!(stage.simulator.policy("ana")? == narrow, "every byte is as it was");
    ana.leave().await?;
    dario.leave().await
}
