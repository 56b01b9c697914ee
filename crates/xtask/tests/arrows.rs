//! Which room may know of which: the arrows between our crates, as ARCHITECTURE.md draws them.

use std::collections::BTreeSet;
use std::process::Command;

/// Room, and what it may use. Libraries do not know of the app, and only `server` knows how things are answered.
const ARROWS: &[(&str, &[&str])] = &[
    ("app", &["model"]),
    ("calls", &["control-plane", "model"]),
    ("control-plane", &["model"]),
    ("end2end", &["simulator"]),
    ("firewall", &["model"]),
    ("headscale-client", &["calls", "control-plane", "model"]),
    ("hujson", &[]),
    ("invariants", &["hujson", "policy"]),
    ("load", &["app", "invariants", "model", "policy", "simulator", "witness", "world"]),
    ("markup", &[]),
    ("model", &[]),
    ("notices", &["model"]),
    ("policy", &["hujson", "model"]),
    ("real", &["load", "markup"]),
    (
        "server",
        &[
            "app",
            "calls",
            "control-plane",
            "firewall",
            "headscale-client",
            "hujson",
            "model",
            "notices",
            "policy",
            "sharing",
            "simulator",
            "tailscale-client",
            "world",
        ],
    ),
    ("sharing", &["control-plane", "model", "policy"]),
    ("simulator", &["hujson", "policy"]),
    ("tailscale-client", &["calls", "control-plane", "model"]),
    ("witness", &["invariants", "simulator"]),
    ("world", &["model", "policy", "simulator"]),
    ("xtask", &[]),
];

/// What only tests use besides.
const ARROWS_OF_TESTS: &[(&str, &[&str])] = &[
    ("app", &["markup"]),
    ("real", &["simulator"]),
    ("server", &["invariants", "markup", "witness"]),
    ("simulator", &["control-plane", "headscale-client", "model", "tailscale-client"]),
];

#[test]
fn crates_know_only_of_those_that_they_may_know() {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let metadata = Command::new(cargo)
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let metadata: serde_json::Value = serde_json::from_slice(&metadata.stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("a list");
    let name = |value: &serde_json::Value| value["name"].as_str().expect("a name").to_owned();
    let ours: BTreeSet<String> = packages.iter().map(name).collect();

    let found = |of_tests: bool| -> BTreeSet<(String, String)> {
        let arrows = packages.iter().flat_map(|package| {
            let dependencies = package["dependencies"].as_array().expect("a list");
            let wanted = dependencies.iter().filter(move |one| (one["kind"] == "dev") == of_tests);
            wanted.map(|one| (name(package), name(one)))
        });
        arrows.filter(|(_, to)| ours.contains(to)).collect()
    };
    assert_eq!(found(false), drawn(ARROWS), "left: found in the manifests, right: allowed");
    // Arrows that are drawn for the library already need not be drawn again.
    let tests: BTreeSet<_> = found(true).difference(&drawn(ARROWS)).cloned().collect();
    assert_eq!(tests, drawn(ARROWS_OF_TESTS), "left: found in the manifests, right: allowed in tests");
}

fn drawn(arrows: &[(&str, &[&str])]) -> BTreeSet<(String, String)> {
    let arrows = arrows.iter().flat_map(|(from, to)| to.iter().map(move |to| (*from, *to)));
    arrows.map(|(from, to)| (from.to_owned(), to.to_owned())).collect()
}
