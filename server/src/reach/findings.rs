//! What deserves a look in a tailnet: reach that nobody asked for, what lies behind machines, and rules in vain.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::{Arc, PoisonError};

use app::ports::reach::{Question, Sort};
use app::ports::shares::ReachLine;
use model::EditKind;
use policy::exposure::{ExposureKind, exposure};
use policy::lint::LintKind;
use policy::reach::{Entry, Part};
use policy::syntax::Text;
use policy::{Exposure, Lint, Query, RuleRef, Target, Who};

use super::evaluation::{ReachModel, is_echo};
use super::finding::{Finding, Findings};
use super::settled::Settled;
use super::telling::first_lines;
use crate::secrets::hash_token;
use model::text::capitalised;

/// How many findings a page shows: of the others, only how many there are is worked out.
const SHOWN: usize = 10;
const NOTHING_AGREED: &str =
    " No edit is offered: no share with them is open here that says what was agreed.";
/// Lines of one finding; its question tells the rest.
const LINES: usize = 5;

impl Findings {
    /// Exposures first, then what lies behind machines, tags, and rules in vain; `most` of them in full, behind the
    /// first `before`.
    fn of(known: &ReachModel, settled: &Settled, before: usize, most: usize) -> Self {
        let mut all = Self::page(before, most);
        exposures(known, settled, &mut all);
        behind_machines(known, &mut all);
        tags(known, &mut all);
        for lint in known.lints() {
            all.add(|| stale(known, lint));
        }
        all.fixes = fixes::of(known, &all.shown);
        all
    }

