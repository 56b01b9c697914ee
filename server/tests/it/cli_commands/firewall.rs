//! `firewall …`.

use super::{Folder, acequia, acequia_with};

const INPUT: &str = r#"{"node":"n1","revision":7,"interface":"tailscale0","own":["100.64.0.10"],
    "shares":[{"id":"mc","tcp":["25565"],"udp":["19132-19133"],"until":"2026-12-24T22:00:00Z"}]}"#;

fn render(arguments: &[&str]) -> super::Answer {
    acequia_with(&[&["firewall", "render", "--input", "-"], arguments].concat(), INPUT)
}

#[test]
fn every_backend_is_rendered_for_the_input() {
    for backend in ["nixos-nftables", "nixos-iptables", "nftables", "iptables", "ufw", "firewalld", "windows"]
    {
        let answer = render(&["--backend", backend]);
        assert!(answer.good().contains("25565"), "{backend}: {}", answer.out);
        assert!(answer.err.contains("check:"), "{backend}: {}", answer.err);
        let removal = render(&["--backend", backend, "--remove"]);
        assert!(!removal.good().contains("25565"), "{backend}: {}", removal.out);
        assert_ne!(removal.out, answer.out);
    }
}

#[test]
fn parts_are_the_opening_and_the_guard() {
    let part = |part| render(&["--backend", "nftables", "--part", part]).good().to_owned();
    let (open, guard, all) = (part("open"), part("guard"), part("all"));
    assert!(guard.contains("100.64.0.10") && !open.contains("100.64.0.10"), "{guard}{open}");
    assert_eq!(all, render(&["--backend", "nftables"]).out);
    assert_eq!(render(&["--backend", "nftables", "--part", "half"]).code, 2);
}

#[test]
fn an_input_that_must_not_become_a_rule_is_named() {
    let folder = Folder::new();
    let port = folder.write("port", INPUT.replace("25565", "0"));
    let answer = acequia(&["firewall", "render", "--backend", "nftables", "--input", &port]);
    assert_eq!((answer.code, answer.out.as_str()), (2, ""));
    assert!(answer.err.contains("share `mc`"), "{}", answer.err);
    assert_eq!(answer.err.matches("is not a port").count(), 1, "{}", answer.err);
}

#[test]
fn a_host_is_brought_into_a_tailnet() {
    let bootstrap = |arguments: &[&str]| acequia(&[&["firewall", "bootstrap"], arguments].concat());
    for system in ["nixos", "debian", "fedora", "arch", "macos", "windows"] {
        assert!(bootstrap(&["--system", system]).good().contains("tailscale"), "{system}");
    }
    let module = bootstrap(&[
        "--system",
        "nixos",
        "--routing",
        "both",
        "--auth-key-file",
        "/run/secrets/key",
        "--login-server",
        "https://headscale.example.com",
    ]);
    for part in ["useRoutingFeatures = \"both\"", "/run/secrets/key", "https://headscale.example.com"] {
        assert!(module.good().contains(part), "{part}: {}", module.out);
    }
    let bare = bootstrap(&["--system", "nixos", "--auth-key-file", "./key"]);
    assert_eq!((bare.code, bare.out.as_str()), (2, ""));
    assert!(bare.err.contains("world-readable"), "{}", bare.err);
    assert_eq!(bootstrap(&["--system", "plan9"]).code, 2);
}
