//! What others change: a share that was made past the app, a rule that somebody takes out, and a control plane
//! that does not let the app write.

use end2end::{Script, Stage, Visitor, journey};
use playwright_rs::Browser;
use simulator::{Fault, FaultRule, Moment, Operation, World};

use crate::steps;

const FRIEND: &str = "dario@nopal.example";

#[test]
fn what_others_change_is_found_told_and_mended() -> anyhow::Result<()> {
    journey(|browser| async move { tell(&browser, Script::On).await })
}

#[test]
fn what_others_change_is_found_without_script() -> anyhow::Result<()> {
    journey(|browser| async move { tell(&browser, Script::Off).await })
}

async fn tell(browser: &Browser, script: Script) -> anyhow::Result<()> {
    let stage = Stage::set(World::demo()).await?;
    let ana = stage.owner(browser, script, "ana@arroyo.example").await?;
    stage.connect(&ana, "ana").await?;
    made_elsewhere(&stage, &ana).await?;

    ana.open("/tailnets").await?;
    ana.follow("The ana place").await?;
    let link = steps::offer_minecraft(&ana, "maple", "").await?;
    let dario = Visitor::arrive(browser, &stage.app, script).await?;
    let share = steps::accept(&stage, &dario, &link, FRIEND).await?;
    steps::review(&ana, &share, FRIEND).await?;
    ana.watches_state("waiting for the friend").await?;
    let invite = stage.simulator.tailnet("ana")?.invites[0].url.clone();
    stage.simulator.accept("dario", FRIEND, &invite)?;
    ana.watches_state("open").await?;

    taken_out(&stage, &ana, &share).await?;
    by_hand(&stage, &ana, &share).await?;
    dario.open(&share).await?;
    dario.watches_state("ended").await?;
    ana.leave().await?;
    dario.leave().await
}

/// Shared in the console: it waits at home, is kept, and is ended after all.
async fn made_elsewhere(stage: &Stage, ana: &Visitor) -> anyhow::Result<()> {
    let link = stage.simulator.make_invite("ana", "ana@arroyo.example", "maple")?;
    stage.simulator.accept("dario", FRIEND, &link)?;
    ana.open("/").await?;
    ana.watches("was made elsewhere").await?;
    ana.check().await?;
    ana.page.locator(".inbox a[href$='#elsewhere']").click(None).await?;
    ana.watches(&format!("maple is shared with {FRIEND}")).await?;
    ana.check().await?;
    ana.page.locator("#elsewhere .rows a").click(None).await?;
    ana.sees("Nobody here is known by this login").await?;
    ana.check().await?;
    ana.press("Keep it as it is").await?;
    ana.sees("Known, and kept as they are").await?;
    ana.page.locator("#elsewhere summary").click(None).await?;
    ana.page.locator("#elsewhere .rows a").click(None).await?;
    ana.follow("End it").await?;
    ana.sees(&format!("{FRIEND} loses maple")).await?;
    ana.check().await?;
    ana.press("End it").await?;
    ana.sees("no longer listed").await?;
    assert!(stage.simulator.tailnet("ana")?.shares.is_empty());
    Ok(())
}

/// The rule is taken out behind the app's back, and put back.
async fn taken_out(stage: &Stage, ana: &Visitor, share: &str) -> anyhow::Result<()> {
    let with = stage.simulator.policy("ana")?;
    let without: String = with.split_inclusive('\n').filter(|line| !line.contains(FRIEND)).collect();
    stage.simulator.edit_policy("ana", &without)?;
    ana.open(share).await?;
    ana.watches_state("needs attention").await?;
    ana.sees("somebody took it out or changed it").await?;
    ana.sees("Review it again").await?;
    ana.check().await?;
    assert_eq!(stage.simulator.policy("ana")?, without, "an outside edit stays");
    stage.simulator.edit_policy("ana", &with)?;
    ana.watches_state("open").await?;
    ana.press("Look again now").await?;
    ana.sees("Looked just now").await
}

/// The app may not write: the owner takes the rule out by hand.
async fn by_hand(stage: &Stage, ana: &Visitor, share: &str) -> anyhow::Result<()> {
    stage.simulator.fail(FaultRule {
        target: Operation::SetPolicy.into(),
        fault: Fault::Status { status: 403, message: None },
        times: 1000,
        moment: Moment::BeforeEffect,
    });
    ana.open(share).await?;
    ana.follow("End this share").await?;
    ana.press("Close the gate").await?;
    ana.arrives(&format!("{share}$")).await?;
    ana.watches_state("needs attention").await?;
    ana.sees("By hand").await?;
    ana.check().await?;
    ana.follow("Call it ended without proof").await?;
    ana.sees("nobody has seen that the gate is closed").await?;
    ana.check().await?;
    ana.follow("Keep trying").await?;
    ana.page.locator(".by-hand summary").click(None).await?;
    let whole = ana.page.locator(".by-hand details pre").text_content().await?.unwrap_or_default();
    assert!(!whole.contains("acequia:share="), "{whole}");
    stage.simulator.edit_policy("ana", whole)?;
    ana.press("Try again now").await?;
    ana.watches_state("ended").await?;
    ana.check().await
}