    /// Something that follows from entries, if there are any. Of what is not shown one entry is enough.
    fn add_reach(
        &mut self,
        known: &ReachModel,
        query: &Query,
        keep: impl Fn(&Entry) -> bool,
        say: impl FnOnce() -> (String, String),
    ) {
        let mut entries: Vec<Entry> = Vec::new();
        let _ = known.engine.each_reach(query, |some| {
            entries.extend(some.into_iter().filter(|entry| !is_echo(entry.protocol) && keep(entry)));
            if entries.is_empty() || self.shows_next() {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        });
        if entries.is_empty() {
            return;
        }
        self.add(|| {
            let (title, about) = say();
            let (lines, more) = lines_of(known, &entries);
            let question = Some(question_of(query));
            Finding {
                sort: Sort::Wide,
                title,
                about,
                lines,
                more,
                rules: rules_of(&entries),
                question,
                fix: None,
                friend: None,
            }
        });
    }
}

impl ReachModel {
    /// What deserves a look, one page of it. The first is worked out once, because it is on a page that people open.
    pub fn findings(&self, before: usize, settled: &Settled) -> Arc<Findings> {
        if before > 0 {
            return Arc::new(Findings::of(self, settled, before, SHOWN));
        }
        let mut first = self.findings.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = first.as_ref().filter(|(known, _)| known == settled) {
            return Arc::clone(known);
        }
        let made = Arc::new(Findings::of(self, settled, 0, SHOWN));
        *first = Some((settled.clone(), Arc::clone(&made)));
        made
    }
}

fn exposures(known: &ReachModel, settled: &Settled, all: &mut Findings) {
    let list = match exposure(&known.text, &known.policy, &known.engine) {
        Ok(list) => list,
        Err(error) => {
            return all.add(|| Finding {
                sort: Sort::Exposed,
                title: "Exposure could not be worked out".into(),
                about: format!("{error}. Mend the policy by hand."),
                lines: Vec::new(),
                more: 0,
                rules: Vec::new(),
                question: None,
                fix: None,
                friend: None,
            });
        }
    };
    // Whoever is on a Headscale is a member, so no rule is without its machine; one of no share is told elsewhere.
    let headscale = known.language.dialect.is_headscale();
    let left = |exposure: &Exposure| matches!(exposure.kind, ExposureKind::LeftBehind { .. });
    let list = list.into_iter().filter(|exposure| !(headscale && left(exposure)));
    let (wildcards, others): (Vec<_>, Vec<_>) =
        list.partition(|exposure| exposure.kind == ExposureKind::Wildcard);
    for mut exposure in wildcards {
        exposure.entries = settled.beyond(exposure.entries);
        if !exposure.entries.is_empty() {
            all.add(|| exposed(known, exposure));
        }
    }
    for (login, exposure) in settled.exposures(&known.engine) {
        all.add(|| Finding { friend: Some(login), fix: None, ..exposed(known, exposure) });
    }
    // Of whom a share is open more is known than the policy tells.
    let others = others.into_iter().filter(|exposure| !settled.is_about(&exposure.kind));
    for exposure in others {
        all.add(|| {
            let mut found = exposed(known, exposure);
            if found.fix.is_none() {
                found.about.push_str(NOTHING_AGREED);
            }
            found
        });
    }
}

fn exposed(known: &ReachModel, exposure: Exposure) -> Finding {
    let (title, about, fix) = match &exposure.kind {
        ExposureKind::Wildcard if known.language.dialect.is_headscale() => (
            "A rule is for everybody".to_owned(),
            "It names everybody as its source, and that is every account of the server, new ones too.".to_owned(),
            Some(EditKind::Narrow),
        ),
        ExposureKind::Wildcard => (
            "A rule for everybody lets friends in".to_owned(),
            "It names everybody as its source, and that takes in the people outside with whom a machine is shared. Narrowed, it names who is meant: your members, tagged machines and routes.".to_owned(),
            Some(EditKind::Narrow),
        ),
        ExposureKind::WiderThanAgreed { login, node } => (
            format!("{login} reaches more of {node} than was agreed"),
            "Other rules than those of the shares let them in.".to_owned(),
            exposure.narrowing_helps.then_some(EditKind::Narrow),
        ),
        ExposureKind::Unproven { login, node } => (
            format!("{login} may reach more of {node} than was agreed"),
            "A rule names addresses, and the addresses of other people’s devices cannot be seen from here.".to_owned(),
            None,
        ),
        ExposureKind::NotUnderstood { login, node } => (
            format!("{login} may reach more of {node} than was agreed"),
            "A rule names something that is not known here.".to_owned(),
            None,
        ),
        ExposureKind::LeftBehind { id, login } => (
            format!("A rule for {login} was left behind"),
            "Its machine is not shared with them any more, so it opens nothing now. It would, if the machine were shared again.".to_owned(),
            Some(EditKind::TakeOut(id.to_string())),
        ),
    };
    let question = match &exposure.kind {
        ExposureKind::Wildcard => None,
        ExposureKind::WiderThanAgreed { login, node }
        | ExposureKind::Unproven { login, node }
        | ExposureKind::NotUnderstood { login, node } => {
            Some(Question { who: login.clone(), node: node.clone(), ..Question::default() })
        }
        ExposureKind::LeftBehind { login, .. } => {
            Some(Question { who: login.clone(), ..Question::default() })
        }
    };
    let (lines, more) = lines_of(known, &exposure.entries);
    Finding {
        sort: Sort::Exposed,
        title,
        about,
        lines,
        more,
        rules: exposure.rules,
        question,
        fix,
        friend: None,
    }
}

/// Who reaches the networks behind subnet routers, and who goes out through exit nodes.
fn behind_machines(known: &ReachModel, all: &mut Findings) {
    for node in known.network().nodes() {
        let query = Query::to(Target::Node(node.name.clone()));
        let is_named = |entry: &Entry| !matches!(entry.who, Who::Address(_));
        let subnets: Vec<String> = node.subnets().map(|range| range.to_string()).collect();
        if !subnets.is_empty() {
            let routed = |entry: &Entry| is_named(entry) && matches!(entry.part, Part::Route(_));
            all.add_reach(known, &query, routed, || (
                format!("Behind {} lies {}", node.name, subnets.join(", ")),
                "Machines there have no lock of their own in this network: whoever reaches the network reaches all of them on these ports.".into(),
            ));
        }
        if node.is_exit() {
            let outside = |entry: &Entry| is_named(entry) && matches!(entry.part, Part::Internet);
            all.add_reach(known, &query, outside, || {
                (
                    format!("{} is a way out to the internet", node.name),
                    "What these people do there is seen as coming from that machine.".into(),
                )
            });
        }
    }
}

/// Whoever may give a tag may give themselves what the tag reaches.
fn tags(known: &ReachModel, all: &mut Findings) {
    let owners: BTreeMap<&str, &Vec<Text>> =
        known.policy.tag_owners.iter().rev().map(|named| (named.name.as_str(), &named.value)).collect();
    for who in &known.everyone {
        let Who::Tag(tag) = who else { continue };
        all.add_reach(
            known,
            &Query::from(who.clone()),
            |_| true,
            || {
                let owners: Vec<&str> = owners
                    .get(tag.as_str())
                    .into_iter()
                    .flat_map(|owners| owners.iter().map(Text::as_str))
                    .collect();
                let about = match owners.as_slice() {
                    [] => "Only admins and network admins of the tailnet may give this tag.".to_owned(),
                    owners => format!(
                        "Whoever may give this tag can take its reach for a machine of their own: {}.",
                        owners.join(", ")
                    ),
                };
                (format!("Machines with {tag} reach others"), about)
            },
        );
    }
}

fn stale(known: &ReachModel, lint: &Lint) -> Finding {
    let rule = RuleRef {
        section: policy::Section::Default,
        index: 0,
        line: lint.line,
        end_line: lint.line,
        start: lint.span.start,
        end: lint.span.end,
    };
    let not_known = matches!(lint.kind, LintKind::NotKnown(_) | LintKind::Unknown { .. });
    let about = if not_known {
        "It is in force; what is said here is worked out from the rest of the policy."
    } else if lint.fix.is_some() {
        "It can be taken out: nobody reaches more or less then."
    } else {
        "Nothing has to be done; somebody may have meant something else."
    };
    let words = lint.kind.to_string();
    // A name that the policy has stays as it stands there.
    let title =
        if words.starts_with('`') { words.replace('`', "") } else { capitalised(&words.replace('`', "")) };
    Finding {
        sort: if not_known { Sort::NotKnown } else { Sort::Stale },
        title,
        about: about.into(),
        lines: Vec::new(),
        more: 0,
        rules: vec![rule],
        question: None,
        friend: None,
        fix: lint.fix.is_some().then(|| EditKind::Lint(fingerprint(&known.text, lint))),
    }
}

/// Names a lint, so that it is found again in another reading of the policy as long as it is the same.
pub fn fingerprint(text: &str, lint: &Lint) -> String {
    let source = text.get(lint.span.clone()).unwrap_or_default();
    let mut hash = hash_token(&format!("{:?}\n{source}", std::mem::discriminant(&lint.kind)));
    hash.truncate(16);
    hash
}

/// A query as one asks it on the page.
fn question_of(query: &Query) -> Question {
    let node = match &query.to {
        Some(Target::Node(name)) => name.clone(),
        Some(Target::Address(address)) => address.to_string(),
        None => String::new(),
    };
    let who = query.from.as_ref().map(ToString::to_string).unwrap_or_default();
    Question { who, node, ..Question::default() }
}

fn lines_of(known: &ReachModel, entries: &[Entry]) -> (Vec<ReachLine>, usize) {
    let (mut lines, more) = first_lines(entries, &known.text, ToString::to_string, LINES);
    for line in &mut lines {
        line.rules.clear();
    }
    (lines, more)
}

fn rules_of(entries: &[Entry]) -> Vec<RuleRef> {
    let rules: BTreeSet<RuleRef> = entries.iter().flat_map(|entry| entry.rules.iter().copied()).collect();
    rules.into_iter().collect()
}

mod fixes;
#[cfg(test)]
mod tests;
