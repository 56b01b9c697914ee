//! Shares: lists, the page of one, review, apply and end.

use async_trait::async_trait;
pub use model::host::Held;
use model::{Decision, NodeId, ServicePorts, ShareId, TailnetId, Timestamp};

use super::audit::Entry;
use super::exposures::BeyondView;
use super::gate::Gate;
use super::hosts::HostStanding;
use super::members::WayIn;
use super::services::JoinStep;
use crate::fault::Fault;

/// The viewer's shares by what is to be done about them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SharesView {
    /// Waits for somebody: review, attention, an invite to open.
    pub waiting: Vec<Gate>,
    pub given: Vec<Gate>,
    pub received: Vec<Gate>,
    /// Ends within a week.
    pub ending_soon: Vec<Gate>,
    pub ended: Vec<Gate>,
    /// The newest offers of theirs that wait for an answer; on the first page only.
    pub offers: Vec<Gate>,
    /// Where the next page begins; all lists together are one.
    pub next: Option<String>,
}

/// How the viewer stands to a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Party {
    Owner,
    Friend,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StepState {
    ToDo,
    Now,
    Done,
    /// It stopped here; the share's `attention` says why.
    Stopped,
}

/// One step of applying or ending, as the page shows it while it happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepView {
    /// A word for it, such as "Write the policy".
    pub title: String,
    pub detail: Option<String>,
    pub state: StepState,
    pub at: Option<Timestamp>,
}

/// Why a share does not go on by itself, for those who can do something about it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is an action of its own; no two exclude each other")]
pub struct Attention {
    pub reason: String,
    pub next_step: String,
    /// The owner makes the device invite in the console and pastes its link here.
    pub wants_invite: bool,
    /// Trying again may help.
    pub can_retry: bool,
    /// It has to be reviewed again.
    pub wants_review: bool,
    /// The control plane said when to ask again: it is tried then, by itself.
    pub again: Option<Timestamp>,
    /// It can be called ended although nobody can see that it is: the page that asks says what that means.
    pub can_give_up: bool,
    /// Whoever looks after the server says that it has loaded its policy file: somebody new waits for that.
    pub wants_load: bool,
}

/// A step that a person does by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manual {
    /// What to do, in sentences, in their order.
    pub steps: Vec<String>,
    /// The lines that come or go, as they stand in the file.
    pub lines: String,
    /// The same as a difference, where the file could be read.
    pub diff: Vec<DiffLine>,
    /// The whole new file.
    pub whole: Option<String>,
    /// Why the file could not be read.
    pub unknown: Option<String>,
}

/// What the machine of a share told of the filter that its own client holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldView {
    pub node: String,
    pub held: Held,
    /// Since when it has told the same.
    pub since: Timestamp,
    /// When it told so last.
    pub told: Timestamp,
}

/// When something is to end, as a form says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct EndForm {
    /// `evening`, `weekend`, `month`, `ended` or `date`.
    pub until: String,
    /// With `date`: `2026-12-24T22:00`.
    pub date: String,
    /// In which zone that is typed, as the page said; empty is UTC.
    pub zone: String,
    pub note: String,
}

/// What a friend asks for: another end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LongerView {
    pub asked: Timestamp,
    /// Absent: until ended.
    pub until: Option<Timestamp>,
    pub note: String,
}

/// For a friend whose device does not get in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinHelp {
    /// How each kind of device is set up.
    pub systems: Vec<SystemSteps>,
    /// What to look at, in this order.
    pub checks: Vec<JoinStep>,
}

/// How somebody without an account comes to one, on one kind of device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemSteps {
    pub system: String,
    pub steps: Vec<String>,
    /// A command, or an address.
    pub copy: Option<String>,
}

/// For a friend who said yes and has no account yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingAccount {
    pub steps: Vec<JoinStep>,
    /// After which of them it is said how each system is set up, from 0.
    pub install_at: usize,
    pub systems: Vec<SystemSteps>,
    /// Addresses that they are known to have.
    pub logins: Vec<String>,
    /// Accounts are those of the owner's server: the owner's words for it.
    pub server: Option<String>,
}

/// What a pause will do, before it is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PauseView {
    pub id: ShareId,
    pub gate: Gate,
    pub can: bool,
    /// In sentences about people.
    pub means: Vec<String>,
    /// Why little is taken away by it, first of all.
    pub little: Vec<String>,
    /// What is reached all the same.
    pub anyway: Vec<ReachLine>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is an action of its own; no two exclude each other")]
