//! Which room of `server` may know of which, read off the code: whatever stands behind `use`, and every path that begins
//! with `crate::` or `super::`, within macros too. There are no exceptions.

mod paths;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The floors, lowest first. A room knows of its own floor and of those below.
const FLOORS: &[&[&str]] = &[
    &[
        "clock",
        "config",
        "log",
        "random",
        "secrets",
        "text_csv",
        "text_diff",
        "text_merge",
        "text_pack",
        "unsubscribe",
        "version",
    ],
    &["store"],
    &["health", "post", "probe", "reach", "signals", "words"],
    &["state"],
    &["failure", "hosts", "plan", "planes", "providers", "queue", "session", "shares", "tailnet", "trail"],
    &["jobs", "use_cases"],
    &["cli", "demo", "listen", "router", "web"],
];

/// A module, as `store::offers`.
type Module = String;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Every module of the library of `server` that has a file, with the text of it.
fn modules() -> BTreeMap<Module, String> {
    let root = folder("../../server/src");
    let mut all = BTreeMap::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path())
        {
            if entry.is_dir() {
                folders.push(entry);
                continue;
            }
            let within = entry.strip_prefix(&root).expect("below").with_extension("");
            let name: Vec<_> = within.iter().map(|part| part.to_string_lossy()).collect();
            let name = name.join("::");
            // The two roots are above everything, and tests of a module stand beside it.
            let is_root = matches!(name.as_str(), "lib" | "main");
            if entry.extension().is_some_and(|ending| ending == "rs") && !is_root && !name.ends_with("tests")
            {
                all.insert(name, std::fs::read_to_string(&entry).expect("a text"));
            }
        }
    }
    all
}

/// From whom to whom: each module with the modules that it names.
fn arrows() -> BTreeMap<Module, BTreeSet<Module>> {
    let modules = modules();
    let known = |path: &[String]| -> Option<Module> {
        let longest = (1..=path.len()).rev().map(|length| path[..length].join("::"));
        longest.into_iter().find(|name| modules.contains_key(name))
    };
    let of = |(name, text): (&Module, &String)| {
        let named = paths::of(name, text).into_iter().filter_map(|path| known(&path));
        (name.clone(), named.filter(|to| to != name).collect())
    };
    modules.iter().map(of).collect()
}

fn room(module: &str) -> &str {
    module.split("::").next().expect("a first part")
}

fn floor(module: &str) -> usize {
    let room = room(module);
    let found = FLOORS.iter().position(|rooms| rooms.contains(&room));
    found.unwrap_or_else(|| panic!("say in FLOORS where `{room}` is"))
}

#[test]
fn arrows_between_rooms_run_down() {
    let arrows = arrows();
    let all = arrows.iter().flat_map(|(from, named)| named.iter().map(move |to| (from, to)));
    let up = all.filter(|(from, to)| floor(from) < floor(to));
    let up: BTreeSet<String> = up.map(|(from, to)| format!("{from} -> {to}")).collect();
    assert!(up.is_empty(), "these run up: {up:#?}");
}

#[test]
fn a_circle_is_of_a_module_and_its_own_parts() {
    let arrows = arrows();
    let mut circles: BTreeSet<String> = BTreeSet::new();
    let behind: BTreeMap<&Module, BTreeSet<&Module>> =
        arrows.keys().map(|from| (from, reached(from, &arrows))).collect();
    for (one, reaches) in &behind {
        let circle: BTreeSet<&Module> =
            reaches.iter().copied().filter(|other| behind[*other].contains(one)).collect();
        let is_within =
            |module: &str, whole: &str| module == whole || module.starts_with(&format!("{whole}::"));
        let family = circle.iter().any(|whole| circle.iter().all(|module| is_within(module, whole)));
        if !circle.is_empty() && !family {
            circles.insert(circle.into_iter().map(String::as_str).collect::<Vec<_>>().join(" "));
        }
    }
    assert!(circles.is_empty(), "{circles:#?}");
}

/// Whatever a module leads to, itself only by a circle.
fn reached<'a>(from: &'a Module, arrows: &'a BTreeMap<Module, BTreeSet<Module>>) -> BTreeSet<&'a Module> {
    let mut all = BTreeSet::new();
    let mut next: Vec<&Module> = arrows[from].iter().collect();
    while let Some(module) = next.pop() {
        if all.insert(module) {
            next.extend(&arrows[module]);
        }
    }
    all
}
