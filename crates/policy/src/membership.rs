//! What somebody reaches on a Headscale because they are a member of it, and taking that away.
//!
//! A friend there is a user of the owner's server, so that whatever lets everybody in lets them in too: a text without
//! rules, `*`, `autogroup:member`, a range of addresses that holds theirs. Narrowed such a source names those who are there
//! today: a group of the users, `autogroup:tagged`, the approved routes that it covered. Nobody loses anything by it but the
//! friend, which is worked out for the case at hand and not assumed.

mod edit;
mod group;
mod sources;

use std::collections::BTreeSet;

use model::Login;

use crate::accounts::{NameClash, check_names};
use crate::error::PolicyError;
use crate::headscale::Accounts;
use crate::narrow::{NarrowError, Narrowing};
use crate::network::{Network, Node};
use crate::reach::{Engine, Entry, Note, Query, Who};
use crate::share::EditError;
use crate::share::edit::shares_with;
use crate::syntax::protocol::{ICMP, ICMP_V6};
use crate::syntax::{Language, Policy, RuleRef};

/// Somebody as a member of a server: one of its users, or one whom it does not have yet.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    /// The server with them.
    pub(crate) network: Network,
    /// Their index among its users.
    pub(crate) user: usize,
    /// Whether it has them already.
    pub(crate) here: bool,
    /// As answers about reach name them.
    pub(crate) who: Who,
}

impl Member {
    /// By a name that means one account or none; see [`check_names`].
    pub(crate) fn named(network: &Network, who: &Login) -> Self {
        match Accounts::of(network).named(who.as_str()) {
            [user, ..] => Self::new(network.clone(), *user, true),
            [] => Self::newcomer(network, who.as_str()),
        }
    }

    /// Anybody whom the server does not have.
    pub(crate) fn anybody(network: &Network) -> Self {
        let free = |login: &String| network.user_with_login(login).is_none();
        let login =
            (0..=network.users().len()).map(|number| format!("acequia-newcomer-{number}@")).find(free);
        Self::newcomer(network, &login.unwrap_or_default())
    }

    fn newcomer(network: &Network, login: &str) -> Self {
        let (network, user) = network.with_newcomer(login);
        Self::new(network, user, false)
    }

    fn new(network: Network, user: usize, here: bool) -> Self {
        let name =
            network.user(user).map(|user| if user.login.is_empty() { &user.name } else { &user.login });
        let who = Who::Login(name.cloned().unwrap_or_default());
        Self { network, user, here, who }
    }

    fn owns(&self, node: &str) -> bool {
        let node = self.network.node_named(node).and_then(|index| self.network.node(index));
        node.and_then(Node::owner) == Some(self.user)
    }

    /// Whether a machine is whose the other one is.
    pub(crate) fn is_of_lender(&self, node: &str, lent: &str) -> bool {
        is_of_the_same(&self.network, node, lent)
    }

    /// What they reach on other people's machines, as if some rules were not there. What they only perhaps reach is among
    /// it where a range decides: a newcomer gets the next free address.
    pub(crate) fn reached(&self, engine: &Engine, without: Vec<RuleRef>) -> Vec<Entry> {
        self.all(engine, without).filter(|entry| !entry.is_unproven() || sources::is_range(entry)).collect()
    }

    /// What they reach only if they get an address that a rule names by itself, which some machine had once.
    pub(crate) fn perhaps(&self, engine: &Engine) -> Vec<Entry> {
        self.all(engine, Vec::new()).filter(|entry| matches!(&entry.note, Some(Note::Literal(_)))).collect()
    }

    fn all(&self, engine: &Engine, without: Vec<RuleRef>) -> impl Iterator<Item = Entry> {
        let all = engine.reach(&Query { without, ..Query::from(self.who.clone()) }).into_iter();
        all.filter(|entry| !matches!(entry.protocol, ICMP | ICMP_V6) && !self.owns(&entry.node))
    }
}

/// What somebody reaches as a member, besides the shares with them.
#[derive(Clone, Debug)]
pub struct Besides {
    /// Whether the server has them already. Of one whom it does not have yet, it is what they would reach.
    pub here: bool,
    /// What they reach on other people's machines, by which rules.
    pub entries: Vec<Entry>,
}

