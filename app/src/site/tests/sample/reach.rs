//! A question answered, one page of the matrix, a finding of each sort.

use super::*;
use crate::ports::reach::{
    AnswerView, Column, Export, Finding, Matrix, NearLine, Reach, ReachQuery, ReachView, Row, Sort, Standing,
};
use model::EditKind;

fn rule(line: u32) -> RuleLine {
    RuleLine { line: Some(line), text: told(r#"{"src": ["*"], "dst": ["*"]}"#) }
}

fn reach_line() -> ReachLine {
    ReachLine {
        who: told("dario@example.com"),
        node: told("maple"),
        what: told("tcp 25565"),
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
            vec![NearLine { rule: rule(9), missing: vec![told("it is for other ports")] }]
        },
        other_way: Some(told("The other way round nothing is open.")),
    })
}

#[async_trait]
impl Reach for Sample {
    async fn get(&self, tailnet: TailnetId, query: ReachQuery) -> Result<ReachView, Fault> {
        let finding = |sort, title: &str, fix| Finding {
            sort,
            title: told(title),
            about: told("It says so."),
            lines: vec![reach_line()],
            more: 2,
            rules: vec![rule(8)],
            more_rules: 3,
            fix,
        };
        Ok(ReachView {
            tailnet,
            tailnet_name: told("Maple Street"),
            read: Some(now().plus_seconds(-90)),
            reading: false,
            refused: (tailnet == id(4)).then(|| told("`grants[0].via` is not known here (line 3)")),
            notes: vec![told("Since then it could not be read again.")],
            everyone: vec![told("dario@example.com"), told("tag:server")],
            nodes: vec![told("maple")],
            answer: (!query.question.is_empty()).then(|| answer(&query)),
            matrix: if self.bare {
                Matrix::default()
            } else {
                Matrix {
                    columns: vec![Column {
                        service: id(3),
                        name: told("Minecraft"),
                        node: told("maple"),
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
                        who: told(who),
                        kind: told(kind),
                        cells: vec![(standing, note.map(told))],
                    })
                    .into(),
                    all_columns: 1,
                    all_rows: 40,
                }
            },
            findings: Sample::list(
                self,
                vec![
                    finding(Sort::Exposed, "A rule for everybody lets friends in", Some(EditKind::Narrow)),
                    finding(Sort::Wide, "maple is a way out to the internet", None),
                    finding(Sort::Stale, "Nothing uses group:old", Some(EditKind::Lint(told("ab")))),
                ],
            ),
            more_findings: 0,
        })
    }
    async fn json(&self, _: TailnetId) -> Result<Box<dyn Export>, Fault> {
        Ok(Box::new(Whole(Some(told("[]")))))
    }
    async fn csv(&self, _: TailnetId) -> Result<Box<dyn Export>, Fault> {
        Ok(Box::new(Whole(Some(told("who\r\n")))))
    }
}

#[derive(Debug)]
struct Whole(Option<String>);

#[async_trait]
impl Export for Whole {
    async fn next(&mut self) -> Result<Option<String>, Fault> {
        Ok(self.0.take())
    }
}
