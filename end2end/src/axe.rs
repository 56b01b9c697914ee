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

/// Every rule of axe-core on the page as it stands; again when the page renews itself meanwhile.
///
/// # Errors
/// When something serious or critical is found: rule, elements, and what axe says about it.
pub async fn check(page: &Page) -> anyhow::Result<()> {
    let file = browser::modules().join("axe-core/axe.min.js");
    let axe = std::fs::read_to_string(&file).context("axe-core is missing: run `npm ci` in end2end")?;
    let violations = loop {
        match find(page, &axe).await {
            Ok(violations) => break violations,
            Err(error) if error.to_string().contains("Execution context was destroyed") => {}
            Err(error) => return Err(error.into()),
        }
        page.wait_for_load_state(None).await?;
    };
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

async fn find(page: &Page, axe: &str) -> playwright_rs::Result<Vec<Violation>> {
    page.evaluate_expression(axe).await?;
    // Of what is as it should be nothing is read, and nothing has to be gathered: a third of the time.
    let run = "async () => (await axe.run(document, { resultTypes: ['violations'] })).violations.map(v => ({
        id: v.id, impact: v.impact, help: v.help,
        nodes: v.nodes.map(n => `${n.target.join(' ')} | ${n.failureSummary}`),
    }))";
    page.evaluate(run, None::<&()>).await
}
