//! Telling somebody something outside of the app: by mail, through an ntfy server, to a webhook. One try each; what becomes
//! of it is for whoever asked.

use std::time::Duration;

use model::{HeardAs, HeardKind, Timestamp};

mod address;
mod http;
pub mod mail;
pub mod ntfy;
pub mod webhook;

/// What somebody is told, whichever way it takes.
#[derive(Clone, Debug)]
pub struct Letter {
    /// The same at each try: receivers tell by it what they have already.
    pub id: String,
    pub kind: HeardKind,
    pub heard_as: HeardAs,
    /// When it came up.
    pub at: Timestamp,
    pub title: String,
    pub detail: Option<String>,
    /// What there is to do and where, the nearest first: whole addresses, which change nothing when they are opened.
    pub links: Vec<(String, String)>,
    /// Why they are told.
    pub why: String,
    /// Where no more of these is asked for, without signing in.
    pub unsubscribe: Option<String>,
}

/// Why somebody was not told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It is refused, and would be again.
    ForGood(String),
    /// It may go another time.
    Later(String),
    /// The same, and nothing is to come there for so long.
    NotBefore(String, Duration),
}

impl Failure {
    /// What was answered, in words.
    pub fn why(&self) -> &str {
        match self {
            Self::ForGood(why) | Self::Later(why) | Self::NotBefore(why, _) => why,
        }
    }
}
