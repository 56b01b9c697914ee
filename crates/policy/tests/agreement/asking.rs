//! Questions in the words of the engine and of the naive evaluator.

use std::net::IpAddr;

use policy::Network;
use policy::reach::{Engine, Who};
use serde_json::Value;

use crate::generator::{self, Dice};
use crate::naive::{From, Verdict, World};

pub fn engine(policy: &Value, network: &Value) -> Result<Engine, String> {
    let network = Network::from_value(network.clone()).map_err(|error| error.to_string())?;
    Engine::new(&policy.to_string(), &network).map_err(|error| error.to_string())
}

/// One question in the words of both evaluators.
pub struct Question {
    pub who: Who,
    pub from: Vec<From>,
    pub to: IpAddr,
    pub protocol: u8,
    pub port: u16,
}

pub fn question(dice: &mut Dice, network: &Value) -> Question {
    let names = generator::node_names(network);
    let nodes_of = |login: &str| {
        let users = network["users"].as_array().unwrap();
        let user = users.iter().find(|user| user["email"] == *login).map(|user| user["name"].clone());
        let own = |name: &&String| {
            let node = &network["nodes"][name.as_str()];
            user.is_some()
                && node["tags"].as_array().unwrap().is_empty()
                && node["user"] == *user.as_ref().unwrap()
        };
        names.iter().filter(own).map(|name| From::Node(name.clone())).collect::<Vec<_>>()
    };
    let (who, from) = match dice.below(6) {
        0 | 1 => {
            let login = dice.pick(&generator::LOGINS[..5]);
            let mut from = nodes_of(login);
            if from.is_empty() || login.ends_with("github") {
                from.push(From::Unseen(login.to_owned()));
            }
            (Who::Login(login.to_owned()), from)
        }
        2 => {
            let address = generator::address(dice);
            let has = |name: &&String| {
                let node = &network["nodes"][name.as_str()];
                [&node["ipv4"], &node["ipv6"]].iter().any(|own| **own == address.to_string())
            };
            let from = names.iter().find(has).map_or(From::Address(address), |name| From::Node(name.clone()));
            (Who::Address(address.to_string().parse().unwrap()), vec![from])
        }
        _ => {
            let name = names[dice.below(names.len())].clone();
            (Who::Node(name.clone()), vec![From::Node(name)])
        }
    };
    let (protocol, port) = generator::service(dice);
    Question { who, from, to: generator::address(dice), protocol, port }
}

pub fn naive_answer(world: &World, question: &Question) -> Verdict {
    let Question { from, to, protocol, port, .. } = question;
    let said = pairs(world, from).map(|(from, name)| world.says(from, &name, *to, *protocol, *port));
    said.max().unwrap_or(Verdict::No)
}

/// Every source with every node that is not itself.
pub fn pairs<'a>(world: &'a World, from: &'a [From]) -> impl Iterator<Item = (&'a From, String)> {
    let names = generator::node_names(&world.network);
    let all = from.iter().flat_map(move |from| names.clone().into_iter().map(move |name| (from, name)));
    all.filter(|(from, name)| **from != From::Node(name.clone()))
}

pub fn verdict(naive: Verdict) -> Option<bool> {
    (naive != Verdict::Perhaps).then_some(naive == Verdict::Yes)
}