impl Besides {
    /// Of somebody who is there the part that is about machines of whoever lends this one: the rest is others' to say. Of
    /// somebody new everything.
    #[must_use]
    pub fn for_lender_of(mut self, network: &Network, lent: &str) -> Self {
        let here = self.here;
        self.entries.retain(|entry| !here || is_of_the_same(network, &entry.node, lent));
        self
    }
}

/// Whether two machines are one, or belong to one user. Whose a machine with tags is is not known here.
fn is_of_the_same(network: &Network, one: &str, other: &str) -> bool {
    let owner = |name: &str| {
        let node = network.node_named(name).and_then(|index| network.node(index));
        node.and_then(Node::owner)
    };
    one == other || owner(one).is_some_and(|user| owner(other) == Some(user))
}

/// Why it cannot be told.
#[derive(Clone, Debug, thiserror::Error)]
pub enum MembershipError {
    /// The server would refuse the policy as it is.
    #[error("the policy is refused as it is: {0}")]
    Policy(#[from] PolicyError),
    /// Names of several accounts.
    #[error(transparent)]
    Names(#[from] NameClash),
    /// The text cannot be read in place.
    #[error(transparent)]
    Edit(#[from] EditError),
}

/// What somebody reaches on a Headscale as a member with a device, besides the shares that are marked as theirs.
///
/// ```
/// use policy::{Dialect, Network, membership::besides};
/// let network = Network::parse(r#"{
///   "users": [{"id": 1, "name": "ana"}],
///   "nodes": {"nas": {"ipv4": "100.64.0.1", "user": "ana"}}
/// }"#)?;
/// let text = r#"{"acls": [{"action": "accept", "src": ["autogroup:member"], "dst": ["*:22"]}]}"#;
/// let bruno = model::Login::of_headscale("bruno@")?;
/// let besides = besides(text, &network, &bruno, Dialect::Headscale029)?;
/// assert!(!besides.here && besides.entries[0].node == "nas");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`MembershipError`]
pub fn besides(
    text: &str,
    network: &Network,
    who: &Login,
    language: impl Into<Language>,
) -> Result<Besides, MembershipError> {
    let policy = Policy::read(text, language)?;
    check_names(&policy, network, Some(who))?;
    let member = Member::named(network, who);
    let engine = Engine::of(&policy, &member.network)?;
    let shares = shares_with(text, &policy, who)?;
    Ok(Besides { here: member.here, entries: member.reached(&engine, shares) })
}

/// Those of these rules that let in every address, so that filters show them before and after whoever is new has one. Users and
/// groups stand there as the machines that they have today: such a rule looks in a filter as if nobody else came in by it.
///
/// # Errors
/// [`MembershipError`]
pub fn for_every_address(
    text: &str,
    rules: &BTreeSet<RuleRef>,
    language: impl Into<Language>,
) -> Result<BTreeSet<RuleRef>, MembershipError> {
    let policy = Policy::read(text, language)?;
    let mut wide = BTreeSet::new();
    wide.extend(policy.allows_by_default().then_some(RuleRef::DEFAULT));
    let acls = policy.acls.iter().flatten().map(|acl| (acl.rule, &acl.src));
    let grants = policy.grants.iter().flatten().map(|grant| (grant.rule, &grant.src));
    for (rule, sources) in acls.chain(grants) {
        if sources.iter().any(|source| sources::is_every_address(&policy, source)) {
            wide.insert(rule);
        }
    }
    Ok(wide.intersection(rules).copied().collect())
}

/// Takes somebody out of what everybody reaches; without a name it is whoever comes in from now on. What rules give to
/// them by name, or by a group of the owner's, stays. In Tailscale's language, where friends are no members, it is
/// [`narrow`](crate::narrow()).
///
/// # Errors
/// [`NarrowError`]; nothing is narrowed that cannot be shown to take nothing from anybody else.
pub fn narrow(
    text: &str,
    network: &Network,
    who: Option<&Login>,
    language: impl Into<Language>,
) -> Result<Narrowing, NarrowError> {
    let language = language.into();
    if !language.dialect.is_headscale() {
        return crate::narrow(text, network, language);
    }
    let policy = Policy::read(text, language)?;
    check_names(&policy, network, who)?;
    let member = who.map_or_else(|| Member::anybody(network), |who| Member::named(network, who));
    edit::narrowed(text, &policy, &member, None)
}

pub(crate) use edit::{explicit, narrowed};
