//! How many directory pages there are in a second, beside a bare handler that answers with the same bytes.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use load::wire::{Client, ok};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::bare::{Bare, Own};
use crate::rendering;
use crate::table::Table;
use crate::visitor::{Visitor, megabytes};

const CONNECTIONS: u8 = 16;
const PATH: &str = "/directory";

pub async fn measure(visitor: &mut Visitor, long: Duration, table: &mut Table) -> anyhow::Result<()> {
    let page = ok(visitor.browser.get(PATH).await?, "the directory")?.body;
    let bare = Bare::start(&page).await?;
    let plain = Client::new(Ipv4Addr::LOCALHOST.into(), bare.process.address);
    // One before and one after, so that what else the machine does is in neither alone.
    let first = per_second(&plain, long / 2).await?;
    let pages = per_second(&visitor.browser, long).await?;
    let second = per_second(&plain, long / 2).await?;
    let bare = f64::midpoint(first, second);
    table.put("directory, signed in, 16 connections", pages, "/s");
    table.put("a bare handler with the same bytes", bare, "/s");
    table.put("directory, of the bare handler", pages / bare, "");
    rendered(pages, long, table).await
}

/// What rendering alone gives, beside a bare handler of its bytes and beside what the app gives.
async fn rendered(pages: f64, long: Duration, table: &mut Table) -> anyhow::Result<()> {
    let own = Own::start([rendering::WORD.as_ref()]).await?;
    let mut alone = Client::new(Ipv4Addr::LOCALHOST.into(), own.address);
    let page = ok(alone.get(PATH).await?, "the rendered directory")?.body;
    let bare = Bare::start(&page).await?;
    let plain = Client::new(Ipv4Addr::LOCALHOST.into(), bare.process.address);
    let rendered = per_second(&alone, long).await?;
    table.put("directory, rendered from values in memory", rendered, "/s");
    table.put("directory, rendered from values in memory, size", megabytes(page.len()) * 1024.0, "KB");
    table.put("rendering alone, of its bare handler", rendered / per_second(&plain, long / 2).await?, "");
    table.put("directory, of rendering alone", pages / rendered, "");
    Ok(())
}

/// Answers in a second, on so many connections that are kept.
async fn per_second(like: &Client, long: Duration) -> anyhow::Result<f64> {
    let until = Instant::now() + long;
    let began = Instant::now();
    let mut all = JoinSet::new();
    for number in 1..=CONNECTIONS {
        let mut browser = like.beside(IpAddr::from([127, 0, 1, number]));
        all.spawn(async move {
            let mut count = 0_u32;
            while Instant::now() < until {
                let arrival = browser.watch(PATH).await?;
                anyhow::ensure!(arrival.status == 200, "{PATH}: {}", arrival.status);
                count += 1;
            }
            Ok(count)
        });
    }
    let mut count = 0;
    while let Some(done) = all.join_next().await {
        count += done??;
    }
    Ok(f64::from(count) / began.elapsed().as_secs_f64())
}
