//! What a policy file says in vain: names that nothing uses, rules that others cover, people who are gone.

mod coverage;
mod usage;

use std::fmt;
use std::ops::Range;

use hujson::edit as text_edit;
use serde::Serialize;

use crate::doubt::{DoubtKind, doubts};
use crate::error::PolicyError;
use crate::network::Network;
use crate::resolve::{Selector, resolve};
use crate::splice::Splice;
use crate::syntax::{Language, Policy, RuleRef, Section};

/// Something in the file that does nothing, or not what it seems to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lint {
    /// What it is.
    pub kind: LintKind,
    /// Its line in the text.
    pub line: usize,
    /// Its bytes in the text.
    pub span: Range<usize>,
    /// An edit that ends it and changes nothing that anybody reaches.
    pub fix: Option<Vec<Splice>>,
}

/// The kinds of lints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum LintKind {
    /// A group, host, IP set or posture that nothing names.
    Unused {
        /// The section that it is in.
        section: Section,
        /// Its name.
        name: String,
    },
    /// A rule that says the same as one before it.
    Duplicate {
        /// The other rule.
        of: RuleRef,
    },
    /// A rule that another one covers wholly.
    Covered {
        /// The other rule.
        by: RuleRef,
    },
    /// A rule or group names a login that nobody in the network has.
    Stranger {
        /// The login.
        login: String,
    },
    /// A rule names a tag that no node has.
    EmptyTag {
        /// The tag.
        tag: String,
    },
    /// A test that the control plane accepts and that checks nothing.
    TestsNothing,
    /// A service whose hosts need no approval by hand, and that no rule lets anybody reach.
    IdleService {
        /// Its name.
        service: String,
    },
    /// The old name of the members, in a file that has the new one too: the documentation says that one file may not
    /// have both.
    BothMembers,
    /// Something that is not known here.
    NotKnown(DoubtKind),
    /// A section or field that the engine does not know.
    Unknown {
        /// Where, such as `grants[2].ports`.
        path: String,
    },
}

impl LintKind {
    /// Whether whoever wants to be sure that the control plane takes the file has to refuse it.
    pub const fn fails_strict(&self) -> bool {
        match self {
            Self::BothMembers | Self::Unknown { .. } => true,
            Self::NotKnown(doubt) => doubt.fails_strict(),
            _ => false,
        }
    }
}

/// Finds what a policy says in vain, and what it says that is not known here, in the order of the file.
///
/// # Errors
/// [`PolicyError`] if the control plane would refuse the policy.
pub fn lint(text: &str, network: &Network, language: impl Into<Language>) -> Result<Vec<Lint>, PolicyError> {
    let policy = Policy::read(text, language)?;
    let network = network.with_recipients();
    let resolved = resolve(&policy, &network)?;
    let root = hujson::parse_str(text).ok();
    let mut lints = Vec::new();
    for (section, name, rule) in usage::unused(&policy) {
        let pointer =
            section_key(root.as_ref(), section).map(|key| format!("/{}", hujson::escape_token(&key)));
        let edit = pointer.and_then(|pointer| text_edit::remove_member(text, &pointer, &name).ok());
        let kind = LintKind::Unused { section, name };
        lints.push(Lint { kind, line: rule.line, span: rule.span(), fix: edit.map(|edit| edit.splices) });
    }
    for (rule, other, same) in coverage::covered(&resolved.rules) {
        let pointer =
            section_key(root.as_ref(), rule.section).map(|key| format!("/{}", hujson::escape_token(&key)));
        let edit = pointer.and_then(|pointer| text_edit::remove_element(text, &pointer, rule.index).ok());
        let kind = if same { LintKind::Duplicate { of: other } } else { LintKind::Covered { by: other } };
        lints.push(Lint { kind, line: rule.line, span: rule.span(), fix: edit.map(|edit| edit.splices) });
    }
    let index = hujson::LineIndex::new(text.as_bytes());
    for item in usage::sources_and_targets(&policy) {
        let kind = match Selector::parse(usage::host(&item.value)) {
            Selector::Login(login) if resolved.names.user(&login).is_none() => LintKind::Stranger { login },
            Selector::Tag(tag) if resolved.names.tag(&tag).is_some_and(crate::set::Bits::is_empty) => {
                LintKind::EmptyTag { tag }
            }
            _ => continue,
        };
        lints.push(Lint {
            kind,
            line: index.position(item.span.start).line,
            span: item.span.clone(),
            fix: None,
        });
    }
    let empty = policy.ssh_tests.iter().filter(|test| {
        test.dst.is_empty() && (!test.accept.is_empty() || !test.deny.is_empty() || !test.check.is_empty())
    });
    lints.extend(empty.map(|test| Lint {
        kind: LintKind::TestsNothing,
        line: test.rule.line,
        span: test.rule.span(),
        fix: None,
    }));
    lints.extend(policy.unknown.iter().map(|field| Lint {
        kind: LintKind::Unknown { path: field.path.clone() },
        line: field.line,
        span: field.span.clone(),
        fix: None,
    }));
    // Fields are told by their own name.
    let doubts = doubts(&policy, &resolved, &network).into_iter();
    let told = doubts.filter(|doubt| !matches!(doubt.kind, DoubtKind::Field { .. }));
    lints.extend(told.map(|doubt| Lint {
        kind: LintKind::NotKnown(doubt.kind),
        line: doubt.line,
        span: doubt.span,
        fix: None,
    }));
    for entry in usage::idle_services(&policy) {
        let kind = LintKind::IdleService { service: entry.name.value.clone() };
        lints.push(Lint { kind, line: entry.rule.line, span: entry.rule.span(), fix: None });
    }
    lints.extend(usage::both_members(&policy).map(|text| Lint {
        kind: LintKind::BothMembers,
        line: index.position(text.span.start).line,
        span: text.span.clone(),
        fix: None,
    }));
    lints.sort_by_key(|lint| (lint.span.start, lint.span.end));
    Ok(lints)
}

