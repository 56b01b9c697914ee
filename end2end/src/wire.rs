use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use playwright_rs::{Browser, GotoOptions, WaitUntil};
use serde_json::Value;

use crate::{App, Script};

/// What a first visit costs: bytes on the wire, headers included, by resource.
#[derive(Debug, Default)]
pub struct Visit {
    pub resources: BTreeMap<String, u64>,
}

impl Visit {
    pub fn total(&self) -> u64 {
        self.resources.values().sum()
    }
}

/// Opens a page in a context that has seen nothing, signed in by the cookies given, and counts what the browser
/// received.
///
/// # Errors
/// When the page cannot be opened.
pub async fn measure(
    browser: &Browser,
    app: &App,
    script: Script,
    state: Option<playwright_rs::protocol::StorageState>,
    path: &str,
) -> anyhow::Result<Visit> {
    let mut options =
        playwright_rs::protocol::BrowserContextOptions::builder().javascript_enabled(script == Script::On);
    if let Some(state) = state {
        options = options.storage_state(state);
    }
    let context = browser.new_context_with_options(options.build()).await?;
    let page = context.new_page().await?;
    let session = context.new_cdp_session(&page).await?;
    let seen = Arc::new(Mutex::new((BTreeMap::new(), Visit::default())));

    let requests = seen.clone();
    session.on("Network.requestWillBeSent", move |event: Value| {
        let (id, url) = (text(&event["requestId"]), text(&event["request"]["url"]));
        requests.lock().unwrap_or_else(PoisonError::into_inner).0.insert(id, url);
        async { Ok(()) }
    });
    let finished = seen.clone();
    session.on("Network.loadingFinished", move |event: Value| {
        let mut seen = finished.lock().unwrap_or_else(PoisonError::into_inner);
        let url = seen.0.get(&text(&event["requestId"])).cloned().unwrap_or_default();
        // A whole number of bytes that DevTools sends as a float.
        let bytes = event["encodedDataLength"]
            .as_f64()
            .map_or(0, |bytes| bytes.round().to_string().parse().unwrap_or(0));
        *seen.1.resources.entry(url).or_default() += bytes;
        async { Ok(()) }
    });
    session.send("Network.enable", None).await?;
    let options = GotoOptions::new().wait_until(WaitUntil::NetworkIdle);
    page.goto(&format!("{}{path}", app.url), Some(options)).await?;
    context.close().await?;
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(std::mem::take(&mut seen.1))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
