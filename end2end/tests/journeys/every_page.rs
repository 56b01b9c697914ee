use std::collections::{BTreeSet, VecDeque};

use end2end::{App, Script, Visitor, journey};

#[test]
fn every_page_that_a_link_leads_to_is_accessible_and_silent() -> anyhow::Result<()> {
    journey(|browser| async move {
        let app = App::demo([] as [&str; 0]).await?;
        let stranger = Visitor::arrive(&browser, &app, Script::On).await?;
        walk(&stranger, "/").await?;
        stranger.leave().await?;

        for person in 0.. {
            let visitor = Visitor::arrive(&browser, &app, Script::On).await?;
            if !visitor.sign_in_as_seeded(person).await? {
                anyhow::ensure!(person > 1, "the demo has people");
                return visitor.leave().await;
            }
            walk(&visitor, "/").await?;
            visitor.leave().await?;
        }
        Ok(())
    })
}

/// Opens every page that links lead to; of pages that differ in ids only, two.
async fn walk(visitor: &Visitor, from: &str) -> anyhow::Result<()> {
    let mut seen = BTreeSet::new();
    let mut waiting = VecDeque::from([from.to_owned()]);
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
        visitor.open(&path).await?;
        visitor.check().await?;
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
