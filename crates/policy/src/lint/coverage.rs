//! Rules that add nothing to another one, whatever the network looks like.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::reach::{Opening, PortRanges};
use crate::resolve::{ResolvedRule, Selected, Target};
use crate::syntax::RuleRef;

/// One rule of the file as written: what covers what is decided by names, so that it stays true when people and
/// nodes come and go.
struct Written<'a> {
    rule: RuleRef,
    parts: Vec<&'a ResolvedRule>,
}

/// Rules that another one covers, with that one, and whether the two say the same. Of two that say the same the
/// later one is told.
pub(super) fn covered(rules: &[ResolvedRule]) -> Vec<(RuleRef, RuleRef, bool)> {
    let mut by_rule: BTreeMap<RuleRef, Vec<&ResolvedRule>> = BTreeMap::new();
    for rule in rules {
        by_rule.entry(rule.rule).or_default().push(rule);
    }
    let all: Vec<Written> = by_rule.into_iter().map(|(rule, parts)| Written { rule, parts }).collect();
    let by_source = BySource::of(&all);
    let mut found = Vec::new();
    for (at, rule) in all.iter().enumerate() {
        let others = by_source.candidates(rule, all.len()).into_iter().filter(|other| *other != at);
        let cover = others.filter_map(|other| Some((other, all.get(other)?))).find(|(other, wide)| {
            // Two that say the same must not both go.
            wide.covers(rule) && (!rule.covers(wide) || *other < at)
        });
        found.extend(cover.map(|(_, wide)| (rule.rule, wide.rule, rule.covers(wide))));
    }
    found
}

/// Rules by what they name as a source, because a rule is covered by few of all.
struct BySource<'a> {
    named: HashMap<&'a str, BTreeSet<usize>>,
    /// Those with a source that stands for many.
    wide: BTreeSet<usize>,
}

impl<'a> BySource<'a> {
    fn of(all: &[Written<'a>]) -> Self {
        let mut by_source = Self { named: HashMap::new(), wide: BTreeSet::new() };
        for (at, rule) in all.iter().enumerate() {
            for sources in rule.parts.iter().map(|part| &part.sources) {
                if sources.wildcard || sources.danger_all {
                    by_source.wide.insert(at);
                }
                for selection in &sources.selections {
                    by_source.named.entry(&selection.text).or_default().insert(at);
                }
            }
        }
        by_source
    }

    /// The rules that name one of the rule's sources, or a wide one, in order: no other covers it.
    fn candidates(&self, rule: &Written, count: usize) -> Vec<usize> {
        let one = rule.parts.iter().find_map(|part| part.sources.selections.first());
        let Some(one) = one else { return (0..count).collect() };
        let named = self.named.get(one.text.as_str());
        named.map_or_else(|| self.wide.clone(), |named| named | &self.wide).into_iter().collect()
    }
}

impl Written<'_> {
    fn covers(&self, other: &Self) -> bool {
        other.parts.iter().all(|part| self.parts.iter().any(|own| part_covers(own, part)))
    }
}

fn part_covers(wide: &ResolvedRule, narrow: &ResolvedRule) -> bool {
    let understood = wide.not_understood.is_empty() && narrow.not_understood.is_empty();
    let plain = understood && narrow.app.is_empty() && wide.via == narrow.via;
    let names = |rule: &ResolvedRule| rule.postures.iter().cloned().collect::<BTreeSet<String>>();
    let postures = wide.postures.is_empty() || names(wide) == names(narrow);
    plain && postures && sources_cover(wide, narrow) && destinations_cover(wide, narrow) && {
        !narrow.services.is_empty() && opening(narrow).difference(&opening(wide)).is_empty()
    }
}

fn sources_cover(wide: &ResolvedRule, narrow: &ResolvedRule) -> bool {
    narrow.sources.selections.iter().all(|one| {
        let named = wide.sources.selections.iter().any(|other| other.text == one.text);
        // `*` stands for addresses of the tailnet, not for any literal, and perhaps not for somebody not known here.
        let person = match &one.selected {
            Selected::People(people) => people.unknown.is_empty(),
            Selected::Nodes(_) => true,
            Selected::Wildcard | Selected::DangerAll | Selected::Ranges(_) => false,
        };
        named || wide.sources.danger_all || (wide.sources.wildcard && person)
    })
}

fn destinations_cover(wide: &ResolvedRule, narrow: &ResolvedRule) -> bool {
    narrow.destinations.iter().all(|one| {
        wide.destinations.iter().any(|other| other.text == one.text || other.target == Target::Any)
    })
}

fn opening(rule: &ResolvedRule) -> Opening {
    let mut opening = Opening::default();
    for service in &rule.services {
        let ports: PortRanges = service.ports.iter().copied().collect();
        opening.union_with(&Opening::of(service.protocols(), &ports));
    }
    opening
}
