//! How often something happens, for each address.
//!
//! `governor` itself and not the layer that `tower_governor` makes of it: what is counted is known inside of handlers,
//! and some of it waits where that layer refuses.

use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::client;

/// After so many, addresses that did not come for long are forgotten.
const TIDY_AFTER: u32 = 1_000;
/// Of what is allowed in a second, so many seconds' worth may come at once: a page with all its parts, in several tabs.
const AT_ONCE: u32 = 10;

/// Counts for each address. Cheap to clone.
#[derive(Clone)]
pub struct PerAddress {
    limiter: Arc<DefaultKeyedRateLimiter<IpAddr>>,
    seen: Arc<AtomicU32>,
}

impl fmt::Debug for PerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PerAddress")
    }
}

impl PerAddress {
    /// So many at once, and then as many in an hour.
    pub fn hour(count: u32) -> Self {
        Self::new(Quota::per_hour(at_least_one(count)))
    }

    /// So many in a second, and ten seconds' worth at once.
    pub fn second(count: u32) -> Self {
        let burst = at_least_one(count.saturating_mul(AT_ONCE));
        Self::new(Quota::per_second(at_least_one(count)).allow_burst(burst))
    }

    fn new(quota: Quota) -> Self {
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

    /// Waits until it is this address's turn.
    pub async fn turn(&self, address: IpAddr) {
        while let Err(wait) = self.admit(address) {
            tokio::time::sleep(wait).await;
        }
    }
}

fn at_least_one(count: u32) -> NonZeroU32 {
    NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_has_its_own_places_and_a_network_of_ipv6_is_one_address() {
        let visitors = PerAddress::hour(2);
        let come = |address: &str| visitors.admit(address.parse().unwrap());
        assert!(come("192.0.2.1").is_ok() && come("192.0.2.1").is_ok());
        let wait = come("192.0.2.1").unwrap_err();
        assert!(wait > Duration::from_mins(20) && wait <= Duration::from_mins(30), "{wait:?}");
        assert!(come("192.0.2.2").is_ok());
        assert!(come("2001:db8::1").is_ok() && come("2001:db8::ffff:2").is_ok());
        assert!(come("2001:db8::3").is_err());
        assert!(come("2001:db8:0:1::3").is_ok());
    }

    #[test]
    fn ten_seconds_worth_may_come_at_once() {
        let requests = PerAddress::second(1);
        let address = "192.0.2.1".parse().unwrap();
        for _ in 0..AT_ONCE {
            assert!(requests.admit(address).is_ok());
        }
        let wait = requests.admit(address).unwrap_err();
        assert!(wait <= Duration::from_secs(1), "{wait:?}");
    }
}
