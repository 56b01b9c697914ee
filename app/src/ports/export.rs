//! Files that are made while they are sent.

use async_trait::async_trait;

use crate::fault::Fault;

/// What a file is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Json,
    /// A table for a spreadsheet, with a header.
    Csv,
}

/// A file that is made while it is sent.
#[async_trait]
pub trait Export: std::fmt::Debug + Send {
    /// The next part; nothing behind the last one.
    async fn next(&mut self) -> Result<Option<String>, Fault>;
}
