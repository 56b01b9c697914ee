//! Who reaches what around one person or machine, from what was last read.

use app::fault::Fault;
use app::ports::graph::{Graph, GraphView, Question};
use async_trait::async_trait;
use model::TailnetId;

use super::Asker;
use crate::failure::OrInternal as _;
use crate::reach::{Judged, around};

#[async_trait]
impl Graph for Asker {
    async fn get(&self, id: TailnetId, question: Question) -> Result<GraphView, Fault> {
        let tailnet = self.my_tailnet(id).await?;
        let seen = crate::reach::of(&self.services.db, &self.services.reach, id)
            .await
            .or_internal("work out who reaches what")?;
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
        if let Some((_, why)) = &seen.head.trouble {
            view.notes.push(format!("It could not be read again since: {why} This may be old."));
        }
        let known = match seen.judged.as_ref() {
            Judged::Known(known) => known,
            Judged::Refused { why, line, .. } => {
                let line = line.map(|line| format!(" (line {line})")).unwrap_or_default();
                view.unknown = Some(format!("Nothing is said about who reaches what: {why}{line}"));
                return Ok(view);
            }
        };
        let found = around::around(known, id, &view.question);
        if found.focus.is_none() {
            (view.people, view.machines) = around::first(known, id);
        }
        (view.focus, view.arrows, view.unknown) = (found.focus, found.arrows, found.unknown);
        (view.total, view.before) = (found.total, found.before);
        Ok(view)
    }
}
