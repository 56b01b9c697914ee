//! By keyboard alone, by nothing but what a screen reader says: a friend accepts and joins, the owner reviews and opens.
//!
//! Whoever presses Tab comes to everything in the order in which it is read; each thing has a name, none keeps the focus, and
//! links of one page that are called the same lead to the same ([`Keyboard::to`]).

use anyhow::ensure;
use end2end::{Keyboard, Script, Stage, Visitor, journey};
use playwright_rs::{Browser, expect};
use simulator::World;

use crate::steps;

const OWNER: &str = "ana@arroyo.example";
const FRIEND: &str = "dario@nopal.example";
const WRONG: &str = "dario";
/// How a form that was refused begins.
const REFUSED: &str = "Nothing was changed yet. Please look at this again:";
const OPENS: &str = "dario reaches Minecraft on maple (TCP 25565)";
const TO_OPEN: &str = "Narrow, then open Minecraft for dario";

/// Whether the friend has an account at Tailscale when they say yes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Account {
    There,
    Missing,
}

// Fails when the input of a radio loses its `aria-labelledby` (`parts::field::radios`): it is then called by all that it means.
#[test]
fn a_friend_comes_in_and_an_owner_opens_by_keyboard_alone() -> anyhow::Result<()> {
    journey(|browser| async move { tell(&browser, Script::On, Account::There).await })
}

// Fails when the summary of `Form::view` has no `autofocus`: whoever cannot see the page does not learn that it was refused.
#[test]
fn a_friend_comes_in_and_an_owner_opens_by_keyboard_alone_without_script() -> anyhow::Result<()> {
    journey(|browser| async move { tell(&browser, Script::Off, Account::There).await })
}

// Fails when a label does not say whose it is (no `for` in `Field::view`).
#[test]
fn a_friend_without_an_account_comes_in_by_keyboard_alone() -> anyhow::Result<()> {
    journey(|browser| async move { tell(&browser, Script::On, Account::Missing).await })
}

// Fails when the mark of a fold is read with it (`details > summary::before` without its empty alternative).
#[test]
fn a_friend_without_an_account_comes_in_by_keyboard_alone_without_script() -> anyhow::Result<()> {
    journey(|browser| async move { tell(&browser, Script::Off, Account::Missing).await })
}

async fn tell(browser: &Browser, script: Script, account: Account) -> anyhow::Result<()> {
    let stage = Stage::set(World::demo()).await?;
    let ana = stage.owner(browser, script, OWNER).await?;
    stage.connect(&ana, "ana").await?;
    let link = steps::offer_minecraft(&ana, "maple", "").await?;

    // The friend has the link from a letter.
    let dario = Visitor::arrive(browser, &stage.app, script).await?;
    let friend = dario.keyboard().await?;
    dario.open(&link).await?;
    signs_in(&friend).await?;
    match account {
        Account::There => accepts(&friend).await?,
        Account::Missing => accepts_without_an_account(&friend).await?,
    }
    let told = friend.aloud().await?.inside("region", "State")?;
    ensure!(told.contains("TCP 25565 waiting for review until"), "the page says that it waits: {told}");
    let share = path_of_share(&dario)?;
    wakes(&dario, script).await?;

    // The owner finds it at the front door.
    let owner = ana.keyboard().await?;
    ana.open("/").await?;
    reviews(&owner).await?;
    match script {
        Script::On => {
            ana.is_told("waiting for the friend").await?;
            wakes(&ana, script).await?;
            friend.is_told("Open the invite").await?;
        }
        Script::Off => {
            ana.watches_state("waiting for the friend").await?;
            dario.open(&share).await?;
            dario.watches("Open the invite").await?;
        }
    }

    let invite = stage.simulator.tailnet("ana")?.invites[0].url.clone();
    joins(&friend, &invite).await?;
    stage.simulator.accept("dario", FRIEND, &invite)?;
    match script {
        Script::On => owner.is_told("Open").await?,
        Script::Off => ana.watches_state("open").await?,
    }
    let aloud = owner.arrives("Minecraft for dario").await?;
    let told = aloud.inside("region", "State")?;
    ensure!(told.contains("TCP 25565 open until"), "the page says that it is open: {told}");
    ana.leave().await?;
    dario.leave().await
}

/// From the page of the offer through the provider and back.
async fn signs_in(friend: &Keyboard) -> anyhow::Result<()> {
    let offer = friend.arrives("Minecraft").await?;
    ensure!(offer.title().starts_with("ana offers you Minecraft"), "{}", offer.title());
    let reads = offer.whole();
    ensure!(reads.contains("An offer from ana") && reads.contains("TCP 25565"), "{reads}");
    friend.enter("button", "Sign in to answer").await?;
    friend.arrives("Sign in").await?;
    friend.enter("button", "Continue with the village").await?;
    friend.comes_to("textbox", "Enter any login").await?;
    friend.types(FRIEND).await?;
    friend.to("textbox", "and password").await?;
    friend.types("any").await?;
    friend.enter("button", "Sign-in").await?;
    friend.comes_to("button", "Continue").await?;
    friend.press("Enter").await?;
    friend.arrives("Minecraft").await?;
    Ok(())
}

