//! A backend that answers with samples, and remembers what it was asked to do.

mod accounts;
pub mod asks;
mod circles;
mod edits;
mod firewall;
mod gates;
mod graph;
mod hosts;
mod households;
mod joining;
mod lenders;
mod members;
mod notifications;
mod offers;
mod people;
mod reach;
mod revisions;
mod services;
mod shares;
mod stewards;
mod tailnets;
mod told;
mod unmanaged;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use model::ids::{AuditId, EditId, IdentityId, JoiningId};
use model::{
    AskAnswer, AskId, CircleId, Id, NodeId, NoticeKind, ObjectKind, OfferId, PersonId, Revision, ServiceId,
    ShareId, TailnetId, TailnetRole, Timestamp, UnmanagedId,
};

use crate::fault::Fault;
use crate::paths;
use crate::ports::accounts::*;
use crate::ports::asks::{AskStands, AskView, Asking as Wishing, Asks, AtOnce, OwnAsk, Wish};
use crate::ports::audit::{Active, Audit, Choice as Meant, Entry, Filters, Page, PolicyChange, Query};
use crate::ports::circles::{Approved, CircleCard, CircleView, Circles, Leaver, LeavingView};
use crate::ports::export::{Export, Format};
use crate::ports::firewall::*;
use crate::ports::flash::{Flash, Message};
use crate::ports::gate::{Gate, GateState};
use crate::ports::households::{Account, Households, HouseholdsView, TaggedMachine};
use crate::ports::inbox::{Counted, Dismiss, HomeView, Inbox, Item, Kind as ItemKind, Step};
use crate::ports::joining::*;
use crate::ports::lenders::{Asking, HeldMachine, Lender, Lenders, LendersView};
use crate::ports::members::{MemberChoice, Members, WayIn};
use crate::ports::offers::*;
use crate::ports::paging::Paged;
use crate::ports::people::*;
use crate::ports::services::*;
use crate::ports::shares::*;
use crate::ports::stewards::{Audited, HandoverView, RemovalView, Stewards, StewardsView, TokenOfMachine};
use crate::ports::tailnets::*;
use crate::ports::{Backend, Place};

use firewall::firewall_view;
use gates::{gate, history, other};
use services::{card, people};
use told::told;

pub use told::Telling;

/// Ids are `00…0N`: the tests write them by hand.
pub fn id<T>(n: u8) -> Id<T> {
    format!("000000000000000000000000000000{n:02x}").parse().unwrap()
}

pub const NOW: i64 = 1_795_200_000;

pub fn now() -> Timestamp {
    Timestamp::from_seconds(NOW)
}

/// What the fake holds; a test changes what it is about.
#[derive(Default)]
pub struct Sample {
    pub stranger: bool,
    /// Every list is empty.
    pub bare: bool,
    /// So many services are in the directory; 0: a few.
    pub services: usize,
    /// What every use case answers, instead of doing it.
    pub fault: Option<Fault>,
    pub base_url: Option<String>,
    /// In which who looks reads times; empty: UTC.
    pub zone: &'static str,
    pub flash: Mutex<Option<Message>>,
    pub calls: Mutex<Vec<String>>,
}

impl Sample {
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    pub fn backend(self: &Arc<Self>) -> Backend {
        let it = self.clone();
        Backend {
            accounts: it.clone(),
            asks: it.clone(),
            audit: it.clone(),
            circles: it.clone(),
            unmanaged: it.clone(),
            edits: it.clone(),
            firewall: it.clone(),
            flash: it.clone(),
            graph: it.clone(),
            hosts: it.clone(),
            households: it.clone(),
            inbox: it.clone(),
            joining: it.clone(),
            lenders: it.clone(),
            members: it.clone(),
            notifications: it.clone(),
            offers: it.clone(),
            people: it.clone(),
            reach: it.clone(),
            revisions: it.clone(),
            services: it.clone(),
            settings: it.clone(),
            shares: it.clone(),
            stewards: it.clone(),
            tailnets: it,
            zone: self.zone.parse().unwrap(),
            place: Place {
                base_url: self.base_url.clone().unwrap_or_else(|| "https://gate.example.org".into()),
                now: now(),
                demo: self.base_url.is_none(),
            },
        }
    }

    fn act(&self, what: String) -> Result<(), Fault> {
        self.calls.lock().unwrap().push(what);
        self.fault.clone().map_or(Ok(()), Err)
    }

    fn list<T>(&self, list: Vec<T>) -> Vec<T> {
        if self.bare { Vec::new() } else { list }
    }
}
