//! What Dario reaches, and who reaches maple.

use super::*;
use crate::ports::graph::{Arrow, End, Focus, Graph, GraphView, Kind, Question};

fn end(name: &str, kind: Kind) -> End {
    let href = if kind == Kind::Machine {
        paths::graph_of_node(id(1), name)
    } else {
        paths::graph_of_who(id(1), name)
    };
    End { name: told(name), kind, href }
}

fn arrow(other: End, who: &str, node: &str, what: &str, certain: bool) -> Arrow {
    let line = shares::reach(who, node, what, Some(6), "{\"src\": [\"dario@example.com\"], …}");
    Arrow { other, what: told(what), certain, lines: vec![line] }
}

#[async_trait]
impl Graph for Sample {
    async fn get(&self, tailnet: TailnetId, question: Question) -> Result<GraphView, Fault> {
        let (dario, ana) = ("dario@example.com", "ana@example.com");
        let bare = GraphView {
            tailnet,
            tailnet_name: told("Maple Street"),
            may_change: true,
            read: (!self.bare).then(|| now().plus_seconds(-300)),
            notes: vec![],
            unknown: None,
            focus: None,
            arrows: vec![],
            total: 0,
            before: 0,
            people: self.list(vec![end(dario, Kind::Friend), end(ana, Kind::Member)]),
            machines: self.list(vec![end("maple", Kind::Machine)]),
            question,
        };
        if self.bare {
            return Ok(bare);
        }
        let outward = !bare.question.who.is_empty();
        let more = |words: &str| vec![(paths::node(id(1), id(2)), told(words))];
        Ok(match (outward, bare.question.node.is_empty()) {
            (false, true) => bare,
            (true, _) if bare.question.who == "tag:idle" => GraphView {
                focus: Some(Focus { end: end("tag:idle", Kind::Tag), outward, more: vec![] }),
                ..bare
            },
            (true, _) => GraphView {
                focus: Some(Focus { end: end(dario, Kind::Friend), outward, more: vec![] }),
                arrows: vec![arrow(end("maple", Kind::Machine), dario, "maple", "tcp 25565", true)],
                total: 1,
                ..bare
            },
            (false, false) => GraphView {
                focus: Some(Focus {
                    end: end("maple", Kind::Machine),
                    outward,
                    more: more("The machine’s page"),
                }),
                arrows: vec![
                    arrow(end(dario, Kind::Friend), dario, "maple", "tcp 25565", true),
                    arrow(
                        end("eve@example.com", Kind::Friend),
                        "eve@example.com",
                        "maple",
                        "every port",
                        false,
                    ),
                    arrow(end(ana, Kind::Member), ana, "maple", "every port", true),
                ],
                total: 26,
                ..bare
            },
        })
    }
}
