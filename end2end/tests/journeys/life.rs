//! The whole life of a share, as both sides hear of it by mail: asked for, offered, accepted, open, given more time, paused,
//! opened again, ended.

use end2end::{Mailbox, Script, Stage, Visitor, journey};
use playwright_rs::Browser;
use simulator::World;

use crate::steps;

const OWNER: &str = "ana@arroyo.example";
const FRIEND: &str = "dario@nopal.example";

#[test]
fn a_share_from_the_wish_to_its_end_with_the_mails_that_tell_of_it() -> anyhow::Result<()> {
    journey(|browser| async move { tell(&browser, Script::On).await })
}

#[test]
fn the_same_without_script() -> anyhow::Result<()> {
    journey(|browser| async move { tell(&browser, Script::Off).await })
}

async fn tell(browser: &Browser, script: Script) -> anyhow::Result<()> {
    let mut mails = Mailbox::start().await?;
    let stage = Stage::with(World::demo(), &mails.config()).await?;
    let ana = stage.owner(browser, script, OWNER).await?;
    stage.connect(&ana, "ana").await?;
    let link = steps::offer_minecraft(&ana, "maple", "").await?;
    let dario = Visitor::arrive(browser, &stage.app, script).await?;
    steps::decline(&stage, &dario, &link, FRIEND).await?;
    mails.link(OWNER, "declined Minecraft").await?;

    // He thinks again, and asks.
    dario.open("/directory").await?;
    dario.follow("Minecraft").await?;
    dario.fill("A note to", "Only for the weekend!").await?;
    dario.check().await?;
    dario.press("Ask for it").await?;
    dario.sees("You asked on").await?;
    let asked = mails.link(OWNER, "asks for Minecraft").await?;
    ana.open(&asked).await?;
    ana.sees("Only for the weekend!").await?;
    ana.check().await?;
    ana.follow("Offer it").await?;
    ana.press("Make the offer").await?;
    ana.arrives("/offers/").await?;

    // Offered, accepted, reviewed, open.
    let offered = mails.link(FRIEND, "offers you Minecraft").await?;
    dario.open(&offered).await?;
    dario.check().await?;
    dario.press("Accept").await?;
    dario.arrives("/shares/").await?;
    let share = dario.path();
    let waits = mails.link(OWNER, "review what it opens").await?;
    ana.open(&waits).await?;
    steps::review(&ana, &share, FRIEND).await?;
    let invited = mails.link(FRIEND, "Open the invite").await?;
    dario.open(&invited).await?;
    let invite = stage.simulator.tailnet("ana")?.invites[0].url.clone();
    dario.sees(&invite).await?;
    stage.simulator.accept("dario", FRIEND, &invite)?;
    mails.link(FRIEND, "is open for you").await?;
    dario.open(&share).await?;
    dario.watches_state("open").await?;
    dario.check().await?;

    // More time.
    dario.follow("Ask for more time").await?;
    dario.fill("A word to the owner", "We are not done.").await?;
    dario.check().await?;
    dario.press("Ask").await?;
    let longer = mails.link(OWNER, "asks for more time").await?;
    ana.open(&longer).await?;
    ana.sees("We are not done.").await?;
    ana.check().await?;
    ana.press("Set this end").await?;
    ana.arrives(&format!("{share}$")).await?;

    // Paused, and opened again.
    ana.follow("Pause it").await?;
    ana.check().await?;
    ana.press("Pause it").await?;
    ana.arrives(&format!("{share}$")).await?;
    ana.watches_state("paused").await?;
    let paused = mails.link(FRIEND, "is paused for you").await?;
    dario.open(&paused).await?;
    dario.watches_state("paused").await?;
    dario.check().await?;
    ana.press("Open it again").await?;
    ana.watches_state("open").await?;

    // The end, and the mail about it.
    steps::end(&ana, &share).await?;
    let ended = mails.link(FRIEND, "has ended for you").await?;
    dario.open(&ended).await?;
    dario.watches_state("ended").await?;
    dario.check().await?;
    ana.leave().await?;
    dario.leave().await
}
