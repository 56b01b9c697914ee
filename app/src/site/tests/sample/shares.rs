//! Shares 7 to 10, each in another state; reviews with each choice.

use super::*;
use crate::ports::exposures::{BeyondView, Ways};
use crate::ports::shares::JoinHelp;
use model::{Decision, EditKind};

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
        told: Some(ToldView {
            node: told("maple"),
            held: Held::All,
            since: now().plus_seconds(-7200),
            told: now().plus_seconds(-120),
        }),
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
        join_help: None,
        way_in: None,
        own_reach: None,
        beyond: None,
        host: Some(super::hosts::standing()),
        can_pause: state == GateState::Active,
        can_open_again: state == GateState::Paused,
        can_change_end: true,
        end_means: vec![told("Revision 6 of the firewall text of maple has the old end in it.")],
        longer: (state == GateState::Active).then(longer),
        can_renew_invite: state == GateState::NeedsAttention,
        account: None,
        can_end: true,
        can_check: state == GateState::Active,
        manual: None,
        unproven_means: vec![told("The rule may still stand in the policy.")],
        can_review: false,
        other_ports: None,
        ending_means: vec![
            told("Dario can no longer join Minecraft on maple; who plays right now is disconnected."),
            told("Nobody else gains or loses anything."),
            told("The three lines of the rule leave your policy file; the rest of it stays as it is."),
        ],
        history: history(),
    }
}

fn longer() -> LongerView {
    LongerView {
        asked: now().plus_seconds(-600),
        until: Some(now().plus_seconds(86_400 * 20)),
        note: told("We are not done with the castle."),
    }
}

fn account() -> MissingAccount {
    let step = |title: &str| JoinStep {
        title: told(title),
        detail: told("As it is said."),
        copy: Some(told("https://tailscale.com/download")),
    };
    MissingAccount {
        steps: [
            "What it is",
            "What it costs",
            "Make the account",
            "Install it",
            "Look that it is on",
            "Come back here",
        ]
        .map(step)
        .to_vec(),
        install_at: 3,
        systems: vec![SystemSteps {
            system: told("Linux"),
            steps: vec![told("In a terminal:")],
            copy: Some(told("curl -fsSL https://tailscale.com/install.sh | sh")),
        }],
        logins: vec![told("dario@example.com")],
        server: None,
    }
}

pub fn ways() -> Ways {
    Ways {
        share: id(7),
        seen: told("seen-1"),
        fix: Some(EditKind::Withhold(id(33))),
        no_fix: Some(told("The rule in line 8 cannot be narrowed by itself.")),
    }
}

fn beyond() -> BeyondView {
    BeyondView {
        lines: vec![(
            reach("Dario", "maple", "tcp 22", Some(8), "{\"src\": [\"*\"]}"),
            now().plus_seconds(-90),
        )],
        ways: Some(ways()),
        accepted: vec![reach("Dario", "maple", "tcp 80", None, "")],
        accepted_by: Some((told("Ana"), now().plus_seconds(-9_000))),
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
            offers: vec![other(
                "whoever has the link",
                "Forge",
                "maple",
                "Ana",
                "443",
                GateState::Offered,
                Some(2),
            )],
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
        let n = [7, 8, 9, 10, 12, 13].into_iter().find(|n| share == id(*n)).ok_or(Fault::NotFound)?;
        Ok(match n {
            8 => share_view(GateState::Applying),
            12 => ShareView {
                party: Party::Friend,
                login: String::new(),
                account: Some(account()),
                steps: vec![],
                ..share_view(GateState::AccountMissing)
            },
            13 => ShareView { steps: vec![], ..share_view(GateState::Paused) },
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
                join_help: Some(JoinHelp {
                    systems: account().systems,
                    checks: vec![JoinStep {
                        title: told("Is it up?"),
                        detail: told("maple is on."),
                        copy: None,
                    }],
                }),
                way_in: Some(WayIn {
                    can_make_key: true,
                    no_key: Some(told("It was narrowed in a file.")),
                    had_key: true,
                    ephemeral: true,
                    with_key: vec![JoinStep {
                        title: told("On Linux"),
                        detail: told("In a terminal:"),
                        copy: Some(told("tailscale login --auth-key=YOUR-KEY")),
                    }],
                    can_let_in: true,
                }),
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
                    wants_load: true,
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
            _ => ShareView { beyond: Some(beyond()), ..share_view(GateState::Active) },
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
        } else if share == id(10) {
            Choice::NarrowFirst { too_much: too_much(), narrowing: diff(), others_lose: vec![] }
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
            by_account: share == id(9) || share == id(10),
            to_be_made: share == id(10),
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
    async fn pausing(&self, share: ShareId) -> Result<PauseView, Fault> {
        if share != id(7) {
            return Err(Fault::NotFound);
        }
        Ok(PauseView {
            id: share,
            gate: gate(GateState::Active),
            can: true,
            means: vec![told("Dario reaches Minecraft no longer, until you open it again.")],
            little: vec![told("Other rules of your policy let your friend in anyway.")],
            anyway: vec![reach("Dario", "maple", "tcp 25565", Some(8), "{\"src\": [\"*\"]}")],
        })
    }
    async fn pause(&self, share: ShareId) -> Result<(), Fault> {
        self.act(format!("pause {share}"))
    }
    async fn open_again(&self, share: ShareId) -> Result<(), Fault> {
        self.act(format!("open_again {share}"))
    }
    async fn set_end(&self, share: ShareId, form: EndForm) -> Result<(), Fault> {
        self.act(format!("set_end {share} {} {} {}", form.until, form.date, form.zone))
    }
    async fn ask_longer(&self, share: ShareId, form: EndForm) -> Result<(), Fault> {
        self.act(format!("ask_longer {share} {} {}", form.until, form.note))
    }
    async fn refuse_longer(&self, share: ShareId) -> Result<(), Fault> {
        self.act(format!("refuse_longer {share}"))
    }
    async fn name_account(&self, share: ShareId, login: String) -> Result<(), Fault> {
        self.act(format!("name_account {share} {login}"))
    }
    async fn renew_invite(&self, share: ShareId) -> Result<(), Fault> {
        self.act(format!("renew_invite {share}"))
    }
    async fn retry(&self, share: ShareId) -> Result<(), Fault> {
        self.act(format!("retry {share}"))
    }
    async fn check(&self, share: ShareId) -> Result<(), Fault> {
        self.act(format!("check {share}"))
    }
    async fn accept_beyond(&self, share: ShareId, seen: String) -> Result<(), Fault> {
        self.act(format!("accept_beyond {share} {seen}"))
    }
    async fn end_unproven(&self, share: ShareId) -> Result<(), Fault> {
        self.act(format!("end_unproven {share}"))
    }
    async fn paste_invite(&self, share: ShareId, link: String) -> Result<(), Fault> {
        self.act(format!("paste_invite {share} {link}"))
    }
}
