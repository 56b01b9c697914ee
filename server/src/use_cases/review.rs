//! The review of a share in terms of people: who gains what, who loses what, what the friend reaches anyway.

use app::fault::Fault;
use app::ports::shares::{Choice, ReachLine, ReviewView, WholeNode};
use control_plane::Ability;
use model::{Login, ShareId, ShareState};
use policy::membership::Besides;
use policy::reach::Entry;
use policy::share::{SharePlan, Warning};

use super::Asker;
use crate::failure::{OrInternal as _, internal};
use crate::hosts;
use crate::plan::{self, Plan};
use crate::planes;
use crate::planes::in_words;
use crate::reach;
use crate::shares::{self, Planned, Unplanned};
use crate::store::gates::Names;
use crate::store::shares::Share;
use crate::text_diff::hunks;
use crate::words;

impl Asker {
    pub(super) async fn planned(&self, share: &Share) -> Result<Planned, Fault> {
        shares::planned(&self.state, share).await.map_err(|why| match why {
            Unplanned::Failed(error) => internal("make a plan", error),
            Unplanned::Plane(error) => planes::unavailable(error),
            Unplanned::MachineGone(name) => words::share::machine_gone(&name),
            Unplanned::Plan(error) => words::share::no_plan(&error),
        })
    }

    /// Where somebody approved it beforehand, why it may wait all the same.
    pub(super) async fn why_not_beforehand(&self, share: &Share) -> Result<Option<String>, Fault> {
        if !matches!(share.state, ShareState::Accepted { again: None }) {
            return Ok(None);
        }
        let given = self.state.db.find_given_beforehand(share.id).await;
        let Some(given) = given.or_internal("look what was approved beforehand")? else {
            let changed = self.state.db.is_to_be_looked_at(share.service).await;
            let changed = changed.or_internal("look whether its machine changed its ports")?;
            return Ok(changed.then(|| words::service::GATES_WAIT.to_owned()));
        };
        Ok(Some(if !given.covers(share.accepted, share.ends) {
            words::circle::lasts_too_long(&given)
        } else if share.deeds.unasked {
            words::circle::is_looked_at(&given)
        } else {
            words::circle::waits_all_the_same(&given)
        }))
    }

