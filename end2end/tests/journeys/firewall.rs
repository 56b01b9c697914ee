//! The second lock: its text, whether it is in place, and what it said before.

use anyhow::Context;
use end2end::{Script, Stage, Visitor, journey};
use playwright_rs::Browser;
use simulator::World;

use crate::steps;

const FRIEND: &str = "dario@nopal.example";

#[test]
fn an_owner_puts_the_firewall_text_in_place() -> anyhow::Result<()> {
    journey(|browser| async move { tell(&browser, Script::On).await })
}

#[test]
fn an_owner_puts_the_firewall_text_in_place_without_script() -> anyhow::Result<()> {
    journey(|browser| async move { tell(&browser, Script::Off).await })
}

async fn tell(browser: &Browser, script: Script) -> anyhow::Result<()> {
    let stage = Stage::set(World::demo()).await?;
    let ana = stage.owner(browser, script, "ana@arroyo.example").await?;
    stage.connect(&ana, "ana").await?;
    let link = steps::offer_minecraft(&ana, "maple", "Bring a pickaxe.").await?;
    let dario = Visitor::arrive(browser, &stage.app, script).await?;
    let share = steps::accept(&stage, &dario, &link, FRIEND).await?;
    steps::review(&ana, &share, FRIEND).await?;
    ana.watches_state("waiting for the friend").await?;

    // No kind of host is known yet, and nothing is claimed of what is in place.
    ana.watches("not known to be in place").await?;
    ana.follow("Its firewall text").await?;
    ana.sees("Which firewall does it have?").await?;
    ana.check().await?;
    ana.page.get_by_label("nftables", true).first().check(None).await?;
    ana.press("Use this kind").await?;
    ana.sees("Revision 2, made").await?;
    ana.sees("table inet acequia").await?;
    ana.check().await?;
    let page = ana.path();

    // What is pasted is compared; what is no rule of ours is said, and not lost.
    paste(&ana, "Error: No such file or directory").await?;
    ana.sees("No rules of ours are in there").await?;
    ana.check().await?;
    let kept = ana.field("What the check command printed").first().input_value(None).await?;
    assert_eq!(kept, "Error: No such file or directory");
    let text = text_of_the_page(&ana).await?;
    assert!(text.contains("25565"), "{text}");
    paste(&ana, &text).await?;
    ana.sees("the rules are those of the text").await?;
    ana.sees("Revision 2 is in place").await?;
    paste(&ana, &text.replace("25565", "22")).await?;
    ana.sees("rules were changed").await?;

    // A token is shown once.
    ana.press("Make a token").await?;
    ana.sees("It is shown this once").await?;
    ana.check().await?;
    let token = ana.page.locator("#fetch > pre").first().inner_text().await?;
    ana.open(&page).await?;
    assert!(!ana.page.content().await?.contains(token.trim()), "the token is shown once");
    ana.press("Take the token away").await?;
    ana.sees("has stopped working").await?;

    // The end of the share is another text; the one before can still be read, with what changed.
    steps::end(&ana, &share).await?;
    ana.open(&page).await?;
    ana.sees("Revision 3 waits to be put in place").await?;
    ana.follow("Revision 2").await?;
    ana.sees("The host’s kind is nftables.").await?;
    ana.sees("Since then, up to revision 3").await?;
    ana.check().await?;
    ana.open("/").await?;
    ana.sees("maple waits for its new firewall text").await?;
    ana.leave().await?;
    dario.leave().await
}

async fn paste(owner: &Visitor, text: &str) -> anyhow::Result<()> {
    owner.fill("What the check command printed", text).await?;
    owner.press("Is it in place?").await
}

/// As a person would copy it from the tables of both parts.
async fn text_of_the_page(owner: &Visitor) -> anyhow::Result<String> {
    let lines = owner.page.locator("section.part table.snippet td.text").all_inner_texts().await?;
    let text = lines.join("\n");
    (!text.is_empty()).then_some(text).context("there is no text on the page")
}
