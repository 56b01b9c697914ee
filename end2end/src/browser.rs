use std::io::Write;
use std::path::Path;
use std::sync::LazyLock;

use playwright_rs::{Browser, LaunchOptions, Playwright};
use tokio::runtime::Runtime;
use tokio::sync::{OnceCell, Semaphore};

use crate::app;

/// One for all tests of a binary: the connection to the browser lives on the runtime that made it.
static RUNTIME: LazyLock<std::io::Result<Runtime>> = LazyLock::new(Runtime::new);
static BROWSER: OnceCell<(Playwright, Browser)> = OnceCell::const_new();
/// A journey is a browser, an app and a control plane at work: no more at a time than there are cores.
static PLACES: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(1, std::num::NonZero::get)));

/// Quiet, and without a word to the outside.
const SWITCHES: [&str; 6] = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// Runs a journey in the one browser of this test binary, or says in one line why it cannot.
///
/// # Errors
/// What the journey answers.
pub fn journey<F: Future<Output = anyhow::Result<()>>>(
    tell: impl FnOnce(Browser) -> F,
) -> anyhow::Result<()> {
    if let Some(reason) = missing() {
        // Not `eprintln!`: the test runner would keep it to itself.
        writeln!(std::io::stderr(), "skipped, no browser journey: {reason}")?;
        return Ok(());
    }
    let runtime = RUNTIME.as_ref().map_err(|error| anyhow::anyhow!("no runtime: {error}"))?;
    runtime.block_on(async {
        let _place = PLACES.acquire().await?;
        let (_, browser) = BROWSER.get_or_try_init(start).await?;
        tell(browser.clone()).await
    })
}

fn missing() -> Option<&'static str> {
    let on_path = |program: &str| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
    };
    if !on_path("chromium") {
        return Some("`chromium` is not installed");
    }
    if !on_path("node") {
        return Some("`node` is not installed");
    }
    if !modules().join("playwright-core").is_dir() {
        return Some("run `npm ci` in end2end");
    }
    (!app::binary().is_file()).then_some("the binary is not built: run `cargo xtask test`")
}

/// Where npm put the things that only journeys need.
pub fn modules() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("node_modules")
}

async fn start() -> anyhow::Result<(Playwright, Browser)> {
    let playwright = Playwright::launch().await?;
    let options = LaunchOptions::new()
        .headless(true)
        // Chromium refuses to run as root with its sandbox.
        .chromium_sandbox(false)
        .executable_path("/usr/bin/chromium".into())
        .args(SWITCHES.map(String::from).to_vec());
    let browser = playwright.chromium().launch_with_options(options).await?;
    Ok((playwright, browser))
}
