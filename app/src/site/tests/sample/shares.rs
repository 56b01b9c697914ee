//! Shares 7 to 10, each in another state; reviews with each choice.

use super::*;
use model::Decision;

pub fn share_view(state: GateState) -> ShareView {
    let step = |title: &str, detail: Option<&str>, state| StepView {
        title: told(title),
        detail: detail.map(told),
        state,
        at: (state == StepState::Done).then(|| now().plus_seconds(-60)),
    };
    let applying = state == GateState::Applying;
    ShareView {
        id: id(7),
        gate: gate(state),
        party: Party::Owner,
        tailnet: id(1),
        node_id: id(2),
        note: told("See you by the mill on Friday!"),
        login: told("dario@example.com"),
        accepted: now().plus_seconds(-86_400),
        seen_in_force: (!applying).then(|| now().plus_seconds(-30)),
        steps: vec![
            step("Read policy, machines and users", None, StepState::Done),
            step(
                "Write the policy",
                Some("One rule, 3 lines; every other byte stays."),
                if applying { StepState::Now } else { StepState::Done },
            ),
            step("Make the invite", None, if applying { StepState::ToDo } else { StepState::Done }),
            step("See it in force", None, if applying { StepState::ToDo } else { StepState::Done }),
        ],
        in_progress: applying,
        attention: None,
        invite_link: None,
        join: vec![],
        own_reach: None,
        host: Some(super::hosts::standing()),
        can_end: true,
        can_check: state == GateState::Active,
        manual: None,
        unproven_means: vec![told("The rule may still stand in the policy.")],
        can_review: false,
        ending_means: vec![
            told("Dario can no longer join Minecraft on maple; who plays right now is disconnected."),
            told("Nobody else gains or loses anything."),
            told("The three lines of the rule leave your policy file; the rest of it stays as it is."),
        ],
        history: history(),
    }
}

pub fn reach(who: &str, node: &str, what: &str, line: Option<u32>, text: &str) -> ReachLine {
    let rules = if text.is_empty() { vec![] } else { vec![RuleLine { line, text: told(text) }] };
    ReachLine { who: told(who), node: told(node), what: told(what), rules, note: None }
}

pub fn diff() -> Vec<DiffLine> {
    let line = |kind, old, new, text: &str| DiffLine { kind, old, new, text: told(text) };
    vec![
        line(DiffKind::Gap, None, None, ""),
        line(DiffKind::Same, Some(11), Some(11), "\t\"grants\": ["),
        line(
            DiffKind::Same,
            Some(12),
            Some(12),
            "\t\t{\"src\": [\"group:house\"], \"dst\": [\"*\"], \"ip\": [\"*\"]}, // we trust each other",
        ),
        line(DiffKind::Added, None, Some(13), "\t\t// acequia:share=7"),
        line(
            DiffKind::Added,
            None,
            Some(14),
            "\t\t{\"src\": [\"dario@example.com\"], \"dst\": [\"100.64.0.5\", \"fd7a::5\"], \"ip\": [\"tcp:25565\"]},",
        ),
        line(DiffKind::Same, Some(13), Some(15), "\t],"),
        line(DiffKind::Gap, None, None, ""),
    ]
}

