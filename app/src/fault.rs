//! What went wrong, in words for the person at the page.

use std::fmt;

use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use model::Changed;
use serde::{Deserialize, Serialize};

/// Field name → what is wrong with it. The names are those of the form's inputs.
pub type FieldErrors = Vec<(String, String)>;

/// The outcome of a question that a page could not have answered. Rendered by its variant, never by text that
/// came in a URL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fault {
    /// Something typed was not accepted; nothing was changed.
    Invalid(FieldErrors),
    /// Nobody is signed in: the page sends them to sign in and back.
    SignedOut,
    /// They may know of it, but not do this.
    Forbidden,
    /// It does not exist, or they may not know that it does.
    NotFound,
    /// It changed meanwhile, or is no longer possible. The reason says what happened and what to do next.
    Conflict(Reason),
    /// Something that this depends on does not answer.
    Unavailable(Reason),
    /// What is stored about it makes no sense. The reference finds the log entry, which names the row.
    Damaged { reference: String },
    /// Our fault. The reference finds the log entry.
    Internal { reference: String },
}

/// What happened in a sentence, and what became of what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    pub what: String,
    pub changed: Changed,
}

impl Reason {
    /// Where the sentence itself tells what was changed, or nothing was asked to change.
    pub fn as_said(what: impl Into<String>) -> Self {
        Self { what: what.into(), changed: Changed::AsSaid }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.changed.after(&self.what))
    }
}

impl Fault {
    /// A conflict, and nothing was changed.
    pub fn conflict(what: impl Into<String>) -> Self {
        Self::Conflict(Reason { what: what.into(), changed: Changed::Nothing })
    }

    /// Something does not answer, and nothing was changed.
    pub fn unavailable(what: impl Into<String>) -> Self {
        Self::Unavailable(Reason { what: what.into(), changed: Changed::Nothing })
    }

    /// One wrong field.
    pub fn field(name: &str, error: impl fmt::Display) -> Self {
        Self::Invalid(vec![(name.to_owned(), error.to_string())])
    }

    /// The HTTP status that says the same.
    pub const fn status(&self) -> u16 {
        match self {
            Self::Invalid(_) => 422,
            Self::SignedOut => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Conflict(_) => 409,
            Self::Unavailable(_) => 503,
            Self::Damaged { .. } | Self::Internal { .. } => 500,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(fields) => {
                f.write_str("please check: ")?;
                for (i, (name, error)) in fields.iter().enumerate() {
                    write!(f, "{}{name}: {error}", if i > 0 { "; " } else { "" })?;
                }
                Ok(())
            }
            Self::SignedOut => f.write_str("please sign in first; nothing was changed"),
            Self::Forbidden => f.write_str("you may see this, but not do it; nothing was changed"),
            Self::NotFound => f.write_str("there is no such page, or it is not shown to you"),
            Self::Conflict(reason) | Self::Unavailable(reason) => reason.fmt(f),
            Self::Damaged { reference } => write!(
                f,
                "what is stored about this cannot be read, so nothing was opened and nothing was changed; the log has \
                 the place under {reference}"
            ),
            Self::Internal { reference } => {
                write!(f, "something broke on our side; the log has it under {reference}")
            }
        }
    }
}

impl std::error::Error for Fault {}

impl FromServerFnError for Fault {
    type Encoder = JsonEncoding;

    /// What goes wrong around a server function is about how it was called: our own forms do not do that.
    fn from_server_fn_error(value: ServerFnErrorErr) -> Self {
        match value {
            ServerFnErrorErr::Args(_)
            | ServerFnErrorErr::MissingArg(_)
            | ServerFnErrorErr::Deserialization(_) => Self::Invalid(Vec::new()),
            _ => Self::Unavailable(Reason::as_said(
                "The form could not be sent. Nothing was changed, please try again.",
            )),
        }
    }
}
