//! The review of a share in terms of people: who gains what, who loses what, what the friend reaches anyway.

use std::sync::Arc;

use app::fault::Fault;
use app::ports::shares::{Choice, ReachLine, ReviewView, WholeNode};
use control_plane::{ControlPlane, PolicyFile};
use model::{Login, ShareId, ShareState};
use policy::reach::Entry;
use policy::share::{SharePlan, Warning};

use super::{Asker, apart};
use crate::failure::OrInternal as _;
use crate::hosts;
use crate::plan::Plan;
use crate::planes;
use crate::planes::in_words;
use crate::reach;
use crate::store::gates::Names;
use crate::store::shares::Share;
use crate::tailnet::SharedTo;
use crate::text_diff::hunks;

/// A plan with what it was made from.
pub(super) struct Planned {
    pub policy: PolicyFile,
    pub plan: Plan,
    pub plane: Arc<dyn ControlPlane>,
    pub shared_to: SharedTo,
}

impl Asker {
    pub(super) async fn planned(&self, share: &Share) -> Result<Planned, Fault> {
        let (policy, inventory, plane) = self.read_plane(share).await?;
        let node = self.state.db.find_node(share.node).await.or_internal("read the node")?;
        let node = node.ok_or(Fault::NotFound)?;
        // By its id: the name in the store may be older than the machine's.
        let device = control_plane::DeviceId::new(&node.control_id);
        let name = inventory.device(&device).map(crate::tailnet::name_of).ok_or_else(|| {
            Fault::Conflict(format!("{} is no longer in the tailnet. Nothing was changed.", node.name))
        })?;
        let (text, share, shared_to) = (policy.text.clone(), share.clone(), inventory.shared_to.clone());
        let plan = apart(move || Plan::make(&text, &inventory, &share, &name)).await?.map_err(|error| {
            Fault::Conflict(format!("No plan can be made: {error}. Nothing was changed."))
        })?;
        Ok(Planned { policy, plan, plane, shared_to })
    }

    pub(super) async fn review_of(&self, id: ShareId) -> Result<ReviewView, Fault> {
        let share = self.reviewable(id).await?;
        let Planned { policy, plan, plane, .. } = self.planned(&share).await?;
        let db = &self.state.db;
        let names = self.names_of_share(&share).await?;
        let node = db.find_node(share.node).await.or_internal("read the node")?.ok_or(Fault::NotFound)?;
        let tailnet = db.find_tailnet(share.tailnet).await.or_internal("read the tailnet")?;
        let tailnet = tailnet.ok_or(Fault::NotFound)?;
        let shown = plan.shown();
        let base = shown.narrowing.as_ref().map_or(policy.text.as_str(), |first| first.after.as_str());
        let tell = Telling { names: &names, login: &share.login };
        let elsewhere = tailnet.policy_is_elsewhere().or_internal("read the tailnet's settings")?;
        let may_write = !elsewhere && self.may_write(&tailnet).await?;

        let mut warnings = Vec::new();
        if elsewhere {
            warnings.push("This policy is kept elsewhere (a repository or Terraform): what is written here will be overwritten from there. Put the text below into that file instead.".into());
        }
        warnings.extend(tell.wildcard(&plan));
        warnings.extend(shown.warnings.iter().filter_map(|warning| tell.warning(warning)));

        let mut coming =
            hosts::shares_in_text(&self.state, &node).await.or_internal("list the machine's shares")?;
        if !coming.iter().any(|other| other.id == share.id) {
            let mut this = share.clone();
            this.state = ShareState::Applying;
            this.deeds.rule = serde_json::to_string(&shown.rule).ok();
            coming.push(this);
        }
        let input = hosts::input(&self.state, &node, node.firewall_revision.next(), &coming).await?;
        let tests = match plane.validate_policy(&shown.after).await {
            Ok(said) if said.passed && said.message.is_empty() => {
                "The control plane would take the new policy, and its own tests pass.".to_owned()
            }
            Ok(said) if said.passed => {
                format!("The control plane would take the new policy: {}", said.message)
            }
            Ok(said) => {
                warnings
                    .insert(0, format!("The control plane would refuse the new policy: {}", said.message));
                format!("The control plane would refuse the new policy: {}", said.message)
            }
            Err(error) => {
                format!("The control plane could not be asked about the new policy. {}", in_words(&error))
            }
        };
        Ok(ReviewView {
            share: id,
            gate: self.gate_of_share(&share).await?,
            tailnet: share.tailnet,
            node_id: share.node,
            login: share.login.to_string(),
            note: names.note.clone(),
            plan: plan.name(&policy.text),
            read: self.state.now(),
            warnings,
            choice: tell.choice(&plan, &policy.text, may_write),
            gains: tell.lines(&shown.gained, &shown.after),
            loses: tell.lines(&shown.lost, &policy.text),
            anyway: tell.lines(&shown.anyway, base),
            diff: hunks(base, &shown.after),
            tests,
            firewall: self.firewall_view(&node, &input, &coming).await?,
            steps: steps_in_words(
                shown,
                &names,
                &share,
                planes::of_friend(&self.state, &share)
                    .await
                    .or_internal("look at the friend's tailnets")?
                    .is_some(),
            ),
            manual: (!may_write).then(|| shown.after.clone()),
        })
    }
}

