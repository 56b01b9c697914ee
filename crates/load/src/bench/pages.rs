//! Each page for one person who waits for it.

use crate::process;
use crate::table::Table;
use crate::visitor::{Visitor, megabytes};

/// How often each page is asked for; the middle one counts.
const TIMES: usize = 5;

pub async fn measure(visitor: &mut Visitor, table: &mut Table) -> anyhow::Result<()> {
    let Visitor { tailnet, node, service, share, review, .. } = &*visitor;
    let pages = [
        ("home", "/".to_owned()),
        ("directory", "/directory".into()),
        ("tailnets", "/tailnets".into()),
        ("a tailnet", format!("/tailnets/{tailnet}")),
        ("a machine", format!("/tailnets/{tailnet}/nodes/{node}")),
        ("its firewall", format!("/tailnets/{tailnet}/nodes/{node}/firewall")),
        ("stewards", format!("/tailnets/{tailnet}/stewards")),
        ("a new machine", format!("/tailnets/{tailnet}/nodes/new")),
        ("a service", format!("/services/{service}")),
        ("its form", format!("/services/{service}/edit")),
        ("a new offer", "/offers/new".into()),
        ("shares", "/shares".into()),
        ("a share", format!("/shares/{share}")),
        ("a review", format!("/shares/{review}/review")),
        ("people", "/people".into()),
        ("audit", "/audit".into()),
        ("account", "/account".into()),
        ("reach, again", format!("/tailnets/{tailnet}/reach")),
        ("the graph", format!("/tailnets/{tailnet}/reach/graph")),
        ("policy, again", format!("/tailnets/{tailnet}/policy")),
    ];
    for (name, path) in pages {
        let mut arrivals = Vec::new();
        for _ in 0..=TIMES {
            let arrival = visitor.browser.watch(&path).await?;
            let slow = arrival.whole.as_secs() >= 5;
            arrivals.push(arrival);
            // What is worked out once is measured elsewhere, so that the first visit does not count.
            if slow && arrivals.len() > 1 {
                break;
            }
        }
        arrivals.remove(0);
        arrivals.sort_by_key(|arrival| arrival.whole);
        let Some(middle) = arrivals.get(arrivals.len() / 2) else { continue };
        if middle.status != 200 {
            table.put(format!("page: {name}, status"), f64::from(middle.status), "");
        }
        table.put(format!("page: {name}"), middle.whole.as_secs_f64() * 1e3, "ms");
        table.put(format!("page: {name}, size"), megabytes(middle.bytes) * 1024.0, "KB");
    }
    Ok(())
}

/// Everything about reach as one file.
pub async fn export(visitor: &mut Visitor, table: &mut Table) -> anyhow::Result<()> {
    process::rest(visitor.app.id).await?;
    process::forget_peak(visitor.app.id)?;
    let before = process::memory(visitor.app.id)?;
    let arrival = visitor.browser.watch(&format!("/tailnets/{}/reach.csv", visitor.tailnet)).await?;
    let after = process::memory(visitor.app.id)?;
    table.put("reach.csv: status", f64::from(arrival.status), "");
    table.put("reach.csv: first byte", arrival.first.as_secs_f64() * 1e3, "ms");
    table.put("reach.csv: whole", arrival.whole.as_secs_f64() * 1e3, "ms");
    table.put("reach.csv: size", megabytes(arrival.bytes), "MB");
    let grown = f64::from(after.peak.saturating_sub(before.now)) / 1024.0;
    table.put("reach.csv: memory at its peak, more than before", grown, "MB");
    Ok(())
}
