//! Application capabilities by their names.

use crate::error::PolicyError;

/// Capabilities in the domain of Tailscale that the control plane refuses to have granted (captures).
const REFUSED_CAPABILITIES: [&str; 2] = ["tailscale.com/cap/funnel", "tailscale.com/cap/relay-target"];

/// Those that it is known to let pass: the first four are in captures; the others are documented by the page on application
/// capabilities, by those on PAM and Aperture, or by the programs that use them (tsidp, proxy-to-grafana, ts-db-connector).
const KNOWN_CAPABILITIES: [&str; 13] = [
    "drive",
    "relay",
    "webui",
    "kubernetes",
    "drive-sharer",
    "secrets",
    "tailsql",
    "golink",
    "tsidp",
    "proxy-to-grafana",
    "databases",
    "pam",
    "aperture",
];

/// The domain of those.
const OWN_DOMAIN: &str = "tailscale.com";

/// The domains in which Tailscale alone names capabilities (documentation of application capabilities, "Requirements and
/// limitations").
const RESERVED: [&str; 2] = [OWN_DOMAIN, "tailscale.io"];

/// Whether nothing is known of a capability in a domain of Tailscale. Those of other domains are anybody's own.
pub(crate) fn is_undocumented(capability: &str) -> bool {
    let Some((domain, path)) = capability.split_once('/') else { return false };
    let known = domain == OWN_DOMAIN
        && path.strip_prefix("cap/").is_some_and(|cap| KNOWN_CAPABILITIES.contains(&cap));
    RESERVED.iter().any(|reserved| domain.eq_ignore_ascii_case(reserved)) && !known
}

/// Whether a grant may give a capability of that name; the error has no place yet.
pub(super) fn check_capability(name: &str) -> Result<(), PolicyError> {
    let parts = name.split_once('/').filter(|(domain, path)| !domain.is_empty() && !path.is_empty());
    if name.contains("://") || parts.is_none() {
        return Err(PolicyError::invalid("capability name must have the form {domain}/{path}"));
    }
    if REFUSED_CAPABILITIES.contains(&name) {
        return Err(PolicyError::invalid("capability name must not be in the tailscale.com domain"));
    }
    Ok(())
}
