//! What commands print: answers for programs to stdout, words for people to stderr.

use std::fmt::Display;
use std::io::{self, BufWriter, ErrorKind, IsTerminal as _, Write as _};

use serde::Serialize;

/// Prints an answer. Whoever stops reading has read enough: a broken pipe is no error.
///
/// # Errors
/// When it cannot be written.
pub fn print(answer: impl AsRef<[u8]>) -> io::Result<()> {
    let mut out = io::stdout().lock();
    unless_broken(out.write_all(answer.as_ref()).and_then(|()| out.flush()))
}

/// Prints an answer as JSON: on one line, but not to a terminal.
///
/// # Errors
/// As [`print`].
pub fn print_json(answer: &impl Serialize) -> io::Result<()> {
    let terminal = io::stdout().is_terminal();
    let mut out = BufWriter::new(io::stdout().lock());
    let written = if terminal {
        serde_json::to_writer_pretty(&mut out, answer)
    } else {
        serde_json::to_writer(&mut out, answer)
    };
    let written = written.map_err(io::Error::from).and_then(|()| out.write_all(b"\n"));
    let done = unless_broken(written.and_then(|()| out.flush()));
    // What could not be written would be tried again.
    drop(out.into_parts());
    done
}

fn unless_broken(done: io::Result<()>) -> io::Result<()> {
    done.or_else(|error| if error.kind() == ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })
}

/// Says a line to people; nobody has to listen.
pub fn say(words: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{words}");
}

/// Colours, on a terminal only and not where `NO_COLOR` is set.
#[derive(Clone, Copy, Debug)]
pub struct Paint(bool);

impl Paint {
    pub fn stdout() -> Self {
        Self(io::stdout().is_terminal() && wanted())
    }

    pub fn stderr() -> Self {
        Self(io::stderr().is_terminal() && wanted())
    }

    #[cfg(test)]
    pub fn never() -> Self {
        Self(false)
    }

    pub fn red(self, text: &str) -> String {
        self.with("1;31", text)
    }

    pub fn green(self, text: &str) -> String {
        self.with("32", text)
    }

    pub fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    pub fn dim(self, text: &str) -> String {
        self.with("2", text)
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.0 { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

fn wanted() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// The last words of a command that says no.
pub fn error(reason: impl Display) {
    say(format_args!("{} {reason}", Paint::stderr().red("error:")));
}
