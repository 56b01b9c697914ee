//! Edits of a policy that are no share: planned afresh each time, with their difference in reach worked out for the
//! text at hand, and written only if it is the one that was looked at.

mod planning;

use std::sync::Arc;

use app::fault::Fault;
use app::ports::edits::{EditLine, EditView, Edits, PlanView};
use app::ports::shares::ReachLine;
use async_trait::async_trait;
use control_plane::{ControlPlane, PolicyFile};
use model::TailnetId;
use model::ids::EditId;
use model::{EditKind, EditState, JobKind};
use policy::{Diff, Engine, Network, Who};

use self::planning::Proposal;
use super::{Asker, apart};
use crate::failure::OrInternal as _;
use crate::jobs::write_edit;
use crate::planes;
use crate::planes::in_words;
use crate::queue;
use crate::reach;
use crate::secrets::hash_token;
use crate::store::edits::{Edit, Told, told};
use crate::store::tailnets::Tailnet;
use crate::tailnet::known;
use crate::text_diff::hunks;

const LISTED: i64 = 50;

/// A plan with what it was made from.
struct Planned {
    tailnet: Tailnet,
    plane: Arc<dyn ControlPlane>,
    read: PolicyFile,
    proposal: Proposal,
    gains: Vec<ReachLine>,
    loses: Vec<ReachLine>,
}

impl Planned {
    /// Names what was looked at: both texts and the difference in reach.
    fn name(&self) -> String {
        let reach = |lines: &[ReachLine]| format!("{:?}", told(lines));
        let (gains, loses) = (reach(&self.gains), reach(&self.loses));
        hash_token(&format!("{}\n{}\n{gains}\n{loses}", self.read.text, self.proposal.after))
    }
}

#[async_trait]
impl Edits for Asker {
    async fn plan(&self, id: TailnetId, what: EditKind) -> Result<PlanView, Fault> {
        let planned = self.planned_edit(id, &what).await?;
        let plan = planned.name();
        let Planned { tailnet, plane, read, proposal, gains, loses } = planned;
        let mut warnings = proposal.warnings;
        let verdict = match plane.validate_policy(&proposal.after).await {
            Ok(said) if said.passed => {
                "The control plane would take the new policy, and its own tests pass.".to_owned()
            }
            Ok(said) => {
                let refused = format!("The control plane would refuse the new policy: {}", said.message);
                warnings.insert(0, refused.clone());
                refused
            }
            Err(error) => {
                format!("The control plane could not be asked about the new policy. {}", in_words(&error))
            }
        };
        let may_write = self.may_write(&tailnet).await?;
        Ok(PlanView {
            tailnet: id,
            tailnet_name: tailnet.name,
            what,
            title: proposal.title,
            about: proposal.about,
            plan,
            read: self.state.now(),
            gains,
            loses,
            diff: hunks(&read.text, &proposal.after),
            verdict,
            warnings,
            manual: (!may_write).then_some(proposal.after),
        })
    }

    async fn apply(&self, id: TailnetId, what: EditKind, plan: String) -> Result<EditId, Fault> {
        let planned = self.planned_edit(id, &what).await?;
        if !self.may_write(&planned.tailnet).await? {
            return Err(Fault::Conflict(
                "The policy may not be written from here; put the text in by hand. Nothing was changed."
                    .into(),
            ));
        }
        if planned.name() != plan {
            return Err(Fault::Conflict(
                "The policy, the machines or the people changed since you looked. Nothing was written; this is how it is now."
                    .into(),
            ));
        }
        let me = self.person().await?;
        let edit = Edit {
            id: self.state.new_id(),
            tailnet: id,
            what,
            title: planned.proposal.title.clone(),
            by: Some(me.id),
            by_name: me.name,
            share: None,
            before: planned.read.text.clone(),
            after: planned.proposal.after.clone(),
            gained: told(&planned.gains),
            lost: told(&planned.loses),
            state: EditState::Applying { why: None },
            begun: self.state.now(),
        };
        let job = queue::job(&self.state, JobKind::Edit, edit.id);
        self.state.db.begin_edit(&edit, &job).await.or_internal("write the edit down")?;
        // At once, so that the next page shows how it went; what is not done now is the queue's.
        if let Err(error) = write_edit(&self.state, edit.id).await {
            tracing::warn!(edit = %edit.id, "an edit was left to the queue: {error:#}");
        }
        self.state.signals.poke.notify_one();
        Ok(edit.id)
    }

