//! Application capabilities, and those that the control plane adds in the other direction.

use serde_json::Value;

use super::wire::CapMap;

/// Who may use a drive must be known to its devices, and so must be who may use a relay: the sources of such a
/// grant get this on themselves, from the destinations (captures).
const COMPANIONS: [(&str, &str); 2] = [
    ("tailscale.com/cap/drive", "tailscale.com/cap/drive-sharer"),
    ("tailscale.com/cap/relay", "tailscale.com/cap/relay-target"),
];

/// The capabilities of a grant as the wire has them.
pub(super) fn cap_map(app: &[(String, Value)]) -> CapMap {
    let values = |value: &Value| match value {
        Value::Null => None,
        Value::Array(items) => Some(items.clone()),
        other => Some(vec![other.clone()]),
    };
    app.iter().map(|(name, value)| (name.clone(), values(value))).collect()
}

/// The companions of a grant's capabilities, one rule each.
pub(super) fn companions(app: &[(String, Value)]) -> Vec<CapMap> {
    let has = |name: &str| app.iter().any(|(own, _)| own == name);
    let map = |companion: &str| std::iter::once((companion.to_owned(), None)).collect();
    COMPANIONS.iter().filter(|(name, _)| has(name)).map(|(_, companion)| map(companion)).collect()
}
