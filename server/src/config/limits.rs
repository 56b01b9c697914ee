//! How much of something there may be, so that nobody fills the place for others.

use super::reader::Reader;

/// Numbers of things. A limit that is reached is told in words, and nothing is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Tailnets that one person connects.
    pub tailnets_per_person: u32,
    /// Machines that one tailnet waits for at a time.
    pub open_waits_per_tailnet: u32,
    /// Open offers of one person to another.
    pub offers_between_two: u32,
    /// Open offers of one service.
    pub offers_per_service: u32,
    /// Offers that one person asks for and waits for.
    pub asks_per_person: u32,
    /// Circles of one person.
    pub circles_per_person: u32,
    /// People in one circle.
    pub people_per_circle: u32,
    /// Listed services of one tailnet.
    pub services_per_tailnet: u32,
    /// Browsers in which one person is signed in: with one more, the one that was not used for longest is signed out.
    pub sessions_per_person: u32,
    /// Browsers of people who are not signed in that begin to be remembered in an hour, for one address.
    pub new_visitors_per_hour: u32,
    /// Requests of one address in a second, ten times as many at once; what comes faster waits for its turn.
    pub requests_per_second: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            tailnets_per_person: 20,
            open_waits_per_tailnet: 10,
            offers_between_two: 20,
            offers_per_service: 100,
            asks_per_person: 20,
            circles_per_person: 30,
            people_per_circle: 50,
            services_per_tailnet: 500,
            sessions_per_person: 20,
            new_visitors_per_hour: 60,
            requests_per_second: 20,
        }
    }
}

pub(super) fn settings(reader: &mut Reader<'_>) -> Limits {
    let default = Limits::default();
    let mut number = |key: &str, default: u32| {
        let limit = reader.parsed::<u32>(key, &default.to_string()).unwrap_or(default);
        if limit == 0 {
            reader.problem(key, "has to be at least 1");
        }
        limit
    };
    Limits {
        tailnets_per_person: number("tailnets_per_person", default.tailnets_per_person),
        open_waits_per_tailnet: number("open_waits_per_tailnet", default.open_waits_per_tailnet),
        offers_between_two: number("offers_between_two", default.offers_between_two),
        offers_per_service: number("offers_per_service", default.offers_per_service),
        asks_per_person: number("asks_per_person", default.asks_per_person),
        circles_per_person: number("circles_per_person", default.circles_per_person),
        people_per_circle: number("people_per_circle", default.people_per_circle),
        services_per_tailnet: number("services_per_tailnet", default.services_per_tailnet),
        sessions_per_person: number("sessions_per_person", default.sessions_per_person),
        new_visitors_per_hour: number("new_visitors_per_hour", default.new_visitors_per_hour),
        requests_per_second: number("requests_per_second", default.requests_per_second),
    }
}
