use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use playwright_rs::protocol::{AriaRole, BrowserContextOptions, GetByRoleOptions, StorageState, Viewport};
use playwright_rs::{Browser, BrowserContext, Locator, Page, expect, expect_page};
use regex::Regex;

use crate::{App, Keyboard, axe, thumbs};

/// Between two reloads, and until waiting for others is given up.
const GLANCE: Duration = Duration::from_millis(500);
const PATIENCE: Duration = Duration::from_secs(30);

/// Whether pages may run script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    On,
    Off,
}

/// A person at a browser of their own: no cookie is shared with anybody.
pub struct Visitor {
    pub page: Page,
    context: BrowserContext,
    url: String,
    script: Script,
    clicks: AtomicUsize,
    noise: Arc<Mutex<Vec<String>>>,
}

impl Visitor {
    /// # Errors
    /// When the browser does not open a context.
    pub async fn arrive(browser: &Browser, app: &App, script: Script) -> anyhow::Result<Self> {
        let options = BrowserContextOptions::builder().base_url(app.url.clone()).locale("en-GB".into());
        Self::arrive_with(browser, app, script, options).await
    }

    /// With other options, as for a phone or a dark room.
    ///
    /// # Errors
    /// As [`Visitor::arrive`].
    pub async fn arrive_with(
        browser: &Browser,
        app: &App,
        script: Script,
        options: playwright_rs::protocol::BrowserContextOptionsBuilder,
    ) -> anyhow::Result<Self> {
        let options = options.javascript_enabled(script == Script::On).build();
        let context = browser.new_context_with_options(options).await?;
        let noise = Arc::new(Mutex::new(Vec::new()));
        let (heard, ours) = (noise.clone(), app.url.clone());
        context
            .on_console(move |message| {
                // What an identity provider's pages say is theirs, and that a page answers 403 is no noise.
                let place = message.location();
                let page = message.page().map(Page::url).unwrap_or_default();
                if page.starts_with(&ours) && place.url != page {
                    let line = format!("{}: {} ({})", message.type_(), message.text(), place.url);
                    heard.lock().unwrap_or_else(PoisonError::into_inner).push(line);
                }
                async { Ok(()) }
            })
            .await?;
        let heard = noise.clone();
        context
            .on_weberror(move |error| {
                let line = format!("uncaught: {error:?}");
                heard.lock().unwrap_or_else(PoisonError::into_inner).push(line);
                async { Ok(()) }
            })
            .await?;
        let page = context.new_page().await?;
        Ok(Self { page, context, url: app.url.clone(), script, clicks: AtomicUsize::new(0), noise })
    }

    /// # Errors
    /// When the page does not answer 200.
    pub async fn open(&self, path: &str) -> anyhow::Result<()> {
        let status = self.status_of(path).await?;
        if status != 200 {
            bail!("`{path}` answers {status}");
        }
        Ok(())
    }

