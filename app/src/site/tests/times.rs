//! Times on pages are those of whoever reads.

use std::sync::Arc;

use markup::Page;

use super::pages::{all, with};
use super::sample::{Sample, now};
use super::{get, post};

/// Of the pages that there are, and as a stranger and an owner with nothing there see them.
#[tokio::test]
async fn every_time_on_every_page_is_in_the_zone_of_who_reads() {
    let make =
        |bare, stranger| Arc::new(Sample { bare, stranger, zone: "Asia/Kolkata", ..Sample::default() });
    let mut wrong = Vec::new();
    let mut times = 0;
    let more = [("/account", "", &[] as &[&str]), ("/sign-in", "", &[])];
    for (path, ..) in all().chain(more) {
        // What somebody asks comes back as they wrote it.
        if path.contains("day=2") || path.contains("from=2") {
            continue;
        }
        for (bare, stranger) in [(false, false), (true, false), (false, true)] {
            let html = get(&make(bare, stranger), &with(path)).await.html;
            times += html.matches("<time").count();
            let found = Page::parse(&html).foreign_times("UTC+5:30");
            wrong.extend(found.into_iter().map(|text| format!("{path}: {text}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(times > 100, "there are times: {times}");
}

#[tokio::test]
async fn each_page_says_in_which_zone_its_times_are_and_where_none_is_known_utc() {
    let footer = async |zone| get(&Arc::new(Sample { zone, ..Sample::default() }), "/shares").await.html;
    assert!(footer("America/St_Johns").await.contains("Times are in America/St_Johns (UTC-3:30)."));
    let utc = footer("").await;
    assert!(
        utc.contains("Times are in UTC.") && utc.contains("/account#zone"),
        "with the way to another one"
    );
    assert!(utc.contains(&format!("title=\"{}", &now().to_minutes()[..10])), "as everywhere");
}

#[tokio::test]
async fn a_name_that_is_no_zone_is_on_no_page() {
    let sample = Sample::new();
    let values = [("zone", "Mars/Olympus"), ("date", "2027-01-01T20:00"), ("until", "date")];
    let values = values.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    *sample.flash.lock().unwrap() =
        Some(crate::ports::flash::Message { form: "shares/until".into(), values, ..Default::default() });
    let html = get(&sample, &with("/shares/#07/time")).await.html;
    let page = Page::parse(&html);
    assert_eq!(page.value("date").as_deref(), Some("2027-01-01T20:00"), "what was typed comes back");
    assert_eq!(page.value("zone").as_deref(), Some("UTC"));
    assert!(!html.contains("Mars") && html.contains("Day and hour, in UTC"));
}

#[tokio::test]
async fn an_hour_that_comes_twice_or_never_is_said_with_what_is_meant() {
    let said = async |endpoint: &str, typed: &str| {
        let sample = Sample::new();
        let form = with(&format!("share=#07&until=date&date={typed}&zone=America%2FSt_Johns"));
        post(&sample, endpoint, &form).await;
        let message = sample.flash.lock().unwrap().take();
        message.and_then(|message| message.done).unwrap_or_default()
    };
    for endpoint in ["shares/until", "shares/longer", "offers/create"] {
        let twice = said(endpoint, "2026-11-01T01:30").await;
        assert!(twice.contains("comes twice") && twice.contains("2026-11-01 01:30 UTC-2:30."), "{twice}");
        let never = said(endpoint, "2027-03-14T02:30").await;
        assert!(never.contains("no such hour: 2027-03-14 03:30 UTC-2:30"), "{never}");
        assert!(!said(endpoint, "2027-03-14T20:00").await.contains("clocks"), "{endpoint}");
    }
}
