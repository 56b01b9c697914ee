//! A question answered, one page of the matrix, a finding of each sort.

use super::*;
use crate::ports::edits::What;
use crate::ports::reach::{
    AnswerView, Column, Finding, Matrix, NearLine, Reach, ReachQuery, ReachView, Row, Sort, Standing,
};

fn rule(line: u32) -> RuleLine {
    RuleLine { line: Some(line), text: r#"{"src": ["*"], "dst": ["*"]}"#.into() }
}

fn reach_line() -> ReachLine {
    ReachLine {
        who: "dario@example.com".into(),
        node: "maple".into(),
        what: "tcp 25565".into(),
        rules: vec![rule(8)],
        note: None,
    }
}

fn answer(query: &ReachQuery) -> Result<AnswerView, Fault> {
    if query.question.port == "0" {
        return Err(Fault::field("port", "`0` is not a port; ports are 1 to 65535"));
    }
    let allowed = query.question.port != "22";
    Ok(AnswerView {
        allowed: Some(allowed),
        sentence: if allowed { "Yes: Dario reaches maple." } else { "No: Dario does not reach maple." }
            .into(),
        obstacle: None,
        lines: if allowed { vec![reach_line()] } else { vec![] },
        more: 0,
        rules: if allowed { vec![rule(8)] } else { vec![] },
        nearest: if allowed {
            vec![]
        } else {
            vec![NearLine { rule: rule(9), missing: vec!["it is for other ports".into()] }]
        },
        other_way: Some("The other way round nothing is open.".into()),
    })
}

#[async_trait]
impl Reach for Sample {
    async fn get(&self, tailnet: TailnetId, query: ReachQuery) -> Result<ReachView, Fault> {
        let finding = |sort, title: &str, fix| Finding {
            sort,
            title: title.into(),
            about: "It says so.".into(),
            lines: vec![reach_line()],
            more: 2,
            rules: vec![rule(8)],
            more_rules: 3,
            fix,
        };
        Ok(ReachView {
            tailnet,
            tailnet_name: "Maple Street".into(),
            read: Some(now().plus_seconds(-90)),
            reading: false,
            refused: (tailnet == id(4)).then(|| "`grants[0].via` is not known here (line 3)".into()),
            notes: vec!["Since then it could not be read again.".into()],
            everyone: vec!["dario@example.com".into(), "tag:server".into()],
            nodes: vec!["maple".into()],
            answer: (!query.question.is_empty()).then(|| answer(&query)),
            matrix: if self.bare {
                Matrix::default()
            } else {
                Matrix {
                    columns: vec![Column {
                        service: id(3),
                        name: "Minecraft".into(),
                        node: "maple".into(),
                        ports: "tcp:25565".parse().unwrap(),
                    }],
                    rows: [
                        ("dario@example.com", "share recipient", Standing::Yes, None),
                        ("ben@example.com", "member", Standing::Part, Some("only from laptop")),
                        ("tag:server", "tag", Standing::No, None),
                        ("eve@github", "share recipient", Standing::Possible, None),
                        ("old@github", "share recipient", Standing::Unknown, None),
                    ]
                    .map(|(who, kind, standing, note)| Row {
                        who: who.into(),
                        kind: kind.into(),
                        cells: vec![(standing, note.map(Into::into))],
                    })
                    .into(),
                    all_columns: 1,
                    all_rows: 40,
                }
            },
            findings: Sample::list(
                self,
                vec![
                    finding(Sort::Exposed, "A rule for everybody lets friends in", Some(What::Narrow)),
                    finding(Sort::Wide, "maple is a way out to the internet", None),
                    finding(Sort::Stale, "Nothing uses group:old", Some(What::Lint("ab".into()))),
                ],
            ),
            more_findings: 0,
        })
    }
    async fn json(&self, _: TailnetId) -> Result<String, Fault> {
        Ok("[]".into())
    }
    async fn csv(&self, _: TailnetId) -> Result<String, Fault> {
        Ok("who\r\n".into())
    }
}
