//! Policies on which the engine was wrong once, each with the right answer and where that comes from.
//!
//! The same inputs lie in the folder `findings` beside the one that `ACEQUIA_VECTORS` names; where it is there, they are
//! compared with those here.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod elsewhere;
mod kinds;
mod names;
mod postures;
mod readings;
mod sections;
mod services;

use std::path::PathBuf;

use policy::lint::LintKind;
use policy::{Engine, Network, Policy, PolicyError, Reading, Target, check, lint};

const NETWORK: &str = r#"{"domains":["example.com"],
 "users":[{"id":1,"name":"anna","email":"anna@example.com","role":"owner"},
  {"id":2,"name":"ben","email":"ben@example.com","role":"admin"},
  {"id":3,"name":"cleo","email":"cleo@example.com"},
  {"id":4,"name":"friend","email":"friend@elsewhere.example","type":"shared"},
  {"id":5,"name":"pal","email":"pal@github","type":"shared"}],
 "nodes":{
  "mc":{"hostname":"mc","ipv4":"100.64.0.1","ipv6":"fd7a:115c:a1e0::1","tags":[],"user":"anna","shared_to":["friend@elsewhere.example"]},
  "nas":{"hostname":"nas","ipv4":"100.64.0.2","ipv6":"fd7a:115c:a1e0::2","tags":[],"user":"anna"},
  "benlap":{"hostname":"benlap","ipv4":"100.64.0.3","ipv6":"fd7a:115c:a1e0::3","tags":[],"user":"ben"},
  "cleolap":{"hostname":"cleolap","ipv4":"100.64.0.4","ipv6":"fd7a:115c:a1e0::4","tags":[],"user":"cleo"},
  "srv":{"hostname":"srv","ipv4":"100.64.0.5","ipv6":"fd7a:115c:a1e0::5","tags":["tag:server"],"shared_to":["friend@elsewhere.example"]},
  "router":{"hostname":"router","ipv4":"100.64.0.6","ipv6":"fd7a:115c:a1e0::6","tags":["tag:router"],"routable_ips":["10.0.0.0/24","0.0.0.0/0","::/0"],"approved_routes":["10.0.0.0/24","0.0.0.0/0","::/0"]}
 }}"#;

/// Tags that every policy here has.
const TAGS: &str = r#""tagOwners": {"tag:server": [], "tag:router": []}"#;

fn network() -> Network {
    Network::parse(NETWORK).unwrap()
}

fn value(text: &str) -> serde_json::Value {
    hujson::parse_str(text).unwrap().to_json().unwrap()
}

/// A policy as it was found, with those tags unless it says otherwise.
fn found(name: &str, sections: &str) -> String {
    let text = if name.starts_with("03") || name.starts_with("11") {
        format!("{{{sections}}}")
    } else {
        format!("{{{TAGS}, {sections}}}")
    };
    let folder =
        std::env::var_os("ACEQUIA_VECTORS").map(|vectors| PathBuf::from(vectors).join("../findings"));
    match folder.filter(|folder| folder.is_dir()) {
        Some(folder) => {
            let theirs = std::fs::read_to_string(folder.join(name).join("policy.hujson")).unwrap();
            assert_eq!(value(&text), value(&theirs), "{name} is not what was found");
            let theirs = std::fs::read_to_string(folder.join(name).join("network.json")).unwrap();
            assert_eq!(value(NETWORK), value(&theirs), "{name} has another network");
        }
        None => eprintln!("{name}: not compared with what was found, the folder is not here"),
    }
    text
}

fn of(sections: &str) -> String {
    format!("{{{TAGS}, {sections}}}")
}

fn taken(text: &str) -> Result<(), PolicyError> {
    check(&Policy::parse(text).unwrap(), &network()).map(|_| ())
}

/// Whether somebody reaches a place by TCP; `None` if it is not known.
fn reaches(text: &str, from: &str, to: &str, port: u16) -> Option<bool> {
    told(&Engine::new(text, &network()).unwrap(), from, to, port)
}

fn told(engine: &Engine, from: &str, to: &str, port: u16) -> Option<bool> {
    engine.explain(&from.parse().unwrap(), &Target::of(to), 6, Some(port)).verdict()
}

/// What a file says in vain or that is not known here.
fn lints(text: &str, reading: Reading) -> Vec<LintKind> {
    lint(text, &network(), reading).unwrap().into_iter().map(|lint| lint.kind).collect()
}

/// Those that `--strict` refuses, in words.
fn strange(text: &str, reading: Reading) -> Vec<String> {
    let all = lints(text, reading).into_iter().filter(LintKind::fails_strict);
    all.map(|kind| kind.to_string()).collect()
}
