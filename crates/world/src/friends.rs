//! Friends of Ana's, each with a tailnet of their own that is not connected.

use simulator::world::{Device, Tailnet, User};

use crate::names::{self, name};
use crate::records::Person;
use crate::size::Size;

/// Their numbers go on where nobody of `commons` is, so that no two people have one name.
const FIRST: usize = 1 << 20;

pub fn login(number: usize) -> String {
    names::login(FIRST + number, "friends.example")
}

pub fn person(number: usize) -> Person {
    let demo = (number == 0).then(|| "has one of Ana's machines".to_owned());
    Person { login: login(number), name: name(FIRST + number), instance_owner: false, demo }
}

pub fn make(size: &Size) -> impl Iterator<Item = Tailnet> {
    (0..size.recipients).map(|number| {
        let login = login(number);
        let owner = User::new(&login, name(FIRST + number), "owner");
        Tailnet {
            devices: vec![Device::new("phone", &login)],
            ..Tailnet::new(format!("friend-{number:04}"), format!("tailf{number:04x}.ts.net"), vec![owner])
        }
    })
}
