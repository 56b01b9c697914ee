//! What people do in every journey; after each step axe looks at the page.

use end2end::{Stage, Visitor};
use playwright_rs::SelectOption;

/// From the tailnet's page to the secret link of an offer of a new Minecraft service.
pub async fn offer_minecraft(owner: &Visitor, node: &str, words: &str) -> anyhow::Result<String> {
    owner.follow(node).await?;
    owner.check().await?;
    owner.follow("List a service").await?;
    owner.fill("Name", "Minecraft").await?;
    owner.field("Kind").first().select_option(SelectOption::Value("minecraft".into()), None).await?;
    owner.fill("Ports", "25565").await?;
    owner.check().await?;
    owner.press("List it").await?;
    owner.sees("Minecraft").await?;
    owner.check().await?;
    owner.follow("Offer it").await?;
    owner.fill("A note for your friend", words).await?;
    owner.check().await?;
    owner.press("Make the offer").await?;
    owner.arrives("/offers/").await?;
    owner.check().await?;
    owner.reads(r"http://\S+/o/\S+").await
}

/// From the link to the page of the share; in between a stranger becomes a person here.
pub async fn accept(stage: &Stage, friend: &Visitor, link: &str, login: &str) -> anyhow::Result<String> {
    friend.open(link).await?;
    friend.press("Sign in to answer").await?;
    stage.sign_in(friend, login).await?;
    friend.arrives("/o/").await?;
    friend.check().await?;
    friend.fill("Your Tailscale login", login).await?;
    friend.press("Accept").await?;
    friend.arrives("/shares/").await?;
    friend.check().await?;
    Ok(friend.path())
}

/// From the link to a no; in between a stranger becomes a person here, whom the owner has met from then on.
pub async fn decline(stage: &Stage, friend: &Visitor, link: &str, login: &str) -> anyhow::Result<()> {
    friend.open(link).await?;
    friend.press("Sign in to answer").await?;
    stage.sign_in(friend, login).await?;
    friend.arrives("/o/").await?;
    friend.press("No, thank you").await?;
    friend.sees("Declined").await
}

/// The owner looks at what it means and says yes to what the page proposes.
pub async fn review(owner: &Visitor, share: &str, login: &str) -> anyhow::Result<()> {
    owner.open(&format!("{share}/review")).await?;
    owner.sees(login).await?;
    owner.check().await?;
    owner.page.locator("button.decide").click(None).await?;
    owner.arrives(&format!("{share}$")).await
}

pub async fn end(owner: &Visitor, share: &str) -> anyhow::Result<()> {
    owner.open(share).await?;
    owner.follow("End this share").await?;
    owner.check().await?;
    owner.press("Close the gate").await?;
    owner.arrives(&format!("{share}$")).await?;
    owner.watches_state("ended").await?;
    owner.check().await
}
