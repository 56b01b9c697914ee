//! Narrowing: `*` as a source says who it means, so that share recipients are no longer among them.
//!
//! `*` covers members, tagged nodes, approved subnet routes *and* share recipients. Narrowed it names the
//! first three. Nobody else loses anything, which is worked out for the case at hand and not assumed.

use crate::accounts::NameClash;
use crate::diff::diff;
use crate::error::PolicyError;
use crate::membership;
use crate::network::Network;
use crate::reach::{Engine, Entry, Who};
use crate::share::{EditError, edit};
use crate::splice::{Splice, apply, between};
use crate::syntax::port::parse_destination;
use crate::syntax::{Acl, Language, Policy, RuleRef, Text};

/// A narrowing as an edit of its own, with its proof done.
#[derive(Clone, Debug)]
pub struct Narrowing {
    /// The text afterwards. The same as before if nothing was wide.
    pub after: String,
    /// The changes, as ranges of the text before.
    pub splices: Vec<Splice>,
    /// The rules that change, with their lines in the text before. The default rule stands for a file that has
    /// no rules: it gets the explicit form of its default.
    pub rules: Vec<RuleRef>,
    /// What share recipients lose; nobody else loses or gains anything.
    pub lost: Vec<Entry>,
}

/// Why a policy cannot be narrowed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NarrowError {
    /// The control plane would refuse the policy as it is.
    #[error("the policy is refused as it is: {0}")]
    Policy(#[from] PolicyError),
    /// The edit found no place in the text.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// Names of several accounts.
    #[error(transparent)]
    Names(#[from] NameClash),
    /// Somebody whom no name means alone, so that a group cannot name them.
    #[error("no name means the account `{0}` and nobody else; rename one of those who have it")]
    Nameless(String),
    /// Others than share recipients, or newcomers of a Headscale, would lose or gain something, so it is not done.
    #[error(
        "narrowing would change what others reach than those whom it is to shut out; change the policy by hand"
    )]
    Unproven {
        /// What would be lost.
        lost: Vec<Entry>,
        /// What would be gained.
        gained: Vec<Entry>,
    },
}

impl Narrowing {
    /// Whether the text changes at all.
    pub fn is_empty(&self) -> bool {
        self.splices.is_empty()
    }
}

/// Replaces `*` as a source by members, tagged nodes and each approved subnet route. On a Headscale, where everybody is a
/// member, by those who are members today: see [`membership::narrow`].
///
/// ```
/// let text = r#"{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}"#;
/// let narrowed = policy::narrow(text, &policy::Network::default(), policy::Reading::Proposed).unwrap();
/// assert_eq!(
///     narrowed.after,
///     r#"{"acls": [{"action": "accept", "src": ["autogroup:member", "autogroup:tagged"], "dst": ["*:*"]}]}"#
/// );
/// ```
///
/// # Errors
/// [`NarrowError`]; nothing is narrowed that cannot be shown to take nothing from members, tagged nodes and
/// subnets.
pub fn narrow(
    text: &str,
    network: &Network,
    language: impl Into<Language>,
) -> Result<Narrowing, NarrowError> {
    let language = language.into();
    if language.dialect.is_headscale() {
        return membership::narrow(text, network, None, language);
    }
    let policy = Policy::read(text, language)?;
    let before = Engine::of(&policy, network)?;
    let sources = narrowed_sources(network);
    if policy.allows_by_default() {
        let after = edit::insert_default(text, &policy, &sources)?;
        let splices = between(text, &after).into_iter().collect();
        return proven((&before, language), network, after, splices, vec![RuleRef::DEFAULT]);
    }
    let (mut splices, mut rules) = (Vec::new(), Vec::new());
    for acl in policy.acls.iter().flatten() {
        narrow_acl(text, acl, &sources, &mut splices, &mut rules);
    }
    for grant in policy.grants.iter().flatten() {
        let wide = grant.src.iter().filter(|source| source.as_str() == "*");
        let count = splices.len();
        splices.extend(wide.map(|source| replacement(text, source, &sources)));
        rules.extend((splices.len() > count).then_some(grant.rule));
    }
    let after = apply(text, &splices).ok_or(EditError::Place)?;
    proven((&before, language), network, after, splices, rules)
}

/// What `*` names, share recipients left out.
pub(crate) fn narrowed_sources(network: &Network) -> Vec<String> {
    let mut routes: Vec<_> = network.nodes().iter().flat_map(crate::network::Node::subnets).collect();
    routes.sort_unstable();
    routes.dedup();
    let groups = ["autogroup:member", "autogroup:tagged"].map(str::to_owned);
    groups.into_iter().chain(routes.iter().map(ToString::to_string)).collect()
}

