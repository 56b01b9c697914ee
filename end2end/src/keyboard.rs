//! A person who has no mouse and sees nothing: they press keys, and hear what has the focus.

use std::time::Duration;

use anyhow::{Context, bail, ensure};
use playwright_rs::protocol::{AriaRole, CDPSession, GetByRoleOptions};
use playwright_rs::{Locator, Page, expect};

use crate::aloud::{Aloud, Thing};

/// After so many presses anybody has given up.
const MOST: usize = 120;
/// Until waiting for others is given up.
const PATIENCE: Duration = Duration::from_secs(30);

/// It has no way to click, to fill or to look for an element. Locators are for waiting only; what is on the page is read in
/// the browser's accessibility tree.
pub struct Keyboard {
    page: Page,
    session: CDPSession,
}

impl Keyboard {
    pub(crate) fn new(page: Page, session: CDPSession) -> Self {
        Self { page, session }
    }

    /// As it is called: `Enter`, `Space`, `ArrowDown`, `Control+a`.
    ///
    /// # Errors
    /// When the browser has no such key.
    pub async fn press(&self, key: &str) -> anyhow::Result<()> {
        Ok(self.page.keyboard().press(key, None).await?)
    }

    /// Instead of what stands in the field.
    ///
    /// # Errors
    /// When the browser does not take it.
    pub async fn types(&self, text: &str) -> anyhow::Result<()> {
        self.press("Control+a").await?;
        Ok(self.page.keyboard().type_text(text, None).await?)
    }

    /// The page as it is read now.
    ///
    /// # Errors
    /// When the browser does not say.
    pub async fn aloud(&self) -> anyhow::Result<Aloud> {
        Aloud::of(&self.session).await
    }

    /// What has the focus.
    ///
    /// # Errors
    /// When nothing has.
    pub async fn focus(&self) -> anyhow::Result<Thing> {
        let aloud = self.aloud().await?;
        aloud.focus().cloned().with_context(|| format!("nothing has the focus on `{}`", self.page.url()))
    }

    /// Waits for the page with this heading; with what is said of it on arrival.
    ///
    /// # Errors
    /// When it does not come, has no title, or has another heading beside it.
    pub async fn arrives(&self, heading: &str) -> anyhow::Result<Aloud> {
        let options = GetByRoleOptions::default().name(heading).exact(true).level(1);
        self.waits(self.page.get_by_role(AriaRole::Heading, Some(options)), heading).await?;
        let aloud = self.aloud().await?;
        ensure!(!aloud.title().is_empty(), "`{}` has no title", self.page.url());
        ensure!(aloud.headings() == [heading], "one heading comes first: {:?}", aloud.headings());
        Ok(aloud)
    }

    /// Waits for a part of the page that is to be read.
    ///
    /// # Errors
    /// When it is not there, or only for those who see.
    pub async fn reads(&self, words: &str) -> anyhow::Result<()> {
        self.waits(self.page.get_by_text(words, false), words).await?;
        let reads = self.aloud().await?.whole();
        ensure!(reads.contains(words), "nobody hears “{words}” in:\n{reads}");
        Ok(())
    }

    /// Waits for a message that stands on the page as it comes.
    ///
    /// # Errors
    /// When no region of messages has it.
    pub async fn hears(&self, words: &str) -> anyhow::Result<()> {
        let message = self.page.get_by_role(AriaRole::Status, None).get_by_text(words, true);
        self.waits(message, words).await?;
        self.was_told(words).await
    }

    /// Waits for what is said of a page that goes on by itself, as pages with script do.
    ///
    /// # Errors
    /// As [`Keyboard::hears`].
    pub async fn is_told(&self, words: &str) -> anyhow::Result<()> {
        let said = expect(self.page.locator("#said")).with_timeout(PATIENCE).to_have_text(words).await;
        said.with_context(|| format!("`{}` does not say “{words}” by itself", self.page.url()))?;
        self.was_told(words).await
    }

    async fn was_told(&self, words: &str) -> anyhow::Result<()> {
        let told = self.aloud().await?.told();
        ensure!(told.iter().any(|told| told == words), "not “{words}” was said, but {told:?}");
        Ok(())
    }

