use anyhow::{Context, bail};
use playwright_rs::Page;
use serde::Deserialize;

use crate::browser;

#[derive(Deserialize)]
struct Violation {
    id: String,
    impact: Option<String>,
    help: String,
    nodes: Vec<String>,
}

/// Every rule of axe-core on the page as it stands.
///
/// # Errors
/// When something serious or critical is found: rule, elements, and what axe says about it.
pub async fn check(page: &Page) -> anyhow::Result<()> {
    let file = browser::modules().join("axe-core/axe.min.js");
    let axe = std::fs::read_to_string(&file).context("axe-core is missing: run `npm ci` in end2end")?;
    page.evaluate_expression(&axe).await?;
    let violations: Vec<Violation> = page
        .evaluate(
            "async () => (await axe.run(document)).violations.map(v => ({
                id: v.id, impact: v.impact, help: v.help,
                nodes: v.nodes.map(n => `${n.target.join(' ')} | ${n.failureSummary}`),
            }))",
            None::<&()>,
        )
        .await?;
    let grave: Vec<String> = violations
        .into_iter()
        .filter(|found| matches!(found.impact.as_deref(), Some("serious" | "critical")))
        .map(|found| format!("{}: {}\n    {}", found.id, found.help, found.nodes.join("\n    ")))
        .collect();
    if !grave.is_empty() {
        bail!("axe on `{}`:\n{}", page.url(), grave.join("\n"));
    }
    Ok(())
}
