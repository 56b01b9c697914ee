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
use crate::words;
use crate::words::share::by_hand::NOTICED;

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
        let guest = self.guest(share).await?.filter(|guest| guest.login() == share.login.as_str());
        let to_be_made = guest.is_some_and(|guest| guest.is_to_be_made());
        let (before, after) = match self.planned(share).await {
            Ok(planned) => {
                let plan = Reading::Read(shares::plan_facts(share, &planned.plan));
                let next = self.next(share, &planned.policy, plan).await?;
                // Anything else is done without a person, or tells in its own words what is in the way.
                let writes = matches!(next, Action::Narrow | Action::BeginRule | Action::WriteRule);
                let chosen = shares::chosen(share, &planned.plan).filter(|_| writes);
                let Some(chosen) = chosen else { return Ok(None) };
                // Somebody new is made between the two, and after what lets everybody in is known to be shut.
                let alone = chosen.narrowing.as_ref().filter(|_| to_be_made);
                let after = alone.map_or(&chosen.after, |first| &first.after);
                (planned.policy.text.clone(), after.clone())
            }
            // Without the policy there is still the rule.
            Err(Fault::Unavailable(why)) => {
                let lines = share.rule().ok().flatten().map(|rule| marked(share, &rule.text()));
                return Ok(Some(Manual {
                    steps: vec![words::share::by_hand::ADD_THESE_LINES.into(), NOTICED.into()],
                    lines: lines.unwrap_or_default(),
                    diff: Vec::new(),
                    whole: None,
                    unknown: Some(words::share::by_hand::file_unknown(&why.to_string())),
                }));
            }
            // No plan can be made: the share's own words say what is in the way.
            Err(Fault::Conflict(_)) => return Ok(None),
            Err(fault) => return Err(fault),
        };
        let (first, last) = self.where_it_is(share).await?;
        Ok(Some(Manual {
            steps: vec![first.into(), words::share::by_hand::PUT_IN_LINES.into(), last.into()],
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
            Err(_) => Err(words::share::by_hand::CREDENTIALS_SEALED.to_owned()),
        };
        let without = match file {
            Ok(file) => match self.next(share, &file, Reading::Unread).await? {
                Action::RemoveRule => rule::without_all(&file.text, share.id, &share.deeds)
                    .map(|after| (file.text.clone(), after.unwrap_or(file.text)))
                    .map_err(|error| words::share::by_hand::not_understood(&error)),
                Action::Stop(Attention { trouble: Trouble::CannotEdit { why }, .. }) => {
                    Err(words::share::by_hand::not_understood(&why))
                }
                _ => Ok((file.text.clone(), file.text)),
            },
            Err(why) => Err(why),
        };
        let (first, last) = self.where_it_is(share).await?;
        Ok(match without {
            Ok((before, after)) if before == after => Manual {
                steps: vec![words::share::by_hand::NOTHING_TO_TAKE_OUT.into(), NOTICED.into()],
                ..Manual::default()
            },
            Ok((before, after)) => Manual {
                steps: vec![first.into(), words::share::by_hand::TAKE_OUT_LINES.into(), last.into()],
                lines: changed_lines(&before, &after).before,
                diff: hunks(&before, &after),
                whole: Some(after),
                unknown: None,
            },
            Err(why) => Manual {
                steps: vec![words::share::by_hand::LOOK_FOR_THESE_LINES.into(), NOTICED.into()],
                lines: rule.map(|rule| marked(share, &rule.text())).unwrap_or_default(),
                diff: Vec::new(),
                whole: None,
                unknown: Some(words::share::by_hand::file_unknown(&why)),
            },
        })
    }

    /// What the job would do next with this policy, if it might write it.
    async fn next(&self, share: &Share, file: &PolicyFile, plan: Reading<SeenPlan>) -> Result<Action, Fault> {
        let mut steps = shares::steps(&self.state, share.id).await.or_internal("list the steps")?;
        steps.extend([(StepPhase::End, Step::Snippet), (StepPhase::Pause, Step::Snippet)]);
        let node = self.state.db.find_node(share.node).await.or_internal("read the node")?;
        let node = node.ok_or(Fault::NotFound)?;
        // A person needs no mark.
        let policy = PolicySeen { versioned: true, ..shares::policy_facts(share, file) };
        let seen = Observation { policy: Reading::Read(policy), plan, ..Observation::default() };
        Ok(sharing::decide(&shares::plain(share, &steps, &node), &seen, &shares::moment(&self.state)))
    }

    /// Where the policy is changed by hand, and what comes after it.
    async fn where_it_is(&self, share: &Share) -> Result<(&'static str, &'static str), Fault> {
        let tailnet = self.state.db.find_tailnet(share.tailnet).await.or_internal("read the tailnet")?;
        Ok(match tailnet {
            Some(tailnet) if tailnet.kind.is_headscale() => {
                (words::headscale::OPEN_THE_FILE, words::headscale::RELOAD)
            }
            _ => (words::share::by_hand::OPEN_THE_FILE, NOTICED),
        })
    }

    async fn delete_invite_by_hand(&self, share: &Share) -> Result<Manual, Fault> {
        let names = self.names_of_share(share).await?;
        Ok(Manual {
            steps: vec![
                words::share::by_hand::open_machine(&names.node),
                words::share::by_hand::take_out_friend(&share.login),
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