    async fn get(&self, id: EditId) -> Result<EditView, Fault> {
        self.me()?;
        let edit = self.state.db.find_edit(id).await.or_internal("read the edit")?;
        let edit = edit.ok_or(Fault::NotFound)?;
        let tailnet = self.my_tailnet(edit.tailnet).await?;
        let undone_by = self.state.db.find_undoing(id).await.or_internal("look for an undoing")?;
        Ok(EditView {
            tailnet: tailnet.id,
            tailnet_name: tailnet.name,
            share: edit.share,
            gains: edit.gained.iter().map(line).collect(),
            loses: edit.lost.iter().map(line).collect(),
            diff: hunks(&edit.before, &edit.after),
            can_undo: matches!(edit.state, EditState::Applied { .. }) && undone_by.is_none(),
            line: edit_line(edit, undone_by.is_some()),
            undone_by,
            history: self.history(id.uuid()).await?,
        })
    }

    async fn list(&self, id: TailnetId) -> Result<Vec<EditLine>, Fault> {
        self.my_tailnet(id).await?;
        let db = &self.state.db;
        let mut lines = Vec::new();
        for edit in db.list_edits(id, LISTED).await.or_internal("list the edits")? {
            let undone = db.find_undoing(edit.id).await.or_internal("look for an undoing")?.is_some();
            lines.push(edit_line(edit, undone));
        }
        Ok(lines)
    }
}

impl Asker {
    async fn planned_edit(&self, id: TailnetId, what: &EditKind) -> Result<Planned, Fault> {
        let tailnet = self.my_tailnet(id).await?;
        let plane = planes::of(&self.state, id).await.or_internal("reach the control plane")?;
        let unread = |error| Fault::Unavailable(format!("{} Nothing was changed.", in_words(&error)));
        let read = plane.get_policy().await.map_err(unread)?;
        let read_with = known::read(&self.state, (id, plane.as_ref()), None, None).await;
        let inventory = read_with.or_internal("read with whom machines are shared")?.map_err(unread)?;
        let network = apart(move || inventory.network()).await?.map_err(|error| {
            Fault::Conflict(format!(
                "The list of machines and users makes no sense: {error}. Nothing was changed."
            ))
        })?;
        let network = Arc::new(network);
        let proposal = self.proposal(&tailnet, &read.text, &network, what).await?;
        let (before, after) = (read.text.clone(), proposal.after.clone());
        let (gains, loses) = apart(move || difference(&before, &after, &network)).await??;
        Ok(Planned { tailnet, plane, read, proposal, gains, loses })
    }
}

/// Who gains and who loses, each with the rules that say so in its own text.
fn difference(
    before: &str,
    after: &str,
    network: &Network,
) -> Result<(Vec<ReachLine>, Vec<ReachLine>), Fault> {
    let engine = |text, which: &str| {
        Engine::new(text, network).map_err(|error| {
            Fault::Conflict(format!("The policy {which} is refused: {error}. Nothing was changed."))
        })
    };
    let Diff { gained, lost } =
        policy::diff(&engine(before, "as it is")?, &engine(after, "that this would make")?);
    let name = |who: &Who| who.to_string();
    Ok((reach::lines(&gained, after, name), reach::lines(&lost, before, name)))
}

fn line(told: &Told) -> ReachLine {
    let Told { who, node, what } = told.clone();
    ReachLine { who, node, what, rules: Vec::new(), note: None }
}

fn edit_line(edit: Edit, undone: bool) -> EditLine {
    EditLine {
        id: edit.id,
        title: edit.title,
        by: edit.by_name,
        begun: edit.begun,
        state: edit.state,
        undone,
    }
}
