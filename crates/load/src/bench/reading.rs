//! What a sync costs, and the pages that work something out from what it read, asked for the first time.

use std::time::Duration;

use anyhow::Context as _;
use load::wire::{leads, ok};
use tokio::time::Instant;

use crate::process;
use crate::table::Table;
use crate::visitor::Visitor;

pub async fn measure(visitor: &mut Visitor, machines: usize, table: &mut Table) -> anyhow::Result<()> {
    ok(visitor.switches.send("DELETE", "/log", None).await?, "the log")?;
    // With what was read before: nothing has to be worked out anew.
    let (took, alone) = sync(visitor).await?;
    table.put("a sync", took.as_secs_f64(), "s");
    table.put("a sync, processor time with the simulator's", alone.as_secs_f64(), "s");
    let log = ok(visitor.switches.get("/log").await?, "the log")?.body;
    let calls = log.matches("\"operation\"").count();
    #[expect(clippy::cast_precision_loss, reason = "nobody has so many machines")]
    let per_machine = calls as f64 / machines as f64;
    table.put("a sync, calls per machine", per_machine, "");

    let reach = format!("/tailnets/{}/reach", visitor.tailnet);
    let policy = format!("/tailnets/{}/policy", visitor.tailnet);
    let before = process::memory(visitor.app.id)?;
    for (name, path) in [("reach", &reach), ("policy", &policy)] {
        change(visitor).await?;
        sync(visitor).await?;
        let arrival = visitor.browser.watch(path).await?;
        if arrival.status != 200 {
            table.put(format!("the first {name} page after a sync, status"), f64::from(arrival.status), "");
        }
        table.put(format!("the first {name} page after a sync"), arrival.whole.as_secs_f64() * 1e3, "ms");
    }
    change(visitor).await?;
    let began = process::spent(visitor.app.id)?;
    sync(visitor).await?;
    for path in [&reach, &policy] {
        visitor.browser.watch(path).await?;
    }
    process::rest(visitor.app.id).await?;
    let all = process::spent(visitor.app.id)?.saturating_sub(began);
    let worked_out = all.saturating_sub(alone).as_secs_f64();
    table.put("processor time for both pages, in the sync or after it", worked_out, "s");
    let after = process::memory(visitor.app.id)?;
    table.put("resident after these pages", after.now_megabytes(), "MB");
    let grown = f64::from(after.now) - f64::from(before.now);
    table.put("resident after these pages, more than before", grown / 1024.0, "MB");
    Ok(())
}

/// Asks for it and waits until nothing is done any more: how long that took, and the processor time of it.
async fn sync(visitor: &mut Visitor) -> anyhow::Result<(Duration, Duration)> {
    process::rest(visitor.app.id).await?;
    let (began, spent) = (Instant::now(), process::spent(visitor.app.id)?);
    let answer = visitor.browser.post("/fn/tailnets/sync", &[("tailnet", &visitor.tailnet)]).await?;
    leads(answer, "a sync")?;
    let done = process::rest(visitor.app.id).await?;
    Ok((done - began, process::spent(visitor.app.id)?.saturating_sub(spent)))
}

/// Somebody edits the policy: what was worked out before is worth nothing.
async fn change(visitor: &mut Visitor) -> anyhow::Result<()> {
    let path = "/tailnets/commons/policy";
    let text = ok(visitor.switches.get(path).await?, "the policy")?.body;
    let (head, rest) = text.split_once("\"grants\": [\n").context("a policy of the world")?;
    let text = format!(
        "{head}\"grants\": [\n\t\t{{\"src\": [\"group:team-00\"], \"dst\": [\"tag:router\"], \"ip\": [\"tcp:22\"]}},\n{rest}"
    );
    ok(visitor.switches.send("PUT", path, Some(("text/plain", &text))).await?, "an edit")?;
    Ok(())
}
