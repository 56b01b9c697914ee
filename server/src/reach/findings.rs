//! What deserves a look in a tailnet: reach that nobody asked for, what lies behind machines, and rules in vain.

use std::collections::BTreeSet;

use app::ports::reach::Sort;
use model::EditKind;
use policy::exposure::{ExposureKind, exposure};
use policy::reach::{Entry, Part};
use policy::{Exposure, Lint, Query, RuleRef, Target, Who};

use super::found::Found;
use super::known::{Known, is_echo};
use crate::secrets::hash_token;
use crate::words::capitalised;

impl Known {
    /// What deserves a look: exposures first, then what lies behind machines, tags, and rules in vain.
    pub fn findings(&self) -> &[Found] {
        self.findings.get_or_init(|| findings(self))
    }
}

/// Everything worth telling, the gravest first.
pub fn findings(known: &Known) -> Vec<Found> {
    let mut all: Vec<Found> = Vec::new();
    match exposure(&known.text, &known.policy, &known.engine) {
        Ok(list) => all.extend(list.into_iter().map(exposed)),
        Err(error) => all.push(Found {
            sort: Sort::Exposed,
            title: "Exposure could not be worked out".into(),
            about: format!("{error}. Mend the policy by hand."),
            entries: Vec::new(),
            rules: Vec::new(),
            fix: None,
        }),
    }
    all.extend(behind_machines(known));
    all.extend(tags(known));
    all.extend(known.lints().iter().map(|lint| stale(known, lint)));
    all.sort_by_key(|found| found.sort);
    all
}

fn exposed(exposure: Exposure) -> Found {
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
    Found { sort: Sort::Exposed, title, about, entries: exposure.entries, rules: exposure.rules, fix }
}

/// Who reaches the networks behind subnet routers, and who goes out through exit nodes.
fn behind_machines(known: &Known) -> Vec<Found> {
    let mut all = Vec::new();
    for node in known.network().nodes() {
        if !node.is_exit() && node.subnets().next().is_none() {
            continue;
        }
        let mut entries = known.engine.reach(&Query::to(Target::Node(node.name.clone())));
        entries.retain(|entry| !is_echo(entry.protocol) && !matches!(entry.who, Who::Address(_)));
        let mut tell = |title: String, about: &str, part: fn(&Part) -> bool| {
            let entries: Vec<Entry> = entries.iter().filter(|entry| part(&entry.part)).cloned().collect();
            if !entries.is_empty() {
                let rules = rules_of(&entries);
                all.push(Found { sort: Sort::Wide, title, about: about.into(), entries, rules, fix: None });
            }
        };
        let subnets: Vec<String> = node.subnets().map(|range| range.to_string()).collect();
        if !subnets.is_empty() {
            tell(
                format!("Behind {} lies {}", node.name, subnets.join(", ")),
                "Machines there have no lock of their own in this network: whoever reaches the network reaches all of them on these ports.",
                |part| matches!(part, Part::Route(_)),
            );
        }
        if node.is_exit() {
            tell(
                format!("{} is a way out to the internet", node.name),
                "What these people do there is seen as coming from that machine.",
                |part| matches!(part, Part::Internet),
            );
        }
    }
    all
}

/// Whoever may give a tag may give themselves what the tag reaches.
fn tags(known: &Known) -> Vec<Found> {
    let mut all = Vec::new();
    for who in &known.everyone {
        let Who::Tag(tag) = who else { continue };
        let mut entries = known.engine.reach(&Query::from(who.clone()));
        entries.retain(|entry| !is_echo(entry.protocol));
        if entries.is_empty() {
            continue;
        }
        let owners = known.policy.tag_owners.iter().find(|named| named.name.value == *tag);
        let owners: Vec<&str> =
            owners.iter().flat_map(|named| named.value.iter().map(policy::syntax::Text::as_str)).collect();
        let about = match owners.as_slice() {
            [] => "Only admins of the tailnet may give this tag.".to_owned(),
            owners => format!(
                "Whoever may give this tag can take its reach for a machine of their own: {}.",
                owners.join(", ")
            ),
        };
        let rules = rules_of(&entries);
        all.push(Found {
            sort: Sort::Wide,
            title: format!("Machines with {tag} reach others"),
            about,
            entries,
            rules,
            fix: None,
        });
    }
    all
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
        entries: Vec::new(),
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

fn rules_of(entries: &[Entry]) -> Vec<RuleRef> {
    let rules: BTreeSet<RuleRef> = entries.iter().flat_map(|entry| entry.rules.iter().copied()).collect();
    rules.into_iter().collect()
}
