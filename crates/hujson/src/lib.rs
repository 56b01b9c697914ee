//! HuJSON: JSON with `//` and `/* */` comments and trailing commas, as the Tailscale policy file uses it.
//!
//! [`parse`] gives a [`Value`], a tree that keeps every byte: the white space and comments around each value
//! are part of it, and [`Value::pack`] writes the source back unchanged. The grammar, the error texts and the
//! results of the transformations are those of the Go library `tailscale/hujson`.
//!
//! ```
//! let source = "{\n\t// who may reach what\n\t\"grants\": [\"*\",],\n}\n";
//! let policy = hujson::parse_str(source)?;
//! assert_eq!(policy.pack_text(), source);
//!
//! let grant = policy.find("/grants/0").ok_or("no grant")?;
//! assert_eq!(grant.as_str().as_deref(), Some("*"));
//!
//! let lines = hujson::LineIndex::new(source.as_bytes());
//! assert_eq!(lines.position(grant.span().start).to_string(), "3:13");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Nothing here reads files, waits or panics, and all of it runs in the browser.

#![forbid(unsafe_code)]
#![warn(missing_docs)]
#![warn(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

pub mod edit;
mod error;
mod extra;
mod format;
mod json;
mod line_index;
mod literal;
mod number;
mod pack;
mod parse;
mod patch;
mod pointer;
mod quote;
mod standard;
mod value;

pub use error::{ParseError, Reason};
pub use json::ConvertError;
pub use line_index::{LineIndex, Position};
pub use literal::Literal;
pub use parse::{MAX_DEPTH, parse, parse_str};
pub use patch::{MAX_COPIED, OperationError, PatchError};
pub use pointer::{PointerError, escape_token};
pub use value::{Array, Kind, Member, Object, Span, Type, Value};

/// Runs the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
