//! Gates, and what happened to them.

use super::*;

pub fn gate(state: GateState) -> Gate {
    Gate {
        href: paths::share(id(7)),
        share: Some(id(7)),
        who: told("Dario"),
        owner: told("Ana"),
        service: told("Minecraft"),
        node: told("maple"),
        ports: "25565".parse().unwrap(),
        state,
        until: Some(now().plus_seconds(3 * 86_400)),
        reason: (state == GateState::NeedsAttention)
            .then(|| told("The invite could not be made: Tailscale did not answer.")),
        review: (state == GateState::Accepted).then(|| paths::review(id(7))),
    }
}

pub fn other(
    who: &str,
    service: &str,
    node: &str,
    owner: &str,
    ports: &str,
    state: GateState,
    days: Option<i64>,
) -> Gate {
    Gate {
        who: told(who),
        service: told(service),
        node: told(node),
        owner: told(owner),
        ports: ports.parse().unwrap(),
        until: days.map(|days| now().plus_seconds(days * 86_400)),
        ..gate(state)
    }
}

pub fn history() -> Vec<Entry> {
    let entry = |n: u8, actor: &str, what: &str, hours: i64| Entry {
        id: id(n),
        at: now().plus_seconds(-hours * 3600),
        actor: told(actor),
        what: told(what),
        event: None,
        href: Some(paths::share(id(7))),
        kind: ObjectKind::Share,
        object: told("Minecraft for Dario"),
        tailnet: Some(told("Maple Street")),
        before: None,
        after: None,
        policy: None,
    };
    let reach = |what: &str| ReachLine {
        who: told("dario@example.com"),
        node: told("maple"),
        what: told(what),
        rules: Vec::new(),
        note: None,
    };
    vec![
        Entry {
            before: Some(told("// Friends of the house\n\"grants\": []")),
            after: Some(told(
                "// Friends of the house\n\"grants\": [\n  // acequia:share=7\n  {\"src\": [\"dario@example.com\"], …}\n]",
            )),
            ..entry(40, "Ana", "changed the port of Minecraft", 1)
        },
        Entry {
            policy: Some(PolicyChange {
                diff: vec![DiffLine {
                    kind: DiffKind::Added,
                    old: None,
                    new: Some(3),
                    text: told("{\"src\": [\"dario@example.com\"], …}"),
                }],
                more_lines: 4,
                gained: vec![reach("tcp 25565")],
                more_gained: 2,
                lost: vec![reach("tcp 22")],
                more_lost: 0,
            }),
            ..entry(44, "Acequia", "wrote the rule into the policy", 1)
        },
        entry(41, "Ana", "reviewed and applied it", 2),
        entry(42, "Dario", "accepted the offer", 26),
        entry(43, "Ana", "offered Minecraft to Dario", 30),
    ]
}
