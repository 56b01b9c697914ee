//! A machine is brought in: its text, a key that is seen once, and the look-out until it is here.

use anyhow::{Context, ensure};
use end2end::{Script, Stage, Visitor, journey};
use playwright_rs::{Browser, SelectOption, expect};
use simulator::World;

#[test]
fn a_machine_is_brought_in_with_a_key_that_is_seen_once() -> anyhow::Result<()> {
    journey(|browser| async move { tell(&browser, Script::On).await })
}

#[test]
fn a_machine_is_brought_in_without_script() -> anyhow::Result<()> {
    journey(|browser| async move { tell(&browser, Script::Off).await })
}

async fn tell(browser: &Browser, script: Script) -> anyhow::Result<()> {
    let stage = Stage::set(World::demo()).await?;
    let ana = stage.owner(browser, script, "ana@arroyo.example").await?;
    stage.connect(&ana, "ana").await?;
    let tailnet = ana.path();
    choose(&ana).await?;
    let key = make_key(&ana).await?;
    let place = ana.path();

    stage.simulator.join(&key, "willow", "linux")?;
    match script {
        // The page is told by itself.
        Script::On => ana.is_told("willow is here.").await?,
        Script::Off => ana.watches("willow is here.").await?,
    }
    ana.check().await?;
    ana.open(&place).await?;
    ensure!(!ana.page.content().await?.contains(&key), "it was shown once");
    ana.follow("List a service of willow").await?;
    ana.arrives("/services/new").await?;
    ana.check().await?;

    // Another one, who does not come: the key is revoked. And one made by hand, which is not ours to revoke.
    ana.open(&format!("{tailnet}/nodes/new")).await?;
    let key = make_key(&ana).await?;
    ana.press("Revoke the key and stop waiting").await?;
    ana.sees("Nobody is waited for any more, and the key no longer works.").await?;
    ana.check().await?;
    ensure!(stage.simulator.join(&key, "juniper", "linux").is_err(), "it is revoked");
    ana.follow("Start again").await?;
    ana.page.get_by_text("Or make the key by hand", false).first().click(None).await?;
    ana.press("I have a key: wait for the machine").await?;
    ana.sees("Waiting until a new machine appears").await?;
    ana.check().await?;
    ana.press("Stop waiting").await?;
    ana.sees("The key that was made by hand works until").await?;
    ana.leave().await
}

/// From the page of the tailnet to the text for a Debian machine.
async fn choose(ana: &Visitor) -> anyhow::Result<()> {
    ana.follow("Bring a machine in").await?;
    ana.arrives("/tailnets/[^/]+/nodes/new").await?;
    ana.check().await?;
    ana.field("System").first().select_option(SelectOption::Value("debian".into()), None).await?;
    ana.press("Show the text for it").await?;
    ana.sees("sudo tailscale up").await?;
    ana.check().await
}

/// Gives the key, as it stands on the page.
async fn make_key(ana: &Visitor) -> anyhow::Result<String> {
    ana.press("Make a key and wait").await?;
    ana.arrives("/tailnets/[^/]+/joining/").await?;
    ana.sees("The key, shown this once").await?;
    ana.sees("Waiting until a new machine appears").await?;
    ana.check().await?;
    let key = ana.page.locator(".once .copy > code").inner_text().await?;
    ensure!(key.starts_with("tskey-auth-"), "`{key}` is no key");
    expect(ana.button("Revoke the key and stop waiting")).to_be_visible().await.context("a way back")?;
    Ok(key)
}
