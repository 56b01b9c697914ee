//! The pages, each a question and a drawing of its answer.

pub mod account;
pub mod asks;
pub mod audit;
mod audited;
pub mod circles;
pub mod connect;
mod credentials;
pub mod day;
pub mod directory;
pub mod edits;
pub mod firewall;
pub mod graph;
pub mod handover;
pub mod home;
mod hosts;
pub mod households;
pub mod invitation;
pub mod joining;
pub mod leave;
pub mod lenders;
mod members;
pub mod nodes;
pub mod notifications;
pub mod offers;
pub mod people;
pub mod policy;
pub mod reach;
pub mod review;
pub mod revisions;
pub mod services;
pub mod settings;
pub mod shares;
pub mod sign_in;
pub mod stewards;
pub mod tailnets;
pub mod unmanaged;
pub mod what_runs;

use std::str::FromStr;

use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use crate::fault::Fault;

/// An id in the path. What is no id names nothing.
fn param<T: FromStr>(name: &str) -> Result<T, Fault> {
    text_param(name).parse().map_err(|_| Fault::NotFound)
}

fn text_param(name: &str) -> String {
    use_params_map().read_untracked().get(name).unwrap_or_default()
}

/// Every value of this name in the query.
fn queries(name: &str) -> Vec<String> {
    use_query_map().read_untracked().get_all(name).unwrap_or_default()
}

/// Where a list goes on, if it does not begin.
fn after(name: &str) -> Option<String> {
    Some(query(name)).filter(|after| !after.is_empty())
}

/// A value of the query, empty if it is not there.
fn query(name: &str) -> String {
    use_query_map().read_untracked().get(name).unwrap_or_default()
}
