//! The log: one line on stderr for each event, whatever the texts in it are.

pub mod request;

use std::io::{self, Write};
use std::sync::OnceLock;

use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Registry, fmt, reload};

use crate::config::{Log, LogFormat};

/// How much is logged can be changed while it runs.
static FILTER: OnceLock<reload::Handle<EnvFilter, Registry>> = OnceLock::new();

/// Begins to log, once.
pub fn start(settings: &Log) {
    let (filter, handle) = reload::Layer::new(filter(settings));
    let _ = FILTER.set(handle);
    let registry = tracing_subscriber::registry().with(filter);
    match settings.format {
        // No colours: what a terminal obeys is escaped, ours would be too.
        LogFormat::Text => {
            registry.with(fmt::layer().with_ansi(false).with_writer(OneLine(io::stderr))).init();
        }
        LogFormat::Json => {
            let lines = fmt::layer().json().flatten_event(true).with_current_span(false);
            registry.with(lines.with_writer(OneJson(io::stderr))).init();
        }
    }
}

/// Logs as much as these settings say from now on; the form stays.
///
/// # Errors
/// When nothing is logged.
pub fn renew(settings: &Log) -> Result<(), reload::Error> {
    FILTER.get().map_or(Ok(()), |handle| handle.reload(filter(settings)))
}

/// `ACEQUIA_LOG` goes over the settings.
fn filter(settings: &Log) -> EnvFilter {
    EnvFilter::new(std::env::var("ACEQUIA_LOG").unwrap_or_else(|_| settings.level.clone()))
}

/// Escapes what would end a line, change how it reads, or move about in a terminal: words of a provider or a control
/// plane must not look like an entry of ours. (`tracing-subscriber` escapes some of it, in messages but not in fields.)
#[derive(Clone, Copy, Debug)]
pub struct OneLine<W>(pub W);

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for OneLine<M> {
    type Writer = OneLine<M::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        OneLine(self.0.make_writer())
    }
}

impl<W: Write> Write for OneLine<W> {
    /// `event` is a whole one: that is how it is written.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        write_line(&mut self.0, event, |c| c.escape_default().to_string())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// The same for JSON, in whose own way it is escaped: what stands in it stays what it was.
#[derive(Clone, Copy, Debug)]
pub struct OneJson<W>(pub W);

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for OneJson<M> {
    type Writer = OneJson<M::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        OneJson(self.0.make_writer())
    }
}

impl<W: Write> Write for OneJson<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        // All that misleads has four digits at most.
        write_line(&mut self.0, event, |c| format!("\\u{:04x}", u32::from(c)))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn write_line(to: &mut impl Write, event: &[u8], escape: impl Fn(char) -> String) -> io::Result<usize> {
    let text = String::from_utf8_lossy(event);
    let line = text.strip_suffix('\n').unwrap_or(&text);
    if line.contains(misleads) {
        let escaped: String = line.chars().map(|c| if misleads(c) { escape(c) } else { c.into() }).collect();
        to.write_all(format!("{escaped}\n").as_bytes())?;
    } else {
        to.write_all(event)?;
    }
    Ok(event.len())
}

/// Controls, line breaks of any kind, and marks that turn the reading direction.
fn misleads(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn whatever_is_logged_is_one_line_that_reads_from_left_to_right() {
        let kept = Kept::default();
        let writer = kept.clone();
        let log =
            tracing_subscriber::fmt().with_ansi(false).with_writer(OneLine(move || writer.clone())).finish();
        let hostile = "no\n2026-01-01T00:00:00Z  INFO signed in\r\u{2028}x\u{85}\u{202e}y\u{1b}[2Jz";
        tracing::subscriber::with_default(log, || {
            tracing::warn!("the provider said {hostile}");
            tracing::warn!(field = %hostile, "in a field");
            tracing::info_span!("request", path = hostile).in_scope(|| tracing::warn!("plain words: ñ"));
        });
        let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(text.contains(r"the provider said no\n2026-01-01"), "{text}");
        assert!(text.ends_with("plain words: ñ\n"), "{text}");
        assert!(!text.contains(|c| misleads(c) && c != '\n'), "{text:?}");
    }

    #[test]
    fn in_json_every_event_is_one_object_with_the_texts_as_they_were() {
        let kept = Kept::default();
        let writer = kept.clone();
        let lines = fmt::layer().json().flatten_event(true).with_current_span(false);
        let log = tracing_subscriber::registry().with(lines.with_writer(OneJson(move || writer.clone())));
        let hostile = "no\n{\"level\":\"ERROR\"}\r\u{2028}x\u{85}\u{202e}y\u{1b}[2Jz\u{7f}";
        tracing::subscriber::with_default(log, || {
            tracing::info_span!("request", id = "7f", path = hostile).in_scope(|| {
                tracing::warn!(field = hostile, "the provider said {hostile}");
            });
        });
        let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(!text.contains(|c| misleads(c) && c != '\n'), "{text:?}");
        let event: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(event["message"], format!("the provider said {hostile}"));
        assert_eq!(event["level"], "WARN");
        assert_eq!(event["field"], hostile);
        assert_eq!(event["spans"][0]["id"], "7f");
        assert_eq!(event["spans"][0]["path"], hostile);
    }
}