/// A section's name as the file writes it.
fn section_key(root: Option<&hujson::Value>, section: Section) -> Option<String> {
    let mut members = root?.as_object()?.members().iter();
    members
        .find(|member| Section::of_key(&member.name()) == Some(section))
        .map(|member| member.name().into_owned())
}

impl fmt::Display for LintKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unused { section, name } => write!(f, "`{name}` in {section} is named nowhere"),
            Self::Duplicate { of } => write!(f, "says the same as the rule in line {}", of.line),
            Self::Covered { by } => write!(f, "adds nothing to the rule in line {}", by.line),
            Self::Stranger { login } => write!(f, "nobody here has the login `{login}`"),
            Self::EmptyTag { tag } => write!(f, "no node has the tag `{tag}`"),
            Self::TestsNothing => f.write_str("this test checks nothing"),
            Self::IdleService { service } => write!(f, "no rule lets anybody reach `{service}`"),
            Self::BothMembers => f.write_str(
                "`autogroup:members` is the old name of `autogroup:member`, and one file may not have both",
            ),
            Self::NotKnown(doubt) => doubt.fmt(f),
            Self::Unknown { path } => write!(f, "`{path}` is not known here and was left out of account"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reading;
    use crate::splice::apply;

    const TEXT: &str = r#"{
  "groups": {
    "group:a": ["ana@example.com", "gone@example.com"],
    "group:b": ["ana@example.com"],
  },
  "hosts": {"nas": "100.64.0.9", "old": "100.64.0.8"},
  "tagOwners": {"tag:x": []},
  "acls": [
    {"action": "accept", "src": ["group:a"], "dst": ["nas:*"]},
    {"action": "accept", "src": ["group:a"], "dst": ["nas:22"]},
    {"action": "accept", "src": ["group:a"], "dst": ["nas:*"]},
    {"action": "accept", "src": ["tag:x"], "dst": ["nas:22"]},
  ],
  "extra": 1,
}
"#;

    fn network() -> Network {
        Network::parse(r#"{"users": [{"name": "ana", "email": "ana@example.com"}]}"#).unwrap()
    }

    #[test]
    fn what_does_nothing_is_named_with_its_line() {
        let told: Vec<String> = lint(TEXT, &network(), Reading::Proposed)
            .unwrap()
            .iter()
            .map(|lint| format!("{}: {}", lint.line, lint.kind))
            .collect();
        assert_eq!(
            told,
            [
                "3: nobody here has the login `gone@example.com`",
                "4: `group:b` in groups is named nowhere",
                "6: `old` in hosts is named nowhere",
                "10: adds nothing to the rule in line 9",
                "11: says the same as the rule in line 9",
                "12: no node has the tag `tag:x`",
                "14: `extra` is not known here and was left out of account",
            ]
        );
    }

    #[test]
    fn a_fix_ends_its_lint_and_adds_no_other() {
        let all = lint(TEXT, &network(), Reading::Proposed).unwrap();
        for found in all.iter().filter(|found| found.fix.is_some()) {
            let fixed = apply(TEXT, found.fix.as_deref().unwrap()).unwrap();
            let rest = lint(&fixed, &network(), Reading::Proposed).unwrap();
            assert_eq!(rest.len() + 1, all.len(), "{}: {fixed}", found.kind);
        }
        assert_eq!(all.iter().filter(|found| found.fix.is_some()).count(), 4);
    }
}
