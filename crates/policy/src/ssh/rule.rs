//! SSH rules resolved to sets.

use std::collections::BTreeSet;

use crate::budget::Budget;
use crate::duration::GoDuration;
use crate::error::PolicyError;
use crate::network::Network;
use crate::quote::quoted;
use crate::resolve::{
    Autogroup, Names, People, Selected, Selection, Selector, Sources, check_domain, check_postures,
    people_or_nodes,
};
use crate::set::NodeSet;
use crate::syntax::{Policy, RuleRef, SshRule, Text};

/// An SSH rule: whoever is in `sources` may log in to `targets` as `users`.
#[derive(Clone, Debug)]
pub struct ResolvedSsh {
    /// Where it stands.
    pub rule: RuleRef,
    /// Asks for a check first.
    pub check: bool,
    /// Who: users, groups and tags; never addresses.
    pub sources: Sources,
    /// Where.
    pub targets: Vec<SshTarget>,
    /// As whom.
    pub users: SshUsers,
    /// Environment variables that may be sent.
    pub accept_env: Vec<String>,
    /// Postures of which a source device of the own tailnet must meet one; empty means any device.
    pub postures: Vec<String>,
    /// Whether it may lead to more machines than are known here.
    pub unknown: bool,
    /// What else of it is not understood: login names, a period. Only in a policy in force; the rule may allow more than
    /// it seems to.
    pub not_understood: Vec<Text>,
}

/// A destination of an SSH rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SshTarget {
    /// Nodes by tag, login or autogroup.
    Nodes(NodeSet),
    /// `autogroup:self`: each user's own nodes.
    SelfOwned,
}

/// The login names that an SSH rule allows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SshUsers {
    /// `root`
    pub root: bool,
    /// `autogroup:nonroot`: any name but root.
    pub nonroot: bool,
    /// Names as they are; also texts that look like selectors (captures).
    pub names: BTreeSet<String>,
    /// `localpart:*@domain`: the name before the `@` of one's own login in these domains.
    pub domains: Vec<String>,
}

/// What the sets of all rules together may hold, in words of memory.
const MAX_STEPS: u64 = 16 << 20;
const MAX_CHECK_PERIOD: GoDuration = GoDuration::hours(168);

/// Resolves `ssh`.
///
/// # Errors
/// The control plane's refusal of the first bad rule. In a policy in force every name of a rule is let pass; one of which
/// it is not understood what it allows at all is left out.
pub fn resolve_ssh(
    policy: &Policy,
    names: &Names,
    network: &Network,
) -> Result<Vec<ResolvedSsh>, PolicyError> {
    let budget = Budget::new("the SSH rules", MAX_STEPS);
    let one = |rule: &SshRule| {
        let ssh = match resolve_one(rule, names, network) {
            Err(_) if names.is_taken() => return Ok(None),
            ssh => ssh.map_err(|error| error.within(rule.rule))?,
        };
        let words = |target: &SshTarget| if let SshTarget::Nodes(nodes) = target { nodes.words() } else { 1 };
        budget.spend(ssh.sources.weight() + ssh.targets.iter().map(words).sum::<usize>())?;
        Ok(Some(ssh))
    };
    let rules = policy.ssh.iter().map(one).collect::<Result<Vec<_>, _>>();
    Ok(rules.map_err(|error| policy.locate(error))?.into_iter().flatten().collect())
}

/// What of a rule is not understood besides names; or why nothing of it is, so that it was left out.
pub(crate) fn understood(rule: &SshRule, names: &Names, network: &Network) -> Result<Vec<Text>, String> {
    match resolve_one(rule, names, network) {
        Ok(ssh) => Ok(ssh.not_understood),
        Err(error) => Err(error.message),
    }
}

fn resolve_one(rule: &SshRule, names: &Names, network: &Network) -> Result<ResolvedSsh, PolicyError> {
    let check = match rule.action.as_ref().map_or("", Text::as_str) {
        "" => return Err(PolicyError::invalid("action must be specified")),
        "accept" => false,
        "check" => true,
        other => return Err(PolicyError::invalid(format!("{} is not a valid action", quoted(other)))),
    };
    let headscale = names.dialect().is_headscale();
    let mut not_understood = Vec::new();
    let users = users(&rule.users, names, network, &mut not_understood)?;
    let period = rule.check_period.as_ref().filter(|_| !headscale);
    let odd = period.and_then(|text| Some((text, check_period(text).err()?)));
    let blank = rule.accept_env.iter().find(|text| text.value.is_empty());
    let blank = blank.map(|text| (text, at(text, "acceptEnv values cannot be empty".into())));
    for (text, refusal) in odd.into_iter().chain(blank) {
        if !names.is_in_force() {
            return Err(refusal);
        }
        not_understood.push(text.clone());
    }
    check_postures(names, &rule.src_posture, rule.rule)?;
    let sources = rule.src.iter().map(|text| source(text, names, network)).collect::<Result<Vec<_>, _>>()?;
    let targets = rule.dst.iter().map(|text| target(text, names, network)).collect::<Result<Vec<_>, _>>()?;
    if !names.is_taken() {
        check_shape(rule, check)?;
    }
    Ok(ResolvedSsh {
        rule: rule.rule,
        check,
        sources: Sources::new(sources),
        unknown: targets.iter().any(Option::is_none),
        targets: targets.into_iter().map(|known| known.unwrap_or(SshTarget::Nodes(NodeSet::new()))).collect(),
        users,
        accept_env: rule.accept_env.iter().map(|text| text.value.clone()).collect(),
        postures: rule.src_posture.iter().map(|text| text.value.clone()).collect(),
        not_understood,
    })
}

