//! The log: one line on stderr for each event, whatever the texts in it are.

use std::io::{self, Write};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// Begins to log; `ACEQUIA_LOG` says how much.
pub fn start() {
    let filter = std::env::var("ACEQUIA_LOG").unwrap_or_else(|_| "info".into());
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(OneLine(io::stderr))
        // No colours: what a terminal obeys is escaped, ours would be too.
        .with_ansi(false)
        .init();
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
        let text = String::from_utf8_lossy(event);
        let line = text.strip_suffix('\n').unwrap_or(&text);
        if line.contains(misleads) {
            let escaped: String = line
                .chars()
                .map(|c| if misleads(c) { c.escape_default().to_string() } else { c.into() })
                .collect();
            self.0.write_all(format!("{escaped}\n").as_bytes())?;
        } else {
            self.0.write_all(event)?;
        }
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
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
}