/// The changes that make one rule say whom its `*` means; none where it has none.
pub(crate) fn narrow_rule(text: &str, policy: &Policy, rule: RuleRef, sources: &[String]) -> Vec<Splice> {
    let (mut splices, mut rules) = (Vec::new(), Vec::new());
    for acl in policy.acls.iter().flatten().filter(|acl| acl.rule == rule) {
        narrow_acl(text, acl, sources, &mut splices, &mut rules);
    }
    for grant in policy.grants.iter().flatten().filter(|grant| grant.rule == rule) {
        let wide = grant.src.iter().filter(|source| source.as_str() == "*");
        splices.extend(wide.map(|source| replacement(text, source, sources)));
    }
    splices
}

fn narrow_acl(
    text: &str,
    acl: &Acl,
    sources: &[String],
    splices: &mut Vec<Splice>,
    rules: &mut Vec<RuleRef>,
) {
    let own = |dst: &&Text| parse_destination(&dst.value).is_ok_and(|(host, _)| host == "autogroup:self");
    let others: Vec<&Text> = acl.dst.iter().filter(|dst| !own(dst)).collect();
    let wide: Vec<&Text> = acl.src.iter().filter(|source| source.as_str() == "*").collect();
    // `*` to oneself is nothing to a share recipient, who has no nodes here; and tags are refused beside it.
    if wide.is_empty() || others.is_empty() {
        return;
    }
    rules.push(acl.rule);
    if others.len() == acl.dst.len() {
        splices.extend(wide.iter().map(|source| replacement(text, source, sources)));
        return;
    }
    // Tags and addresses may not stand beside `autogroup:self`, so they get a rule of their own.
    let members = sources.get(..1).unwrap_or_default();
    splices.extend(wide.iter().map(|source| replacement(text, source, members)));
    let rest = sources.get(1..).unwrap_or_default();
    let raw = |texts: &[&Text]| -> String {
        texts.iter().filter_map(|item| text.get(item.span.clone())).collect::<Vec<_>>().join(", ")
    };
    let mut rule =
        format!("{{\"action\": \"accept\", \"src\": [{}], \"dst\": [{}]", list(rest, ", "), raw(&others));
    if let Some(proto) = acl.proto.as_ref().and_then(|proto| text.get(proto.span.clone())) {
        rule.extend([", \"proto\": ", proto]);
    }
    if !acl.src_posture.is_empty() {
        let postures: Vec<&Text> = acl.src_posture.iter().collect();
        rule.extend([", \"srcPosture\": [", &raw(&postures), "]"]);
    }
    rule.push('}');
    splices.push(Splice {
        range: acl.rule.end..acl.rule.end,
        replacement: format!(",{}{rule}", gap(text, acl.rule.start)),
    });
}

fn list(sources: &[String], gap: &str) -> String {
    sources.iter().map(|source| format!("\"{source}\"")).collect::<Vec<_>>().join(gap)
}

/// The sources in place of `*`, each on a line of its own where `*` has one.
pub(crate) fn replacement(text: &str, wide: &Text, sources: &[String]) -> Splice {
    let gap = format!(",{}", gap(text, wide.span.start));
    Splice { range: wide.span.clone(), replacement: list(sources, &gap) }
}

/// What to write between list items: a line break with the indentation of an item that begins its line, else
/// one space.
pub(crate) fn gap(text: &str, start: usize) -> String {
    own_line(text, start).unwrap_or_else(|| " ".into())
}

/// Line break and indentation before a place that begins its line.
pub(crate) fn own_line(text: &str, start: usize) -> Option<String> {
    let (above, indent) = text.get(..start)?.rsplit_once('\n')?;
    let end = if above.ends_with('\r') { "\r\n" } else { "\n" };
    indent.bytes().all(|byte| matches!(byte, b' ' | b'\t')).then(|| format!("{end}{indent}"))
}

fn proven(
    (before, language): (&Engine, Language),
    network: &Network,
    after: String,
    splices: Vec<Splice>,
    rules: Vec<RuleRef>,
) -> Result<Narrowing, NarrowError> {
    let change = diff(before, &Engine::read(&after, network, language)?);
    let recipients_only = change.lost.iter().all(|entry| match &entry.who {
        Who::Login(login) => before.is_recipient(login),
        _ => false,
    });
    if !recipients_only || !change.gained.is_empty() {
        return Err(NarrowError::Unproven { lost: change.lost, gained: change.gained });
    }
    Ok(Narrowing { after, splices, rules, lost: change.lost })
}
