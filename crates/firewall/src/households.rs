//! Whose machines are whose, on a server where everybody's are in one list.
//!
//! A Headscale has one network for all of its users, and none of the machines in it is marked as somebody else's. So its
//! owner says which users form one household; every other user is a household of their own, and a machine with tags, which
//! belongs to no user, is given to somebody. The guard of a machine lets the household of its owner pass and nobody else.

use std::collections::{BTreeMap, BTreeSet};

use model::{PortRange, PortSet, Protocol, Timestamp};

use crate::{Input, Own, TailnetAddress};

/// A user of the server, by the number that it has there: up to 2^64-1, so that it is a text.
pub type UserId = String;

/// Which users live together, and to whom machines without a user are given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Households {
    /// By user: the household, by number. Who is not in it lives alone.
    homes: BTreeMap<UserId, usize>,
    /// By machine.
    given: BTreeMap<String, UserId>,
}

/// A machine in the list of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// Its number on the server.
    pub id: String,
    /// Whose it is; nobody's, if it has tags.
    pub user: Option<UserId>,
    /// All of its addresses.
    pub addresses: BTreeSet<TailnetAddress>,
}

/// Why it is not known whom the guard of a machine lets pass.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HouseholdError {
    /// One cannot live in two households: what is the one's would be the other's.
    #[error("user {0} is in two households; leave them in one")]
    InTwo(UserId),
    /// A machine with tags that was given to nobody.
    #[error("machine {0} has tags and belongs to no user; say whose it is")]
    NotGiven(String),
}

impl Households {
    /// From what the owner said: households of several users, and users to whom machines are given.
    ///
    /// # Errors
    /// [`HouseholdError::InTwo`]
    pub fn new(
        together: impl IntoIterator<Item = BTreeSet<UserId>>,
        given: BTreeMap<String, UserId>,
    ) -> Result<Self, HouseholdError> {
        let mut homes = BTreeMap::new();
        for (number, household) in together.into_iter().enumerate() {
            for user in household {
                if homes.insert(user.clone(), number).is_some() {
                    return Err(HouseholdError::InTwo(user));
                }
            }
        }
        Ok(Self { homes, given })
    }

    /// Whose a machine is: its user's, else whose it was given to.
    pub fn holder<'a>(&'a self, machine: &'a Machine) -> Option<&'a str> {
        machine.user.as_deref().or_else(|| self.given.get(&machine.id).map(String::as_str))
    }

    /// Whether two users are of one household.
    pub fn are_together(&self, one: &str, other: &str) -> bool {
        one == other || self.homes.get(one).is_some_and(|home| self.homes.get(other) == Some(home))
    }

    /// Whom the guard of a machine lets pass: every machine of the household of its owner, and nobody else.
    ///
    /// ```
    /// use firewall::{Households, Machine};
    /// let machine = |id: &str, user: &str, address: &str| Machine {
    ///     id: id.into(),
    ///     user: Some(user.into()),
    ///     addresses: address.parse().into_iter().collect(),
    /// };
    /// let all = [machine("1", "ana", "100.64.0.1"), machine("2", "ana", "100.64.0.2"), machine("3", "bruno", "100.64.0.3")];
    /// let own = Households::default().own(&all[0], &all)?;
    /// assert!(own.contains(&"100.64.0.2".parse()?) && !own.contains(&"100.64.0.3".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`HouseholdError::NotGiven`] for a machine of which nobody said whose it is.
    pub fn own(&self, machine: &Machine, all: &[Machine]) -> Result<Own, HouseholdError> {
        let holder = self.holder(machine).ok_or_else(|| HouseholdError::NotGiven(machine.id.clone()))?;
        let at_home = |other: &&Machine| {
            other.id == machine.id || self.holder(other).is_some_and(|other| self.are_together(holder, other))
        };
        Ok(all
            .iter()
            .chain([machine])
            .filter(at_home)
            .flat_map(|one| one.addresses.iter().copied())
            .collect())
    }

