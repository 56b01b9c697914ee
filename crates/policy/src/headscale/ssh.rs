//! `ssh`: who may go where, and as whom.

use super::Faults;
use super::access::{defined, unsupported};
use super::alias::Alias;
use crate::duration::GoDuration;
use crate::quote::quoted;
use crate::syntax::{Dialect, Policy, SshRule, Text};

const SOURCES: [&str; 2] = ["autogroup:member", "autogroup:tagged"];
const DESTINATIONS: [&str; 3] = ["autogroup:member", "autogroup:tagged", "autogroup:self"];
const MAX_PERIOD: GoDuration = GoDuration::hours(168);

pub(super) fn rules(policy: &Policy, faults: &mut Faults) {
    let old = faults.dialect == Dialect::Headscale028;
    for rule in &policy.ssh {
        if old {
            for text in rule.users.iter().filter(|text| is_strange(text)) {
                unsupported(text, "SSH user", &["autogroup:nonroot"], faults);
            }
        } else {
            form(rule, faults);
        }
        for text in &rule.src {
            match Alias::of(&text.value) {
                Some(Alias::Autogroup) if SOURCES.contains(&text.as_str()) => {}
                Some(Alias::Autogroup) => unsupported(text, "SSH sources", &SOURCES, faults),
                Some(kind) => defined(policy, kind, text, "", faults),
                None => {}
            }
        }
        for text in &rule.dst {
            match Alias::of(&text.value) {
                Some(Alias::Autogroup) if DESTINATIONS.contains(&text.as_str()) => {}
                Some(Alias::Autogroup) => unsupported(text, "SSH destinations", &DESTINATIONS, faults),
                Some(Alias::Tag) => defined(policy, Alias::Tag, text, "", faults),
                Some(Alias::Host) if !old => {
                    faults.add(text, format!("invalid dst {}", quoted(&text.value)));
                }
                _ => {}
            }
        }
        pairs(rule, faults);
        if !old {
            period(rule, faults);
        }
    }
}

/// The old version knows one autogroup of logins.
fn is_strange(login: &Text) -> bool {
    login.value.starts_with("autogroup:") && login.value != "autogroup:nonroot"
}

/// What the new version asks of a rule by itself.
fn form(rule: &SshRule, faults: &mut Faults) {
    if rule.action.as_ref().is_none_or(|action| action.value.is_empty()) {
        faults.add_at(rule.rule.span(), "action must be specified");
    }
    if rule.users.is_empty() {
        faults.add_at(rule.rule.span(), "users must be specified");
    }
    for text in rule.users.iter().filter(|text| matches!(text.as_str(), "" | "*")) {
        faults.add(text, format!("user {} is not valid", quoted(&text.value)));
    }
    for text in rule.accept_env.iter().filter(|text| text.value.is_empty()) {
        faults.add(text, "acceptEnv values cannot be empty");
    }
}

/// How often the new version asks again, which is for rules that ask at all.
fn period(rule: &SshRule, faults: &mut Faults) {
    let Some(text) = rule.check_period.as_ref() else { return };
    let period = text.value.parse::<GoDuration>().ok();
    if rule.action.as_ref().is_none_or(|action| action.value != "check") {
        faults.add(text, "checkPeriod is only valid with action \"check\"");
    } else if let Some(period) = period.filter(|period| *period < GoDuration(0)) {
        faults.add(text, format!("checkPeriod {period} must be a positive duration"));
    } else if let Some(period) = period.filter(|period| *period > MAX_PERIOD) {
        faults.add(text, format!("checkPeriod {period} is above the max (168h)"));
    }
}

/// People's machines are for themselves, and tagged machines go to tagged machines only; the first destination that is not
/// so is told.
fn pairs(rule: &SshRule, faults: &mut Faults) {
    let kinds: Vec<Option<Alias>> = rule.src.iter().map(|text| Alias::of(&text.value)).collect();
    let tagged = rule
        .src
        .iter()
        .zip(&kinds)
        .any(|(text, kind)| *kind == Some(Alias::Tag) || text.value == "autogroup:tagged");
    let many =
        kinds.contains(&Some(Alias::Group)) || rule.src.iter().any(|text| text.value == "autogroup:member");
    let mut people = rule.src.iter().zip(&kinds).filter(|(_, kind)| **kind == Some(Alias::User));
    // The one person of the sources, however often and beside whatever else they stand there.
    let person = people
        .next()
        .map(|(text, _)| text.as_str())
        .filter(|person| !many && people.all(|(text, _)| text.value == *person));
    for text in &rule.dst {
        match (Alias::of(&text.value), text.as_str()) {
            (Some(Alias::User), name) if tagged => return faults.add(
                text,
                format!(
                    "tags in SSH source cannot access user-owned devices ({name}); use autogroup:tagged or specific tags as \
                     destinations instead"
                ),
            ),
            (Some(Alias::User), name) if person != Some(name) => {
                return faults.add(
                    text,
                    format!(
                        "user destination requires source to contain only that same user {}; use autogroup:self instead for \
                         same-user SSH access",
                        quoted(name)
                    ),
                );
            }
            (_, "autogroup:self") if tagged => return faults.add(
                text,
                "autogroup:self destination requires source to contain only users or groups, not tags or autogroup:tagged",
            ),
            (_, "autogroup:member") if tagged => return faults.add(
                text,
                "tags in SSH source cannot access autogroup:member (user-owned devices)",
            ),
            _ => {}
        }
    }
}
