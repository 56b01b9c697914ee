//! Takes the README's pictures from the demo: `pictures FOLDER`. Run through `cargo xtask screenshots`.

use std::path::{Path, PathBuf};

use anyhow::Context;
use end2end::{App, Script, Visitor, journey};
use playwright_rs::Browser;
use playwright_rs::protocol::{BrowserContextOptions, BrowserContextOptionsBuilder, Viewport};

/// Ben, to whom something waits in the demo.
const BEN: usize = 1;

fn main() -> anyhow::Result<()> {
    let folder: PathBuf = std::env::args_os().nth(1).context("name a folder for the pictures")?.into();
    std::fs::create_dir_all(&folder)?;
    journey(|browser| async move { take(&browser, &folder).await })
}

async fn take(browser: &Browser, folder: &Path) -> anyhow::Result<()> {
    let app = App::demo([] as [&str; 0]).await?;

    let desk = visitor(browser, &app, "light", Viewport { width: 1120, height: 760 }).await?;
    desk.sign_in_as_seeded(BEN).await?;
    picture(&desk, folder, "home").await?;
    desk.open("/directory").await?;
    picture(&desk, folder, "directory").await?;
    desk.open("/").await?;
    desk.page.locator("a[href$='/review']").first().click(None).await?;
    desk.arrives("/shares/[^/]+/review").await?;
    picture(&desk, folder, "review").await?;
    desk.open("/tailnets").await?;
    desk.page.locator("main a[href*='/tailnets/0']").first().click(None).await?;
    desk.arrives("/tailnets/[^/]+$").await?;
    desk.open(&format!("{}/reach/graph?who=lena%40olmo.example", desk.path())).await?;
    let look = "() => { document.querySelector('.ditch').scrollIntoView({ block: 'center' }); return 0 }";
    let _: i64 = desk.page.evaluate(look, None::<&()>).await?;
    picture(&desk, folder, "reach").await?;
    desk.leave().await?;

    let phone = visitor(browser, &app, "dark", Visitor::phone()).await?;
    phone.sign_in_as_seeded(BEN).await?;
    phone.open("/shares").await?;
    picture(&phone, folder, "phone").await?;
    phone.leave().await
}

async fn visitor(browser: &Browser, app: &App, colours: &str, size: Viewport) -> anyhow::Result<Visitor> {
    let options: BrowserContextOptionsBuilder = BrowserContextOptions::builder()
        .locale("en-GB".into())
        .color_scheme(colours.into())
        .reduced_motion("reduce".into())
        .viewport(size);
    Visitor::arrive_with(browser, app, Script::On, options).await
}

async fn picture(visitor: &Visitor, folder: &Path, name: &str) -> anyhow::Result<()> {
    let file = folder.join(name).with_extension("png");
    visitor.page.screenshot_to_file(&file, None).await?;
    Ok(())
}
