//! Selectors become sets: who each rule lets in, to what, on which ports.
//!
//! A [`ResolvedRule`] serves both the compiler, which needs each selector by itself, and questions about
//! reach, which need sets of nodes, of people and of addresses.

mod capability;
mod ip_sets;
mod names;
mod rule;
mod selection;
mod selector;

pub(crate) use capability::is_undocumented;
pub use names::{Names, People};
pub(crate) use names::{check_postures, is_synced};
pub use rule::{Resolved, ResolvedRule, Service, resolve};
pub use selection::{Destination, Selected, Selection, Sources, Target};
pub(crate) use selection::{check_domain, is_known, people_or_nodes};
pub use selector::{Autogroup, Selector};
pub(crate) use selector::{elsewhere, is_of_people_or_tag, is_one_service};
