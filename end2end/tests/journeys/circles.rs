//! A circle: services are shown and offered to who is in it, and what goes with whoever leaves is said before.

use anyhow::ensure;
use end2end::{Stage, journey};
use playwright_rs::Browser;
use simulator::World;

use crate::look::Look;
use crate::steps;

const FRIEND: &str = "dario@nopal.example";

/// Sabotage: `take_back` left out of `leave_circle`; all open shares ended in `leave_of`; no `autofocus` on the summary of a form.
#[test]
fn a_circle_sees_and_gets_what_is_for_it_until_somebody_is_taken_out() -> anyhow::Result<()> {
    journey(|browser| async move { tell(&browser, Look::Desk).await })
}

#[test]
fn a_circle_sees_and_gets_what_is_for_it_without_script() -> anyhow::Result<()> {
    journey(|browser| async move { tell(&browser, Look::WithoutScript).await })
}

#[test]
fn a_circle_sees_and_gets_what_is_for_it_on_a_phone_in_the_dark() -> anyhow::Result<()> {
    journey(|browser| async move { tell(&browser, Look::DarkPhone).await })
}

async fn tell(browser: &Browser, look: Look) -> anyhow::Result<()> {
    let stage = Stage::set(World::demo()).await?;
    let ana = look.arrive(browser, &stage.app).await?;
    stage.owns(&ana, "ana@arroyo.example").await?;
    stage.connect(&ana, "ana").await?;
    let tailnet = ana.path();
    let link = steps::offer_minecraft(&ana, "maple", "").await?;
    let dario = look.arrive(browser, &stage.app).await?;
    steps::decline(&stage, &dario, &link, FRIEND).await?;

    // Two services that only the circle sees, each offered to all of it. He says yes to one of them.
    let circle = steps::circle_of_one(&ana, look).await?;
    for (name, kind, ports) in [("Creative", "minecraft", "25570"), ("Films", "media", "8096")] {
        ana.open(&tailnet).await?;
        ana.follow("maple").await?;
        steps::list_for_circle((&ana, look), name, kind, ports).await?;
        steps::offer_to_circle(&ana, look).await?;
    }
    let share = steps::accept_listed(&dario, "Creative").await?;
    dario.open("/directory").await?;
    dario.follow("Films").await?;
    dario.sees("It is offered to you").await?;
    let films = dario.path();
    steps::review(&ana, &share, FRIEND).await?;
    ana.watches_state("waiting for the friend").await?;
    stage.simulator.accept("dario", FRIEND, &stage.simulator.tailnet("ana")?.invites[0].url)?;
    ana.watches_state("open").await?;

    // What goes with him is said; looking at it does nothing.
    ana.open(&circle).await?;
    ana.sees("Films").await?;
    look.at(&ana).await?;
    ana.follow("Take out").await?;
    ana.arrives("/circles/[^/]+/leave/").await?;
    let means = ["No longer shown", "Films", "Offers that are withdrawn", "End these open shares too"];
    for what in means {
        ana.sees(what).await?;
    }
    ana.sees("What is not ticked goes on until its end.").await?;
    look.at(&ana).await?;
    ana.follow("Leave it as it is").await?;
    ana.arrives(&format!("{circle}$")).await?;
    ensure!(dario.status_of(&films).await? == 200, "nothing happened yet");

    // He is out: what was only shown and offered goes, what is open goes on.
    ana.follow("Take out").await?;
    ana.press("Take them out").await?;
    ana.sees("is no longer in it. One offer is withdrawn.").await?;
    ana.sees("Nobody yet").await?;
    look.at(&ana).await?;
    ensure!(dario.status_of(&films).await? == 404, "he sees it no longer");
    for page in ["/directory", "/"] {
        dario.open(page).await?;
        let text = dario.text().await?;
        ensure!(!text.contains("Films"), "{page}:\n{text}");
    }
    dario.open(&share).await?;
    dario.watches_state("open").await?;

    // In again, and the circle ends with the share that is ticked.
    steps::put_in(&ana).await?;
    ana.follow("End this circle").await?;
    ana.arrives("/circles/[^/]+/end$").await?;
    ana.sees("It does not come back").await?;
    ana.page.locator("input[name='end[]']").first().check(None).await?;
    look.at(&ana).await?;
    ana.press("End the circle").await?;
    ana.arrives("/circles$").await?;
    ana.sees("The circle Players is gone. One share ends.").await?;
    ana.sees("No circle yet").await?;
    dario.watches_state("ended").await?;
    look.at(&dario).await?;
    ensure!(stage.simulator.tailnet("ana")?.shares.is_empty(), "it is taken from him");
    ensure!(dario.status_of(&films).await? == 404, "nothing shows it");
    ana.leave().await?;
    dario.leave().await
}
