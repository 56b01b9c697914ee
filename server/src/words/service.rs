//! What is said of services.

use app::fault::Fault;

use crate::store::services::Service;

pub const SWITCHED_OFF: &str = "it is switched off in the configuration";

pub fn playing(now: u32, most: u32) -> String {
    format!("{now} of {most} playing")
}

pub fn with_an_error(status: u16) -> String {
    format!("with an error ({status})")
}

pub const CHOOSE_A_KIND: &str = "choose what kind of service it is";
pub const CHOOSE_FOR_GATES: &str = "choose what becomes of the open gates, which have other ports";
pub const CHOOSE_AN_AUDIENCE: &str = "choose to whom it is shown";
pub const CHOOSE_FROM_THE_LIST: &str = "choose people from the list";
pub const CHOOSE_SOMEBODY: &str = "choose at least one person, or show it to nobody";

pub fn listed(name: &str, node: &str) -> String {
    format!("listed {name} on {node}")
}

/// As the audit trail has it before and after a change.
pub fn in_words(service: &Service) -> String {
    format!("{}: {}, shown to {}", service.name, service.ports, service.audience)
}

pub fn listed_there(name: &str, node: &str) -> String {
    format!("listed {name}, as the configuration of {node} has it")
}

/// Of one whose kind is approved beforehand.
pub fn changed_there(name: &str, node: &str) -> String {
    format!("The configuration of {node} gave {name} other ports")
}

pub const LOOK_AT_PORTS: &str =
    "Look at ports and kind, and save once. Until then each new gate of it waits for a review.";

/// Why a gate of it waits, where its kind was approved beforehand.
pub const GATES_WAIT: &str = "The configuration of its machine gave it other ports, and nobody has looked at them since, so it waits \
                              for a yes.";

pub fn left_out_there(name: &str, node: &str) -> String {
    format!("took {name} off the list: the configuration of {node} leaves it out")
}

pub const TWICE: &str = "there is another of that name";

pub fn namesake(name: &str) -> Fault {
    Fault::conflict(format!("Another service called {name} is on this machine."))
}

/// Of what people type about a service that is listed elsewhere.
pub fn listed_elsewhere(node: &str) -> Fault {
    Fault::conflict(format!(
        "The configuration of {node} lists this: change it there, or take the token of {node} away first."
    ))
}

pub fn removed(name: &str) -> String {
    format!("removed {name} from the list")
}

pub fn shares_are_open(count: i64) -> Fault {
    Fault::conflict(format!("{count} of its shares are not over; end them first."))
}

pub fn too_many(most: u32) -> Fault {
    Fault::conflict(format!(
        "This tailnet has {most} services, and there can be no more than that. Take one off the board first."
    ))
}
