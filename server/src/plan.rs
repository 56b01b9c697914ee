//! What applying a share will do to the policy, decided beforehand by the policy engine.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use model::Decision;
use policy::Language;
use policy::membership::{MembershipError, for_every_address};
use policy::reach::{Entry, Part};
use policy::share::{Mode, ShareError, SharePlan, ShareRequest};
use policy::unshare::UnshareError;

use sharing::exposure::{Opening, openings};
use sharing::{AgreedLine, rule};

use crate::reach;
use crate::secrets::hash_token;
use crate::store::shares::Share;
use crate::tailnet::Inventory;

/// The ways in which a share can be applied.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "one lives at a time, for as long as a page is made")]
pub enum Plan {
    /// The friend gains exactly the service.
    Exact(SharePlan),
    /// Other rules let the friend reach more of the node.
    Wide {
        /// What else they would reach, with the rules.
        excess: Vec<Entry>,
        /// Narrowing first, where that leaves just the service.
        narrow: Option<SharePlan>,
        /// "Yes, the whole node."
        whole: SharePlan,
    },
    /// Whoever is new on the owner's server would reach what everybody reaches there: it is narrowed first, or nothing is
    /// opened.
    Newcomer {
        /// What else they would reach, with the rules.
        excess: Vec<Entry>,
        /// The machines whose filters have whoever is new among their sources until it is narrowed.
        shown_by: BTreeSet<String>,
        /// Narrowing first.
        narrow: SharePlan,
    },
}

impl Plan {
    /// Plans a share for a policy text. A rule that this share has in the text already is not counted: the plan
    /// replaces it.
    ///
    /// # Errors
    /// When the text cannot be understood, or the edit cannot be proven to do just that.
    pub fn make(
        text: &str,
        inventory: &Inventory,
        share: &Share,
        node: &str,
        language: Language,
    ) -> Result<Self, PlanError> {
        let network = inventory.network().map_err(|e| PlanError::Inventory(e.to_string()))?;
        let request = ShareRequest {
            id: rule::mark(share.id),
            who: share.login.clone(),
            node: node.to_owned(),
            ports: share.ports.clone(),
        };
        let base = rule::without_all(text, share.id, &share.deeds)?.unwrap_or_else(|| text.to_owned());
        let plan = |mode| policy::share::share(&base, &network, &request, mode, language);
        match plan(Mode::Exact) {
            Ok(exact) => Ok(Self::Exact(exact)),
            Err(ShareError::MemberReachesMore { here: false, excess, narrowing: Some(_) }) => {
                let shown_by = shown_by(&base, &excess, language)?;
                Ok(Self::Newcomer { excess, shown_by, narrow: plan(Mode::Narrow)? })
            }
            Err(ShareError::MemberReachesMore { here: false, excess, narrowing: None }) => {
                Err(ShareError::OpensNetwork { excess }.into())
            }
            Err(
                ShareError::ReachesMore { excess, narrowing }
                | ShareError::MemberReachesMore { excess, narrowing, .. },
            ) => Ok(Self::Wide {
                excess,
                narrow: if narrowing.is_some() { Some(plan(Mode::Narrow)?) } else { None },
                whole: plan(Mode::WholeNode)?,
            }),
            Err(error) => Err(error.into()),
        }
    }

    /// The plan for the owner's answer, if the answer fits the question.
    pub fn chosen(&self, decision: Decision) -> Option<&SharePlan> {
        match (self, decision) {
            // Somebody narrowed the policy meanwhile: what was wanted is so already.
            (Self::Exact(plan), _) => Some(plan),
            (Self::Wide { narrow, .. }, Decision::NarrowAndApply) => narrow.as_ref(),
            (Self::Wide { whole, .. }, Decision::WholeNode) => Some(whole),
            (Self::Newcomer { narrow, .. }, Decision::NarrowAndApply) => Some(narrow),
            (Self::Wide { .. }, Decision::Apply)
            | (Self::Newcomer { .. }, Decision::Apply | Decision::WholeNode) => None,
        }
    }

    /// The one that is shown: the narrower where there is a choice.
    pub fn shown(&self) -> &SharePlan {
        match self {
            Self::Exact(plan)
            | Self::Wide { narrow: Some(plan), .. }
            | Self::Newcomer { narrow: plan, .. } => plan,
            Self::Wide { whole, .. } => whole,
        }
    }

