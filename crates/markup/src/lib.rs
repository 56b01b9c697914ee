//! For tests: a page as a browser reads it, and texts that try to be more than text.
//!
//! The parser is the one of a browser engine (html5ever, by `scraper`), so what closes a title, a text area or an
//! attribute here closes it there.

mod page;
mod texts;
mod times;

pub use page::{Form, Page};
pub use texts::{hostile, plain};
