//! What people do in every journey; after each step axe looks at the page.

use end2end::{Stage, Visitor};
use playwright_rs::{SelectOption, expect};

use crate::look::Look;

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

/// An owner who has met one person makes a circle and puts them in. On the page of the circle, whose path comes back.
pub async fn circle_of_one(owner: &Visitor, look: Look) -> anyhow::Result<String> {
    owner.open("/circles").await?;
    owner.sees("No circle yet").await?;
    look.at(owner).await?;
    owner.fill("Name", "Players").await?;
    owner.press("Make the circle").await?;
    owner.arrives("/circles/[^/]+$").await?;
    owner.sees("Nobody yet").await?;
    look.at(owner).await?;
    // Whoever chose nobody is led to what was wrong.
    owner.press("Put them in").await?;
    expect(owner.page.locator(".summary:focus")).to_be_visible().await?;
    look.at(owner).await?;
    put_in(owner).await?;
    Ok(owner.path())
}

/// On the page of a circle: the one person whom its owner has met.
pub async fn put_in(owner: &Visitor) -> anyhow::Result<()> {
    owner.field("Person").first().select_option(SelectOption::Index(1), None).await?;
    owner.press("Put them in").await?;
    owner.sees("is in it now").await?;
    owner.check().await
}

/// From the page of a machine: a service of this kind that only the owner's circle sees, on its own page then.
pub async fn list_for_circle(
    (owner, look): (&Visitor, Look),
    name: &str,
    kind: &str,
    ports: &str,
) -> anyhow::Result<()> {
    owner.follow("List a service").await?;
    owner.fill("Name", name).await?;
    owner.field("Kind").first().select_option(SelectOption::Value(kind.into()), None).await?;
    owner.fill("Ports", ports).await?;
    owner.field("These people and circles").first().check(None).await?;
    owner.field("Players (one person)").first().check(None).await?;
    look.at(owner).await?;
    owner.press("List it").await?;
    owner.sees("the circle Players").await
}

/// From the page of a service: an offer to all of the owner's circle.
pub async fn offer_to_circle(owner: &Visitor, look: Look) -> anyhow::Result<()> {
    owner.follow("Offer it to a friend").await?;
    owner.field("A circle of yours").first().check(None).await?;
    look.at(owner).await?;
    owner.press("Make the offer").await?;
    owner.arrives("/offers$").await?;
    owner.sees("is offered to one person of it").await?;
    look.at(owner).await
}

/// A friend finds what is offered to them in the directory and says yes. On the page of the share, whose path comes back.
pub async fn accept_listed(friend: &Visitor, service: &str) -> anyhow::Result<String> {
    friend.open("/directory").await?;
    friend.follow(service).await?;
    friend.sees("It is offered to you").await?;
    friend.check().await?;
    friend.follow("Look at the offer").await?;
    friend.arrives("/o/").await?;
    friend.press("Accept").await?;
    friend.arrives("/shares/").await?;
    friend.check().await?;
    Ok(friend.path())
}