/// Tells the engine's answers in people.
struct Telling<'a> {
    names: &'a Names,
    login: &'a Login,
}

impl Telling<'_> {
    fn choice(&self, plan: &Plan, text: &str, may_write: bool) -> Choice {
        match plan {
            Plan::Exact(_) => Choice::Exact,
            Plan::Wide { excess, narrow: Some(plan), whole } => {
                let narrowed = plan.narrowing.as_ref().map_or(text, |first| first.after.as_str());
                Choice::NarrowOrWholeNode {
                    too_much: self.lines(excess, text),
                    narrowing: hunks(text, narrowed),
                    others_lose: self.lines(&plan.lost, text),
                    whole: WholeNode {
                        diff: hunks(text, &whole.after),
                        manual: (!may_write).then(|| whole.after.clone()),
                    },
                }
            }
            Plan::Wide { excess, narrow: None, .. } => {
                Choice::WholeNodeOnly { too_much: self.lines(excess, text) }
            }
        }
    }

    /// Where other rules let the friend reach more than the service: which lines, first of all.
    fn wildcard(&self, plan: &Plan) -> Option<String> {
        let Plan::Wide { excess, .. } = plan else { return None };
        let mut lines: Vec<usize> =
            excess.iter().flat_map(|entry| &entry.rules).map(|rule| rule.line).collect();
        lines.sort_unstable();
        lines.dedup();
        let lines: Vec<String> =
            lines.into_iter().filter(|line| *line > 0).map(|line| line.to_string()).collect();
        let rule = match lines.as_slice() {
            [] => "Your policy has no rules and so allows everything".to_owned(),
            [one] => format!("Line {one} of your policy lets others in, friends included"),
            many => format!("Lines {} of your policy let others in, friends included", many.join(", ")),
        };
        let Names { friend, node, service, .. } = self.names;
        Some(format!("{rule}: {friend} would reach more of {node} than {service}."))
    }

    fn warning(&self, warning: &Warning) -> Option<String> {
        let friend = &self.names.friend;
        Some(match warning {
            // The choice says it, with the lines.
            Warning::WholeNode(_) => return None,
            Warning::OthersLose(entries) => {
                let mut who: Vec<String> = entries.iter().map(|entry| self.who(&entry.who)).collect();
                who.sort();
                who.dedup();
                format!("Narrowing takes reach from other people you share with: {}.", who.join(", "))
            }
            Warning::Unproven(_) => format!(
                "Rules with literal addresses may let {friend} reach more: their devices' addresses cannot be seen from here."
            ),
            Warning::Member => format!(
                "{} is a member of this tailnet and reaches what members reach; a member needs no share.",
                self.login
            ),
            Warning::Redundant(_) => format!(
                "Other rules allow all of this already, so ending this share alone takes nothing from {friend}."
            ),
        })
    }

    fn who(&self, who: &policy::Who) -> String {
        let who = who.to_string();
        if who.eq_ignore_ascii_case(self.login.as_str()) { self.names.friend.clone() } else { who }
    }

    /// One line for each who, node, part and set of rules: protocols and ports joined.
    fn lines(&self, entries: &[Entry], text: &str) -> Vec<ReachLine> {
        reach::lines(entries, text, |who| self.who(who))
    }
}

fn steps_in_words(plan: &SharePlan, names: &Names, share: &Share, automatic: bool) -> Vec<String> {
    let mut steps = Vec::new();
    if plan.narrowing.is_some() {
        steps.push("Narrow the policy: an edit of its own, which stays when the share ends.".into());
    }
    steps.push("Write one rule into the policy, if nobody else changed it meanwhile.".into());
    steps.push(format!("Make an invite for the machine {}, for one person.", names.node));
    steps.push(if automatic {
        format!("Accept it for {}, whose tailnet is connected here.", names.friend)
    } else {
        format!("Show its link to {}, and only to them.", names.friend)
    });
    steps.push("Read everything back: it is called open only when it was seen in force.".into());
    if share.state.attention().is_some() {
        steps.insert(0, format!("Replace the rule by one for {}.", share.login));
    }
    steps
}
