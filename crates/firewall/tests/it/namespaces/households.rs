//! A server where everybody's machines are in one list, with a policy that lets everybody reach everything: the guard alone
//! holds the friend to the shared port, and lets the household pass.

use std::collections::{BTreeMap, BTreeSet};

use firewall::{Households, Input, InputShare, LetIn, Machine, TailnetAddress, shut_out};
use model::{Protocol, Revision};

use super::world::address;
use super::{each_guard, guard};

fn addresses(name: &str) -> BTreeSet<TailnetAddress> {
    [false, true].map(|v6| TailnetAddress::new(address(name, v6, 1).ip()).unwrap()).into()
}

/// The four of the world: ana's laptop, a server with tags that was given to her, and one machine each of two others.
fn machines() -> Vec<Machine> {
    let users =
        [("server", None), ("laptop", Some("ana")), ("friend", Some("bruno")), ("stranger", Some("carla"))];
    let machine = |(name, user): (&str, Option<&str>)| Machine {
        id: name.to_owned(),
        user: user.map(str::to_owned),
        addresses: addresses(name),
    };
    users.map(machine).into()
}

fn input(together: &[&str]) -> Input {
    let together = together.iter().map(|user| (*user).to_owned()).collect::<BTreeSet<_>>();
    let given = BTreeMap::from([("server".to_owned(), "ana".to_owned())]);
    let (households, all) = (Households::new([together], given).unwrap(), machines());
    let own = households.own(&all[0], &all).unwrap();
    let share = InputShare {
        id: "mc".into(),
        ports: "tcp:25565,udp:25565".parse().unwrap(),
        peers: households.peers(&all[0], "bruno", &all),
        until: None,
    };
    Input::new("server".into(), Revision::new(1), "tailscale0".parse().unwrap(), own, vec![share]).unwrap()
}

#[test]
fn the_friend_reaches_the_shared_port_only_and_the_household_everything() {
    each_guard("households", |world, backend, command| {
        world.assert_row("everybody reaches everything", "OOOOOO", "OOOOOO", "OOOOOO");
        world.run(&guard(&input(&["ana"]), backend, command));
        world.assert_row("ana alone", "OOOO--", "------", "OOOOOO");
        world.run(&guard(&input(&["ana", "carla"]), backend, command));
        world.assert_row("ana with carla", "OOOO--", "OOOOOO", "OOOOOO");
    });
}

#[test]
fn who_loses_by_it_is_what_the_packets_say() {
    let everything = |machine: &Machine, protocol| LetIn {
        who: machine.id.clone(),
        addresses: machine.addresses.clone(),
        protocol,
        ports: "1-65535".parse().into_iter().collect(),
    };
    let rules: Vec<LetIn> = machines()
        .iter()
        .flat_map(|machine| [Protocol::Tcp, Protocol::Udp].map(|protocol| everything(machine, protocol)))
        .collect();
    let now = "2026-12-24T00:00:00Z".parse().unwrap();
    let told: Vec<String> = shut_out(&input(&["ana"]), &rules, now)
        .iter()
        .map(|one| format!("{} {} {}", one.who, one.protocol, one.ports))
        .collect();
    let lost = [
        "friend tcp 1-25564,25566-65535",
        "friend udp 1-25564,25566-65535",
        "stranger tcp 1-65535",
        "stranger udp 1-65535",
    ];
    assert_eq!(told, lost);
}