    /// Opens a page and answers with its status.
    ///
    /// # Errors
    /// When nothing answers.
    pub async fn status_of(&self, path: &str) -> anyhow::Result<u16> {
        let address = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.url) };
        let response = self.page.goto(&address, None).await.with_context(|| format!("opening `{path}`"))?;
        Ok(response.with_context(|| format!("`{path}` answers nothing"))?.status())
    }

    /// Where the page is, without the origin.
    pub fn path(&self) -> String {
        let url = self.page.url();
        url.strip_prefix(&self.url).map_or(url.clone(), ToOwned::to_owned)
    }

    pub fn button(&self, name: &str) -> Locator {
        self.role(AriaRole::Button, name)
    }

    pub fn link(&self, name: &str) -> Locator {
        self.role(AriaRole::Link, name)
    }

    pub fn heading(&self, name: &str) -> Locator {
        self.role(AriaRole::Heading, name)
    }

    pub fn field(&self, label: &str) -> Locator {
        self.page.get_by_label(label, false)
    }

    fn role(&self, role: AriaRole, name: &str) -> Locator {
        self.page.get_by_role(role, Some(GetByRoleOptions::default().name(name))).first()
    }

    /// How often they pressed or followed something.
    pub fn clicks(&self) -> usize {
        self.clicks.load(Ordering::Relaxed)
    }

    /// # Errors
    /// When there is no such button.
    pub async fn press(&self, button: &str) -> anyhow::Result<()> {
        let what = || format!("pressing `{button}` on `{}`", self.path());
        self.clicks.fetch_add(1, Ordering::Relaxed);
        self.button(button).click(None).await.with_context(what)
    }

    /// # Errors
    /// When there is no such link.
    pub async fn follow(&self, link: &str) -> anyhow::Result<()> {
        let what = || format!("following `{link}` on `{}`", self.path());
        self.clicks.fetch_add(1, Ordering::Relaxed);
        self.link(link).click(None).await.with_context(what)
    }

    /// # Errors
    /// When there is no such field.
    pub async fn fill(&self, label: &str, text: &str) -> anyhow::Result<()> {
        let what = || format!("filling `{label}` on `{}`", self.path());
        self.field(label).first().fill(text, None).await.with_context(what)
    }

    /// # Errors
    /// When the page does not show it in time.
    pub async fn sees(&self, text: &str) -> anyhow::Result<()> {
        let found = self.page.get_by_text(text, false).first();
        if expect(found).to_be_visible().await.is_ok() {
            return Ok(());
        }
        bail!("`{}` does not show `{text}`; it shows:\n{}", self.path(), self.text().await?)
    }

    /// As [`Visitor::sees`], for what others bring about: reloads until it is there.
    ///
    /// # Errors
    /// When it is not there after half a minute.
    pub async fn watches(&self, text: &str) -> anyhow::Result<()> {
        let shown =
            || expect(self.page.get_by_text(text, false).first()).with_timeout(GLANCE).to_be_visible();
        self.reload_until(shown, text).await
    }

    /// As [`Visitor::watches`], but the page has to show it by itself, as pages with script do.
    ///
    /// # Errors
    /// As [`Visitor::watches`].
    pub async fn is_told(&self, text: &str) -> anyhow::Result<()> {
        let shown = self.page.get_by_text(text, false).first();
        if expect(shown).with_timeout(PATIENCE).to_be_visible().await.is_ok() {
            return Ok(());
        }
        bail!("`{}` does not come to show `{text}`; it shows:\n{}", self.path(), self.text().await?)
    }

    /// On the page of a share: reloads until its state is this word.
    ///
    /// # Errors
    /// As [`Visitor::watches`].
    pub async fn watches_state(&self, word: &str) -> anyhow::Result<()> {
        let state = || self.page.locator("#live .state").first();
        self.reload_until(|| expect(state()).with_timeout(GLANCE).to_have_text(word), word).await
    }

    async fn reload_until<F>(&self, look: impl Fn() -> F, what: &str) -> anyhow::Result<()>
    where
        F: Future<Output = playwright_rs::Result<()>>,
    {
        let start = Instant::now();
        while look().await.is_err() {
            if start.elapsed() > PATIENCE {
                bail!("`{}` never shows `{what}`; it shows:\n{}", self.path(), self.text().await?);
            }
            // A page with script goes on by itself when it hears of something, and so may be leaving just now.
            let left = self.page.reload(None).await;
            let aborted = left.as_ref().is_err_and(|error| error.to_string().contains("ERR_ABORTED"));
            if !(aborted && self.script == Script::On) {
                left?;
            }
        }
        Ok(())
    }

    /// Back from elsewhere, on a page of the app.
    ///
    /// # Errors
    /// When that does not happen in time.
    pub async fn comes_home(&self) -> anyhow::Result<()> {
        self.arrives("").await
    }

    /// On a page whose path begins as the pattern (a regular expression) says.
    ///
    /// # Errors
    /// When that does not happen in time; with what the page says instead.
    pub async fn arrives(&self, path: &str) -> anyhow::Result<()> {
        let pattern = format!("^{}{path}", regex::escape(&self.url));
        if expect_page(&self.page).to_have_url_regex(&pattern).await.is_ok() {
            return Ok(());
        }
        bail!("expected to be on `{path}`, but `{}` shows:\n{}", self.page.url(), self.text().await?)
    }

    /// The first match of a pattern in what the page says.
    ///
    /// # Errors
    /// When there is none.
    pub async fn reads(&self, pattern: &str) -> anyhow::Result<String> {
        let text = self.text().await?;
        let found = Regex::new(pattern)?.find(&text).map(|found| found.as_str().to_owned());
        found.with_context(|| format!("nothing like `{pattern}` on `{}`; it shows:\n{text}", self.path()))
    }

    /// All that the page says.
    ///
    /// # Errors
    /// When the page is gone.
    pub async fn text(&self) -> anyhow::Result<String> {
        Ok(self.page.locator("body").inner_text().await?)
    }

    /// Runs axe on the page as it stands.
    ///
    /// # Errors
    /// When it finds something serious or critical.
    pub async fn check(&self) -> anyhow::Result<()> {
        // axe is script itself; what it would find without is what it finds with.
        if self.script == Script::On { axe::check(&self.page).await } else { Ok(()) }
    }

    /// The page is no wider than the window.
    ///
    /// # Errors
    /// When it is.
    pub async fn fits(&self) -> anyhow::Result<()> {
        let over = thumbs::over(&self.page).await?;
        anyhow::ensure!(over <= 0, "`{}` is {over} pixels wider than the window", self.path());
        Ok(())
    }

    /// For whoever uses nothing else.
    ///
    /// # Errors
    /// When the browser does not tell what a screen reader would read.
    pub async fn keyboard(&self) -> anyhow::Result<Keyboard> {
        let session = self.context.new_cdp_session(&self.page).await?;
        Ok(Keyboard::new(self.page.clone(), session))
    }

    /// Signs in as one of the people of the demo, counted as its page lists them. False: there are not so many.
    ///
    /// # Errors
    /// When the sign-in does not lead home.
    pub async fn sign_in_as_seeded(&self, number: usize) -> anyhow::Result<bool> {
        self.open("/sign-in").await?;
        let people = self.page.locator("form[action$='/sign-in/demo'] button");
        if number >= people.count().await? {
            return Ok(false);
        }
        people.nth(i32::try_from(number)?).click(None).await?;
        self.arrives("/$").await?;
        Ok(true)
    }

    /// What a new browser needs to be the same person.
    ///
    /// # Errors
    /// When the browser does not say.
    pub async fn cookies(&self) -> anyhow::Result<StorageState> {
        Ok(self.context.storage_state(None).await?)
    }

    /// # Errors
    /// When the console was not silent.
    pub async fn leave(self) -> anyhow::Result<()> {
        self.context.close().await?;
        let noise = self.noise.lock().unwrap_or_else(PoisonError::into_inner);
        if !noise.is_empty() {
            bail!("the console was not silent:\n{}", noise.join("\n"));
        }
        Ok(())
    }

    pub fn phone() -> Viewport {
        Viewport { width: 390, height: 844 }
    }
}