    pub(super) async fn review_of(&self, id: ShareId) -> Result<ReviewView, Fault> {
        let share = self.reviewable(id).await?;
        let Planned { policy, plan, plane, besides, .. } = self.planned(&share).await?;
        let guest = self.guest(&share).await?.filter(|guest| guest.login() == share.login.as_str());
        let to_be_made = guest.is_some_and(|guest| guest.is_to_be_made());
        let db = &self.state.db;
        let names = self.names_of_share(&share).await?;
        let node = db.find_node(share.node).await.or_internal("read the node")?.ok_or(Fault::NotFound)?;
        let tailnet = db.find_tailnet(share.tailnet).await.or_internal("read the tailnet")?;
        let tailnet = tailnet.ok_or(Fault::NotFound)?;
        let shown = plan.shown();
        let base = shown.narrowing.as_ref().map_or(policy.text.as_str(), |first| first.after.as_str());
        let on_server = tailnet.kind.is_headscale();
        let tell = Telling { names: &names, login: &share.login, on_server };
        let elsewhere = tailnet.policy_is_elsewhere().or_internal("read the tailnet's settings")?;
        let may_write = !elsewhere && self.may_write(&tailnet).await?;

        let mut warnings = Vec::new();
        // What they reach without the share is said before anything else.
        warnings.extend(besides.as_ref().and_then(|besides| tell.besides(besides)));
        if elsewhere {
            let elsewhere = words::share::review::POLICY_ELSEWHERE;
            warnings.push(if on_server { words::headscale::IN_FILE } else { elsewhere }.into());
        }
        let may_invite = self.may(&tailnet, Ability::CreateInvites).await?;
        let invite = self.invite_of(&share, may_invite).await?;
        if !may_write && !elsewhere {
            warnings.push(words::share::review::ENDS_BY_HAND.into());
        }
        // Where there are no invites none is missing.
        if invite == Invite::ByHand && !on_server {
            warnings.push(words::share::review::INVITE_BY_HAND.into());
        }
        warnings.extend(tell.wildcard(&plan).filter(|_| !on_server));
        warnings.extend(shown.unknown_names.iter().map(words::headscale::unknown_name));
        warnings.extend(shown.warnings.iter().filter_map(|warning| tell.warning(warning)));
        warnings.extend(self.why_not_beforehand(&share).await?);

        let mut coming =
            hosts::shares_in_text(&self.state, &node).await.or_internal("list the machine's shares")?;
        // With its ports as they would be.
        coming.retain(|other| share.asked.is_none() || other.id != share.id);
        if !coming.iter().any(|other| other.id == share.id) {
            let mut this = share.clone();
            this.state = ShareState::Applying;
            this.deeds.rule = serde_json::to_string(&shown.rule).ok();
            coming.push(this);
        }
        let input = hosts::input(&self.state, &node, node.firewall_revision.next(), &coming).await?;
        let tests = match plane.validate_policy(&shown.after).await {
            Ok(said) if said.passed && said.message.is_empty() => words::edit::WOULD_BE_TAKEN.to_owned(),
            Ok(said) if said.passed => words::edit::would_be_taken_with(&said.message),
            Ok(said) => {
                warnings.insert(0, words::edit::would_be_refused(&said.message));
                words::edit::would_be_refused(&said.message)
            }
            Err(_) if !plane.capabilities().validate => words::headscale::CANNOT_BE_TRIED.to_owned(),
            Err(error) => words::edit::could_not_be_asked(&in_words(&error)),
        };
        Ok(ReviewView {
            share: id,
            gate: self.gate_of_share(&share).await?,
            tailnet: share.tailnet,
            node_id: share.node,
            login: share.login.to_string(),
            by_account: on_server,
            to_be_made,
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
            firewall: self.firewall_view(&node, None, &input, &coming).await?,
            steps: if on_server {
                steps_on_server(shown, to_be_made.then_some(share.login.as_str()))
            } else {
                let friend = planes::of_friend(&self.state, &share).await;
                let automatic = friend.or_internal("look at the friend's tailnets")?.is_some();
                steps_in_words(shown, &names, &share, (may_write, invite), automatic)
            },
            manual: (!may_write).then(|| {
                // Somebody new is made between the two.
                let alone = shown.narrowing.as_ref().filter(|_| to_be_made);
                alone.map_or(&shown.after, |first| &first.after).clone()
            }),
        })
    }
}

/// Where the friend's way to the machine comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Invite {
    /// It is there: from before a pause, or with another service of the same machine. Whether they have opened it.
    Kept {
        opened: bool,
    },
    Made,
    /// The credentials may not make one.
    ByHand,
}

impl Asker {
    /// As the job will find it, as far as what is stored tells.
    async fn invite_of(&self, share: &Share, may_invite: bool) -> Result<Invite, Fault> {
        let beside = self.state.db.list_open_shares_of_node(share.node).await;
        let beside = beside.or_internal("list the machine's shares")?.readable();
        let theirs = beside.iter().filter(|other| {
            other.id != share.id && other.friend == share.friend && other.login == share.login
        });
        let kept: Vec<&Share> = theirs.chain([share]).filter(|one| one.keeps_invite()).collect();
        Ok(match (kept.as_slice(), may_invite) {
            ([], true) => Invite::Made,
            ([], false) => Invite::ByHand,
            (kept, _) => Invite::Kept { opened: kept.iter().any(|one| one.deeds.accepted_by.is_some()) },
        })
    }
}

/// Tells the engine's answers in people.
struct Telling<'a> {
    names: &'a Names,
    login: &'a Login,
    on_server: bool,
}

