//! One rule without one person.

use hujson::{Value, edit as text_edit};

use super::{Terms, WithholdError};
use crate::narrow::{narrow, narrow_rule, narrowed_sources, replacement};
use crate::network::UserKind;
use crate::reach::Engine;
use crate::share::{EditError, ShareId, edit};
use crate::splice::{Splice, apply};
use crate::syntax::{Language, Policy, RuleRef, Section, Text};

/// A rule that lets somebody reach more than was agreed.
pub(super) struct Place<'a> {
    pub text: &'a str,
    pub policy: &'a Policy,
    pub engine: &'a Engine,
    pub rule: RuleRef,
}

impl Place<'_> {
    /// The text in which the rule no longer lets them in so; nothing if there is no way.
    pub(super) fn without(
        &self,
        terms: &Terms<'_>,
        mark: Option<&ShareId>,
        language: Language,
    ) -> Result<Option<String>, WithholdError> {
        if let Some(mark) = mark {
            let known = terms.rules.iter().find(|(id, _)| id == mark);
            // As it was written. One that belongs to no open share is taken out as left behind.
            let splice = known.map(|(_, rule)| Splice { range: self.rule.span(), replacement: rule.text() });
            return Ok(splice.and_then(|splice| apply(self.text, &[splice])));
        }
        if self.rule == RuleRef::DEFAULT {
            let narrowed = narrow(self.text, self.engine.network(), language);
            return Ok(narrowed.ok().map(|narrowed| narrowed.after));
        }
        let sources = self.sources();
        let named = |source: &&&Text| source.value.eq_ignore_ascii_case(terms.login);
        if let Some(source) = sources.iter().find(named) {
            return self.without_source(source).map(Some);
        }
        let groups = sources.iter().filter(|source| source.value.starts_with("group:"));
        for group in groups {
            if let Some(member) = self.member(&group.value, terms.login) {
                return removed(self.text, member).map(Some);
            }
        }
        if let Some(shared) = sources.iter().find(|source| source.value == "autogroup:shared") {
            return self.without_the_others(shared, terms.login).map(Some);
        }
        Ok(self.narrowed(&sources))
    }

    fn sources(&self) -> Vec<&Text> {
        let acls = self.policy.acls.iter().flatten().filter(|acl| acl.rule == self.rule);
        let grants = self.policy.grants.iter().flatten().filter(|grant| grant.rule == self.rule);
        acls.flat_map(|acl| &acl.src).chain(grants.flat_map(|grant| &grant.src)).collect()
    }

    /// Where a group names somebody.
    fn member(&self, group: &str, login: &str) -> Option<&Text> {
        let named = self.policy.groups.iter().filter(|named| named.name.value == group);
        named.flat_map(|named| &named.value).find(|member| member.value.eq_ignore_ascii_case(login))
    }

    /// A rule for nobody is none.
    fn without_source(&self, source: &Text) -> Result<String, WithholdError> {
        if self.sources().len() > 1 {
            return removed(self.text, source);
        }
        let RuleRef { section, .. } = self.rule;
        if section == Section::Grants {
            return Ok(edit::remove_rules(self.text, &[self.rule])?);
        }
        let root = hujson::parse_str(self.text).map_err(EditError::from)?;
        let (pointer, index) = found(&root, "", self.rule.start).ok_or(EditError::Place)?;
        let edited = text_edit::remove_element(self.text, &pointer, index);
        Ok(edited.map_err(EditError::from)?.text)
    }

    /// `autogroup:shared` names everybody else whom it means.
    fn without_the_others(&self, shared: &Text, login: &str) -> Result<String, WithholdError> {
        let users = self.engine.network().users().iter();
        let others =
            users.filter(|user| user.kind == UserKind::Shared && !user.login.eq_ignore_ascii_case(login));
        let others: Vec<String> = others.map(|user| user.login.clone()).collect();
        if others.is_empty() {
            return self.without_source(shared);
        }
        Ok(apply(self.text, &[replacement(self.text, shared, &others)]).ok_or(EditError::Place)?)
    }

    /// A source for everybody, by whatever name, says who is meant: members, tagged machines and routes.
    fn narrowed(&self, sources: &[&Text]) -> Option<String> {
        let names = narrowed_sources(self.engine.network());
        let wide = |source: &&&Text| {
            matches!(source.as_str(), "*" | "autogroup:danger-all")
                || source.value.parse::<crate::set::IpRange>().is_ok()
        };
        let narrowed = narrow_rule(self.text, self.policy, self.rule, &names);
        let splices = if narrowed.is_empty() {
            let first = sources.iter().find(wide)?;
            let rest = sources.iter().filter(|source| wide(source) && source.span != first.span);
            let rest = rest.filter_map(|source| {
                Some(Splice { range: source.span.clone(), replacement: quoted(names.first()?) })
            });
            std::iter::once(replacement(self.text, first, &names)).chain(rest).collect()
        } else {
            narrowed
        };
        apply(self.text, &splices)
    }
}

fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

/// The text without one item of a list.
fn removed(text: &str, item: &Text) -> Result<String, WithholdError> {
    let root = hujson::parse_str(text).map_err(EditError::from)?;
    let (pointer, index) = found(&root, "", item.span.start).ok_or(EditError::Place)?;
    Ok(text_edit::remove_element(text, &pointer, index).map_err(EditError::from)?.text)
}

/// The list in which an item begins at this byte, and the number of the item.
fn found(value: &Value, pointer: &str, start: usize) -> Option<(String, usize)> {
    if let Some(array) = value.as_array() {
        let here = array.elements().iter().position(|element| element.span().start == start);
        return here.map(|index| (pointer.to_owned(), index)).or_else(|| {
            let mut all = array.elements().iter().enumerate();
            all.find_map(|(index, element)| found(element, &format!("{pointer}/{index}"), start))
        });
    }
    let mut members = value.as_object()?.members().iter();
    members.find_map(|member| {
        found(member.value(), &format!("{pointer}/{}", hujson::escape_token(&member.name())), start)
    })
}
