//! One share from its offer to its end, as two people click through it, with pages in between.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::{Instant, sleep_until};

use crate::figures::Sample;
use crate::people::Pair;
use crate::planes::Planes;
use load::forms::{after, state, value};
use load::wire::{Answer, Client, leads, ok};

/// When somebody clicks, and what it took.
pub struct Steps {
    /// The next click is due.
    due: Instant,
    /// From one click to the next; none: as soon as the answer is there.
    gap: Option<Duration>,
    samples: UnboundedSender<Sample>,
}

/// From one look at a page that changes by itself to the next.
const LOOK: Duration = Duration::from_millis(500);
/// How often somebody looks before they give up.
const LOOKS: usize = 120;
/// How often somebody agrees to a plan that is new again.
const REVIEWS: usize = 10;

impl Steps {
    pub fn new(due: Instant, gap: Option<Duration>, samples: UnboundedSender<Sample>) -> Self {
        Self { due, gap, samples }
    }

    /// One click. Its time counts from when it was due, also when we are late ourselves.
    async fn click(
        &mut self,
        what: &'static str,
        browser: &mut Client,
        path: &str,
        form: Option<&[(&str, &str)]>,
    ) -> anyhow::Result<Answer> {
        if self.gap.is_none() {
            self.due = Instant::now();
        }
        sleep_until(self.due).await;
        let answer = match form {
            Some(form) => browser.post(path, form).await,
            None => browser.get(path).await,
        };
        let status = answer.as_ref().map_or(0, |answer| answer.status);
        let _ = self.samples.send(Sample { what, took: self.due.elapsed(), status });
        self.due += self.gap.unwrap_or_default();
        answer
    }

    async fn open(&mut self, what: &'static str, browser: &mut Client, path: &str) -> anyhow::Result<Answer> {
        let answer = self.click(what, browser, path, None).await?;
        ok(answer, path)
    }

    async fn post(
        &mut self,
        what: &'static str,
        browser: &mut Client,
        form: &[(&str, &str)],
    ) -> anyhow::Result<String> {
        let answer = self.click(what, browser, what, Some(form)).await?;
        leads(answer, what)
    }

    /// Looks at the page of a share until it says this; with `wait`, as long as it does not say that. What happened
    /// by itself meanwhile is no answer of ours: the next click is due from when it was seen.
    async fn watch(&mut self, browser: &mut Client, share: &str, words: &[&str]) -> anyhow::Result<Answer> {
        let path = format!("/shares/{share}");
        let mut last = String::new();
        for _ in 0..LOOKS {
            let page = self.open("/shares/{id}", browser, &path).await?;
            last = state(&page.body).with_context(|| format!("{path} has no state"))?;
            if words.contains(&last.as_str()) {
                self.due = Instant::now() + self.gap.unwrap_or_default();
                return Ok(page);
            }
            sleep_until(Instant::now() + LOOK).await;
            self.due = Instant::now();
        }
        bail!("share {share} is `{last}` and not {words:?}")
    }
}

/// # Errors
/// When something on the way is not as it should be.
pub async fn life(pair: &mut Pair, steps: &mut Steps, switches: SocketAddr) -> anyhow::Result<()> {
    let Pair { owner, friend, service, tailnet, by_hand } = pair;
    for person in [&mut *owner, &mut *friend] {
        let form = person.as_form().map(|(name, value)| (name, value.to_owned()));
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        steps.post("/sign-in/demo", &mut person.browser, &form).await?;
        steps.open("/", &mut person.browser, "/").await?;
    }
    let form =
        [("service", service.as_str()), ("to", "link"), ("until", "evening"), ("note", "Come and play.")];
    steps.open("/offers/new", &mut owner.browser, &format!("/offers/new?service={service}")).await?;
    let offer = steps.post("/fn/offers/create", &mut owner.browser, &form).await?;
    let page = steps.open("/offers/{id}", &mut owner.browser, &offer).await?;
    let token = after(&page.body, "/o/").context("the offer's link is shown once")?.to_owned();

    steps.open("/o/{token}", &mut friend.browser, &format!("/o/{token}")).await?;
    let form = [("token", token.as_str()), ("login", friend.login.as_str())];
    let to = steps.post("/fn/offers/accept", &mut friend.browser, &form).await?;
    let share = after(&to, "/shares/").context("an accepted offer is a share")?.to_owned();

    // Another share of the same machine may change the policy meanwhile: then the plan is new, and looked at again.
    let review = format!("/shares/{share}/review");
    let mut to = review.clone();
    for _ in 0..REVIEWS {
        let page = steps.open("/shares/{id}/review", &mut owner.browser, &review).await?;
        let plan = value(&page.body, "plan").context("a review has a plan")?.to_owned();
        let ways = ["apply", "narrow", "whole-node"];
        let offered = |way: &&&str| {
            page.body.contains(&format!("name=\"decision\" value=\"{way}\""))
                || page.body.contains(&format!("value=\"{way}\" name=\"decision\""))
        };
        let decision = ways.iter().find(offered).context("a review has a question")?;
        let form = [("share", share.as_str()), ("plan", plan.as_str()), ("decision", decision)];
        to = steps.post("/fn/shares/apply", &mut owner.browser, &form).await?;
        if !to.contains("/review") {
            break;
        }
    }
    anyhow::ensure!(!to.contains("/review"), "the plan changed {REVIEWS} times");
    anyhow::ensure!(to.contains(&share), "applying leads to {to}");

    if *by_hand {
        let page = steps.watch(&mut friend.browser, &share, &["waiting for the friend", "open"]).await?;
        if let Some(code) = after(&page.body, "/admin/invite/") {
            Planes::open_invite(switches, &friend.name, code).await?;
        }
    }
    steps.watch(&mut friend.browser, &share, &["open"]).await?;
    for (what, path) in [
        ("/services/{id}", format!("/services/{service}")),
        ("/shares", "/shares".to_owned()),
        ("/tailnets/{id}/reach", format!("/tailnets/{tailnet}/reach")),
        ("/audit", "/audit".to_owned()),
    ] {
        steps.open(what, &mut owner.browser, &path).await?;
    }
    for (what, path) in [("/directory", "/directory"), ("/account", "/account")] {
        steps.open(what, &mut friend.browser, path).await?;
    }
    let ends = if *by_hand { &mut friend.browser } else { &mut owner.browser };
    steps.open("/shares/{id}/end", ends, &format!("/shares/{share}/end")).await?;
    steps.post("/fn/shares/end", ends, &[("share", &share)]).await?;
    steps.watch(&mut owner.browser, &share, &["ended"]).await?;
    Ok(())
}
