//! What somebody could not be told outside of the app, in the list of what waits.

use app::paths;
use model::text::capitalised;
use model::{Channel, OfferId};

/// What could not be told, in the list of what waits: title and detail.
pub fn of_person(channel: Channel, count: u32, why: &str) -> (String, String) {
    let what = match count {
        1 => "Something could not be sent to you".to_owned(),
        many => format!("{many} things could not be sent to you"),
    };
    (
        format!("{what} by {}", by(channel)),
        format!("{}. It is not tried again; here is everything.", capitalised(why)),
    )
}

pub fn of_offer(service: &str, address: &str, why: &str) -> (String, String) {
    let detail = format!("{}. It is not tried again: send them the link yourself.", capitalised(why));
    (format!("The offer of {service} did not arrive at {address}"), detail)
}

const fn by(channel: Channel) -> &'static str {
    match channel {
        Channel::Mail => "mail",
        Channel::Ntfy => "ntfy",
        Channel::Webhook => "webhook",
    }
}

/// Where the maker of an offer reads what became of it.
pub fn place(object: uuid::Uuid) -> String {
    paths::offer(OfferId::new(object))
}
