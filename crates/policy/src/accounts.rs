//! Whether each name in a policy of a Headscale means just one account of the server.
//!
//! A name that nobody has is taken there, and no rule comes of it; one that two accounts have ends silently for both, and
//! from 0.29 on keeps the server from starting again (`headscale-answers/facts.md`, section 6). Neither is seen from the
//! answer to a write, so every text is checked before it is written.

use std::collections::BTreeMap;
use std::fmt;

use model::Login;

use crate::headscale::{self, Accounts};
use crate::network::{Network, User};
use crate::syntax::Policy;

/// A name that no account of the server has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownName {
    /// As the text has it.
    pub name: String,
    /// The lines in which it stands, from 1; none if it is only the friend's.
    pub lines: Vec<usize>,
    /// How an account is written that has the same name in other capitals: case counts there.
    pub like: Option<String>,
}

/// A name that several accounts have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clash {
    /// As the text has it.
    pub name: String,
    /// The lines in which it stands, from 1; none if it is only the friend's.
    pub lines: Vec<usize>,
    /// Whom it may mean.
    pub accounts: Vec<Account>,
}

/// An account of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its number there.
    pub id: i64,
    /// Its name, and its mail if it has one.
    pub name: String,
}

/// Names that several accounts have: what has them must not be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct NameClash(pub Vec<Clash>);

impl fmt::Display for NameClash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the server has several accounts of one name and would not start again with this policy: ",
        )?;
        for (at, clash) in self.0.iter().enumerate() {
            let between = if at > 0 { "; " } else { "" };
            let accounts: Vec<String> =
                clash.accounts.iter().map(|account| format!("{} ({})", account.id, account.name)).collect();
            write!(f, "{between}`{}` is {}", clash.name, accounts.join(" and "))?;
        }
        f.write_str("; rename one, or name them by what the identity provider calls them")
    }
}

/// Looks up everybody whom a policy names in any of its sections, and a friend who is to be named, among the accounts of
/// the server. Gives the names that nobody has. In Tailscale's language there is nothing to look up.
///
/// ```
/// use policy::{Dialect, Network, Policy, accounts::check_names};
/// let network = Network::parse(r#"{"users": [{"id": 1, "name": "ana"}, {"id": 2, "name": "bruno"}]}"#)?;
/// let text = r#"{"groups": {"group:x": ["ana@", "Bruno@"]}, "acls": []}"#;
/// let unknown = check_names(&Policy::read(text, Dialect::Headscale028)?, &network, None)?;
/// assert_eq!((unknown[0].name.as_str(), unknown[0].like.as_deref()), ("Bruno@", Some("bruno@")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`NameClash`] with every name that several accounts have.
pub fn check_names(
    policy: &Policy,
    network: &Network,
    friend: Option<&Login>,
) -> Result<Vec<UnknownName>, NameClash> {
    if !policy.language.dialect.is_headscale() {
        return Ok(Vec::new());
    }
    let accounts = Accounts::of(network);
    let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for text in headscale::named(policy) {
        if let Some(name) = headscale::token(text) {
            let lines = places.entry(name).or_default();
            lines.extend(policy.line(text.span.start).filter(|line| !lines.contains(line)));
        }
    }
    if let Some(friend) = friend {
        places.entry(friend.as_str()).or_default();
    }
    let (mut unknown, mut clashes) = (Vec::new(), Vec::new());
    for (name, lines) in places {
        match accounts.named(name) {
            [] => unknown.push(UnknownName { name: name.to_owned(), lines, like: like(network, name) }),
            [_] => {}
            several => {
                let users = several.iter().filter_map(|index| network.user(*index));
                let accounts = users.map(account).collect();
                clashes.push(Clash { name: name.to_owned(), lines, accounts });
            }
        }
    }
    if clashes.is_empty() { Ok(unknown) } else { Err(NameClash(clashes)) }
}

/// Whether a policy names somebody in any of its sections: in a rule, a group, as owner of a tag.
///
/// ```
/// use policy::{Dialect, Policy, accounts::is_named};
/// let text = r#"{"acls": [{"action": "accept", "src": ["ana@"], "dst": ["bruno@:22"]}]}"#;
/// let policy = Policy::read(text, Dialect::Headscale029)?;
/// assert!(is_named(&policy, "bruno@") && !is_named(&policy, "carla@"));
/// # Ok::<(), policy::PolicyError>(())
/// ```
pub fn is_named(policy: &Policy, login: &str) -> bool {
    headscale::named(policy).filter_map(headscale::token).any(|name| name == login)
}

/// The name by which a policy means one account and nobody else: what the identity provider calls it, else its name, else
/// its mail. None where every one of them means somebody else too.
pub fn name_of(network: &Network, user: usize) -> Option<String> {
    let accounts = Accounts::of(network);
    names(network.user(user)?).into_iter().find(|name| *accounts.named(name) == [user])
}

/// All names of an account, best first, in the form of a policy: with an `@`.
fn names(user: &User) -> Vec<String> {
    let provider = Some(&user.provider_id).filter(|id| !id.is_empty()).map(|id| format!("{id}@"));
    let local = match user.name.as_str() {
        "" => None,
        name if name.contains('@') => Some(name.to_owned()),
        name => Some(format!("{name}@")),
    };
    provider.into_iter().chain(local).chain(user.mail().map(str::to_owned)).collect()
}

fn like(network: &Network, name: &str) -> Option<String> {
    let mut all = network.users().iter().flat_map(names);
    all.find(|known| known.eq_ignore_ascii_case(name))
}

fn account(user: &User) -> Account {
    let mail = user.mail().map(|mail| format!(", {mail}")).unwrap_or_default();
    Account { id: user.id, name: format!("{}{mail}", user.name) }
}
