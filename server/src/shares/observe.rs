//! Reads what a decision asks for, and nothing else.

use control_plane::{ControlPlaneError, Invite, PolicyFile, UserKind};
use policy::ShareRules;
use policy::share::SharePlan;
use policy::unshare::UnshareError;
use sharing::{PolicySeen, Proposal, Reading, SeenInvite, SeenPlan, What};

use super::work::{Halt, Work};
use crate::plan::{Plan, difference, lines, narrowing};
use crate::store::guests::Guest;
use crate::store::shares::Share;
use crate::tailnet::{self, Inventory, known};
use crate::words;

impl Work {
    /// Looks, so that the next decision knows.
    ///
    /// # Errors
    /// When the store fails. What the control plane does not tell is a reading like others.
    pub async fn observe(&mut self, what: What) -> Result<(), Halt> {
        match what {
            What::Policy => {
                let answer = self.plane.get_policy().await;
                self.seen.read_back = answer.is_ok();
                self.saw_policy(answer);
            }
            What::Plan => self.plan().await?,
            What::Invites => {
                let answer = self.plane.list_invites(&self.device()).await;
                self.seen.others = Reading::Unread;
                self.seen.invites = read(answer, |invites| {
                    let seen = invites.iter().map(SeenInvite::from).collect();
                    self.desk.invites = invites;
                    seen
                });
            }
            What::Invite(id) => {
                let answer = self.plane.get_invite(&id).await;
                self.seen.invite = read(answer, |invite: Invite| SeenInvite::from(&invite));
            }
            What::Others => self.seen.others = Reading::Read(self.others().await?),
            What::Recipients => {
                let login = self.share.login.as_str();
                self.seen.recipient = read(self.plane.list_users().await, |users| {
                    users
                        .iter()
                        .any(|user| user.kind == UserKind::Shared && user.login.eq_ignore_ascii_case(login))
                });
            }
            // Looked at with the whole tailnet.
            What::Machine => return Err(Halt::Failed(anyhow::anyhow!("a machine is not looked at alone"))),
        }
        Ok(())
    }

    /// Takes a reading of the policy, or the answer of a write of ours.
    pub(super) fn saw_policy(&mut self, answer: Result<PolicyFile, ControlPlaneError>) {
        let before = self.desk.policy.take();
        let facts = |file: &PolicyFile| policy_facts(&self.share, file);
        match answer {
            Ok(file) => {
                self.seen.policy = Reading::Read(facts(&file));
                if before.is_none_or(|before| before.text != file.text) {
                    self.seen.plan = Reading::Unread;
                }
                self.desk.policy = Some(file);
            }
            Err(error) => self.seen.policy = Reading::Failed(error),
        }
    }

    /// The same policy, after something else was written down of the rule.
    pub(super) fn observe_policy_again(&mut self) {
        if let Some(file) = &self.desk.policy {
            self.seen.policy = Reading::Read(policy_facts(&self.share, file));
        }
    }

    /// Machines and users are read once: no deed of a share changes them before its plan is made.
    async fn plan(&mut self) -> Result<(), Halt> {
        let inventory = match self.desk.inventory.take() {
            Some(known) => known,
            None => match self.inventory().await? {
                Ok(mut read) => {
                    self.desk.accounts.clone_from(&read.users);
                    super::without_newcomer(&mut read, self.guest());
                    read
                }
                Err(error) => {
                    self.seen.plan = Reading::Failed(error);
                    return Ok(());
                }
            },
        };
        let Some(device) = inventory.device(&self.device()).map(tailnet::name_of) else {
            self.seen.plan = Reading::Read(SeenPlan::MachineGone);
            return Ok(());
        };
        let Some(text) = self.desk.policy.as_ref().map(|file| file.text.clone()) else {
            self.seen.policy = Reading::Unread;
            return Ok(());
        };
        // A name that nobody has is taken by a Headscale without a word, and whoever gets it next has the share.
        let login = self.share.login.as_str();
        let known = self.desk.accounts.iter().any(|user| user.login.eq_ignore_ascii_case(login));
        self.seen.user_to_make = self.guest().is_some_and(Guest::is_to_be_made);
        if self.seen.opens_by_rule && !known && !self.seen.user_to_make {
            self.seen.plan = Reading::Read(SeenPlan::Impossible(words::headscale::no_account(login)));
            self.desk.inventory = Some(inventory);
            return Ok(());
        }
        let (share, language) = (self.share.clone(), self.language);
        // Not for a thread that serves requests.
        let (made, inventory) = tokio::task::spawn_blocking(move || {
            (Plan::make(&text, &inventory, &share, &device, language), inventory)
        })
        .await?;
        self.desk.inventory = Some(inventory);
        self.seen.plan = Reading::Read(match made {
            Ok(plan) => {
                self.desk.plan = chosen(&self.share, &plan).cloned();
                plan_facts(&self.share, &plan)
            }
            Err(error) => SeenPlan::Impossible(error.to_string()),
        });
        Ok(())
    }

    async fn inventory(&self) -> anyhow::Result<Result<Inventory, ControlPlaneError>> {
        let yes = self.share.deeds.approved.as_ref();
        let agreed = yes.and_then(|yes| Some((yes.at, yes.shared.clone()?)));
        Ok(known::read(&self.state, (self.share.tailnet, self.plane.as_ref()), agreed, None).await?)
    }
}

/// What a plan says, for the owner's answer.
pub fn plan_facts(share: &Share, plan: &Plan) -> SeenPlan {
    let Some(chosen) = chosen(share, plan) else { return SeenPlan::AnotherQuestion };
    SeenPlan::Possible(Proposal {
        difference: difference(chosen),
        narrowing: narrowing(chosen),
        rule: rule_text(chosen),
        lines: lines(chosen),
    })
}

/// The one of its ways that the owner chose.
pub fn chosen<'a>(share: &Share, plan: &'a Plan) -> Option<&'a SharePlan> {
    let said = share.deeds.approved.as_ref().map(|yes| yes.decision)?;
    plan.chosen(said)
}

fn read<T, U>(answer: Result<T, ControlPlaneError>, seen: impl FnOnce(T) -> U) -> Reading<U> {
    match answer {
        Ok(answer) => Reading::Read(seen(answer)),
        Err(error) => Reading::Failed(error),
    }
}

/// The policy, as far as it is about a share.
pub fn policy_facts(share: &Share, file: &PolicyFile) -> PolicySeen {
    let rules = ShareRules::read(&file.text);
    facts_among(share, rules.as_ref(), file.etag.is_some())
}

/// The same for one of many shares in a policy that was read once; `versioned` if it came with the mark that protects a
/// write.
pub fn facts_among(share: &Share, rules: Result<&ShareRules, &UnshareError>, versioned: bool) -> PolicySeen {
    // Read strictly when the share was: what is no rule is a damaged row.
    let (rule, former) = (share.rule().ok().flatten(), share.former_rule().ok().flatten());
    PolicySeen::of(rules, share.id, (rule.as_ref(), former.as_ref()), share.login.as_str(), versioned)
}

/// The rule of a plan, as it is stored.
pub fn rule_text(plan: &SharePlan) -> String {
    serde_json::to_string(&plan.rule).expect("lists of texts are JSON")
}
