//! Gates, and what happened to them.

use super::*;

pub fn gate(state: GateState) -> Gate {
    Gate {
        href: paths::share(id(7)),
        share: Some(id(7)),
        who: "Dario".into(),
        owner: "Ana".into(),
        service: "Minecraft".into(),
        node: "maple".into(),
        ports: "25565".parse().unwrap(),
        state,
        until: Some(now().plus_seconds(3 * 86_400)),
        reason: (state == GateState::NeedsAttention)
            .then(|| "The invite could not be made: Tailscale did not answer.".into()),
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
        who: who.into(),
        service: service.into(),
        node: node.into(),
        owner: owner.into(),
        ports: ports.parse().unwrap(),
        until: days.map(|days| now().plus_seconds(days * 86_400)),
        ..gate(state)
    }
}

pub fn history() -> Vec<Entry> {
    let entry = |n: u8, actor: &str, what: &str, hours: i64| Entry {
        id: id(n),
        at: now().plus_seconds(-hours * 3600),
        actor: actor.into(),
        what: what.into(),
        href: Some(paths::share(id(7))),
        object: "Minecraft for Dario".into(),
        before: None,
        after: None,
    };
    vec![
        Entry {
            before: Some("// Friends of the house\n\"grants\": []".into()),
            after: Some("// Friends of the house\n\"grants\": [\n  // acequia:share=7\n  {\"src\": [\"dario@example.com\"], …}\n]".into()),
            ..entry(40, "Acequia", "wrote the rule into the policy", 1)
        },
        entry(41, "Ana", "reviewed and applied it", 2),
        entry(42, "Dario", "accepted the offer", 26),
        entry(43, "Ana", "offered Minecraft to Dario", 30),
    ]
}
