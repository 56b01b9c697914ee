//! What is known of a tailnet's reach, from the policy text and the network file that were read together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock};

use policy::lint::LintKind;
use policy::reach::LetIn;
use policy::syntax::protocol::{ICMP, ICMP_V6};
use policy::{Dialect, Engine, Language, Lint, Network, Policy, Reading, RuleRef, Who};

use super::finding::Findings;
use super::settled::Settled;

/// A snapshot judged by the engine.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "one of each tailnet lives, behind an `Arc`")]
pub enum Evaluation {
    Known(ReachModel),
    /// The engine says nothing about this policy.
    Refused {
        /// The text as it was read; empty where the policy was not.
        text: String,
        /// In words.
        why: String,
        line: Option<usize>,
    },
}

/// Everything that questions about reach need. What only some pages ask is worked out when it is first asked.
#[derive(Debug)]
pub struct ReachModel {
    pub text: String,
    pub language: Language,
    pub policy: Policy,
    pub engine: Engine,
    /// Share recipients, members, tags, machines of nobody. Not address ranges, which are nobody's name.
    pub everyone: Vec<Who>,
    /// With whom machines are shared could be read.
    pub sharing_known: bool,
    lints: OnceLock<Vec<Lint>>,
    pub(super) findings: Mutex<Option<(Settled, Arc<Findings>)>>,
    let_in: OnceLock<BTreeMap<RuleRef, LetIn>>,
}

impl Evaluation {
    /// Judges a policy text in a network (a network file). Slow for large ones: not for a thread that serves requests.
    pub fn of(text: String, network: &str, sharing_known: bool, dialect: Dialect) -> Self {
        let refused = |text, why, line| Self::Refused { text, why, line };
        let network = match Network::parse(network) {
            Ok(network) => network,
            Err(error) => {
                return refused(
                    text,
                    format!("the list of machines and users makes no sense: {error}"),
                    None,
                );
            }
        };
        // The control plane has taken it.
        let language = dialect.read(Reading::InForce);
        let evaluation = Policy::read(&text, language).and_then(|policy| {
            let engine = Engine::of(&policy, &network)?;
            Ok((policy, engine))
        });
        let (policy, engine) = match evaluation {
            Ok(both) => both,
            Err(error) => return refused(text, error.to_string(), error.line),
        };
        let mut everyone = engine.everyone();
        everyone.retain(|who| !matches!(who, Who::Address(_)));
        everyone.sort_by_key(|who| match who {
            Who::Login(login) if engine.is_recipient(login) => 0,
            Who::Login(_) => 1,
            Who::Tag(_) => 2,
            Who::Node(_) | Who::Address(_) => 3,
            Who::Unknown(_) => 4,
        });
        Self::Known(ReachModel {
            text,
            language,
            policy,
            engine,
            everyone,
            sharing_known,
            lints: OnceLock::new(),
            findings: Mutex::default(),
            let_in: OnceLock::new(),
        })
    }

    pub const fn known(&self) -> Option<&ReachModel> {
        match self {
            Self::Known(known) => Some(known),
            Self::Refused { .. } => None,
        }
    }
}

impl ReachModel {
    pub fn network(&self) -> &Network {
        self.engine.network()
    }

    /// What the policy says in vain.
    pub fn lints(&self) -> &[Lint] {
        self.lints.get_or_init(|| policy::lint(&self.text, self.network(), self.language).unwrap_or_default())
    }

    /// What the policy says that is not known here, each with its line, for the top of a page: the first of many.
    pub fn not_known(&self) -> Vec<String> {
        let told = |lint: &Lint| match &lint.kind {
            kind @ (LintKind::NotKnown(_) | LintKind::Unknown { .. }) => {
                Some(format!("Line {} of the policy: {}.", lint.line, kind.to_string().replace('`', "")))
            }
            _ => None,
        };
        let mut all: Vec<String> = self.lints().iter().filter_map(told).collect();
        let more = all.len().saturating_sub(NOTES);
        all.truncate(NOTES);
        all.extend(
            (more > 0)
                .then(|| format!("And {more} more of that kind, beside its lines on the policy’s page.")),
        );
        all
    }

    /// Every grant and ACL, in the order of the file.
    pub fn resolved_rules(&self) -> BTreeSet<RuleRef> {
        let grants = self.policy.grants.iter().flatten().map(|grant| grant.rule);
        grants.chain(self.policy.acls.iter().flatten().map(|acl| acl.rule)).collect()
    }

    /// Whom each rule lets in. Rules that let nobody in are not there.
    pub fn let_in(&self) -> &BTreeMap<RuleRef, LetIn> {
        self.let_in.get_or_init(|| self.engine.let_in())
    }

    /// Whom a typed word means: a login, a tag, an address, a machine; or the part of a login before its `@`, where
    /// only one person has it.
    pub fn who(&self, typed: &str) -> Option<Who> {
        let who: Who = typed.parse().ok()?;
        let Who::Node(name) = &who else { return Some(who) };
        if self.network().node_named(name).is_some() {
            return Some(who);
        }
        let mut people = self
            .network()
            .users()
            .iter()
            .filter(|user| user.local_part().is_some_and(|local| local.eq_ignore_ascii_case(name)));
        match (people.next(), people.next()) {
            (Some(only), None) => Some(Who::Login(only.login.clone())),
            _ => Some(who),
        }
    }

    /// Whether it cannot be said what somebody reaches: with whom machines are shared is not known, and they are no
    /// member.
    pub fn is_unknown(&self, who: &Who) -> bool {
        let Who::Login(login) = who else { return false };
        let member = self.network().user_with_login(login).is_some() && !self.engine.is_recipient(login);
        !self.sharing_known && !member
    }
}

/// How much of what is not known a page says at its top.
const NOTES: usize = 5;

/// Reach that is only an echo: any other opening lets pings through.
pub fn is_echo(protocol: u8) -> bool {
    matches!(protocol, ICMP | ICMP_V6)
}
