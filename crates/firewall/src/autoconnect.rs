//! The hand-written `tailscale-autoconnect` module that many NixOS hosts still have, and what is wrong with it.
//!
//! It goes back to one well-known guide and is copied in many public configurations; the one that circulates names
//! a wrong firewall option as well (tailscale issue 12583).

/// One thing to change in a pasted module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The line it stands in, from 1.
    pub line: usize,
    /// The line itself, trimmed and shortened.
    pub text: String,
    /// What it does, and what to write instead.
    pub advice: &'static str,
}

/// What shows a flaw in a line, and the advice.
const FLAWS: [(&str, &str); 15] = [
    (
        "tailscale-autoconnect",
        "NixOS has this unit itself once authKeyFile is set, and it handles every state of tailscaled; drop this one",
    ),
    (
        "\"tailscale.service\"",
        "the daemon's unit is tailscaled.service, so this orders nothing, and the sleep below hides the race",
    ),
    ("sleep ", "waits for no state of tailscaled; the unit of NixOS does"),
    (
        "-authkey",
        "the key stands in the unit, in the process list and in the world-readable store; use authKeyFile",
    ),
    (
        "services.tailscale.authKey ",
        "the key lands in the world-readable store; use authKeyFile with a path on the host, as a string",
    ),
    (
        "authKey = mkOption",
        "an option of your own whose value lands in the world-readable store; NixOS has authKeyFile",
    ),
    (
        "authKeyFile = .",
        "Nix copies this file into the world-readable store; write an absolute path as a string",
    ),
    (
        "trustedInterfaces",
        "opens every port of the host to everybody whom the policy lets in; name ports under \
         networking.firewall.interfaces",
    ),
    (
        "checkReversePath",
        "write services.tailscale.useRoutingFeatures = \"client\"; sharing does not need it at all",
    ),
    (
        "config.services.tailscale.port",
        "write services.tailscale.openFirewall = true, which opens the same port",
    ),
    (
        "hskey-",
        "a key in the configuration is in its history and in the world-readable store; revoke it and use authKeyFile",
    ),
    (
        "tskey-",
        "a key in the configuration is in its history and in the world-readable store; revoke it and use authKeyFile",
    ),
    (
        "41641",
        "write services.tailscale.openFirewall = true, which opens the port that tailscaled really uses",
    ),
    (
        "firewall.enable = false",
        "without the host's firewall every port is open on every network, not only in the tailnet",
    ),
    (
        "authKeyParameters",
        "is appended to the key and fits only an OAuth client secret; on a plain auth key it breaks the login",
    ),
];

/// Whether a pasted NixOS configuration has that unit, or its habits, line by line. Comments are not looked at.
///
/// ```
/// let flaws = firewall::flaws_in_module("networking.firewall.trustedInterfaces = [ \"tailscale0\" ];");
/// assert_eq!(flaws[0].line, 1);
/// ```
pub fn flaws_in_module(text: &str) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    for (line, text) in (1..).zip(text.lines()) {
        let code = text.split('#').next().unwrap_or_default();
        for (word, advice) in FLAWS {
            if code.contains(word) {
                flaws.push(Flaw { line, text: text.trim().chars().take(120).collect(), advice });
            }
        }
    }
    flaws
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_old_module_is_recognised_line_by_line() {
        let module = r#"{ config, pkgs, lib, ... }: {
  systemd.services.tailscale-autoconnect = {
    after = [ "network-pre.target" "tailscale.service" ];
    script = ''
      sleep 2
      ${tailscale}/bin/tailscale up -authkey ${config.services.tailscale.authKey}
    '';
  };
  networking.firewall.allowedUDPPorts = [ config.services.tailscale.port ];
  networking.firewall.trustedInterfaces = [ "tailscale0" ]; # all of it
  networking.firewall.checkReversePath = "loose";
  services.tailscale.authKey = "tskey-auth-x";
}"#;
        let lines: Vec<usize> = flaws_in_module(module).iter().map(|flaw| flaw.line).collect();
        assert_eq!(lines, [2, 3, 5, 6, 9, 10, 11, 12, 12]);
    }

    #[test]
    fn our_own_modules_have_none_of_it() {
        use crate::{Backend, Input, Part, Routing, System, bootstrap, render};
        let input = Input::from_json(
            r#"{"node":"n1","revision":7,"interface":"tailscale0","own":["100.64.0.10"],"shares":[]}"#,
        )
        .unwrap();
        let made = bootstrap(System::Nixos, Routing::Both, Some("/run/secrets/tailscale"), None).unwrap();
        assert_eq!(flaws_in_module(&made.text()), []);
        for backend in [Backend::NixosNftables, Backend::NixosIptables] {
            assert_eq!(flaws_in_module(&render(&input, backend, Part::All).text()), []);
        }
    }
}
