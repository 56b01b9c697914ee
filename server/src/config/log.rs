//! What is logged, and in which form.

use std::str::FromStr as _;

use tracing_subscriber::filter::Targets;

use super::reader::Reader;

/// The log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// `error`, `warn`, `info`, `debug` or `trace`, or several with what they are for: `info,server::jobs=debug`.
    pub level: String,
    pub format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A line for people.
    Text,
    /// A JSON object on a line, for what collects logs.
    Json,
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".into(), format: Format::Text }
    }
}

pub(super) fn settings(reader: &mut Reader<'_>) -> Log {
    let default = Log::default();
    let level = reader.text("level").unwrap_or(default.level);
    if Targets::from_str(&level).is_err() {
        reader.problem(
            "level",
            format!("`{level}` is not understood; write it like info or info,server::jobs=debug"),
        );
    }
    let format = match reader.text("format").as_deref() {
        None | Some("text") => Format::Text,
        Some("json") => Format::Json,
        Some(other) => {
            reader.problem("format", format!("`{other}` is not known; there are `text` and `json`"));
            default.format
        }
    };
    Log { level, format }
}
