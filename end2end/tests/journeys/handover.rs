//! A tailnet goes to one of its stewards: what that means is said first, and what stands against it.

use anyhow::ensure;
use end2end::{Stage, journey};
use playwright_rs::{Browser, SelectOption, expect};
use simulator::World;

use crate::look::Look;
use crate::steps;

const FRIEND: &str = "dario@nopal.example";

/// Sabotage: `receives` not looked at in `hindrance`, or the form shown where it is refused.
#[test]
fn a_tailnet_is_handed_over_to_a_steward_once_nothing_stands_against_it() -> anyhow::Result<()> {
    journey(|browser| async move { tell(&browser, Look::Desk).await })
}

#[test]
fn a_tailnet_is_handed_over_without_script() -> anyhow::Result<()> {
    journey(|browser| async move { tell(&browser, Look::WithoutScript).await })
}

#[test]
fn a_tailnet_is_handed_over_on_a_phone_in_the_dark() -> anyhow::Result<()> {
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
    ana.open("/directory").await?;
    ana.follow("Minecraft").await?;
    ana.press("Offer it").await?;
    ana.arrives("/offers/").await?;
    let offer = ana.path().replace("/offers/", "/o/");

    let stewards = format!("{tailnet}/stewards");
    ana.open(&stewards).await?;
    ana.sees("Then only you look after this tailnet.").await?;
    look.at(&ana).await?;
    ana.field("Person").first().select_option(SelectOption::Index(1), None).await?;
    ana.press("Let them in").await?;
    ana.sees("is a steward now").await?;
    look.at(&ana).await?;

    // What happens then, with the offer that goes.
    ana.follow("Hand over").await?;
    ana.arrives("/tailnets/[^/]+/stewards/[^/]+/hand-over$").await?;
    let page = ana.path();
    for what in ["What happens then", "Your user token is deleted", "1 open offer to", "can give it back"] {
        ana.sees(what).await?;
    }
    look.at(&ana).await?;

    // He says yes to it while she reads: then it cannot be, and she is told what to end first.
    dario.open(&offer).await?;
    dario.press("Accept").await?;
    dario.arrives("/shares/").await?;
    let share = dario.path();
    ana.press("Hand it over").await?;
    ana.sees("This cannot be done now.").await?;
    ana.sees("End these first").await?;
    expect(ana.page.locator(".flash.fault:focus")).to_be_visible().await?;
    ensure!(ana.button("Hand it over").count().await? == 0, "there is nothing to press");
    look.at(&ana).await?;
    ana.follow("Back to the stewards").await?;
    ana.arrives(&format!("{stewards}$")).await?;
    steps::end(&ana, &share).await?;

    // Nothing stands against it; looking at it did nothing.
    ana.open(&page).await?;
    ana.follow("Leave it as it is").await?;
    ana.arrives(&format!("{stewards}$")).await?;
    ana.follow("Hand over").await?;
    ana.press("Hand it over").await?;
    ana.arrives(&format!("{tailnet}$")).await?;
    ana.sees("and you are a steward of it").await?;
    look.at(&ana).await?;
    ensure!(ana.status_of(&page).await? != 200, "it is no longer hers to give");
    ana.open(&stewards).await?;
    ensure!(ana.link("Remove").count().await? == 0, "nor to say who looks after it");
    dario.open(&stewards).await?;
    dario.sees("Hand over").await?;
    dario.sees("Remove").await?;
    look.at(&dario).await?;
    ana.leave().await?;
    dario.leave().await
}
