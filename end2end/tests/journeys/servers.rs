//! Lending on a Headscale, to somebody who is on the server already: where the policy is in its database, and where it is a
//! file that its owner edits.

use end2end::{Stage, Visitor, journey};
use playwright_rs::Browser;

use crate::look::Look;
use crate::steps;

#[test]
fn a_member_of_the_server_is_lent_a_service_of_it() -> anyhow::Result<()> {
    journey(|browser| async move { in_the_database(&browser, Look::Desk).await })
}

#[test]
fn a_member_of_the_server_is_lent_a_service_of_it_without_script() -> anyhow::Result<()> {
    journey(|browser| async move { in_the_database(&browser, Look::WithoutScript).await })
}

#[test]
fn a_member_of_the_server_is_lent_a_service_of_it_on_a_phone_in_the_dark() -> anyhow::Result<()> {
    journey(|browser| async move { in_the_database(&browser, Look::DarkPhone).await })
}

#[test]
fn where_the_policy_is_a_file_its_owner_puts_the_text_in() -> anyhow::Result<()> {
    journey(|browser| async move { in_a_file(&browser, Look::Desk).await })
}

#[test]
fn where_the_policy_is_a_file_its_owner_puts_the_text_in_without_script() -> anyhow::Result<()> {
    journey(|browser| async move { in_a_file(&browser, Look::WithoutScript).await })
}

/// The page is as pages have to be.
async fn looked_at(visitor: &Visitor) -> anyhow::Result<()> {
    visitor.check().await?;
    visitor.fits().await
}

/// From the link to the page of the share, as an account of the server that they name.
async fn accept(
    stage: &Stage,
    friend: &Visitor,
    link: &str,
    (email, account): (&str, &str),
) -> anyhow::Result<String> {
    friend.open(link).await?;
    looked_at(friend).await?;
    friend.press("Sign in to answer").await?;
    stage.sign_in(friend, email).await?;
    friend.arrives("/o/").await?;
    looked_at(friend).await?;
    friend.fill("Your account on this server", account).await?;
    friend.press("Accept").await?;
    friend.arrives("/shares/").await?;
    looked_at(friend).await?;
    Ok(friend.path())
}

/// The owner says which account the friend is, and looks at what it means and says yes.
async fn say_yes(owner: &Visitor, share: &str) -> anyhow::Result<()> {
    owner.open(&format!("{share}/review")).await?;
    owner.sees("Which account is").await?;
    looked_at(owner).await?;
    owner.press("This is the one").await?;
    owner.arrives(&format!("{share}/review")).await?;
    owner.fits().await?;
    steps::review(owner, share, "Minecraft").await
}

async fn in_the_database(browser: &Browser, look: Look) -> anyhow::Result<()> {
    let stage = Stage::set(simulator::World::demo()).await?;
    let policy = || anyhow::Ok(stage.simulator.headscale("mill")?.policy.unwrap_or_default());
    let before = policy()?;
    let chiara = look.arrive(browser, &stage.app).await?;
    stage.owns(&chiara, "chiara@mill.example").await?;
    stage.connect_server(&chiara, "mill").await?;
    looked_at(&chiara).await?;
    let link = steps::offer_minecraft(&chiara, "weir", "Thursdays at eight.").await?;

    let ben = look.arrive(browser, &stage.app).await?;
    ben.open(&link).await?;
    ben.sees("Thursdays at eight.").await?;
    let share = accept(&stage, &ben, &link, ("ben@olmo.example", "ben")).await?;
    anyhow::ensure!(policy()? == before, "nothing is written before the owner says so");

    say_yes(&chiara, &share).await?;
    chiara.watches_state("open").await?;
    looked_at(&chiara).await?;
    let open = policy()?;
    let mark = format!("acequia:share={}", share.trim_start_matches("/shares/"));
    anyhow::ensure!(open.matches(&mark).count() == 1, "{open}");
    // By what the server's own sign-in calls him, since nobody else can have that.
    anyhow::ensure!(open.contains(r#""src": ["https://id.mill.example/u-ben@"]"#), "{open}");
    anyhow::ensure!(open.contains(r#""100.64.0.1:25565""#), "{open}");

    ben.open(&share).await?;
    ben.watches_state("open").await?;
    ben.sees("Be in this network").await?;
    ben.sees("tailscale login --login-server=https://mill.example").await?;
    ben.sees("weir.hs.mill.example:25565").await?;
    let text = ben.text().await?.to_lowercase();
    anyhow::ensure!(!text.contains("invite") && !text.contains("tailscale login ("), "{text}");
    looked_at(&ben).await?;

    steps::end(&chiara, &share).await?;
    chiara.fits().await?;
    let ended = policy()?;
    anyhow::ensure!(ended == before, "every byte is as it was: {ended}");
    ben.open(&share).await?;
    ben.watches_state("ended").await?;
    looked_at(&ben).await?;
    chiara.leave().await?;
    ben.leave().await
}

async fn in_a_file(browser: &Browser, look: Look) -> anyhow::Result<()> {
    let stage = Stage::set(simulator::World::demo()).await?;
    let file = || anyhow::Ok(stage.simulator.headscale("oven")?.policy.unwrap_or_default());
    let before = file()?;
    let ben = look.arrive(browser, &stage.app).await?;
    stage.owns(&ben, "ben@olmo.example").await?;
    stage.connect_server(&ben, "oven").await?;
    let link = steps::offer_minecraft(&ben, "bakery", "Come and bake.").await?;
    let chiara = look.arrive(browser, &stage.app).await?;
    let share = accept(&stage, &chiara, &link, ("chiara@mill.example", "chiara")).await?;

    say_yes(&ben, &share).await?;
    put_in(&stage, &ben, &share).await?;
    ben.watches("In the file, not proven").await?;
    looked_at(&ben).await?;
    let open = stage.simulator.headscale("oven")?.in_force.unwrap_or_default();
    anyhow::ensure!(open.contains("acequia:share="), "it was loaded: {open}");
    chiara.open(&share).await?;
    chiara.sees("bakery.hs.oven.example:25565").await?;
    let word = chiara.page.locator("#live .state").first().inner_text().await?;
    anyhow::ensure!(word != "open", "what stands in a file is not called open");
    looked_at(&chiara).await?;

    ben.follow("End this share").await?;
    ben.press("Close the gate").await?;
    ben.arrives(&format!("{share}$")).await?;
    put_in(&stage, &ben, &share).await?;
    ben.watches_state("ended").await?;
    ben.sees("not proven").await?;
    looked_at(&ben).await?;
    anyhow::ensure!(file()? == before, "every byte is as it was: {}", file()?);
    ben.leave().await?;
    chiara.leave().await
}

/// The owner takes the text from the page, puts it into the file, has it loaded, and says so.
async fn put_in(stage: &Stage, owner: &Visitor, share: &str) -> anyhow::Result<()> {
    owner.open(share).await?;
    owner.watches("The whole new file, to paste").await?;
    looked_at(owner).await?;
    let text = owner.page.locator(".by-hand > details > pre").first().text_content().await?;
    stage.simulator.headscale_policy("oven", Some(&text.unwrap_or_default()))?;
    stage.simulator.headscale_reloads("oven")?;
    owner.press("Try again now").await
}
