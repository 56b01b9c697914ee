//! Who reaches what around one person or machine, from what was last read.

use app::fault::Fault;
use app::ports::graph::{Graph, GraphView, Question};
use async_trait::async_trait;
use model::TailnetId;

use super::reach::outdated;
use super::{Asker, apart};
use crate::failure::OrInternal as _;
use crate::reach::{Judged, around};

#[async_trait]
impl Graph for Asker {
    async fn get(&self, id: TailnetId, question: Question) -> Result<GraphView, Fault> {
        let tailnet = self.my_tailnet(id).await?;
        let seen = self.seen(id).await?;
        let mut view = GraphView {
            tailnet: id,
            tailnet_name: tailnet.name,
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
        view.read = Some(seen.head.read);
        view.notes.extend(outdated(&seen.head));
        let (mut view, machine) = apart(move || {
            let machine = fill(&mut view, &seen.judged);
            (view, machine)
        })
        .await?;
        let Some((name, focus)) = machine.zip(view.focus.as_mut()) else { return Ok(view) };
        let node = self.state.db.find_node_named(id, &name).await.or_internal("look for the machine")?;
        focus.more.extend(node.map(|node| (app::paths::node(id, node), format!("The page of {name}"))));
        Ok(view)
    }
}

/// Draws what was asked, and names the machine that it is about.
fn fill(view: &mut GraphView, judged: &Judged) -> Option<String> {
    let known = match judged {
        Judged::Known(known) => known,
        Judged::Refused { why, line, .. } => {
            let line = line.map(|line| format!(" (line {line})")).unwrap_or_default();
            view.unknown = Some(format!("Nothing is said about who reaches what: {why}{line}"));
            return None;
        }
    };
    let found = around::around(known, view.tailnet, &view.question);
    if found.focus.is_none() {
        (view.people, view.machines) = around::first(known, view.tailnet);
    }
    (view.focus, view.arrows, view.unknown) = (found.focus, found.arrows, found.unknown);
    (view.total, view.before) = (found.total, found.before);
    found.machine
}
