//! Whoever waits on a page keeps their place on it while it becomes what comes next.

use std::time::Duration;

use anyhow::ensure;
use end2end::{Script, Stage, Visitor, journey};
use playwright_rs::{Browser, Locator, expect};
use simulator::World;

use crate::steps;

const FRIEND: &str = "dario@nopal.example";
/// Until waiting for others is given up.
const PATIENCE: Duration = Duration::from_secs(30);

/// Remembers all that is said aloud from now on. A page that is loaded again has forgotten it.
const LISTEN: &str = r#"() => {
    const said = document.getElementById("said");
    window.heard = [];
    new MutationObserver(() => window.heard.push(said.textContent)).observe(said, { childList: true });
    return true;
}"#;
const HEARD: &str = "() => window.heard ?? ['it was loaded again']";
const FOCUS: &str = "() => document.activeElement.textContent";

#[test]
fn follows_keeps_focus() -> anyhow::Result<()> {
    journey(|browser| async move { tell(&browser).await })
}

async fn tell(browser: &Browser) -> anyhow::Result<()> {
    let stage = Stage::set(World::demo()).await?;
    let ana = stage.owner(browser, Script::On, "ana@arroyo.example").await?;
    stage.connect(&ana, "ana").await?;
    let link = steps::offer_minecraft(&ana, "maple", "").await?;
    let dario = Visitor::arrive(browser, &stage.app, Script::On).await?;
    let share = steps::accept(&stage, &dario, &link, FRIEND).await?;
    expect(dario.page.locator("body[data-hydrated]")).to_be_visible().await?;
    let listens: bool = dario.page.evaluate(LISTEN, None::<&()>).await?;
    ensure!(listens, "it listens");

    // The owner opens the gate. The friend stays at the way back up.
    dario.page.locator("main .crumbs a").first().focus().await?;
    steps::review(&ana, &share, FRIEND).await?;
    comes(dario.page.locator("#invite .actions a").first()).await?;
    let now = focus(&dario).await?;
    ensure!(now == "Shares", "the focus went to {now:?}");
    // What came is awake: a button that only script shows.
    expect(dario.page.locator("#invite .copy button").first()).to_be_visible().await?;
    let said = heard(&dario).await?;
    ensure!(said.iter().filter(|one| *one == "Open the invite").count() == 1, "{said:?}");
    ensure!(said.last().is_some_and(|last| last == "Open the invite"), "{said:?}");
    dario.check().await?;

    // The friend reads what is folded while they come in.
    dario.page.locator("#join summary").last().click(None).await?;
    let fold = focus(&dario).await?;
    stage.simulator.accept("dario", FRIEND, &stage.simulator.tailnet("ana")?.invites[0].url)?;
    let word = dario.page.locator("#live .state").first();
    expect(word).with_timeout(PATIENCE).to_have_text("open").await?;
    let now = focus(&dario).await?;
    ensure!(now == fold, "the focus went from {fold:?} to {now:?}");
    let unfolded = "() => document.activeElement.closest('details')?.open ?? false";
    let unfolded: bool = dario.page.evaluate(unfolded, None::<&()>).await?;
    ensure!(unfolded, "it folded itself");
    let said = heard(&dario).await?;
    ensure!(said.last().is_some_and(|last| last == "Open"), "{said:?}");
    ensure!(said.windows(2).all(|two| two[0] != two[1]), "said twice: {said:?}");
    dario.check().await?;
    ana.leave().await?;
    dario.leave().await
}

/// The page comes to show it by itself.
async fn comes(what: Locator) -> anyhow::Result<()> {
    Ok(expect(what).with_timeout(PATIENCE).to_be_visible().await?)
}

async fn focus(visitor: &Visitor) -> anyhow::Result<String> {
    Ok(visitor.page.evaluate(FOCUS, None::<&()>).await?)
}

async fn heard(visitor: &Visitor) -> anyhow::Result<Vec<String>> {
    Ok(visitor.page.evaluate(HEARD, None::<&()>).await?)
}
