//! What was agreed with friends who have open shares, or accepted as it is: no finding is about that.

use std::collections::{BTreeMap, BTreeSet};

use policy::exposure::ExposureKind;
use policy::reach::{Entry, Note};
use policy::share::ShareId as Mark;
use policy::withhold::openers;
use policy::{Engine, Exposure, Query, RuleRef, Who};
use sharing::exposure::{Opening, beyond};

/// By login in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    by_login: BTreeMap<String, (String, Vec<Opening>)>,
    /// Marks of shares that are not over: their rules were not left behind, whoever has opened the invite.
    marks: BTreeSet<Mark>,
}

impl Settled {
    /// Of one friend, whose login is as it was written.
    pub fn add(&mut self, login: &str, openings: Vec<Opening>) {
        self.by_login.insert(login.to_lowercase(), (login.to_owned(), openings));
    }

    /// A share that is not over.
    pub fn stands(&mut self, mark: Mark) {
        self.marks.insert(mark);
    }

    /// Entries without what is settled. Of whom nothing is known all stays.
    pub(super) fn beyond(&self, entries: Vec<Entry>) -> Vec<Entry> {
        let of_one = |entry: Entry| match self.of(&entry.who) {
            Some(settled) => beyond(vec![entry], settled),
            None => vec![entry],
        };
        entries.into_iter().flat_map(of_one).collect()
    }

    fn of(&self, who: &Who) -> Option<&[Opening]> {
        let Who::Login(login) = who else { return None };
        self.by_login.get(&login.to_lowercase()).map(|(_, openings)| &**openings)
    }

    /// Whether a finding is about somebody of whom it is known what was agreed.
    pub(super) fn is_about(&self, kind: &ExposureKind) -> bool {
        match kind {
            ExposureKind::WiderThanAgreed { login, .. }
            | ExposureKind::Unproven { login, .. }
            | ExposureKind::NotUnderstood { login, .. } => self.by_login.contains_key(&login.to_lowercase()),
            ExposureKind::LeftBehind { id, .. } => self.marks.contains(id),
            ExposureKind::Wildcard => false,
        }
    }

    /// What they reach besides, one finding for each machine and kind, with the login in lower case.
    pub(super) fn exposures(&self, engine: &Engine) -> Vec<(String, Exposure)> {
        let mut all = Vec::new();
        for (key, (login, settled)) in
            self.by_login.iter().filter(|(_, (login, _))| engine.is_recipient(login))
        {
            let mut by_machine: BTreeMap<(String, u8), Vec<Entry>> = BTreeMap::new();
            for mut entry in beyond(engine.reach(&Query::from(Who::Login(login.clone()))), settled) {
                // A rule that opens just what was agreed is none of them.
                entry.rules = openers(engine, &entry);
                by_machine.entry((entry.node.clone(), doubt(&entry))).or_default().push(entry);
            }
            for ((node, doubt), entries) in by_machine {
                let login = login.clone();
                let kind = match doubt {
                    0 => ExposureKind::WiderThanAgreed { login, node },
                    1 => ExposureKind::Unproven { login, node },
                    _ => ExposureKind::NotUnderstood { login, node },
                };
                let mut rules: Vec<RuleRef> = entries.iter().flat_map(|entry| entry.rules.clone()).collect();
                rules.sort_unstable();
                rules.dedup();
                all.push((key.clone(), Exposure { kind, entries, rules, narrowing_helps: false }));
            }
        }
        all
    }
}

/// What stands against it that it is certain.
fn doubt(entry: &Entry) -> u8 {
    match &entry.note {
        Some(Note::Unknown(_)) => 2,
        _ => u8::from(entry.is_unproven()),
    }
}
