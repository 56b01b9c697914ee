//! What pages may ask. Object-safe traits, implemented only in `server`, each bound to the viewer who asks.

use std::sync::Arc;

pub mod accounts;
pub mod asks;
pub mod audit;
pub mod circles;
pub mod edits;
pub mod export;
pub mod exposures;
pub mod firewall;
pub mod flash;
pub mod gate;
pub mod graph;
pub mod hosts;
pub mod households;
pub mod inbox;
pub mod joining;
pub mod lenders;
pub mod members;
pub mod notifications;
pub mod offers;
pub mod paging;
pub mod people;
pub mod reach;
pub mod revisions;
pub mod services;
pub mod settings;
pub mod shares;
pub mod stewards;
pub mod tailnets;
pub mod unmanaged;

/// Everything that a page can ask, for one viewer.
#[derive(Clone)]
pub struct Backend {
    pub accounts: Arc<dyn accounts::Accounts>,
    pub asks: Arc<dyn asks::Asks>,
    pub audit: Arc<dyn audit::Audit>,
    pub circles: Arc<dyn circles::Circles>,
    pub unmanaged: Arc<dyn unmanaged::Unmanaged>,
    pub edits: Arc<dyn edits::Edits>,
    pub firewall: Arc<dyn firewall::Firewall>,
    pub flash: Arc<dyn flash::Flash>,
    pub graph: Arc<dyn graph::Graph>,
    pub hosts: Arc<dyn hosts::Hosts>,
    pub households: Arc<dyn households::Households>,
    pub inbox: Arc<dyn inbox::Inbox>,
    pub joining: Arc<dyn joining::Joining>,
    pub lenders: Arc<dyn lenders::Lenders>,
    pub members: Arc<dyn members::Members>,
    pub notifications: Arc<dyn notifications::Notifications>,
    pub offers: Arc<dyn offers::Offers>,
    pub people: Arc<dyn people::People>,
    pub reach: Arc<dyn reach::Reach>,
    pub revisions: Arc<dyn revisions::Revisions>,
    pub services: Arc<dyn services::Services>,
    pub settings: Arc<dyn settings::Settings>,
    pub shares: Arc<dyn shares::Shares>,
    pub stewards: Arc<dyn stewards::Stewards>,
    pub tailnets: Arc<dyn tailnets::Tailnets>,
    /// In which times are read and typed: what the viewer chose, else what their browser told, else UTC.
    pub zone: model::Zone,
    /// What does not depend on the viewer: links as others see them, "now" for relative times.
    pub place: Place,
}

/// Where and when this page is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Scheme, host and sub-path without a slash at the end, as in `https://gate.example.org`.
    pub base_url: String,
    pub now: model::Timestamp,
    /// The seeded demo: pages say so, unmistakably.
    pub demo: bool,
}

impl Place {
    /// The sub-path of [`Self::base_url`], empty at the root of its host.
    pub fn base_path(&self) -> &str {
        let after_scheme = self.base_url.find("://").map_or(0, |at| at + 3);
        self.base_url[after_scheme..]
            .find('/')
            .map_or("", |at| self.base_url[after_scheme + at..].trim_end_matches('/'))
    }
}
