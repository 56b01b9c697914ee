//! How many browsers of strangers begin to be remembered, for each address.
//!
//! `governor` itself and not the layer that `tower_governor` makes of it: only a request that may begin a session is
//! counted, and that is known after the session was looked for.

use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::client;
use super::problem::Problem;
use crate::config::Config;

/// After so many, addresses that did not come for an hour are forgotten.
const TIDY_AFTER: u32 = 1_000;

/// Counts them. Cheap to clone.
#[derive(Clone)]
pub struct Visitors {
    limiter: Arc<DefaultKeyedRateLimiter<IpAddr>>,
    seen: Arc<AtomicU32>,
}

impl fmt::Debug for Visitors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Visitors")
    }
}

impl Visitors {
    /// Of one address `per_hour` at once, and then as many in an hour.
    pub fn new(per_hour: u32) -> Self {
        let quota = Quota::per_hour(NonZeroU32::new(per_hour).unwrap_or(NonZeroU32::MIN));
        Self { limiter: Arc::new(RateLimiter::keyed(quota)), seen: Arc::default() }
    }

    /// One more from this address.
    ///
    /// # Errors
    /// How long to wait, when there were too many.
    pub fn admit(&self, address: IpAddr) -> Result<(), Duration> {
        if self.seen.fetch_add(1, Ordering::Relaxed) % TIDY_AFTER == TIDY_AFTER - 1 {
            self.limiter.retain_recent();
        }
        let admitted = self.limiter.check_key(&client::subscriber(address));
        admitted.map_err(|until| until.wait_time_from(DefaultClock::default().now()))
    }
}

/// What somebody reads who is one too many.
pub fn too_many(config: &Config, wait: Duration) -> Response {
    let minutes = wait.as_secs() / 60 + 1;
    let minutes = if minutes == 1 { "a minute".to_owned() } else { format!("{minutes} minutes") };
    let text = format!(
        "More people than usual came here from your network address, and none of them is signed in. Nothing was \
         changed. Try again in {minutes}; who is signed in can go on."
    );
    let page = Problem::new(config, StatusCode::TOO_MANY_REQUESTS, "Too many at once", text);
    let mut response = page.into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs() + 1));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_has_its_own_places_and_a_network_of_ipv6_is_one_address() {
        let visitors = Visitors::new(2);
        let come = |address: &str| visitors.admit(address.parse().unwrap());
        assert!(come("192.0.2.1").is_ok() && come("192.0.2.1").is_ok());
        let wait = come("192.0.2.1").unwrap_err();
        assert!(wait > Duration::from_mins(20) && wait <= Duration::from_mins(30), "{wait:?}");
        assert!(come("192.0.2.2").is_ok());
        assert!(come("2001:db8::1").is_ok() && come("2001:db8::ffff:2").is_ok());
        assert!(come("2001:db8::3").is_err());
        assert!(come("2001:db8:0:1::3").is_ok());
    }
}
