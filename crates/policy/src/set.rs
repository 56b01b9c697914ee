//! Sets that the engine computes with: nodes as bits, addresses as sorted ranges.

mod bits;
mod ip_range;
mod ip_set;

pub use bits::{Bits, NodeSet, UserSet};
pub use ip_range::{IpRange, IpRangeError};
pub use ip_set::IpSet;
