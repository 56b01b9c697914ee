//! Ana at her browser, and where her things are.

use std::path::Path;

use anyhow::Context as _;
use load::app::App;
use load::forms::{after, value_beside};
use load::wire::{Client, leads, ok};
use tokio::time::{Duration, Instant};
use world::World;

use crate::process;
use crate::table::Table;

pub struct Visitor {
    pub app: App,
    pub browser: Client,
    /// The simulated control plane's.
    pub switches: Client,
    pub tailnet: String,
    pub node: String,
    pub service: String,
    pub share: String,
    /// One that waits for her.
    pub review: String,
}

/// As long as anything took that is measured here.
const PATIENCE: Duration = Duration::from_mins(10);

impl Visitor {
    pub async fn arrive(binary: &Path, world: &World, table: &mut Table) -> anyhow::Result<Self> {
        let began = Instant::now();
        let text = serde_json::to_string(world)?;
        table.put("the world as text", megabytes(text.len()), "MB");
        let app = App::start(binary, &text).await?;
        process::rest(app.id).await?;
        table.put("from the file to the first page, synced", began.elapsed().as_secs_f64(), "s");
        table.put("resident before the first page", process::memory(app.id)?.now_megabytes(), "MB");
        let mut browser = Client::new([127, 0, 0, 1].into(), app.address);
        browser.patience = PATIENCE;
        let mut switches = Client::new([127, 0, 0, 1].into(), app.switches);
        switches.patience = PATIENCE;
        let page = ok(browser.get("/sign-in").await?, "the sign-in page")?;
        let person = value_beside(&page.body, "person", "owns commons")?.to_owned();
        leads(browser.post("/sign-in/demo", &[("person", &person)]).await?, "signing in")?;

        let page = ok(browser.get("/").await?, "home")?.body;
        let review = page
            .split("/shares/")
            .find(|rest| rest.get(32..).is_some_and(|rest| rest.starts_with("/review")));
        let review =
            review.and_then(|rest| rest.get(..32)).context("a share that waits for a review")?.to_owned();
        let page = ok(browser.get("/tailnets").await?, "the tailnets")?.body;
        let tailnet = after(&page, "href=\"/tailnets/0").map(|id| format!("0{id}")).context("a tailnet")?;
        let page = ok(browser.get("/directory").await?, "the directory")?.body;
        let service = after(&page, "href=\"/services/0").map(|id| format!("0{id}")).context("a service")?;
        let page = ok(browser.get(&format!("/tailnets/{tailnet}")).await?, "the tailnet")?.body;
        // The last on the page: the newest one waits for her.
        let share = page.rsplit("href=\"/shares/").next().and_then(|rest| rest.get(..32));
        let share = share.context("a share")?.to_owned();
        // Its machine: the host's text of one that is lent says something.
        let page = ok(browser.get(&format!("/shares/{share}")).await?, "the share")?.body;
        let node =
            after(&page, &format!("href=\"/tailnets/{tailnet}/nodes/")).context("a machine")?.to_owned();
        Ok(Self { app, browser, switches, tailnet, node, service, share, review })
    }
}

#[expect(clippy::cast_precision_loss, reason = "nobody has files of petabytes")]
pub fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1024.0 / 1024.0
}
