use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use end2end::{Script, Stage, Visitor, journey};
use playwright_rs::Browser;
use simulator::World;

use crate::steps;

/// One of each family in which no rule is for everybody, so that there is nothing to narrow.
const CAPTURES: [&str; 3] =
    ["acl/acl-a09.json", "grant/grant-d1.json", "routes/routes-f1-filter-on-destination-not-source.json"];
const FRIEND: &str = "fran@example.net";

#[test]
fn captured_tailnets_are_left_byte_for_byte_as_they_were() -> anyhow::Result<()> {
    let Some(vectors) = std::env::var_os("ACEQUIA_VECTORS").map(PathBuf::from) else {
        writeln!(std::io::stderr(), "skipped, no captured tailnets: ACEQUIA_VECTORS is not set")?;
        return Ok(());
    };
    journey(|browser| async move {
        for capture in CAPTURES {
            let file = vectors.join("headscale-compat").join(capture);
            let text =
                std::fs::read_to_string(&file).with_context(|| format!("reading `{}`", file.display()))?;
            tell(&browser, World::parse(&text)?)
                .await
                .with_context(|| format!("in the world of `{capture}`"))?;
        }
        Ok(())
    })
}

/// The friend has connected a tailnet with a user token: the invite is accepted for them.
async fn tell(browser: &Browser, world: World) -> anyhow::Result<()> {
    let stage = Stage::set(world).await?;
    let before = stage.simulator.policy("owner")?;
    let owner = stage.owner(browser, Script::Off, &stage.tailnet("owner")?.users[0].login).await?;
    stage.connect(&owner, "owner").await?;
    let node = &stage.tailnet("owner")?.devices[0].hostname;
    let link = steps::offer_minecraft(&owner, node, "").await?;

    let fran = Visitor::arrive(browser, &stage.app, Script::Off).await?;
    let share = steps::accept(&stage, &fran, &link, FRIEND).await?;
    stage.connect(&fran, "friend").await?;
    steps::review(&owner, &share, FRIEND).await?;
    owner.watches_state("open").await?;
    let opened = stage.simulator.tailnet("owner")?;
    assert_ne!(opened.policy.text, before);
    assert_eq!(opened.invites.len(), 1, "{:?}", opened.invites);
    assert_eq!(opened.shares.len(), 1, "{:?}", opened.shares);
    assert_eq!(opened.shares[0].recipient, FRIEND);

    steps::end(&owner, &share).await?;
    let ended = stage.simulator.tailnet("owner")?;
    assert_eq!(ended.policy.text, before);
    assert!(ended.invites.is_empty() && ended.shares.is_empty(), "{ended:?}");
    owner.leave().await?;
    fran.leave().await
}
