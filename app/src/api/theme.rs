#![expect(clippy::unused_async, reason = "a server function is async even where nothing waits")]

use leptos::prelude::*;

use crate::fault::Fault;
use crate::request;

#[server(prefix = "/fn", endpoint = "theme")]
pub async fn theme(#[server(default)] theme: String, #[server(default)] back: String) -> Result<(), Fault> {
    request::set_theme(&theme);
    // Only a path of ours: `//host` and `/\host` lead elsewhere.
    let ours = back.starts_with('/') && !back[1..].starts_with(['/', '\\']);
    request::redirect(if ours { &back } else { "/" });
    Ok(())
}
