//! `sshTests`: as whom a source must get in, and as whom not.

use super::principal::{Principal, names_tag};
use super::{Context, Fault, known};
use crate::error::PolicyError;
use crate::posture::DeviceAttributes;
use crate::quote::quoted;
use crate::resolve::Selector;
use crate::ssh::{ResolvedSsh, SshTarget, SshUsers};
use crate::syntax::{Section, SshTest, Text};

/// What the rules say to one login name.
#[derive(Clone, Copy, Default)]
pub(super) struct Verdict {
    pub(super) accept: bool,
    pub(super) check: bool,
}

impl Context<'_> {
    /// Destinations that are refused before any test runs, unless the policy is in force.
    pub(super) fn check_ssh_test(&self, test: &SshTest) -> Result<(), PolicyError> {
        if self.resolved.names.is_in_force() {
            return Ok(());
        }
        for text in &test.dst {
            let refuse = |what: &str| {
                let message = format!("SSH tests dst contains {what} {}", quoted(&text.value));
                PolicyError { span: Some(text.span.clone()), ..PolicyError::invalid(message) }
            };
            match Selector::parse(&text.value) {
                Selector::Tag(name) if self.resolved.names.tag(&name).is_none() => {
                    return Err(refuse("unknown tag"));
                }
                Selector::Range(_) if text.value.contains('/') => return Err(refuse("disallowed element")),
                Selector::Wildcard
                | Selector::Autogroup(_)
                | Selector::UnknownAutogroup(_)
                | Selector::IpSet(_)
                | Selector::Service(_) => return Err(refuse("disallowed element")),
                _ => {}
            }
        }
        Ok(())
    }

    pub(super) fn ssh_test(&self, test: &SshTest) -> Result<(), Fault> {
        let src = test.src.as_ref().map_or("", Text::as_str);
        if src.is_empty() {
            return Err("the test has no src".into());
        }
        if test.dst.is_empty() {
            return Err("the test has no dst".into());
        }
        let lists = [&test.accept, &test.deny, &test.check];
        if lists.iter().all(|list| list.is_empty()) {
            return Err("the test has no accept, deny or check".into());
        }
        if lists.iter().any(|list| list.iter().any(|login| login.value.is_empty())) {
            return Err("a login name is empty".into());
        }
        let sources = self.principals(src)?;
        let device: DeviceAttributes =
            test.src_posture_attrs.iter().map(|(name, value)| (name.value.clone(), value.clone())).collect();
        for text in &test.dst {
            let dst = &text.value;
            let Some(targets) = known(self.ssh_targets(dst))? else { continue };
            let names = test.accept.len() + test.check.len() + test.deny.len();
            let pairs = sources.len().saturating_mul(targets.len()).saturating_mul(names);
            self.budget.spend(pairs.saturating_mul(self.rules.len() + 1))?;
            let verdicts = |login: &str, lenient: bool| {
                let pairs = sources.iter().flat_map(|from| targets.iter().map(move |to| (from, to)));
                let asked = |(from, to)| self.verdict((from, to), login, &device, lenient);
                pairs.map(asked).collect::<Vec<_>>()
            };
            for login in test.accept.iter().map(Text::as_str) {
                if !verdicts(login, true).iter().all(|verdict| verdict.accept || verdict.check) {
                    return Err(format!("`{src}` does not get in to `{dst}` as `{login}`").into());
                }
            }
            for login in test.check.iter().map(Text::as_str) {
                if !verdicts(login, true).iter().all(|verdict| verdict.check) {
                    return Err(
                        format!("`{src}` does not get in to `{dst}` as `{login}` with a check").into()
                    );
                }
            }
            for login in test.deny.iter().map(Text::as_str) {
                if verdicts(login, false).iter().any(|verdict| verdict.accept || verdict.check) {
                    return Err(format!("`{src}` gets in to `{dst}` as `{login}`").into());
                }
            }
        }
        Ok(())
    }

    /// A bare IPv6 address fails even where the IPv4 address of the same node passes (captures).
    fn ssh_targets(&self, dst: &str) -> Result<Vec<Principal>, Fault> {
        if matches!(Selector::parse(dst), Selector::Range(range) if range.first().is_ipv6()) {
            return Err(format!("`{dst}`: an IPv6 address cannot be tested").into());
        }
        let targets = self.principals(dst)?;
        if targets.iter().any(|target| matches!(target, Principal::Range(_) | Principal::Address(_, None))) {
            return Err(format!("`{dst}` is not one node").into());
        }
        Ok(targets)
    }

    pub(super) fn verdict(
        &self,
        (from, to): (&Principal, &Principal),
        login: &str,
        device: &DeviceAttributes,
        lenient: bool,
    ) -> Verdict {
        if lenient && self.leaves_ssh_out() {
            return Verdict { accept: true, check: true };
        }
        let mut verdict = Verdict::default();
        for rule in self.rules {
            let unknown = lenient && !rule.sources.unknown.is_empty();
            let fit = self.meets(&rule.postures, device, from).unwrap_or(lenient);
            let named = unknown || self.lets_in(&rule.sources, from);
            let leads = (lenient && rule.unknown) || self.ssh_opens(rule, from, to);
            let more = lenient && !rule.not_understood.is_empty();
            if fit && named && leads && (more || self.allows_login(&rule.users, from, login)) {
                verdict.accept |= !rule.check;
                verdict.check |= rule.check;
            }
        }
        verdict
    }

    /// Whether something of the section was left out of a policy in force, which may let anybody in.
    fn leaves_ssh_out(&self) -> bool {
        let odd = self.policy.unknown.iter().any(|field| field.section == Some(Section::Ssh));
        self.resolved.names.is_in_force() && (odd || self.rules.len() < self.policy.ssh.len())
    }

    fn ssh_opens(&self, rule: &ResolvedSsh, from: &Principal, to: &Principal) -> bool {
        let written = self.policy.ssh.binary_search_by_key(&rule.rule.index, |rule| rule.rule.index);
        let written = written.ok().and_then(|at| self.policy.ssh.get(at)).map_or(&[][..], |rule| &rule.dst);
        rule.targets.iter().enumerate().any(|(at, target)| match (target, to) {
            (SshTarget::SelfOwned, _) => {
                let owner = self.owner(from);
                owner.is_some() && owner == self.owner(to)
            }
            (SshTarget::Nodes(nodes), Principal::Address(_, Some(node))) => nodes.contains(*node),
            (SshTarget::Nodes(_), Principal::Tag(name)) => {
                written.get(at).is_some_and(|text| names_tag(&Selector::parse(&text.value), name))
            }
            (SshTarget::Nodes(_), Principal::User(user)) => {
                written.get(at).is_some_and(|text| self.resolved.names.user(&text.value) == Some(*user))
            }
            _ => false,
        })
    }

    fn allows_login(&self, users: &SshUsers, from: &Principal, login: &str) -> bool {
        let by_domain = || {
            let user = self.owner(from).and_then(|user| self.network.user(user))?;
            let own = user.domain()?;
            Some(
                user.local_part()? == login
                    && users.domains.iter().any(|domain| domain.eq_ignore_ascii_case(own)),
            )
        };
        let named = if login == "root" { users.root } else { users.nonroot || users.names.contains(login) };
        named || by_domain().unwrap_or(false)
    }
}
