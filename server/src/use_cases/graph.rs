//! Who reaches what around one person or machine, from what was last read.

use app::fault::Fault;
use app::ports::graph::{Graph, GraphView, Question};
use async_trait::async_trait;
use model::TailnetId;

use super::reach::outdated;
use super::rights::Reads;
use super::{Asker, apart};
use crate::failure::OrInternal as _;
use crate::reach::{Evaluation, neighbourhood};
use crate::words;

#[async_trait]
impl Graph for Asker {
    async fn get(&self, id: TailnetId, question: Question) -> Result<GraphView, Fault> {
        let (tailnet, reads) = self.read_tailnet(id).await?;
        let seen = self.cached_reach(id).await?;
        let mut view = GraphView {
            tailnet: id,
            tailnet_name: tailnet.name,
            may_change: reads == Reads::AndChanges,
            read: None,
            notes: Vec::new(),
            unknown: None,
            question,
            focus: None,
            arrows: Vec::new(),
            total: 0,
            before: 0,
            people: Vec::new(),
            machines: Vec::new(),
        };
        let Some(seen) = seen else { return Ok(view) };
        view.read = Some(seen.head.latest());
        view.notes.extend(outdated(&seen.head));
        let (mut view, machine) = apart(move || {
            let machine = fill(&mut view, &seen.evaluation);
            (view, machine)
        })
        .await?;
        // The page of the machine is for those who may change something there.
        let machine = machine.filter(|_| reads == Reads::AndChanges);
        let Some((name, focus)) = machine.zip(view.focus.as_mut()) else { return Ok(view) };
        let node = self.state.db.find_node_named(id, &name).await.or_internal("look for the machine")?;
        focus.more.extend(node.map(|node| (app::paths::node(id, node), words::reach::page_of(&name))));
        Ok(view)
    }
}

/// Draws what was asked, and names the machine that it is about.
fn fill(view: &mut GraphView, evaluation: &Evaluation) -> Option<String> {
    let known = match evaluation {
        Evaluation::Known(known) => known,
        Evaluation::Refused { why, line, .. } => {
            let line = line.map(|line| format!(" (line {line})")).unwrap_or_default();
            view.unknown = Some(words::reach::nothing_is_said(why, &line));
            return None;
        }
    };
    view.notes.extend(known.not_known());
    let found = neighbourhood::neighbourhood(known, view.tailnet, &view.question);
    if found.focus.is_none() {
        (view.people, view.machines) = neighbourhood::first(known, view.tailnet);
    }
    (view.focus, view.arrows, view.unknown) = (found.focus, found.arrows, found.unknown);
    (view.total, view.before) = (found.total, found.before);
    found.machine
}
