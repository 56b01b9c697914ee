//! Who reaches what in a tailnet, from what was last read of it.

mod asking;
mod export;

use app::fault::Fault;
use app::ports::reach::{Column, Export, Finding, Matrix, Reach, ReachQuery, ReachView, Row, Standing};
use async_trait::async_trait;
use model::TailnetId;
use policy::Who;

use self::export::{Format, Written};
use super::{Asker, apart};
use crate::failure::OrInternal as _;
use crate::reach::{self, Found, Judged, Known, Seen};
use crate::store::services::Placed;
use crate::store::snapshots::Head;
use crate::store::tailnets::Tailnet;

/// The page does not grow with the tailnet.
const ROWS: usize = 30;
const COLUMNS: usize = 12;
/// Rules of one finding.
const RULES: usize = 10;
/// Names that complete what is typed.
const NAMES: usize = 100;
/// Lines of reach in one answer.
pub(super) const LINES: usize = 60;

#[async_trait]
impl Reach for Asker {
    async fn get(&self, id: TailnetId, query: ReachQuery) -> Result<ReachView, Fault> {
        let tailnet = self.my_tailnet(id).await?;
        let seen = self.seen(id).await?;
        let services = self.state.db.list_services_of_tailnet(id).await.or_internal("list the services")?;
        let mut view = bare(&tailnet);
        let Some(Seen { head, judged }) = seen else {
            view.refused = Some("The policy of this tailnet has not been read yet.".into());
            return Ok(view);
        };
        view.read = Some(head.read);
        view.notes.extend(outdated(&head));
        if let Some(why) = &head.sharing_missing {
            view.notes.push(format!("With whom machines are shared could not be read, so what share recipients reach is not known. {why}"));
        }
        apart(move || {
            fill(&mut view, &judged, &services, &query);
            view
        })
        .await
    }

    async fn json(&self, id: TailnetId) -> Result<Box<dyn Export>, Fault> {
        self.export(id, Format::Json).await
    }

    async fn csv(&self, id: TailnetId) -> Result<Box<dyn Export>, Fault> {
        self.export(id, Format::Csv).await
    }
}

/// That what is shown is what was read before, and why.
pub(super) fn outdated(head: &Head) -> Option<String> {
    let (_, why) = head.trouble.as_ref()?;
    Some(format!("Since then it could not be read again. {why}"))
}

impl Asker {
    pub(super) async fn seen(&self, id: TailnetId) -> Result<Option<Seen>, Fault> {
        crate::reach::of(&self.state.db, &self.state.reach, id).await.or_internal("look up who reaches what")
    }

    async fn export(&self, id: TailnetId, format: Format) -> Result<Box<dyn Export>, Fault> {
        self.my_tailnet(id).await?;
        let judged = self.seen(id).await?.map(|seen| seen.judged);
        let judged = judged.filter(|judged| judged.known().is_some()).ok_or_else(nothing_known)?;
        Ok(Box::new(Written::new(judged, format)))
    }
}

fn nothing_known() -> Fault {
    Fault::Conflict(
        "Nothing can be said about who reaches what here; the page of the tailnet’s reach says why.".into(),
    )
}

fn bare(tailnet: &Tailnet) -> ReachView {
    ReachView {
        tailnet: tailnet.id,
        tailnet_name: tailnet.name.clone(),
        read: None,
        reading: tailnet.sync_started.is_some(),
        refused: None,
        notes: Vec::new(),
        everyone: Vec::new(),
        nodes: Vec::new(),
        answer: None,
        matrix: Matrix::default(),
        findings: Vec::new(),
        more_findings: 0,
    }
}

fn fill(view: &mut ReachView, judged: &Judged, services: &[Placed], query: &ReachQuery) {
    let known = match judged {
        Judged::Known(known) => known,
        Judged::Refused { why, line, .. } => {
            let place = line.map(|line| format!(" (line {line})")).unwrap_or_default();
            view.refused = Some(format!("{why}{place}"));
            return;
        }
    };
    view.everyone = known.everyone.iter().map(ToString::to_string).take(NAMES).collect();
    view.nodes = known.network().nodes().iter().map(|node| node.name.clone()).take(NAMES).collect();
    if !query.question.is_empty() {
        view.answer = Some(asking::answer(known, &query.question));
    }
    view.matrix = matrix(known, services, query);
    let findings = known.findings();
    view.findings = findings.shown.iter().map(|found| finding(known, found)).collect();
    view.more_findings = findings.all - findings.shown.len();
}

fn matrix(known: &Known, services: &[Placed], query: &ReachQuery) -> Matrix {
    let here: Vec<&Placed> = services.iter().filter(|placed| !placed.gone).collect();
    let q = query.q.trim().to_lowercase();
    let everyone: Vec<&Who> =
        known.everyone.iter().filter(|who| who.to_string().to_lowercase().contains(&q)).collect();
    let shown: Vec<&&Placed> = here.iter().skip(query.columns_before).take(COLUMNS).collect();
    let row = |who: &&Who| Row {
        who: who.to_string(),
        kind: kind(known, who).into(),
        cells: shown.iter().map(|placed| cell(known, who, placed)).collect(),
    };
    Matrix {
        rows: everyone.iter().skip(query.rows_before).take(ROWS).map(row).collect(),
        all_rows: everyone.len(),
        all_columns: here.len(),
        columns: shown
            .iter()
            .map(|placed| Column {
                service: placed.service.id,
                name: placed.service.name.clone(),
                node: placed.node_name.clone(),
                ports: placed.service.ports.clone(),
            })
            .collect(),
    }
}

fn kind(known: &Known, who: &Who) -> &'static str {
    match who {
        Who::Login(login) if known.engine.is_recipient(login) => "share recipient",
        Who::Login(_) => "member",
        Who::Tag(_) => "tag",
        Who::Node(_) => "machine",
        Who::Address(_) => "addresses",
    }
}

fn cell(known: &Known, who: &Who, placed: &Placed) -> (Standing, Option<String>) {
    if known.is_unknown(who) {
        return (Standing::Unknown, None);
    }
    let reach::Cell { standing, note } =
        reach::cell(&known.engine, who, &placed.node_name, &placed.service.ports);
    (standing, note)
}

fn finding(known: &Known, found: &Found) -> Finding {
    let rules = found.rules.iter().take(RULES);
    Finding {
        sort: found.sort,
        title: found.title.clone(),
        about: found.about.clone(),
        lines: found.lines.clone(),
        more: found.more,
        more_rules: found.rules.len().saturating_sub(RULES),
        rules: rules.map(|rule| reach::rule_line(rule, &known.text)).collect(),
        fix: found.fix.clone(),
    }
}