pub struct ShareView {
    pub id: ShareId,
    pub gate: Gate,
    pub party: Party,
    pub tailnet: TailnetId,
    pub node_id: NodeId,
    pub note: String,
    /// The login that the share is for.
    pub login: String,
    pub accepted: Timestamp,
    /// When the rule and the invite were last seen in force.
    pub seen_in_force: Option<Timestamp>,
    /// What its machine told of it, if it tells.
    pub told: Option<ToldView>,
    pub steps: Vec<StepView>,
    /// Something is going on by itself: the page refreshes.
    pub in_progress: bool,
    pub attention: Option<Attention>,
    /// The friend, and only the friend: the link that brings the node into their tailnet.
    pub invite_link: Option<String>,
    /// The friend: what to do to join.
    pub join: Vec<JoinStep>,
    /// The friend, where there is something to join: what helps if their device does not get in.
    pub join_help: Option<JoinHelp>,
    /// The friend, and only the friend: how their device comes into a server on which they have an account of their own.
    pub way_in: Option<WayIn>,
    /// The friend, and only the friend: what they reach in that network.
    pub own_reach: Option<OwnReach>,
    /// The owner: what the friend reaches beyond what was agreed.
    pub beyond: Option<BeyondView>,
    /// The owner: whether the machine's own lock knows of it.
    pub host: Option<HostStanding>,
    pub can_end: bool,
    /// Those who give it: its rule can be taken out for a while.
    pub can_pause: bool,
    /// Those who give it: it can be put back.
    pub can_open_again: bool,
    /// Another end can be agreed, or asked for by the friend.
    pub can_change_end: bool,
    /// What another end means for the machine's own text, in sentences.
    pub end_means: Vec<String>,
    /// What the friend asked for.
    pub longer: Option<LongerView>,
    /// Another account opened the invite: there can be a new one for the right account.
    pub can_renew_invite: bool,
    /// For the friend, as long as they have no account.
    pub account: Option<MissingAccount>,
    /// Whether it is open can be looked at now.
    pub can_check: bool,
    /// What to do by hand, where this app may not.
    pub manual: Option<Manual>,
    /// What calling it ended without proof would leave open, in sentences.
    pub unproven_means: Vec<String>,
    pub can_review: bool,
    /// The ports that it is to have from the next review on, for those who give it.
    pub other_ports: Option<ServicePorts>,
    /// What ending will do, in sentences about people.
    pub ending_means: Vec<String>,
    pub history: Vec<Entry>,
}

/// Reach of one person in words and ports: "tcp 25565 on maple".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReachLine {
    pub who: String,
    pub node: String,
    pub what: String,
    /// The rules that allow it, as "line 41", empty where nothing of the policy is to be named.
    pub rules: Vec<RuleLine>,
    /// Said when it cannot be proven, such as a literal address as source.
    pub note: Option<String>,
}

/// What a friend reaches in the network of somebody else, by the policy there. It names nothing that they do not reach,
/// and no rule: the policy is not theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnReach {
    pub lines: Vec<ReachLine>,
    /// When the network was last read.
    pub read: Option<Timestamp>,
    /// Why it is not known, in words.
    pub unknown: Option<String>,
}

/// A rule of the policy text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RuleLine {
    /// 1-based; absent for the default of a file without rules.
    pub line: Option<u32>,
    /// The rule's text in one line, shortened.
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DiffKind {
    Same,
    Added,
    Removed,
    /// Lines left out between two hunks.
    Gap,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffLine {
    pub kind: DiffKind,
    pub old: Option<u32>,
    pub new: Option<u32>,
    pub text: String,
}

/// What "yes, the whole node" writes. On a server that the friend is an account of already, it is "leave it as it is".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WholeNode {
    pub diff: Vec<DiffLine>,
    /// The policy may not be written from here: the text to paste instead.
    pub manual: Option<String>,
}

