//! Who reaches a machine, drawn: before and after a friend is let in; and what the friend sees of it.

use end2end::{Script, Stage, Visitor, journey};
use playwright_rs::Browser;
use simulator::World;

use crate::steps;

const FRIEND: &str = "dario@nopal.example";

#[test]
fn one_sees_who_reaches_a_machine_and_walks_from_there() -> anyhow::Result<()> {
    journey(|browser| async move { tell(&browser, Script::On).await })
}

#[test]
fn the_graph_works_without_script() -> anyhow::Result<()> {
    journey(|browser| async move { tell(&browser, Script::Off).await })
}

async fn tell(browser: &Browser, script: Script) -> anyhow::Result<()> {
    let stage = Stage::set(World::demo()).await?;
    let ana = stage.owner(browser, script, "ana@arroyo.example").await?;
    stage.connect(&ana, "ana").await?;
    let tailnet = ana.path();
    ana.follow("maple").await?;
    ana.follow("Who reaches this?").await?;
    // The first reading may still be going on.
    ana.watches("Draw it").await?;
    ana.follow("Draw it").await?;
    ana.sees("The same as a list").await?;
    ana.check().await?;
    // Every end of the drawing is a way on.
    ana.page.locator(".ditch a[href*='who=ana']").click(None).await?;
    ana.sees("What ana@arroyo.example reaches").await?;
    ana.check().await?;
    ana.page.locator("#list .rules a.place").first().click(None).await?;
    ana.arrives("/tailnets/[^/]+/policy[?]line=[0-9]+#L").await?;

    ana.open(&tailnet).await?;
    let link = steps::offer_minecraft(&ana, "maple", "").await?;
    let dario = Visitor::arrive(browser, &stage.app, script).await?;
    let share = steps::accept(&stage, &dario, &link, FRIEND).await?;
    steps::review(&ana, &share, FRIEND).await?;
    ana.watches_state("waiting for the friend").await?;
    stage.simulator.accept("dario", FRIEND, &stage.simulator.tailnet("ana")?.invites[0].url)?;
    ana.watches_state("open").await?;

    // It is asked for afresh by hand, and then it is there.
    let graph = format!("{tailnet}/reach/graph");
    ana.open(&format!("{graph}?who={FRIEND}")).await?;
    ana.press("Read again").await?;
    ana.open(&format!("{graph}?node=maple")).await?;
    ana.watches(FRIEND).await?;
    ana.fill("What does this person, tag or address reach?", FRIEND).await?;
    ana.press("Draw it").await?;
    ana.sees(&format!("What {FRIEND} reaches")).await?;
    ana.sees("tcp 25565").await?;
    ana.check().await?;

    dario.open(&share).await?;
    dario.watches("What you reach there").await?;
    dario.sees("tcp 25565").await?;
    dario.check().await?;
    anyhow::ensure!(dario.status_of(&graph).await? == 404, "a friend learns nothing of the tailnet");
    ana.leave().await?;
    dario.leave().await
}
