//! What somebody who shares nothing yet does first.

use app::paths;
use app::ports::inbox::Step;
use model::ServiceId;

pub fn connect(done: bool) -> Step {
    Step {
        title: "Connect your network".into(),
        detail:
            "Reading comes first: you see your machines, and what would be shared, before anything can be written."
                .into(),
        href: paths::connect_tailnet(),
        done,
    }
}

pub fn list(href: String, done: bool) -> Step {
    Step {
        title: "List a service".into(),
        detail: "Choose a machine and say what runs on it, such as a Minecraft server.".into(),
        href,
        done,
    }
}

pub fn offer(service: Option<ServiceId>, done: bool) -> Step {
    Step {
        title: "Offer it to a friend".into(),
        detail: "A link for one person, for an evening or until you end it.".into(),
        href: paths::new_offer(service),
        done,
    }
}
