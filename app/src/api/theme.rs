#![expect(clippy::unused_async, reason = "a server function is async even where nothing waits")]

use leptos::prelude::*;

use crate::fault::Fault;
use crate::{paths, request};

#[server(prefix = "/fn", endpoint = "theme")]
pub async fn theme(#[server(default)] theme: String, #[server(default)] back: String) -> Result<(), Fault> {
    request::set_theme(&theme);
    request::redirect(if paths::is_ours(&back) { &back } else { "/" });
    Ok(())
}
