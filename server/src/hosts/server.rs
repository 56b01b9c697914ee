//! Machines of a Headscale: everybody's are in one list, and none comes from outside. Whose a machine is decides whom its
//! guard lets pass.

use std::collections::{BTreeMap, BTreeSet};

use firewall::{Households, InputError, Machine, Own};
use model::{NodeId, TailnetId, Timestamp};

use super::error::RevisionError;
use crate::state::AppState;
use crate::store::hosts::FriendAddresses;
use crate::store::households::Owned;

/// The machines of a server, and who lives with whom.
#[derive(Clone, Debug)]
pub struct Server {
    households: Households,
    machines: Vec<Machine>,
    /// What policies call the account of a machine without tags, in the order of the machines.
    logins: Vec<String>,
    read: Timestamp,
}

impl Server {
    /// Of a tailnet that is a Headscale; nothing of another one.
    ///
    /// # Errors
    /// What is stored of its machines, or cannot be read.
    pub async fn read(state: &AppState, tailnet: TailnetId) -> Result<Option<Self>, RevisionError> {
        let found = state.db.find_tailnet(tailnet).await?;
        if !found.is_some_and(|found| found.kind.is_headscale()) {
            return Ok(None);
        }
        let stored = state.db.list_owned(tailnet).await?.whole()?;
        let households = households(&stored, &state.db.list_households(tailnet).await?)?;
        let mut machines = Vec::with_capacity(stored.len());
        let mut logins = Vec::with_capacity(stored.len());
        for one in stored {
            machines.push(machine(&one)?);
            logins.push(if one.tags.is_empty() { one.login } else { String::new() });
        }
        Ok(Some(Self { households, machines, logins, read: state.now() }))
    }

    /// Whom the guard of a machine lets pass: the household of its owner, and nobody else.
    ///
    /// # Errors
    /// [`RevisionError::Household`] of a machine with tags that was given to nobody.
    pub fn own(&self, node: NodeId) -> Result<Own, RevisionError> {
        match self.machine(node) {
            Some(machine) => Ok(self.households.own(machine, &self.machines)?),
            None => Ok(Own::default()),
        }
    }

    /// The devices of everybody who does not live with the owner of a machine, by what policies call them.
    pub fn others(&self, node: NodeId) -> Vec<FriendAddresses> {
        let Some(machine) = self.machine(node) else { return Vec::new() };
        let mut accounts: BTreeMap<&str, &str> = BTreeMap::new();
        for (other, login) in self.machines.iter().zip(&self.logins).filter(|(_, login)| !login.is_empty()) {
            if let Some(user) = &other.user {
                accounts.insert(login, user);
            }
        }
        let of = |(login, user): (&str, &str)| {
            let peers = self.households.peers(machine, user, &self.machines)?;
            let addresses = peers.iter().map(ToString::to_string).collect();
            Some(FriendAddresses { login: login.to_owned(), addresses, read: self.read })
        };
        accounts.into_iter().filter_map(of).collect()
    }

    /// The devices of everybody, by what policies call them.
    pub fn everybody(&self) -> Vec<FriendAddresses> {
        let mut accounts: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (machine, login) in self.machines.iter().zip(&self.logins).filter(|(_, login)| !login.is_empty())
        {
            accounts.entry(login).or_default().extend(machine.addresses.iter().map(ToString::to_string));
        }
        let of = |(login, addresses): (&str, Vec<String>)| FriendAddresses {
            login: login.to_owned(),
            addresses,
            read: self.read,
        };
        accounts.into_iter().map(of).collect()
    }

    fn machine(&self, node: NodeId) -> Option<&Machine> {
        let id = node.to_string();
        self.machines.iter().find(|machine| machine.id == id)
    }
}

/// Until the next sync says which account it is, a machine belongs to whatever policies call its account.
fn user_of(one: &Owned) -> Option<String> {
    let login = Some(&one.login).filter(|login| !login.is_empty());
    one.account.as_ref().or(login).filter(|_| one.tags.is_empty()).cloned()
}

fn machine(one: &Owned) -> Result<Machine, InputError> {
    let addresses = one.addresses.iter().map(|address| address.parse()).collect::<Result<_, _>>();
    Ok(Machine { id: one.id.to_string(), user: user_of(one), addresses: addresses.map_err(InputError::Own)? })
}

/// What the owner of a server said: who lives together, and whose the machines with tags are.
fn households(stored: &[Owned], homes: &[(String, i64)]) -> Result<Households, RevisionError> {
    let mut together: BTreeMap<i64, BTreeSet<String>> = BTreeMap::new();
    for (account, home) in homes {
        together.entry(*home).or_default().insert(account.clone());
    }
    let given = stored.iter().filter(|one| !one.tags.is_empty());
    let given = given.filter_map(|one| Some((one.id.to_string(), one.given_to.clone()?))).collect();
    Ok(Households::new(together.into_values(), given)?)
}