/// What has to be answered before the share can be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Nothing: the friend gains exactly the service.
    Exact,
    /// A wildcard would let the friend reach more: narrow it first, or say yes to the whole node.
    NarrowOrWholeNode {
        /// What the friend would reach through the wildcard, besides the service.
        too_much: Vec<ReachLine>,
        /// The narrowing as an edit of its own.
        narrowing: Vec<DiffLine>,
        /// Share recipients who lose reach by narrowing; nobody inside the tailnet does.
        others_lose: Vec<ReachLine>,
        /// The other way: the change of the policy for "yes, the whole node".
        whole: WholeNode,
    },
    /// Not even narrowing helps: only "yes, the whole node" is left.
    WholeNodeOnly { too_much: Vec<ReachLine> },
    /// The friend would be new on a server that lets everybody in: it is narrowed first, or nothing is opened.
    NarrowFirst { too_much: Vec<ReachLine>, narrowing: Vec<DiffLine>, others_lose: Vec<ReachLine> },
}

/// Everything that applying a share will do, decided beforehand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewView {
    pub share: ShareId,
    pub gate: Gate,
    pub tailnet: TailnetId,
    pub node_id: NodeId,
    /// The friend's own words, and the login that the rule will name.
    pub login: String,
    /// The login is an account of the owner's server.
    pub by_account: bool,
    /// That account is made with the owner's yes.
    pub to_be_made: bool,
    pub note: String,
    /// Names this plan; applying another than the one looked at is refused.
    pub plan: String,
    /// Read from the control plane at this time.
    pub read: Timestamp,
    /// First of all.
    pub warnings: Vec<String>,
    pub choice: Choice,
    pub gains: Vec<ReachLine>,
    pub loses: Vec<ReachLine>,
    /// What the friend reaches anyway.
    pub anyway: Vec<ReachLine>,
    pub diff: Vec<DiffLine>,
    /// The policy's own tests on the new text, in a sentence.
    pub tests: String,
    pub firewall: super::firewall::FirewallView,
    /// The steps that will be done, in words.
    pub steps: Vec<String>,
    /// The policy may not be written from here: the text to paste instead.
    pub manual: Option<String>,
}

#[async_trait]
pub trait Shares: Send + Sync {
    async fn list(&self) -> Result<SharesView, Fault> {
        self.list_page(None).await
    }
    /// The same with what stands behind a page before.
    async fn list_page(&self, after: Option<String>) -> Result<SharesView, Fault>;
    async fn get(&self, id: ShareId) -> Result<ShareView, Fault>;
    /// Reads policy, devices and users afresh and plans. Nothing is written.
    async fn review(&self, id: ShareId) -> Result<ReviewView, Fault>;
    /// # Errors
    /// [`Fault::Conflict`] if the plan is no longer the one that was looked at.
    async fn apply(&self, id: ShareId, plan: String, decision: Decision) -> Result<(), Fault>;
    async fn end(&self, id: ShareId) -> Result<(), Fault>;
    /// What a pause will do. Nothing happens.
    async fn pausing(&self, id: ShareId) -> Result<PauseView, Fault>;
    /// Takes the rule out for a while.
    async fn pause(&self, id: ShareId) -> Result<(), Fault>;
    /// Puts it back as it was agreed.
    async fn open_again(&self, id: ShareId) -> Result<(), Fault>;
    /// Another end, from those who give it.
    async fn set_end(&self, id: ShareId, form: EndForm) -> Result<(), Fault>;
    /// Another end is asked for by the friend.
    async fn ask_longer(&self, id: ShareId, form: EndForm) -> Result<(), Fault>;
    /// What was asked for is not given.
    async fn refuse_longer(&self, id: ShareId) -> Result<(), Fault>;
    /// The friend has an account now.
    async fn name_account(&self, id: ShareId, login: String) -> Result<(), Fault>;
    /// Deletes the invite that another account opened, and makes one for the agreed account.
    async fn renew_invite(&self, id: ShareId) -> Result<(), Fault>;
    async fn retry(&self, id: ShareId) -> Result<(), Fault>;
    /// Reads what the share stands on, at once.
    async fn check(&self, id: ShareId) -> Result<(), Fault>;
    /// Calls it ended although that cannot be seen: the control plane, or every credential for it, is gone.
    async fn end_unproven(&self, id: ShareId) -> Result<(), Fault>;
    /// What the friend reaches beyond what was agreed may stay as it is. `seen` is from the page that was looked at.
    ///
    /// # Errors
    /// [`Fault::Conflict`] if it is otherwise by now.
    async fn accept_beyond(&self, id: ShareId, seen: String) -> Result<(), Fault>;
    /// The link of an invite that the owner made in the console.
    async fn paste_invite(&self, id: ShareId, link: String) -> Result<(), Fault>;
}