    /// Waits for the page to put the focus there by itself.
    ///
    /// # Errors
    /// When it does not.
    pub async fn is_at(&self, role: &str, name: &str) -> anyhow::Result<Thing> {
        let called = if name.is_empty() { String::new() } else { format!("[name={name:?}]") };
        let there = self.page.locator(format!("role={role}{called}"));
        self.waits(there.and_(&self.page.locator(":focus")), name).await?;
        let focus = self.focus().await?;
        ensure!(focus.is(role, name), "the focus is at {focus} instead of {role} “{name}”");
        Ok(focus)
    }

    /// The same on a page of somebody else: whether a browser does what such a page asks for in its first moments is
    /// nothing to rely on.
    ///
    /// # Errors
    /// When it is not there either by going there.
    pub async fn comes_to(&self, role: &str, name: &str) -> anyhow::Result<()> {
        if self.is_at(role, name).await.is_err() {
            self.to(role, name).await?;
        }
        Ok(())
    }

    async fn waits(&self, what: Locator, words: &str) -> anyhow::Result<()> {
        if expect(what.first()).to_be_visible().await.is_ok() {
            return Ok(());
        }
        let aloud = self.aloud().await?;
        let (url, focus) = (self.page.url(), aloud.focus().map(ToString::to_string));
        bail!(
            "`{url}` does not come to “{words}”; the focus is at {focus:?}, and it reads:\n{}",
            aloud.whole()
        )
    }

    /// Presses Tab once.
    ///
    /// # Errors
    /// When the focus stays, goes back or away, or comes to something that has no name.
    pub async fn next(&self) -> anyhow::Result<Thing> {
        let before = self.aloud().await?;
        let now = self.step(&before).await?;
        now.focus().cloned().context("nothing has the focus")
    }

    async fn step(&self, before: &Aloud) -> anyhow::Result<Aloud> {
        self.press("Tab").await?;
        let now = self.aloud().await?;
        // A browser without a window around it has nothing there before the page begins anew.
        let Some(thing) = now.focus() else { bail!("the page is at its end") };
        if let Some(last) = before.focus() {
            // The page may have become another one meanwhile: both as it is now.
            match (now.place(last), now.place(thing)) {
                (Some(old), Some(new)) if old == new => bail!("a trap: Tab does not lead on from {thing}"),
                (Some(old), Some(new)) if old > new => bail!("from {last} the focus goes back to {thing}"),
                _ => {}
            }
        }
        ensure!(
            !thing.name.is_empty(),
            "it comes to a {} without a name, after {:?}",
            thing.role,
            before.focus()
        );
        ensure!(thing.role != "generic", "it comes to {thing}, of which nobody knows what it is");
        Ok(now)
    }

    /// Presses Tab until this has the focus, from where the focus is. On the way everything has a name and comes in the order
    /// of reading, and links of the page are told apart by what they are called.
    ///
    /// # Errors
    /// When it is not met before the page ends, with everything that is.
    pub async fn to(&self, role: &str, name: &str) -> anyhow::Result<Thing> {
        let mut now = self.aloud().await?;
        now.tells_links_apart().with_context(|| format!("on `{}`", self.page.url()))?;
        let mut met: Vec<String> = Vec::new();
        loop {
            if let Some(thing) = now.focus() {
                if thing.is(role, name) {
                    return Ok(thing.clone());
                }
                met.push(thing.to_string());
            }
            let far = || {
                let (url, met) = (self.page.url(), met.join("\n    "));
                format!("looking for {role} “{name}” on `{url}`; one meets:\n    {met}")
            };
            ensure!(met.len() < MOST, "{}", far());
            now = self.step(&now).await.with_context(far)?;
        }
    }

    /// Goes there and presses Enter.
    ///
    /// # Errors
    /// As [`Keyboard::to`].
    pub async fn enter(&self, role: &str, name: &str) -> anyhow::Result<()> {
        self.to(role, name).await?;
        self.press("Enter").await
    }
}
