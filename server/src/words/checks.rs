//! "It does not work": what a friend can look at, in the order in which it helps.

use app::ports::services::JoinStep;

use super::join::step;
use crate::store::services::ServiceAtNode;

/// How the way in stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The link of the invite was not opened yet.
    InviteWaits,
    /// Nothing has to be opened any more.
    Open,
}

pub fn checks(placed: &ServiceAtNode, owner: &str, login: &str, way: Way) -> Vec<JoinStep> {
    let invite = match way {
        Way::InviteWaits => format!("Not yet. Open the link above, as {login}."),
        Way::Open => "Yes: nothing has to be opened any more.".to_owned(),
    };
    let right = format!(
        "The Tailscale program on your device shows who is signed in: it has to be {login}. If it is another account, log out \
         there, and in again as that one."
    );
    let blocked = "It has to say that it is connected. Another VPN on the device can be in its way: switch that off and try."
        .to_owned();
    let name = "The short name works at the owner’s only. Type the whole address as it stands above, or the one by number."
        .to_owned();
    let last = format!("Write to {owner} what you see, and which of these is the first that is not so.");
    vec![
        step("Is it up?", is_up(placed, owner), None),
        step("Is the invite open?", invite, None),
        step("Is it the right account?", right, None),
        step("Is the program connected?", blocked, None),
        step("Is it the right address?", name, None),
        step("Still nothing?", last, None),
    ]
}

/// The machine first: without it nothing else can help.
fn is_up(placed: &ServiceAtNode, owner: &str) -> String {
    let (machine, service) = (&placed.node_name, &placed.service.name);
    let answered = placed.found.as_ref().map(|found| found.answered);
    match (placed.online && !placed.gone, answered) {
        (false, _) => format!("{machine} is not connected just now. Only {owner} can start it."),
        (true, Some(false)) => {
            format!(
                "{machine} is on, but {service} did not answer when it was last asked. Only {owner} can start it."
            )
        }
        (true, Some(true)) => format!("{machine} is on, and {service} answered when it was last asked."),
        (true, None) => format!("{machine} is on. Whether {service} runs on it was not asked."),
    }
}

#[cfg(test)]
mod tests {
    use model::ServiceKind;

    use super::*;
    use crate::words::join::tests::placed;

    #[test]
    fn what_is_off_is_told_first_and_who_can_start_it() {
        let mut placed = placed(ServiceKind::Minecraft, "tcp:25565");
        let first =
            |placed: &ServiceAtNode| checks(placed, "Ana", "d@example.com", Way::Open)[0].detail.clone();
        assert_eq!(first(&placed), "maple is on. Whether It runs on it was not asked.");
        placed.online = false;
        assert_eq!(first(&placed), "maple is not connected just now. Only Ana can start it.");
        let waits = &checks(&placed, "Ana", "d@example.com", Way::InviteWaits)[1];
        assert_eq!(waits.detail, "Not yet. Open the link above, as d@example.com.");
    }
}
