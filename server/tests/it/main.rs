//! The server from outside: requests in, answers out, on real databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod harness;

mod access;
mod addresses;
mod bad_input;
mod base_path;
mod cli;
mod cli_commands;
mod clocks;
mod damage;
mod doubles;
mod edits;
mod errors;
mod fair;
mod github;
mod hang_ups;
mod hardening;
mod headers;
mod histories;
mod hostile;
mod hosts;
mod joining;
mod joining_kills;
mod limits;
mod logs;
mod machines;
mod met;
mod namesakes;
mod oidc;
mod one_answer;
mod private_files;
mod probing;
mod pulling;
mod reach;
mod registration;
mod revisions;
mod right_key;
mod secrets;
mod sessions;
mod share_by_hand;
mod share_drift;
mod share_elsewhere;
mod share_faults;
mod share_kills;
mod share_life;
mod share_worlds;
mod shut_out;
mod slow_clients;
mod stewards;
mod store;
mod store_connections;
mod store_machines;
mod store_trouble;
mod tls;