    /// Whether the filter of this machine lets in somebody new until the policy is narrowed, so that it shows whether it is.
    pub fn is_shown_by(&self, node: &str) -> bool {
        matches!(self, Self::Newcomer { shown_by, .. } if shown_by.contains(node))
    }

    /// What whoever is new on a server would reach besides, where the policy has to be narrowed first; nothing of somebody who
    /// has a machine there.
    pub fn excess_of_newcomer(&self) -> Option<&[Entry]> {
        match self {
            Self::Newcomer { excess, .. } => Some(excess),
            Self::Exact(_) | Self::Wide { .. } => None,
        }
    }

    /// Names what the owner looked at: the text, and what every way of applying would change.
    pub fn name(&self, text: &str) -> String {
        let mut all = text.to_owned();
        for decision in Decision::ALL {
            if let Some(plan) = self.chosen(decision) {
                let _ = write!(all, "\n{}\n{}", difference(plan), narrowing(plan).unwrap_or_default());
            }
        }
        hash_token(&all)
    }
}

/// What leads to a machine by a rule for users is not told apart in its filter: they stand there by the machines that they have.
fn shown_by(text: &str, excess: &[Entry], language: Language) -> Result<BTreeSet<String>, PlanError> {
    let rules = excess.iter().flat_map(|entry| &entry.rules).copied().collect();
    let wide = for_every_address(text, &rules, language);
    let wide = wide.map_err(|error| PlanError::Besides(Box::new(error)))?;
    let shows = |entry: &&Entry| {
        matches!(entry.part, Part::Node | Part::Address(_))
            && entry.rules.iter().any(|rule| wide.contains(rule))
    };
    Ok(excess.iter().filter(shows).map(|entry| entry.node.clone()).collect())
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    #[error(transparent)]
    Share(#[from] ShareError),
    #[error(transparent)]
    Rule(#[from] UnshareError),
    #[error(transparent)]
    Besides(Box<MembershipError>),
    #[error("the control plane's list of machines and users makes no sense: {0}")]
    Inventory(String),
}

impl PlanError {
    /// The same where nothing that is planned would narrow it.
    pub fn excess_of_newcomer(&self) -> Option<&[Entry]> {
        let Self::Share(
            ShareError::OpensNetwork { excess } | ShareError::MemberReachesMore { here: false, excess, .. },
        ) = self
        else {
            return None;
        };
        Some(excess)
    }
}

/// The lines of the rules behind what is reached; none for the default of a text without rules.
pub fn lines_of(entries: &[Entry]) -> Vec<usize> {
    let lines: BTreeSet<usize> =
        entries.iter().flat_map(|entry| &entry.rules).map(|rule| rule.line).collect();
    lines.into_iter().filter(|line| *line > 0).collect()
}

/// What the share itself changes in reach, and what the friend reaches anyway: the same text for the same
/// difference, whatever moved in the file.
pub fn difference(plan: &SharePlan) -> String {
    fingerprint(&[("gained", &plan.gained), ("anyway", &plan.anyway)])
}

/// What the narrowing alone changes, where there is one.
pub fn narrowing(plan: &SharePlan) -> Option<String> {
    plan.narrowing.as_ref().map(|_| fingerprint(&[("lost", &plan.lost)]))
}

/// What the friend will reach of the machine, as it is agreed: what the share gives, and what they reach anyway.
pub fn lines(plan: &SharePlan) -> Vec<AgreedLine> {
    let told = |entries: &[Entry]| reach::lines(entries, &plan.after, ToString::to_string);
    let lines = told(&plan.gained).into_iter().chain(told(&plan.anyway));
    lines.map(|line| AgreedLine { who: line.who, machine: line.node, ports: line.what }).collect()
}

/// The same as what is open.
pub fn opens(plan: &SharePlan) -> Vec<Opening> {
    openings(&plan.gained).into_iter().chain(openings(&plan.anyway)).collect()
}

fn fingerprint(parts: &[(&str, &Vec<Entry>)]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for (part, entries) in parts {
        for entry in *entries {
            let Entry { who, node, part: place, protocol, ports, note, .. } = entry;
            lines.push(format!("{part} {who} {node} {place:?} {protocol} {ports:?} {note:?}"));
        }
    }
    lines.sort();
    hash_token(&lines.join("\n"))
}
