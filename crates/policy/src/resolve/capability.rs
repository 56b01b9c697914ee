//! Application capabilities by their names.

use crate::error::PolicyError;

/// Capabilities in the domain of Tailscale that the control plane refuses to have granted (captures).
const REFUSED_CAPABILITIES: [&str; 2] = ["tailscale.com/cap/funnel", "tailscale.com/cap/relay-target"];

/// Those that it is known to let pass: the first four are in captures, the others are documented by the programs that
/// use them (tsidp, setec, golink, proxy-to-grafana, ts-db-connector).
const KNOWN_CAPABILITIES: [&str; 9] =
    ["drive", "relay", "webui", "kubernetes", "tsidp", "secrets", "golink", "proxy-to-grafana", "databases"];

/// Whether nothing is known of a capability in the domain of Tailscale. Those of other domains are anybody's own.
pub(crate) fn is_undocumented(capability: &str) -> bool {
    let known = |path: &str| path.strip_prefix("cap/").is_some_and(|cap| KNOWN_CAPABILITIES.contains(&cap));
    capability.strip_prefix("tailscale.com/").is_some_and(|path| !known(path))
}

/// Whether a grant may give a capability of that name; the error has no place yet.
pub(super) fn check_capability(name: &str) -> Result<(), PolicyError> {
    if name.contains("://") || !name.contains('/') {
        return Err(PolicyError::invalid("capability name must have the form {domain}/{path}"));
    }
    if REFUSED_CAPABILITIES.contains(&name) {
        return Err(PolicyError::invalid("capability name must not be in the tailscale.com domain"));
    }
    Ok(())
}
