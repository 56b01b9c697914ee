//! What people see: pages, forms and the questions that they ask. The answers are the server's.
//!
//! Pages are documents made on the server; only [`islands`] run in the browser. So the wasm build holds the
//! islands and nothing of the pages.

#[cfg(feature = "ssr")]
pub mod api;
pub mod browser;
pub mod fault;
pub mod islands;
pub mod paths;
pub mod ports;
pub mod request;
#[cfg(feature = "ssr")]
pub mod site;

#[cfg(feature = "ssr")]
pub use site::{App, shell};

#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    browser::tell_zone();
    leptos::mount::hydrate_islands();
}
