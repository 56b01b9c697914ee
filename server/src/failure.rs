//! From an error of ours to a fault that a person reads: logged once, with a reference.

use app::fault::{Fault, Reason};

use crate::log::request;
use crate::planes::OwnerShutOut;
use crate::store::decode::Damaged;
use crate::store::trouble::Trouble;

/// For jobs; pages have [`Fault::Damaged`].
pub const CANNOT_BE_READ: &str = "Something that is stored here for it cannot be read.";

/// Logs the error with everything beneath it and gives the person a reference to the log entry: the name of their request,
/// which its other lines have as well.
pub fn internal(operation: &str, error: impl Into<anyhow::Error>) -> Fault {
    let error = error.into();
    // Whoever acts for a tailnet whose owner is shut out reads why.
    if let Some(shut_out) = error.downcast_ref::<OwnerShutOut>() {
        return Fault::conflict(shut_out.to_string());
    }
    let reference = request::name().unwrap_or_else(made_up);
    tracing::error!(%reference, operation, "failed: {error:#}");
    match (Damaged::beneath(&error), Trouble::beneath(&error)) {
        (Some(_), _) => Fault::Damaged { reference },
        (None, Some(trouble)) => Fault::Unavailable(Reason::as_said(format!(
            "The database of this server is in trouble: {trouble}. Look whether this was done before you try again in a \
             minute; the log has it under {reference}."
        ))),
        (None, None) => Fault::Internal { reference },
    }
}

/// Where no request asked. Unique enough to find one line in a log.
fn made_up() -> String {
    #[expect(clippy::disallowed_methods, reason = "a name for one line of the log: nothing is decided by it")]
    let number = rand::random::<u32>();
    format!("{number:08x}")
}

/// For errors that are nobody's fault but ours: the store, a sealed text.
pub trait OrInternal<T> {
    /// `operation` names what was being done, as in "read the share".
    ///
    /// # Errors
    /// [`Fault::Internal`].
    fn or_internal(self, operation: &str) -> Result<T, Fault>;
}

impl<T, E: Into<anyhow::Error>> OrInternal<T> for Result<T, E> {
    fn or_internal(self, operation: &str) -> Result<T, Fault> {
        self.map_err(|error| internal(operation, error))
    }
}