    /// The addresses of a friend, whom the guard of a machine holds to their shares: the list of the server shows them, so
    /// that they are named from the first text on. Machines with tags are not theirs for the server's rules. Nothing while
    /// they have no machine there, and for somebody of the machine's own household, who passes anyway.
    pub fn peers(
        &self,
        machine: &Machine,
        friend: &str,
        all: &[Machine],
    ) -> Option<BTreeSet<TailnetAddress>> {
        if self.holder(machine).is_some_and(|holder| self.are_together(holder, friend)) {
            return None;
        }
        let theirs = all.iter().filter(|other| other.user.as_deref() == Some(friend));
        let peers: BTreeSet<_> = theirs.flat_map(|other| other.addresses.iter().copied()).collect();
        (!peers.is_empty()).then_some(peers)
    }
}

/// What rules of the network let in to a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LetIn {
    /// Whom, in words of the caller.
    pub who: String,
    /// From where.
    pub addresses: BTreeSet<TailnetAddress>,
    /// With which protocol.
    pub protocol: Protocol,
    /// To which ports.
    pub ports: PortSet,
}

/// What somebody loses by a guard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShutOut {
    /// Whom, as they were given.
    pub who: String,
    /// With which protocol.
    pub protocol: Protocol,
    /// The ports that they reached from some address and do not reach from there any more.
    pub ports: PortSet,
}

/// Who loses by the guard of an input, of those whom rules let in now: to be named before the text is shown. In the order of
/// `rules`, each who and protocol once. Ping passes every guard, and protocols without ports pass none.
pub fn shut_out(input: &Input, rules: &[LetIn], at: Timestamp) -> Vec<ShutOut> {
    let mut all: Vec<ShutOut> = Vec::new();
    for LetIn { who, addresses, protocol, ports } in rules {
        let pieces = pieces(input, *protocol, ports);
        let lost = |range: &PortRange| {
            addresses.iter().any(|address| !input.allows(*address, *protocol, range.first(), at))
        };
        let lost: PortSet = pieces.into_iter().filter(lost).collect();
        if lost.is_empty() {
            continue;
        }
        match all.iter_mut().find(|known| known.who == *who && known.protocol == *protocol) {
            Some(known) => known.ports = known.ports.union(&lost),
            None => all.push(ShutOut { who: who.clone(), protocol: *protocol, ports: lost }),
        }
    }
    all
}

