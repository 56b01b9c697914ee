use std::collections::{BTreeSet, VecDeque};

use end2end::{App, Visitor, journey};
use playwright_rs::Browser;

use crate::look::Look;

#[test]
fn every_page_that_a_link_leads_to_is_accessible_and_silent() -> anyhow::Result<()> {
    journey(|browser| async move { visit(&browser, Look::Desk).await })
}

#[test]
fn every_page_is_accessible_and_fits_on_a_phone_in_the_dark() -> anyhow::Result<()> {
    journey(|browser| async move { visit(&browser, Look::DarkPhone).await })
}

async fn visit(browser: &Browser, look: Look) -> anyhow::Result<()> {
    let app = App::demo([] as [&str; 0]).await?;
    let mut alike = BTreeSet::new();
    let stranger = look.arrive(browser, &app).await?;
    walk(&stranger, look, &mut alike).await?;
    stranger.leave().await?;

    for person in 0.. {
        let visitor = look.arrive(browser, &app).await?;
        if !visitor.sign_in_as_seeded(person).await? {
            anyhow::ensure!(person > 1, "the demo has people");
            return visitor.leave().await;
        }
        walk(&visitor, look, &mut alike).await?;
        visitor.leave().await?;
    }
    Ok(())
}

/// Opens every page that links lead to; of pages that differ in ids only, two. Pages of the help are alike for everybody:
/// those that were opened are left out.
async fn walk(visitor: &Visitor, look: Look, alike: &mut BTreeSet<String>) -> anyhow::Result<()> {
    let mut seen = BTreeSet::new();
    let mut waiting = VecDeque::from(["/".to_owned()]);
    let mut kinds: Vec<String> = Vec::new();
    while let Some(path) = waiting.pop_front() {
        let kind = path
            .split(['?', '#'])
            .next()
            .unwrap_or_default()
            .split('/')
            .map(shape)
            .collect::<Vec<_>>()
            .join("/");
        if !seen.insert(path.clone()) || kinds.iter().filter(|known| **known == kind).count() >= 2 {
            continue;
        }
        kinds.push(kind);
        if path.starts_with("/help") && !alike.insert(path.clone()) {
            continue;
        }
        visitor.open(&path).await?;
        look.at(visitor).await?;
        let links: Vec<String> = visitor
            .page
            .evaluate(
                "() => [...document.querySelectorAll('a[href]:not([download])')]
                    .filter(a => a.origin === location.origin).map(a => a.pathname + a.search)",
                None::<&()>,
            )
            .await?;
        waiting.extend(links);
    }
    Ok(())
}

/// An id is like any other id.
fn shape(part: &str) -> &str {
    if part.len() >= 20 { "ID" } else { part }
}
