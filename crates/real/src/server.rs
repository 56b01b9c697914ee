use std::fmt;

/// Where a Headscale has its policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// In its database: written over its API.
    Database,
    /// In a file, which its owner edits and has loaded.
    File,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Database => "database",
            Self::File => "file",
        })
    }
}

/// A Headscale, with what its owner does at its own machine.
pub trait Server {
    fn mode(&self) -> Mode;
    /// Where the app reaches it, and clients log in.
    fn url(&self) -> String;
    fn api_key(&self) -> String;
    /// A file of authorities whose certificates are believed there, besides the public ones.
    fn ca_file(&self) -> Option<String>;
    /// The policy as it is stored or stands in the file, byte for byte.
    ///
    /// # Errors
    /// When it cannot be read.
    fn policy(&self) -> anyhow::Result<String>;
    /// In file mode: puts this text into the file and has the server load it.
    ///
    /// # Errors
    /// When that cannot be done.
    fn put_by_hand(&self, text: &str) -> anyhow::Result<()>;
}