/// Ports in ranges of which no share has one port and not another.
fn pieces(input: &Input, protocol: Protocol, ports: &PortSet) -> Vec<PortRange> {
    let shares = input.shares().flat_map(|share| share.ports.of(protocol).ranges().to_vec());
    let cuts: BTreeSet<u16> =
        shares.flat_map(|range| [Some(range.first()), range.last().checked_add(1)]).flatten().collect();
    let mut pieces = Vec::new();
    for range in ports.ranges() {
        let inner = cuts.range(range.first()..=range.last()).copied().filter(|cut| *cut != range.first());
        let firsts: Vec<u16> = std::iter::once(range.first()).chain(inner).collect();
        let lasts: Vec<u16> = firsts.iter().skip(1).map(|cut| cut - 1).chain([range.last()]).collect();
        pieces.extend(
            firsts.into_iter().zip(lasts).filter_map(|(first, last)| PortRange::new(first, last).ok()),
        );
    }
    pieces
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn machine(id: &str, user: Option<&str>, number: u8) -> Machine {
        let addresses = [format!("100.64.0.{number}"), format!("fd7a:115c:a1e0::{number}")];
        let addresses = addresses.iter().map(|text| text.parse().unwrap()).collect();
        Machine { id: id.into(), user: user.map(str::to_owned), addresses }
    }

    fn set(users: &[&str]) -> BTreeSet<UserId> {
        users.iter().map(|user| (*user).to_owned()).collect()
    }

    #[test]
    fn a_user_is_of_one_household_and_a_machine_with_tags_is_somebodys() {
        let both = [set(&["1", "2"]), set(&["2", "3"])];
        assert_eq!(Households::new(both, BTreeMap::new()), Err(HouseholdError::InTwo("2".into())));
        let tagged = machine("9", None, 9);
        let all = [machine("1", Some("1"), 1), tagged.clone()];
        let alone = Households::default();
        assert_eq!(alone.own(&tagged, &all), Err(HouseholdError::NotGiven("9".into())));
        assert_eq!(alone.own(&all[0], &all).unwrap().len(), 2, "nobody's machine is not of the household");
        let given = Households::new([], [("9".to_owned(), "1".to_owned())].into()).unwrap();
        assert_eq!(given.own(&tagged, &all).unwrap().len(), 4);
        assert_eq!(given.own(&all[0], &all).unwrap().len(), 4);
    }

    #[test]
    fn a_friends_machines_are_named_and_those_of_their_household_are_not() {
        let homes = Households::new([set(&["2", "3"])], BTreeMap::new()).unwrap();
        let all = [machine("a", Some("1"), 1), machine("b", Some("2"), 2), machine("c", Some("3"), 3)];
        assert_eq!(homes.peers(&all[0], "2", &all).as_ref(), Some(&all[1].addresses));
        assert_eq!(homes.peers(&all[0], "4", &all), None);
        assert_eq!(homes.peers(&all[1], "3", &all), None, "they pass as their own");
    }

    #[test]
    fn who_loses_by_a_guard_is_told_with_the_ports() {
        let input = Input::from_json(
            r#"{"node":"n","revision":1,"interface":"tailscale0","own":["100.64.0.1"],
                "shares":[{"id":"mc","tcp":["25565"],"peers":["100.64.0.2"]}]}"#,
        )
        .unwrap();
        let rule = |who: &str, number: u8, ports: &str| LetIn {
            who: who.into(),
            addresses: machine("", None, number).addresses.into_iter().filter(|a| a.ip().is_ipv4()).collect(),
            protocol: Protocol::Tcp,
            ports: ports.split(',').map(|range| range.parse().unwrap()).collect(),
        };
        let now = "2026-12-24T00:00:00Z".parse().unwrap();
        let rules = [
            rule("ana", 1, "1-65535"),
            rule("bruno", 2, "22,25000-26000"),
            rule("carla", 3, "25565"),
            rule("carla", 3, "80"),
            rule("dora", 2, "25565"),
        ];
        let told: Vec<String> = shut_out(&input, &rules, now)
            .iter()
            .map(|one| format!("{} {} {}", one.who, one.protocol, one.ports))
            .collect();
        assert_eq!(told, ["bruno tcp 22,25000-25564,25566-26000", "carla tcp 80,25565"]);
    }

    proptest! {
        /// Whoever lives where: own are just the machines whose holder lives with the holder of the machine.
        #[test]
        fn own_is_the_household_and_nobody_else(
            homes in prop::collection::vec(0_u8..4, 6),
            holders in prop::collection::vec(prop::option::of(0_usize..6), 1..12),
            given in prop::collection::btree_map(0_usize..12, 0_usize..6, 0..8),
            of in any::<prop::sample::Index>(),
        ) {
            let users = ["u0", "u1", "u2", "u3", "u4", "u5"];
            // In home 0 everybody lives alone.
            let together = (1..4).map(|home| {
                users.iter().zip(&homes).filter(|(_, at)| **at == home).map(|(user, _)| (*user).to_owned()).collect()
            });
            let presents = given.iter().map(|(machine, user)| (machine.to_string(), users[*user].to_owned())).collect();
            let households = Households::new(together, presents).unwrap();
            let all: Vec<Machine> = (1..)
                .zip(&holders)
                .map(|(number, user)| machine(&(number - 1).to_string(), user.map(|user| users[user]), number))
                .collect();
            let holder = |index: usize| holders[index].or_else(|| given.get(&index).copied());
            let index = of.index(all.len());
            let Some(mine) = holder(index) else {
                prop_assert!(households.own(&all[index], &all).is_err());
                return Ok(());
            };
            let own = households.own(&all[index], &all).unwrap();
            for (number, machine) in all.iter().enumerate() {
                let home = holder(number).is_some_and(|other| other == mine || homes[other] != 0 && homes[other] == homes[mine]);
                prop_assert!(machine.addresses.iter().all(|address| own.contains(address) == home), "{number}");
            }
        }
    }
}
