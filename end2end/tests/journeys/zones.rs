//! What is typed as eight in the evening is eight in the evening there, over a change of clocks.

use anyhow::Context as _;
use end2end::{App, Script, Visitor, journey};
use playwright_rs::protocol::BrowserContextOptions;
use playwright_rs::{Browser, expect};

/// The last day before the next change of clocks of a browser, and its own.
const CHANGE: &str = "() => {
    const day = new Date();
    day.setHours(20, 0, 0, 0);
    const typed = () => new Date(day - day.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
    for (let before = null, past = 0; past < 400; past += 1) {
        day.setDate(day.getDate() + 1);
        if (before && past > 2 && before.offset !== day.getTimezoneOffset()) return [before.typed, typed()];
        before = { typed: typed(), offset: day.getTimezoneOffset() };
    }
    return [];
}";

#[test]
fn eight_in_the_evening_is_eight_in_the_evening_in_the_zone_of_the_browser() -> anyhow::Result<()> {
    journey(|browser| async move {
        let app = App::demo([] as [&str; 0]).await?;
        let newfoundland = somewhere(&browser, &app, Script::On, "America/St_Johns").await?;
        let days: Vec<String> = newfoundland.page.evaluate(CHANGE, None::<&()>).await?;
        assert_eq!(days.len(), 2, "the clocks change there: {days:?}");
        let mut offsets = Vec::new();
        for day in &days {
            offsets.push(offer(&newfoundland, day).await?);
        }
        offsets.sort();
        assert_eq!(offsets, ["UTC-2:30", "UTC-3:30"], "one before and one after the change");

        let india = somewhere(&browser, &app, Script::On, "Asia/Kolkata").await?;
        for day in &days {
            assert_eq!(offer(&india, day).await?, "UTC+5:30");
        }

        // Without script nobody says where that is, but for the person.
        let silent = somewhere(&browser, &app, Script::Off, "Asia/Kolkata").await?;
        assert_eq!(offer(&silent, &days[1]).await?, "UTC");
        silent.open("/account").await?;
        silent.fill("Times are in", "Asia/Kolkata").await?;
        silent.press("Save the time zone").await?;
        silent.sees("Times are in Asia/Kolkata (UTC+5:30).").await?;
        assert_eq!(offer(&silent, &days[1]).await?, "UTC+5:30");
        // On each of their browsers, wherever that one is.
        newfoundland.open("/account").await?;
        newfoundland.sees("Times are in Asia/Kolkata (UTC+5:30).").await?;
        newfoundland.check().await?;
        for visitor in [newfoundland, india, silent] {
            visitor.leave().await?;
        }
        Ok(())
    })
}

/// The first of the people of the demo, at a browser that is set to this zone.
async fn somewhere(browser: &Browser, app: &App, script: Script, zone: &str) -> anyhow::Result<Visitor> {
    let options = BrowserContextOptions::builder()
        .base_url(app.url.clone())
        .locale("en-GB".into())
        .timezone_id(zone.into());
    let visitor = Visitor::arrive_with(browser, app, script, options).await?;
    visitor.open("/sign-in").await?;
    if script == Script::On {
        // Told by then.
        expect(visitor.page.locator("body[data-hydrated]")).to_be_visible().await?;
    }
    anyhow::ensure!(visitor.sign_in_as_seeded(0).await?, "there are people");
    Ok(visitor)
}

/// Offers something until then, and finds on the page of the offer that time as it was typed. With which offset?
async fn offer(visitor: &Visitor, typed: &str) -> anyhow::Result<String> {
    visitor.open("/offers/new").await?;
    visitor.page.locator("input[name='until'][value='date']").check(None).await?;
    visitor.page.locator("input[name='date']").fill(typed, None).await?;
    visitor.press("Make the offer").await?;
    visitor.arrives("/offers/[0-9a-f]").await?;
    let (day, clock) = typed.split_once('T').context("as a browser writes it")?;
    let written = format!("time[title^='{day} {clock} UTC']");
    let title = visitor.page.locator(&written).first().get_attribute("title").await?;
    let title = title.with_context(|| format!("no {written}"))?;
    Ok(title.rsplit(' ').next().unwrap_or_default().to_owned())
}
