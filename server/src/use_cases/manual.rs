//! What a person does by hand where this app may not: the exact text, and how it is noticed.

use app::fault::Fault;
use app::ports::shares::Manual;
use control_plane::PolicyFile;
use model::{Attention, Need, ShareState, Step, StepPhase, Trouble};
use sharing::{Action, Observation, PolicySeen, Reading, SeenPlan, rule};

use super::Asker;
use crate::failure::OrInternal as _;
use crate::planes;
use crate::planes::in_words;
use crate::shares;
use crate::store::shares::Share;
use crate::text_diff::{changed_lines, hunks};

const NOTICED: &str = "It is noticed by itself. To have it looked at at once, press “Try again now”.";

impl Asker {
    /// For a share that stopped where somebody else has to act; nothing where that is of no use.
    pub(super) async fn manual(&self, share: &Share) -> Result<Option<Manual>, Fault> {
        let ShareState::NeedsAttention { attention, .. } = &share.state else { return Ok(None) };
        if !matches!(attention.need, Need::Credential | Need::Look) {
            return Ok(None);
        }
        match attention.step {
            Step::Narrow | Step::Rule => self.put_in_by_hand(share).await,
            Step::RemoveRule => self.take_out_by_hand(share).await.map(Some),
            Step::RemoveInvite => self.delete_invite_by_hand(share).await.map(Some),
            _ => Ok(None),
        }
    }

    async fn put_in_by_hand(&self, share: &Share) -> Result<Option<Manual>, Fault> {
        let (before, after) = match self.planned(share).await {
            Ok(planned) => {
                let plan = Reading::Read(shares::plan_facts(share, &planned.plan));
                let next = self.next(share, &planned.policy, plan).await?;
                // Anything else is done without a person, or tells in its own words what is in the way.
                let writes = matches!(next, Action::Narrow | Action::BeginRule | Action::WriteRule);
                let chosen = shares::chosen(share, &planned.plan).filter(|_| writes);
                let Some(chosen) = chosen else { return Ok(None) };
                (planned.policy.text.clone(), chosen.after.clone())
            }
            // Without the policy there is still the rule.
            Err(Fault::Unavailable(why)) => {
                let lines = share.rule().ok().flatten().map(|rule| marked(share, &rule.text()));
                return Ok(Some(Manual {
                    steps: vec![
                        "Add these lines to the grants of the policy file, with the comment: by it the rule is found again.".into(),
                        NOTICED.into(),
                    ],
                    lines: lines.unwrap_or_default(),
                    diff: Vec::new(),
                    whole: None,
                    unknown: Some(format!("{why} So the whole file cannot be shown.")),
                }));
            }
            // No plan can be made: the share's own words say what is in the way.
            Err(Fault::Conflict(_)) => return Ok(None),
            Err(fault) => return Err(fault),
        };
        Ok(Some(Manual {
            steps: vec![
                "Open the policy file where it is kept: the admin console (Access controls), or its repository.".into(),
                "Put in the lines that are marked with +, or replace the whole file by the text below. Keep the comment: by it the rule is found again.".into(),
                NOTICED.into(),
            ],
            lines: changed_lines(&before, &after).after,
            diff: hunks(&before, &after),
            whole: Some(after),
            unknown: None,
        }))
    }

    async fn take_out_by_hand(&self, share: &Share) -> Result<Manual, Fault> {
        let rule = share.rule().ok().flatten();
        let plane = planes::to_end(&self.state, share.tailnet).await;
        let file = match plane {
            Ok(plane) => plane.get_policy().await.map_err(|error| in_words(&error)),
            Err(_) => Err("The stored credentials cannot be opened.".to_owned()),
        };
        let without = match file {
            Ok(file) => match self.next(share, &file, Reading::Unread).await? {
                Action::RemoveRule => rule::without(&file.text, share.id, rule.as_ref())
                    .map(|after| (file.text.clone(), after.unwrap_or(file.text)))
                    .map_err(|error| format!("The policy in force is not understood: {error}.")),
                Action::Stop(Attention { trouble: Trouble::CannotEdit { why }, .. }) => {
                    Err(format!("The policy in force is not understood: {why}."))
                }
                _ => Ok((file.text.clone(), file.text)),
            },
            Err(why) => Err(why),
        };
        Ok(match without {
            Ok((before, after)) if before == after => Manual {
                steps: vec![
                    "The rule is not in the policy any more: there is nothing to take out.".into(),
                    NOTICED.into(),
                ],
                ..Manual::default()
            },
            Ok((before, after)) => Manual {
                steps: vec![
                    "Open the policy file where it is kept: the admin console (Access controls), or its repository.".into(),
                    "Take out the lines that are marked with −, or replace the whole file by the text below.".into(),
                    NOTICED.into(),
                ],
                lines: changed_lines(&before, &after).before,
                diff: hunks(&before, &after),
                whole: Some(after),
                unknown: None,
            },
            Err(why) => Manual {
                steps: vec![
                    "Look for these lines in the policy file and take them out. The rest of the file stays.".into(),
                    NOTICED.into(),
                ],
                lines: rule.map(|rule| marked(share, &rule.text())).unwrap_or_default(),
                diff: Vec::new(),
                whole: None,
                unknown: Some(format!("{why} So the whole file cannot be shown.")),
            },
        })
    }

    /// What the job would do next with this policy, if it might write it.
    async fn next(&self, share: &Share, file: &PolicyFile, plan: Reading<SeenPlan>) -> Result<Action, Fault> {
        let mut steps = shares::steps(&self.state, share.id).await.or_internal("list the steps")?;
        steps.insert((StepPhase::End, Step::Snippet));
        let node = self.state.db.find_node(share.node).await.or_internal("read the node")?;
        let node = node.ok_or(Fault::NotFound)?;
        // A person needs no mark.
        let policy = PolicySeen { versioned: true, ..shares::policy_facts(share, file) };
        let seen = Observation { policy: Reading::Read(policy), plan, ..Observation::default() };
        Ok(sharing::decide(&shares::plain(share, &steps, &node), &seen, &shares::moment(&self.state)))
    }

    async fn delete_invite_by_hand(&self, share: &Share) -> Result<Manual, Fault> {
        let names = self.names_of_share(share).await?;
        Ok(Manual {
            steps: vec![
                format!("In the admin console open Machines, {}, Share.", names.node),
                format!("Take out {}, and delete the open invite if there is one.", share.login),
                NOTICED.into(),
            ],
            ..Manual::default()
        })
    }
}

/// As it stands in the file.
fn marked(share: &Share, rule: &str) -> String {
    format!("// acequia:share={}\n{rule},\n", share.id)
}
