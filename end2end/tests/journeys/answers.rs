//! Listed services are asked whether they answer: the directory says which do, and since when one does not.

use anyhow::ensure;
use end2end::{App, Script, Visitor, journey};
use playwright_rs::Browser;

#[test]
fn the_directory_says_which_services_answer() -> anyhow::Result<()> {
    journey(|browser| async move {
        // The same demo twice: it asks its little services over real connections.
        let app = App::demo([] as [&str; 0]).await?;
        tell(&browser, &app, Script::On).await?;
        tell(&browser, &app, Script::Off).await
    })
}

async fn tell(browser: &Browser, app: &App, script: Script) -> anyhow::Result<()> {
    let ana = Visitor::arrive(browser, app, script).await?;
    ana.sign_in_as_seeded(0).await?;
    ana.open("/directory").await?;
    // The first round may still be going on.
    ana.watches("2 of 20 playing").await?;
    ana.watches("no answer since").await?;
    ana.sees("Be kind to the llamas").await?;
    ana.check().await?;
    ana.follow("Minecraft").await?;
    ana.sees("Does it answer?").await?;
    ana.check().await?;

    ana.open("/directory").await?;
    ensure!(ana.text().await?.contains("Drafts"), "one that does not answer is listed");
    ana.field("Only what is up").first().check(None).await?;
    ana.press("Search").await?;
    ana.arrives(r"/directory\?.*up=1").await?;
    ana.sees("2 of 20 playing").await?;
    let text = ana.text().await?;
    ensure!(!text.contains("Drafts") && !text.contains("no answer since"), "only what is up:\n{text}");
    ana.check().await?;
    ana.leave().await
}
