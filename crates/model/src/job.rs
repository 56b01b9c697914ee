//! Work that is queued.

use crate::words::words;

words! {
    /// What there is to do.
    JobKind, "kind of work":
    /// Read devices and users of a tailnet.
    Sync = "sync",
    /// Bring a share one way or the other to where its state wants it.
    Share = "share",
    /// Write one edit of a policy.
    Edit = "edit",
    /// Look whether a machine that is waited for has come.
    Joining = "joining",
    /// End what has to end of somebody who may no longer come in.
    ShutOut = "shut-out",
    /// Replace the API key of a Headscale by another one.
    Renewal = "renewal",
    /// Tell one person what is to be told to them.
    Tell = "tell",
}
