//! Host firewall snippets: one node with its shares becomes the text of one backend.
//!
//! Next to a running tailscaled most host firewall text is a placebo: its chain `ts-input` accepts everything
//! from the tailnet interface first. So every snippet has two parts: *open*, written in the host's own firewall
//! and needed only where that would drop, and *guard*, a drop where `ts-input` cannot pre-empt it. The facts
//! behind each form were measured with real packets; `tests/it/namespaces.rs` measures them again.
//!
//! Pure: no IO, no clock, the same input gives the same bytes. Nothing a person typed reaches a rule: addresses,
//! ports, times and the interface are parsed, names appear in comments only, reduced to a safe alphabet.

#![cfg_attr(doctest, doc = include_str!("../README.md"))]
#![forbid(unsafe_code)]
#![warn(missing_docs)]
#![warn(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

mod address;
mod autoconnect;
mod backend;
mod bootstrap;
mod changes;
mod filter;
mod firewalld;
mod guard;
mod households;
mod input;
mod interface;
mod iptables;
mod label;
mod live;
mod nftables;
mod nixos;
mod opening;
mod own;
mod pull;
mod share;
mod snippet;
mod status;
mod ufw;
mod windows;

pub use address::{AddressError, TailnetAddress};
pub use autoconnect::{Flaw, flaws_in_module};
pub use backend::{Backend, BackendError, remove, render};
pub use bootstrap::{Bootstrap, BootstrapError, HttpUrl, Routing, SecretFile, System, bootstrap};
pub use changes::{Change, changes};
pub use filter::{Filter, FilterError, Held, filter_in_netmap};
pub use input::{Input, InputError, InputShare};

pub use households::{HouseholdError, Households, LetIn, Machine, ShutOut, UserId, shut_out};
pub use interface::{Interface, InterfaceError};
pub use label::Label;
pub use live::{
    Compared, Difference, Grip, Listing, Live, LiveError, compare_firewalld, compare_iptables, compare_nft,
    compare_nixos_option, compare_pasted, compare_ufw, compare_windows, revisions_in,
};
pub use opening::{LAST_END, NOT_BEFORE, Opening};
pub use own::Own;
pub use pull::{HOLD_HEADER, Pull, Tells, pull, pull_telling};
pub use share::Share;
pub use snippet::{Line, Part, PartError, Snippet};
pub use status::{Friend, StatusError, friends_in_status};
