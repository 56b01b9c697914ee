//! At most so many at the same time for one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use crate::web::client::subscriber;

/// Enough for a household behind one address, each with several pages that follow what happens.
pub const MOST: usize = 64;

/// Who has how many.
#[derive(Clone, Debug, Default)]
pub struct Places(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// One of them. Given back when dropped.
#[derive(Debug)]
pub struct Place {
    of: IpAddr,
    places: Places,
}

impl Places {
    /// One more for this address, unless it has all.
    pub fn take(&self, address: IpAddr) -> Option<Place> {
        let of = subscriber(address);
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(of).or_default();
        if *count >= MOST {
            return None;
        }
        *count += 1;
        Some(Place { of, places: self.clone() })
    }

    /// How many are taken, by whomever.
    pub fn count(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().sum()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.of) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.of);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_places_and_gives_them_back() {
        let places = Places::default();
        let take = |address: &str| places.take(address.parse().unwrap());
        let mut taken: Vec<Place> = (0..MOST).map(|_| take("192.0.2.1").unwrap()).collect();
        assert!(take("192.0.2.1").is_none() && take("::ffff:192.0.2.1").is_none());
        assert!(take("192.0.2.2").is_some());
        taken.pop();
        assert!(take("192.0.2.1").is_some());
        drop(taken);
        assert!(places.0.lock().unwrap().is_empty(), "nothing is kept of those who are gone");

        let _house: Vec<Place> = (0..MOST).map(|one| take(&format!("2001:db8::{one:x}")).unwrap()).collect();
        assert!(take("2001:db8::ffff:1").is_none());
        assert!(take("2001:db8:0:1::1").is_some());
    }
}