impl Telling<'_> {
    fn choice(&self, plan: &Plan, text: &str, may_write: bool) -> Choice {
        match plan {
            Plan::Exact(_) => Choice::Exact,
            Plan::Newcomer { excess, narrow, .. } => {
                let narrowed = narrow.narrowing.as_ref().map_or(text, |first| first.after.as_str());
                Choice::NarrowFirst {
                    too_much: self.lines(excess, text),
                    narrowing: hunks(text, narrowed),
                    others_lose: self.lines(&narrow.lost, text),
                }
            }
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

    /// What the friend reaches because they are an account of the server, or would reach as a new one: which lines, and
    /// how many machines.
    fn besides(&self, besides: &Besides) -> Option<String> {
        if besides.entries.is_empty() {
            return None;
        }
        let rule = words::share::review::lines(&lines_of(&besides.entries));
        let mut machines: Vec<&str> = besides.entries.iter().map(|entry| entry.node.as_str()).collect();
        machines.sort_unstable();
        machines.dedup();
        let Names { friend, service, .. } = self.names;
        Some(if besides.here {
            words::share::review::reaches_anyway(&rule, friend, &machines)
        } else {
            words::share::review::newcomer_would_reach(&rule, friend, service, &machines)
        })
    }

    /// Where other rules let the friend reach more than the service: which lines, first of all.
    fn wildcard(&self, plan: &Plan) -> Option<String> {
        let Plan::Wide { excess, .. } = plan else { return None };
        let rule = words::share::review::lines(&lines_of(excess));
        let Names { friend, node, service, .. } = self.names;
        Some(words::share::review::would_reach_more(&rule, friend, node, service))
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
                words::share::review::narrowing_takes(&who.join(", "))
            }
            Warning::Unproven(_) => words::share::review::literal_addresses(friend),
            Warning::NotUnderstood(rules) => {
                let lines: std::collections::BTreeSet<usize> = rules.iter().map(|rule| rule.line).collect();
                let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
                words::share::review::not_understood(&lines, friend)
            }
            Warning::Services(entries) => {
                let mut names: Vec<&str> = entries.iter().map(|entry| entry.node.as_str()).collect();
                names.dedup();
                words::share::review::services_besides(friend, &names.join(", "))
            }
            // Everybody on a server is one; what they reach anyway stands in its own list.
            Warning::Member if self.on_server => return None,
            Warning::Member => words::share::review::is_member(self.login),
            Warning::Redundant(_) => words::share::review::is_redundant(friend),
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

/// Where there are no invites the rule is all. `made`: whose user is made for that.
fn steps_on_server(plan: &SharePlan, made: Option<&str>) -> Vec<String> {
    let narrow = plan.narrowing.as_ref().map(|_| words::share::review::NARROW_FIRST.to_owned());
    let steps = [words::share::review::WRITE_ONE_RULE, words::share::review::READ_BACK].map(String::from);
    let made = made.map(words::share::review::make_user);
    narrow.into_iter().chain(made).chain(steps).collect()
}

/// The lines of the rules behind what is reached, as they are written.
fn lines_of(entries: &[Entry]) -> Vec<String> {
    plan::lines_of(entries).iter().map(ToString::to_string).collect()
}

fn steps_in_words(
    plan: &SharePlan,
    names: &Names,
    share: &Share,
    (may_write, invite): (bool, Invite),
    automatic: bool,
) -> Vec<String> {
    use words::share::review::{NARROW_FIRST, WRITE_BY_HAND, WRITE_ONE_RULE};
    use words::share::review::{keep_invite, make_invite, paste_invite};
    let mut steps = Vec::new();
    if plan.narrowing.is_some() && may_write {
        steps.push(NARROW_FIRST.into());
    }
    steps.push(if may_write { WRITE_ONE_RULE.into() } else { WRITE_BY_HAND.into() });
    steps.push(match invite {
        Invite::Kept { .. } => keep_invite(&names.node),
        Invite::Made => make_invite(&names.node),
        Invite::ByHand => paste_invite(&names.node),
    });
    if invite != (Invite::Kept { opened: true }) {
        steps.push(if automatic {
            words::share::review::accept_for(&names.friend)
        } else {
            words::share::review::show_link(&names.friend)
        });
    }
    steps.push(words::share::review::READ_BACK.into());
    if share.state.attention().is_some() || share.deeds.rule_begun && share.asked.is_some() {
        steps.insert(0, words::share::review::replace_rule(&share.login));
    }
    steps
}
