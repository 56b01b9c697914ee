use std::io::Write;

use end2end::{Script, Stage, Visitor, journey};
use playwright_rs::Browser;
use simulator::World;

use crate::steps;

const FRIEND: &str = "dario@nopal.example";

#[test]
fn a_friend_is_invited_to_the_minecraft_server_and_leaves_no_trace() -> anyhow::Result<()> {
    journey(|browser| async move { tell(&browser, Script::On).await })
}

#[test]
fn a_friend_is_invited_without_script() -> anyhow::Result<()> {
    journey(|browser| async move { tell(&browser, Script::Off).await })
}

async fn tell(browser: &Browser, script: Script) -> anyhow::Result<()> {
    let stage = Stage::set(World::demo()).await?;
    let before = stage.simulator.policy("ana")?;

    let ana = stage.owner(browser, script, "ana@arroyo.example").await?;
    stage.connect(&ana, "ana").await?;
    let link = steps::offer_minecraft(&ana, "maple", "Bring a pickaxe.").await?;

    // Reading, twice, changes nothing; so does coming in.
    let dario = Visitor::arrive(browser, &stage.app, script).await?;
    for _ in 0..2 {
        dario.open(&link).await?;
        dario.sees("Bring a pickaxe.").await?;
        dario.check().await?;
    }
    let share = steps::accept(&stage, &dario, &link, FRIEND).await?;
    assert_eq!(stage.simulator.policy("ana")?, before, "nothing is written before the owner says so");

    // The owner finds it waiting, reads what nobody asked for, narrows, and opens the gate.
    ana.open("/").await?;
    ana.sees("Minecraft").await?;
    ana.check().await?;
    ana.open(&format!("{share}/review")).await?;
    ana.sees("What nobody asked for").await?;
    steps::review(&ana, &share, FRIEND).await?;
    ana.watches_state("waiting for the friend").await?;
    ana.check().await?;
    let applied = stage.simulator.tailnet("ana")?;
    let mark = format!("acequia:share={}", share.trim_start_matches("/shares/"));
    assert_eq!(applied.policy.text.matches(&mark).count(), 1, "{}", applied.policy.text);
    assert!(applied.policy.text.contains("tcp:25565"), "{}", applied.policy.text);
    assert_eq!(applied.invites.len(), 1, "{:?}", applied.invites);

    // The friend opens the link that only they see.
    let invite = &applied.invites[0].url;
    assert!(!ana.page.content().await?.contains(invite.as_str()), "the invite is the friend's alone");
    dario.open(&share).await?;
    dario.watches(invite).await?;
    dario.check().await?;
    stage.simulator.accept("dario", FRIEND, invite)?;
    ana.open(&share).await?;
    ana.watches_state("open").await?;
    ana.check().await?;
    dario.watches("maple.tail3a7f1.ts.net").await?;
    let opened = stage.simulator.tailnet("ana")?;
    let recipients: Vec<&str> = opened.shares.iter().map(|share| share.recipient.as_str()).collect();
    assert_eq!(recipients, [FRIEND]);

    // Everything is as after the narrowing, which is an edit of its own and stays.
    steps::end(&ana, &share).await?;
    let ended = stage.simulator.tailnet("ana")?;
    assert!(ended.invites.is_empty() && ended.shares.is_empty(), "{ended:?}");
    assert!(!ended.policy.text.contains("acequia:share="), "{}", ended.policy.text);
    let narrowed = before
        .replace(r#"{"src": ["*"], "dst""#, r#"{"src": ["autogroup:member", "autogroup:tagged"], "dst""#);
    assert_ne!(narrowed, before);
    assert_eq!(ended.policy.text, narrowed, "every other byte is as it was");
    dario.open(&share).await?;
    dario.watches_state("ended").await?;
    ana.leave().await?;
    dario.leave().await?;
    if let Some(memory) = stage.app.resident_memory() {
        writeln!(std::io::stderr(), "resident memory after the journey, script {script:?}: {memory} KiB")?;
    }
    Ok(())
}
