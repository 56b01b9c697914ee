//! The people and machines of a run.

use simulator::World;
use simulator::world::{Device, Tailnet, User};

/// How many people there are.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// How many give.
    pub owners: usize,
    /// How many friends each of them has.
    pub friends: usize,
}

/// Each style of policy once in a while: grants, ACLs, and the wildcard that has to be narrowed first.
const POLICIES: [&str; 3] = [
    "{\n  // Ours.\n  \"grants\": [\n    {\"src\": [\"autogroup:member\"], \"dst\": [\"*\"], \"ip\": [\"*\"]},\n  ],\n}\n",
    "{\n  /* grown over the years */\n  \"acls\": [\n    {\"action\": \"accept\", \"src\": [\"autogroup:member\"], \"dst\": [\"*:*\"]},\n  ],\n}\n",
    "// Example/default ACLs for unrestricted connections.\n{\n\t\"grants\": [\n\t\t// Allow all connections.\n\t\t{\"src\": [\"*\"], \"dst\": [\"*\"], \"ip\": [\"*\"]},\n\t],\n}\n",
];

pub fn owner(number: usize) -> String {
    format!("owner-{number}")
}

pub fn friend(of: usize, number: usize) -> String {
    format!("friend-{of}-{number}")
}

/// Somebody with a tailnet of their own, which nobody here trusts.
pub const HOSTILE: &str = "mallory";

pub fn login(name: &str) -> String {
    format!("{name}@load.example")
}

pub fn machine(name: &str) -> String {
    format!("{name}-box")
}

pub fn world(size: Size) -> World {
    let mut names: Vec<String> = (0..size.owners).map(owner).collect();
    names.extend((0..size.owners).flat_map(|of| (0..size.friends).map(move |number| friend(of, number))));
    names.push(HOSTILE.into());
    let mut world = World::demo();
    world.headscales.clear();
    world.tailnets = (0..).zip(&names).map(|(number, name)| tailnet(number, name)).collect();
    world
}

fn tailnet(number: usize, name: &str) -> Tailnet {
    let login = login(name);
    let owner = User::new(&login, format!("P{number:03} {name}"), "owner");
    let suffix = format!("tail{number:04x}.ts.net");
    let devices = [machine(name), format!("{name}-phone")];
    Tailnet {
        policy: POLICIES.get(number % POLICIES.len()).map(|policy| (*policy).to_owned()),
        devices: devices.map(|hostname| Device::new(hostname, &login)).to_vec(),
        ..Tailnet::new(name, suffix, vec![owner]).with_credentials(&login)
    }
}
