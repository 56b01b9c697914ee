//! The module that brings a NixOS host into the tailnet.

use crate::bootstrap::{HttpUrl, Routing, SecretFile};
use crate::nixos::module;
use crate::snippet::Lines;

pub(crate) fn bootstrap(routing: Routing, key: Option<&SecretFile>, server: Option<&HttpUrl>) -> Lines {
    let mut body = Lines::default();
    body.add("services.tailscale = {");
    body.why("  enable = true;", "brings the package, the daemon and its unit");
    body.why(
        "  openFirewall = true;",
        "opens tailscaled's own UDP port for direct connections, nothing on the tailnet interface",
    );
    if let Some(key) = key {
        body.why(
            format!("  authKeyFile = \"{}\";", key.as_str()),
            "a string, not a path: Nix would copy a path into the world-readable store",
        );
    }
    if routing != Routing::None {
        body.why(
            format!("  useRoutingFeatures = \"{routing}\";"),
            "in place of checkReversePath = \"loose\": client loosens it, server turns forwarding on",
        );
    }
    if let Some(server) = server {
        body.why(
            format!("  extraUpFlags = [ \"--login-server={}\" ];", server.as_str()),
            "the control server that the host joins; NixOS passes it on only together with an authKeyFile",
        );
    }
    body.add("};");
    body.why(
        "networking.firewall.interfaces.${config.services.tailscale.interfaceName} = {",
        "in place of trustedInterfaces, which opens every port to everybody whom the policy lets in",
    );
    body.why(
        "  allowedTCPPorts = [ ];",
        "ports for your own devices; shared ones come with the node's firewall file",
    );
    body.add("};");
    module("{ config, ... }:", body)
}
