//! Why there is no firewall text for a machine.

use app::fault::{Fault, Reason};
use firewall::{HouseholdError, InputError};
use model::text::sentence;

use crate::failure::internal;
use crate::store::decode::Damaged;

/// Why there is no text.
#[derive(Debug, thiserror::Error)]
pub enum RevisionError {
    /// What is known of the machine makes none.
    #[error("no firewall text can be made for this machine: {0}")]
    Input(#[from] InputError),
    /// Nobody said whose it is, so it is not known whom it lets pass.
    #[error(
        "no firewall text can be made for this machine: nobody said whose it is. It has tags and belongs to no account of \
             the server; give it to somebody on the page of the network, under “Whose machines are whose”"
    )]
    Household(#[from] HouseholdError),
    /// What is stored of it cannot be read. A person is told so; the place is in the log.
    #[error("something that is stored for it cannot be read")]
    Damaged(#[from] Damaged),
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

impl From<RevisionError> for Fault {
    fn from(error: RevisionError) -> Self {
        match error {
            RevisionError::Input(_) | RevisionError::Household(_) => {
                Self::Conflict(Reason::as_said(sentence(&error.to_string())))
            }
            RevisionError::Damaged(damaged) => internal("make the firewall text", damaged),
            RevisionError::Store(error) => internal("make the firewall text", error),
        }
    }
}
