//! A host that had two texts.

use super::*;
use crate::ports::revisions::{EarlierKind, RevisionList, RevisionRow, RevisionView, Revisions};
use crate::ports::shares::{DiffKind, DiffLine};

fn row(number: u32) -> RevisionRow {
    RevisionRow {
        number: Revision::new(number),
        made: now().plus_seconds(-86_400 * i64::from(8 - number)),
        changes: vec![told("Minecraft for Dario is let in.")],
        current: number == 7,
    }
}

#[async_trait]
impl Revisions for Sample {
    async fn list(&self, _: NodeId) -> Result<RevisionList, Fault> {
        Ok(RevisionList {
            rows: Sample::list(self, vec![row(7), row(6)]),
            more: false,
            earlier: (!self.bare)
                .then(|| EarlierKind { label: told("ufw"), undo: told("ufw delete allow 25565/tcp") }),
        })
    }
    async fn get(&self, node: NodeId, number: Revision) -> Result<RevisionView, Fault> {
        Ok(RevisionView {
            tailnet: id(1),
            node_id: node,
            node: told("maple"),
            row: row(number.number()),
            newest: Revision::new(7),
            kind: Some(told("nftables")),
            text: told("table inet acequia {\n}\n"),
            since: Sample::list(self, vec![told("Another end: Minecraft for Dario.")]),
            diff: Sample::list(
                self,
                vec![DiffLine {
                    kind: DiffKind::Added,
                    old: None,
                    new: Some(2),
                    text: told("tcp dport 25565 accept"),
                }],
            ),
            gates: vec![gate(GateState::Ended)],
        })
    }
}