fn at(text: &Text, message: String) -> PolicyError {
    PolicyError { span: Some(text.span.clone()), ..PolicyError::invalid(message) }
}

fn users(
    texts: &[Text],
    names: &Names,
    network: &Network,
    not_understood: &mut Vec<Text>,
) -> Result<SshUsers, PolicyError> {
    let headscale = names.dialect().is_headscale();
    if texts.is_empty() && !headscale {
        return Err(PolicyError::invalid("users must be specified"));
    }
    let mut users = SshUsers::default();
    for text in texts {
        match text.as_str() {
            // Anybody is `autogroup:nonroot` with `root` beside it.
            "" | "*" if names.is_in_force() => not_understood.push(text.clone()),
            bad @ ("" | "*") if !headscale => {
                return Err(at(text, format!("user {} is not valid", quoted(bad))));
            }
            "root" => users.root = true,
            "autogroup:nonroot" => users.nonroot = true,
            name => match name.strip_prefix("localpart:*@").filter(|domain| !domain.is_empty()) {
                Some(domain) => {
                    if !names.is_taken() {
                        check_domain(network, domain).map_err(|error| at(text, error.message))?;
                    }
                    users.domains.push(domain.to_owned());
                }
                None => _ = users.names.insert(name.to_owned()),
            },
        }
    }
    Ok(users)
}

fn check_period(text: &Text) -> Result<(), PolicyError> {
    if text.value == "always" {
        return Ok(());
    }
    let period: GoDuration = text.value.parse().map_err(|error| at(text, format!("{error}")))?;
    if period < GoDuration(0) {
        return Err(at(text, format!("checkPeriod {period} must be a positive duration")));
    }
    if period > MAX_CHECK_PERIOD {
        return Err(at(text, format!("checkPeriod {period} is above the max (168h)")));
    }
    Ok(())
}

fn source(text: &Text, names: &Names, network: &Network) -> Result<Selection, PolicyError> {
    let selector = Selector::parse(&text.value);
    let selected = people_or_nodes(&selector, names, network)
        .map_err(|error| at(text, format!("[ssh] {}", error.message)))?;
    match selected {
        Some(selected @ (Selected::People(_) | Selected::Nodes(_))) => {
            Ok(Selection { text: text.value.clone(), span: text.span.clone(), selected })
        }
        _ if names.is_in_force() => {
            let selected = Selected::People(People::somebody(&text.value));
            Ok(Selection { text: text.value.clone(), span: text.span.clone(), selected })
        }
        _ => Err(at(text, format!("invalid src {}", quoted(&text.value)))),
    }
}

/// A destination; nothing if it is not known here what that is.
fn target(text: &Text, names: &Names, network: &Network) -> Result<Option<SshTarget>, PolicyError> {
    let invalid = || at(text, format!("invalid dst {}", quoted(&text.value)));
    let selector = Selector::parse(&text.value);
    let selected = match &selector {
        Selector::Autogroup(Autogroup::SelfOwned) => return Ok(Some(SshTarget::SelfOwned)),
        // What is in another tailnet is not here.
        Selector::Elsewhere(_) if !names.dialect().is_headscale() => {
            return Ok(Some(SshTarget::Nodes(NodeSet::new())));
        }
        Selector::Login(_)
        | Selector::Tag(_)
        | Selector::Autogroup(Autogroup::Member | Autogroup::Tagged | Autogroup::Role(_)) => {
            people_or_nodes(&selector, names, network)
                .map_err(|error| at(text, format!("[ssh] {}", error.message)))?
        }
        _ if names.is_in_force() => return Ok(None),
        _ => return Err(invalid()),
    };
    match selected {
        Some(Selected::People(people)) if !people.unknown.is_empty() => Ok(None),
        Some(Selected::People(people)) => Ok(Some(SshTarget::Nodes(people.nodes))),
        Some(Selected::Nodes(nodes)) => Ok(Some(SshTarget::Nodes(nodes))),
        _ => Err(invalid()),
    }
}

/// What the documentation forbids: a person's device is for that person only, tagged nodes go to tagged nodes
/// only, and nobody is there to answer a check of a tagged node. No capture has these texts.
fn check_shape(rule: &SshRule, check: bool) -> Result<(), PolicyError> {
    let sources: Vec<_> = rule.src.iter().map(|text| (text, Selector::parse(&text.value))).collect();
    let tagged = sources
        .iter()
        .find(|(_, selector)| matches!(selector, Selector::Tag(_) | Selector::Autogroup(Autogroup::Tagged)));
    if let Some((text, _)) = tagged.filter(|_| check) {
        return Err(at(text, "tags in SSH source cannot be used with action check".into()));
    }
    for text in &rule.dst {
        match Selector::parse(&text.value) {
            Selector::Autogroup(Autogroup::SelfOwned) if tagged.is_some() => {
                return Err(at(
                    text,
                    "autogroup:self can only be used with users, groups, or supported autogroups".into(),
                ));
            }
            Selector::Login(login) => {
                let same = |selector: &Selector| matches!(selector, Selector::Login(other) if other.eq_ignore_ascii_case(&login));
                if !sources.iter().all(|(_, selector)| same(selector)) {
                    return Err(at(
                        text,
                        format!(
                            "user destination requires source to contain only that same user {}",
                            quoted(&login)
                        ),
                    ));
                }
            }
            Selector::Autogroup(Autogroup::Member | Autogroup::Role(_)) if tagged.is_some() => {
                return Err(at(text, "tags in SSH source cannot access user-owned devices".into()));
            }
            _ => {}
        }
    }
    Ok(())
}
