//! How often one has to press something until a friend whom one knows is in: from the page of the service, on our pages.

use anyhow::ensure;
use end2end::{Script, Stage, Visitor, journey};
use playwright_rs::{Browser, expect};
use simulator::World;

use crate::steps;

const FRIEND: &str = "dario@nopal.example";

#[test]
fn three_clicks_for_the_owner_and_two_for_the_friend() -> anyhow::Result<()> {
    journey(|browser| async move { tell(&browser).await })
}

async fn tell(browser: &Browser) -> anyhow::Result<()> {
    let stage = Stage::set(World::demo()).await?;
    // A policy that lets no friend in by itself: there is nothing to choose.
    let policy = stage.simulator.policy("ana")?;
    let narrow = policy
        .replace(r#"{"src": ["*"], "dst""#, r#"{"src": ["autogroup:member", "autogroup:tagged"], "dst""#);
    stage.simulator.edit_policy("ana", &narrow)?;
    let ana = stage.owner(browser, Script::On, "ana@arroyo.example").await?;
    stage.connect(&ana, "ana").await?;
    let link = steps::offer_minecraft(&ana, "maple", "").await?;
    let dario = Visitor::arrive(browser, &stage.app, Script::On).await?;
    steps::decline(&stage, &dario, &link, FRIEND).await?;

    ana.open("/directory").await?;
    ana.follow("Minecraft").await?;
    ana.sees("Offer it to somebody here").await?;
    ana.check().await?;
    let (hers, his) = (ana.clicks(), dario.clicks());
    ana.press("Offer it").await?;
    ana.arrives("/offers/").await?;
    let offer = ana.path().replace("/offers/", "/o/");
    dario.open(&offer).await?;
    dario.press("Accept").await?;
    dario.arrives("/shares/").await?;
    ana.watches("waiting for review").await?;
    ana.check().await?;
    ana.follow("Review Minecraft for").await?;
    ana.arrives("/shares/[^/]+/review$").await?;
    // The button of the decision, whatever its words.
    ana.press("Open").await?;
    ana.arrives("/shares/[^/]+$").await?;
    // The page of the friend comes to it by itself.
    let open = dario.link("Open the invite");
    expect(open.clone()).with_timeout(std::time::Duration::from_secs(30)).to_be_visible().await?;
    let invite = stage.simulator.tailnet("ana")?.invites[0].url.clone();
    ensure!(open.get_attribute("href").await?.as_deref() == Some(invite.as_str()), "it leads to the invite");
    stage.simulator.accept("dario", FRIEND, &invite)?;
    ana.watches_state("open").await?;
    ensure!(ana.clicks() - hers == 3, "the owner needed {} clicks", ana.clicks() - hers);
    // And the link that was looked at, which leads away from our pages.
    ensure!(dario.clicks() - his + 1 == 2, "the friend needed {} clicks", dario.clicks() - his + 1);
    ana.leave().await?;
    dario.leave().await
}
