//! What deserves a look in a tailnet: reach that nobody asked for, what lies behind machines, and rules in vain.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use app::ports::reach::Sort;
use app::ports::shares::ReachLine;
use model::EditKind;
use policy::exposure::{ExposureKind, exposure};
use policy::reach::{Entry, Part};
use policy::syntax::Text;
use policy::{Exposure, Lint, Query, RuleRef, Target, Who};

use super::found::{Findings, Found};
use super::known::{Known, is_echo};
use super::telling::first_lines;
use crate::secrets::hash_token;
use crate::words::capitalised;

/// How many findings a page shows: of more, only how many there are is worked out.
const SHOWN: usize = 20;
/// Lines of one finding; the question box tells the rest.
const LINES: usize = 10;

impl Findings {
    /// Exposures first, then what lies behind machines, tags, and rules in vain; the first `most` of them in full.
    fn of(known: &Known, most: usize) -> Self {
        let mut all = Self::at_most(most);
        exposures(known, &mut all);
        behind_machines(known, &mut all);
        tags(known, &mut all);
        for lint in known.lints() {
            all.add(|| stale(known, lint));
        }
        all
    }

    /// Something that follows from entries, if there are any. Of what is not shown one entry is enough.
    fn add_reach(
        &mut self,
        known: &Known,
        query: &Query,
        keep: impl Fn(&Entry) -> bool,
        say: impl FnOnce() -> (String, String),
    ) {
        let mut entries: Vec<Entry> = Vec::new();
        let _ = known.engine.each_reach(query, |some| {
            entries.extend(some.into_iter().filter(|entry| !is_echo(entry.protocol) && keep(entry)));
            if self.is_full() && !entries.is_empty() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        if entries.is_empty() {
            return;
        }
        self.add(|| {
            let (title, about) = say();
            let (lines, more) = lines_of(known, &entries);
            Found { sort: Sort::Wide, title, about, lines, more, rules: rules_of(&entries), fix: None }
        });
    }
}

impl Known {
    /// What deserves a look.
    pub fn findings(&self) -> &Findings {
        self.findings.get_or_init(|| Findings::of(self, SHOWN))
    }
}

fn exposures(known: &Known, all: &mut Findings) {
    match exposure(&known.text, &known.policy, &known.engine) {
        Ok(list) => {
            for exposure in list {
                all.add(|| exposed(known, exposure));
            }
        }
        Err(error) => all.add(|| Found {
            sort: Sort::Exposed,
            title: "Exposure could not be worked out".into(),
            about: format!("{error}. Mend the policy by hand."),
            lines: Vec::new(),
            more: 0,
            rules: Vec::new(),
            fix: None,
        }),
    }
}

fn exposed(known: &Known, exposure: Exposure) -> Found {
    let (title, about, fix) = match &exposure.kind {
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
        ExposureKind::LeftBehind { id, login } => (
            format!("A rule for {login} was left behind"),
            "Its machine is not shared with them any more, so it opens nothing now. It would, if the machine were shared again.".to_owned(),
            Some(EditKind::TakeOut(id.to_string())),
        ),
    };
    let (lines, more) = lines_of(known, &exposure.entries);
    Found { sort: Sort::Exposed, title, about, lines, more, rules: exposure.rules, fix }
}

/// Who reaches the networks behind subnet routers, and who goes out through exit nodes.
fn behind_machines(known: &Known, all: &mut Findings) {
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
fn tags(known: &Known, all: &mut Findings) {
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
                    [] => "Only admins of the tailnet may give this tag.".to_owned(),
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

fn stale(known: &Known, lint: &Lint) -> Found {
    let rule = RuleRef {
        section: policy::Section::Default,
        index: 0,
        line: lint.line,
        end_line: lint.line,
        start: lint.span.start,
        end: lint.span.end,
    };
    let about = if lint.fix.is_some() {
        "It can be taken out: nobody reaches more or less then."
    } else {
        "Nothing has to be done; somebody may have meant something else."
    };
    Found {
        sort: Sort::Stale,
        title: capitalised(&lint.kind.to_string().replace('`', "")),
        about: about.into(),
        lines: Vec::new(),
        more: 0,
        rules: vec![rule],
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

fn lines_of(known: &Known, entries: &[Entry]) -> (Vec<ReachLine>, usize) {
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

#[cfg(test)]
mod tests;
