//! A question answered, one page of the matrix, a finding of each sort.

use super::*;
use crate::ports::reach::{
    AnswerView, Column, DayPart, DayQuery, DayView, Finding, Found, Matrix, NearLine, Question, Reach,
    ReachQuery, ReachView, Row, Sort, Standing,
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
        more_rules: 0,
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
            question: Some(Question { who: told("dario@example.com"), ..Question::default() }),
            fix,
            mend: told("Change these lines of the policy."),
            diff: vec![DiffLine { kind: DiffKind::Removed, old: Some(8), new: None, text: told("a line") }],
            more_diff: 2,
            ways: None,
        };
        let wider = Finding {
            ways: Some(super::shares::ways()),
            ..finding(Sort::Exposed, "dario@example.com reaches more of maple than was agreed", None)
        };
        Ok(ReachView {
            tailnet,
            tailnet_name: told("Maple Street"),
            may_change: tailnet != id(0x0a),
            read: Some(now().plus_seconds(-90)),
            reading: false,
            refused: (tailnet == id(4)).then(|| told("`grants[0].via` is not known here (line 3)")),
            notes: vec![told("Since then it could not be read again.")],
            everyone: vec![told("dario@example.com"), told("tag:server")],
            nodes: vec![told("maple")],
            answer: (!query.question.is_empty()).then(|| answer(&query)),
            matrix: if self.bare || !query.question.is_empty() {
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
                    listed: 1,
                    all_columns: 1,
                    all_rows: 40,
                }
            },
            findings: Sample::list(
                self,
                vec![
                    finding(Sort::Exposed, "A rule for everybody lets friends in", Some(EditKind::Narrow)),
                    wider,
                    finding(Sort::Wide, "maple is a way out to the internet", None),
                    finding(Sort::Stale, "Nothing uses group:old", Some(EditKind::Lint(told("ab")))),
                ],
            ),
            all_findings: 30,
        })
    }
    async fn on_day(&self, tailnet: TailnetId, asked: DayQuery) -> Result<DayView, Fault> {
        let at = |hours: i64| now().plus_seconds(hours * 3600);
        let part = |from, to, found| DayPart { from: at(from), to: at(to), found };
        let lines = vec![reach_line()];
        let notes = vec![told("With whom machines were shared is not known.")];
        let parts = vec![
            part(-9, -7, Found::Lines { lines, more: 3, notes }),
            part(-7, -6, Found::Unseen),
            part(-6, -5, Found::Nothing(told("No machine of this tailnet was called maple then."))),
            part(-5, -4, Found::Lines { lines: Vec::new(), more: 0, notes: Vec::new() }),
        ];
        let errors = vec![("day".to_owned(), told("This day has not begun yet."))];
        let wrong = asked.day == "2999-01-01";
        Ok(DayView {
            tailnet,
            tailnet_name: told("Maple Street"),
            errors: if wrong { errors } else { Vec::new() },
            parts: if wrong || asked.day.is_empty() { Vec::new() } else { parts },
            next: Some(6),
            kept: vec![told("What looks found is kept for 400 days.")],
            nodes: vec![told("maple")],
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