async fn accepts(friend: &Keyboard) -> anyhow::Result<()> {
    // Past what stands on every page.
    friend.enter("link", "Skip to the content").await?;
    friend.is_at("main", "").await?;
    let yes = friend.to("radio", "Yes, with this account").await?;
    ensure!(yes.is_on("checked"), "what is known of them is proposed");
    let field = "Your Tailscale login optional";
    let login = friend.to("combobox", field).await?;
    ensure!(login.description.contains("opens the gate for this account only"), "{}", login.description);
    friend.types(WRONG).await?;
    friend.enter("button", "Accept").await?;
    mends(friend, field).await?;
    friend.to("button", "Accept").await?;
    friend.press("Space").await?;
    friend.hears("Accepted. The owner now looks at what it opens.").await?;
    friend.arrives("Minecraft from ana").await?;
    Ok(())
}

async fn accepts_without_an_account(friend: &Keyboard) -> anyhow::Result<()> {
    friend.to("radio", "Yes, with this account").await?;
    friend.press("ArrowDown").await?;
    let no = friend.is_at("radio", "No, or I don’t know what that is").await?;
    ensure!(no.is_on("checked") && no.description.contains("It costs nothing for this."), "{no:?}");
    friend.enter("button", "Accept").await?;
    friend.hears("Accepted. One thing is missing: your account.").await?;
    let page = friend.arrives("Minecraft from ana").await?;
    ensure!(page.find("heading", "Six steps to your account").is_some(), "{}", page.whole());

    let field = "The account that you made";
    friend.to("combobox", field).await?;
    friend.types(WRONG).await?;
    friend.enter("button", "I have it now").await?;
    mends(friend, field).await?;
    friend.enter("button", "I have it now").await?;
    friend.hears("Thank you. The owner now looks at what it opens.").await?;
    friend.arrives("Minecraft from ana").await?;
    Ok(())
}

/// The form was refused. Its summary has the focus, and leads to the field.
async fn mends(friend: &Keyboard, field: &str) -> anyhow::Result<()> {
    friend.is_at("alert", REFUSED).await?;
    let said = friend.aloud().await?.told().join(" ");
    ensure!(said.contains("A login looks like name@example.com"), "what is wrong is said: {said}");
    let wrong = friend.next().await?;
    ensure!(wrong.is("link", "A login looks like name@example.com or name@github"), "{wrong}");
    friend.press("Enter").await?;
    let login = friend.is_at("combobox", field).await?;
    ensure!(login.description.contains("A login looks like"), "said of the field too: {}", login.description);
    friend.types(FRIEND).await
}

/// From the front page to their word.
async fn reviews(owner: &Keyboard) -> anyhow::Result<()> {
    owner.arrives("Hello, ana").await?;
    owner.enter("link", "Review: dario accepted Minecraft: review what it opens").await?;
    let review = owner.arrives("What opens if dario gets Minecraft").await?;
    let reads = review.whole();
    for must in [FRIEND, OPENS, "What nobody asked for"] {
        ensure!(reads.contains(must), "the review does not say “{must}”:\n{reads}");
    }
    owner.enter("link", "Policy of this review").await?;
    owner.reads("Nobody inside your tailnet loses anything.").await?;
    owner.to("region", "The change of the policy").await?;
    let narrow = owner.to("radio", "Narrow the wildcard first").await?;
    ensure!(narrow.is_on("checked"), "the narrow way is proposed");
    ensure!(narrow.description.contains(OPENS) && narrow.description.contains("nothing else"), "{narrow:?}");

    // The other way, and back: the button is called by what it will do.
    owner.press("ArrowDown").await?;
    let whole = owner.is_at("radio", "Yes, the whole of maple").await?;
    ensure!(whole.is_on("checked") && whole.description.contains("not just Minecraft"), "{whole:?}");
    let button = "Open the whole of maple for dario";
    let review = owner.aloud().await?;
    ensure!(review.find("button", button).is_some(), "no “{button}” in:\n{}", review.whole());
    owner.press("ArrowUp").await?;
    owner.is_at("radio", "Narrow the wildcard first").await?;
    owner.to("button", TO_OPEN).await?;
    owner.press("Space").await?;
    owner.hears("Agreed. The steps below happen now, one after the other.").await?;
    owner.arrives("Minecraft for dario").await?;
    Ok(())
}

/// The invite is there, and behind it what to do with it.
async fn joins(friend: &Keyboard, invite: &str) -> anyhow::Result<()> {
    let page = friend.arrives("Minecraft from ana").await?;
    ensure!(page.find("heading", "How to join").is_some(), "{}", page.whole());
    let open = friend.to("link", "Open the invite").await?;
    ensure!(open.leads_to() == invite, "it leads to `{}`", open.leads_to());
    let fold = "Install it on your system";
    let folded = friend.to("DisclosureTriangle", fold).await?;
    ensure!(!folded.is_on("expanded"), "it is folded");
    friend.press("Enter").await?;
    let unfolded = friend.focus().await?;
    ensure!(unfolded.is("DisclosureTriangle", fold) && unfolded.is_on("expanded"), "{unfolded:?}");
    friend.to("DisclosureTriangle", "It does not work").await?;
    Ok(())
}

/// A page with script hears of what comes as soon as it is awake.
async fn wakes(visitor: &Visitor, script: Script) -> anyhow::Result<()> {
    if script == Script::On {
        expect(visitor.page.locator("body[data-hydrated]")).to_be_visible().await?;
    }
    Ok(())
}

fn path_of_share(visitor: &Visitor) -> anyhow::Result<String> {
    let path = visitor.path();
    let path = path.split('#').next().unwrap_or_default();
    ensure!(path.starts_with("/shares/"), "`{path}` is no share");
    Ok(path.to_owned())
}
