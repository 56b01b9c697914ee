//! Who reaches what in a tailnet, from what was last read of it.

mod asking;
mod day;
mod export;

use app::fault::Fault;
use app::ports::export::{Export, Format};
use app::ports::reach::{
    Column, DayQuery, DayView, Finding, Matrix, Reach, ReachQuery, ReachView, Row, Standing,
};
use async_trait::async_trait;
use model::TailnetId;
use policy::Who;

use self::export::Written;
use super::rights::Reads;
use super::{Asker, apart, exposures};
use crate::failure::OrInternal as _;
use crate::reach::{self, CachedReach, Evaluation, ReachModel, Settled};
use crate::store::exposures::Exposure;
use crate::store::services::ServiceAtNode;
use crate::store::snapshots::Head;
use crate::store::tailnets::Tailnet;
use crate::words;

/// The page does not grow with the tailnet.
const ROWS: usize = 20;
/// As many as stand beside each other on a desk.
const COLUMNS: usize = 6;
/// Rules of one finding.
const RULES: usize = 3;
/// Names that complete what is typed.
const NAMES: usize = 40;
/// Lines of reach in one answer.
pub(super) const LINES: usize = 60;

#[async_trait]
impl Reach for Asker {
    async fn get(&self, id: TailnetId, query: ReachQuery) -> Result<ReachView, Fault> {
        let (tailnet, reads) = self.read_tailnet(id).await?;
        let seen = self.cached_reach(id).await?;
        let services = self.state.db.list_services_of_tailnet(id).await.or_internal("list the services")?;
        let mut view = bare(&tailnet, reads);
        let Some(CachedReach { head, evaluation }) = seen else {
            view.refused = Some(words::reach::NOT_READ_YET.into());
            return Ok(view);
        };
        let (settled, exposures) = self.settled(id).await?;
        view.read = Some(head.latest());
        view.notes.extend(outdated(&head));
        if let Some(why) = &head.sharing_missing {
            view.notes.push(words::reach::recipients_unknown(why));
        }
        apart(move || {
            fill(&mut view, &evaluation, (&services, &settled, &exposures), &query);
            view
        })
        .await
    }

    async fn on_day(&self, id: TailnetId, asked: DayQuery) -> Result<DayView, Fault> {
        day::answer(self, id, asked).await
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
    Some(words::reach::outdated(why))
}

impl Asker {
    pub(super) async fn cached_reach(&self, id: TailnetId) -> Result<Option<CachedReach>, Fault> {
        crate::reach::of(&self.state.db, &self.state.reach, id).await.or_internal("look up who reaches what")
    }

    async fn export(&self, id: TailnetId, format: Format) -> Result<Box<dyn Export>, Fault> {
        self.read_tailnet(id).await?;
        let evaluation = self.cached_reach(id).await?.map(|seen| seen.evaluation);
        let evaluation =
            evaluation.filter(|evaluation| evaluation.known().is_some()).ok_or_else(nothing_known)?;
        Ok(Box::new(Written::new(evaluation, format)))
    }
}

fn nothing_known() -> Fault {
    words::reach::nothing_known()
}

fn bare(tailnet: &Tailnet, reads: Reads) -> ReachView {
    ReachView {
        may_change: reads == Reads::AndChanges,
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
        all_findings: 0,
    }
}

fn fill(
    view: &mut ReachView,
    evaluation: &Evaluation,
    (services, settled, exposures): (&[ServiceAtNode], &Settled, &[Exposure]),
    query: &ReachQuery,
) {
    let known = match evaluation {
        Evaluation::Known(known) => known,
        Evaluation::Refused { why, line, .. } => {
            let place = line.map(|line| format!(" (line {line})")).unwrap_or_default();
            view.refused = Some(format!("{why}{place}"));
            return;
        }
    };
    view.notes.extend(known.not_known());
    view.everyone = known.everyone.iter().map(ToString::to_string).take(NAMES).collect();
    view.nodes = known.network().nodes().iter().map(|node| node.name.clone()).take(NAMES).collect();
    if !query.question.is_empty() {
        view.answer = Some(asking::answer(known, &query.question));
        return;
    }
    view.matrix = matrix(known, services, query);
    let findings = known.findings(query.findings_before, settled);
    let shown = findings.shown.iter().zip(&findings.fixes);
    view.findings = shown.map(|(found, fix)| finding(known, (found, fix), exposures)).collect();
    view.all_findings = findings.all;
}

fn matrix(known: &ReachModel, services: &[ServiceAtNode], query: &ReachQuery) -> Matrix {
    let has = |name: &str, typed: &str| name.to_lowercase().contains(typed);
    let (q, service) = (query.q.trim().to_lowercase(), query.service.trim().to_lowercase());
    let is_meant =
        |placed: &&ServiceAtNode| has(&placed.service.name, &service) || has(&placed.node_name, &service);
    let there = services.iter().filter(|placed| !placed.gone);
    let listed = there.clone().count();
    let here: Vec<&ServiceAtNode> = there.filter(is_meant).collect();
    let everyone: Vec<&Who> = known.everyone.iter().filter(|who| has(&who.to_string(), &q)).collect();
    let shown: Vec<&&ServiceAtNode> = here.iter().skip(query.columns_before).take(COLUMNS).collect();
    let row = |who: &&Who| Row {
        who: who.to_string(),
        kind: kind(known, who).into(),
        cells: shown.iter().map(|placed| cell(known, who, placed)).collect(),
    };
    Matrix {
        rows: everyone.iter().skip(query.rows_before).take(ROWS).map(row).collect(),
        all_rows: everyone.len(),
        all_columns: here.len(),
        listed,
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

fn kind(known: &ReachModel, who: &Who) -> &'static str {
    match who {
        Who::Login(login) if known.engine.is_recipient(login) => "share recipient",
        Who::Login(_) => "member",
        Who::Tag(_) => "tag",
        Who::Node(_) => "machine",
        Who::Address(_) => "addresses",
        Who::Unknown(_) => "not known",
    }
}

fn cell(known: &ReachModel, who: &Who, placed: &ServiceAtNode) -> (Standing, Option<String>) {
    if known.is_unknown(who) {
        return (Standing::Unknown, None);
    }
    let reach::Cell { standing, note } =
        reach::cell(&known.engine, who, &placed.node_name, &placed.service.ports);
    (standing, note)
}

fn finding(
    known: &ReachModel,
    (found, fix): (&reach::Finding, &reach::FixText),
    exposures: &[Exposure],
) -> Finding {
    let of_friend = exposures.iter().find(|one| found.friend.as_ref() == Some(&one.login));
    let rules = found.rules.iter().take(RULES);
    Finding {
        sort: found.sort,
        title: found.title.clone(),
        about: found.about.clone(),
        lines: found.lines.clone(),
        more: found.more,
        more_rules: found.rules.len().saturating_sub(RULES),
        rules: rules.map(|rule| reach::rule_line(rule, &known.text)).collect(),
        question: found.question.clone(),
        fix: found.fix.clone(),
        mend: fix.words.clone(),
        diff: fix.diff.clone(),
        more_diff: fix.more,
        ways: of_friend.and_then(exposures::ways),
    }
}