#[async_trait]
impl Shares for Sample {
    async fn list_page(&self, _: Option<String>) -> Result<SharesView, Fault> {
        if self.bare {
            return Ok(SharesView::default());
        }
        Ok(SharesView {
            next: None,
            waiting: vec![
                gate(GateState::Accepted),
                gate(GateState::NeedsAttention),
                other("Bruno", "Forge", "maple", "Ana", "443,22", GateState::Applying, None),
            ],
            given: vec![
                gate(GateState::Active),
                other("Clara", "Forge", "maple", "Ana", "443, 22", GateState::WaitingForFriend, Some(20)),
                other("whoever has the link", "Forge", "maple", "Ana", "443", GateState::Offered, Some(2)),
            ],
            received: vec![other("You", "Family films", "cedar", "Bruno", "8096", GateState::Active, None)],
            ending_soon: vec![other(
                "You",
                "Factorio",
                "willow",
                "Clara",
                "udp:34197",
                GateState::Ending,
                Some(0),
            )],
            ended: vec![
                gate(GateState::Ended),
                gate(GateState::Declined),
                gate(GateState::Withdrawn),
                gate(GateState::Lapsed),
            ],
        })
    }
    async fn get(&self, share: ShareId) -> Result<ShareView, Fault> {
        let n = [7, 8, 9, 10].into_iter().find(|n| share == id(*n)).ok_or(Fault::NotFound)?;
        Ok(match n {
            8 => share_view(GateState::Applying),
            9 => ShareView {
                party: Party::Friend,
                gate: Gate { who: told("You"), ..gate(GateState::WaitingForFriend) },
                own_reach: Some(OwnReach {
                    lines: vec![reach("You", "maple", "tcp 25565", None, "")],
                    read: Some(now().plus_seconds(-300)),
                    unknown: None,
                }),
                invite_link: Some(told("https://login.tailscale.com/admin/invite/abcDEF")),
                join: Services::get(self, id(3)).await?.join,
                ..share_view(GateState::WaitingForFriend)
            },
            10 => ShareView {
                attention: Some(Attention {
                    reason: told(
                        "There is no user token for this tailnet, so the invite cannot be made from here. The rule is in force; nobody uses it yet.",
                    ),
                    next_step: told(
                        "Make the invite in the console (Machines, maple, Share) and paste its link here.",
                    ),
                    wants_invite: true,
                    can_retry: true,
                    wants_review: false,
                    again: Some(now().plus_seconds(1800)),
                    can_give_up: true,
                }),
                can_review: true,
                manual: Some(Manual {
                    steps: vec![told("Open the policy file where it is kept.")],
                    lines: told("// acequia:share=7\n"),
                    diff: diff(),
                    whole: Some(told("{\n\t\"grants\": [],\n}\n")),
                    unknown: None,
                }),
                ..share_view(GateState::NeedsAttention)
            },
            _ => share_view(GateState::Active),
        })
    }
    async fn review(&self, share: ShareId) -> Result<ReviewView, Fault> {
        let too_much = || {
            vec![reach(
                "dario@example.com",
                "maple",
                "every port",
                Some(8),
                "{\"src\": [\"*\"], \"dst\": [\"tag:server:*\"]}",
            )]
        };
        let choice = if share == id(8) {
            Choice::Exact
        } else if share == id(9) {
            Choice::WholeNodeOnly { too_much: too_much() }
        } else {
            Choice::NarrowOrWholeNode {
                too_much: too_much(),
                narrowing: diff(),
                others_lose: vec![],
                whole: WholeNode { diff: diff(), manual: None },
            }
        };
        let exact = choice == Choice::Exact;
        Ok(ReviewView {
            share,
            gate: gate(GateState::Accepted),
            tailnet: id(1),
            node_id: id(2),
            login: told("dario@example.com"),
            note: told("I play on week-ends only."),
            plan: told("plan-1"),
            read: now().plus_seconds(-20),
            warnings: if exact {
                vec![]
            } else {
                vec![told(
                    "Line 8 of your policy lets everybody in, friends included: Dario would reach every port of maple, not just Minecraft.",
                )]
            },
            choice,
            gains: vec![reach(
                "dario@example.com",
                "maple",
                "TCP 25565",
                Some(14),
                "{\"src\": [\"dario@example.com\"], …}",
            )],
            loses: vec![],
            anyway: vec![],
            diff: diff(),
            tests: told("The policy’s own 3 tests pass on the new text."),
            firewall: firewall_view(true),
            steps: vec![
                told("Narrow line 8"),
                told("Write the rule"),
                told("Make the invite"),
                told("See it in force"),
            ],
            manual: None,
        })
    }
    async fn apply(&self, share: ShareId, plan: String, decision: Decision) -> Result<(), Fault> {
        self.act(format!("apply {share} {plan} {decision:?}"))
    }
    async fn end(&self, share: ShareId) -> Result<(), Fault> {
        self.act(format!("end {share}"))
    }
    async fn retry(&self, share: ShareId) -> Result<(), Fault> {
        self.act(format!("retry {share}"))
    }
    async fn check(&self, share: ShareId) -> Result<(), Fault> {
        self.act(format!("check {share}"))
    }
    async fn end_unproven(&self, share: ShareId) -> Result<(), Fault> {
        self.act(format!("end_unproven {share}"))
    }
    async fn paste_invite(&self, share: ShareId, link: String) -> Result<(), Fault> {
        self.act(format!("paste_invite {share} {link}"))
    }
}
