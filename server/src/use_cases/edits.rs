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
use policy::{Diff, Engine, Language, Network, Who};

pub(super) use self::planning::Proposal;
use super::rights::Reads;
use super::{Asker, apart};
use crate::failure::OrInternal as _;
use crate::jobs::write_edit;
use crate::planes;
use crate::planes::headscale::in_force;
use crate::planes::in_words;
use crate::queue;
use crate::reach;
use crate::secrets::hash_token;
use crate::store::edits::{Edit, ReachSummary, summaries};
use crate::store::tailnets::Tailnet;
use crate::tailnet::known;
use crate::text_diff::hunks;
use crate::words;

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
        let reach = |lines: &[ReachLine]| format!("{:?}", summaries(lines));
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
            Ok(said) if said.passed => words::edit::WOULD_BE_TAKEN.to_owned(),
            Ok(said) => {
                let refused = words::edit::would_be_refused(&said.message);
                warnings.insert(0, refused.clone());
                refused
            }
            Err(_) if !plane.capabilities().validate => words::headscale::CANNOT_BE_TRIED.to_owned(),
            Err(error) => words::edit::could_not_be_asked(&in_words(&error)),
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
            return Err(words::edit::may_not_be_written());
        }
        if planned.name() != plan {
            return Err(words::edit::changed_since());
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
            gained: summaries(&planned.gains),
            lost: summaries(&planned.loses),
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
        let (tailnet, reads) = self.read_tailnet(edit.tailnet).await?;
        let changes = reads == Reads::AndChanges;
        let undone_by = self.state.db.find_undoing(id).await.or_internal("look for an undoing")?;
        Ok(EditView {
            tailnet: tailnet.id,
            tailnet_name: tailnet.name,
            share: edit.share.filter(|_| changes),
            gains: edit.gained.iter().map(line).collect(),
            loses: edit.lost.iter().map(line).collect(),
            diff: hunks(&edit.before, &edit.after),
            can_undo: changes && matches!(edit.state, EditState::Applied { .. }) && undone_by.is_none(),
            line: edit_line(edit, undone_by.is_some()),
            undone_by,
            history: self.history(id.uuid()).await?,
        })
    }

    async fn list(&self, id: TailnetId) -> Result<Vec<EditLine>, Fault> {
        self.read_tailnet(id).await?;
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
        let read = plane.get_policy().await.map_err(planes::unavailable)?;
        let read_with = known::read(&self.state, (id, plane.as_ref()), None, None).await;
        let inventory =
            read_with.or_internal("read with whom machines are shared")?.map_err(planes::unavailable)?;
        let network = apart(move || inventory.network())
            .await?
            .map_err(|error| words::edit::network_makes_no_sense(&error))?;
        let network = Arc::new(network);
        let proposal = self.proposal(&tailnet, &read.text, &network, what).await?;
        let (before, after) = (read.text.clone(), proposal.after.clone());
        let language = in_force(tailnet.kind);
        let (gains, loses) = apart(move || difference(&before, &after, &network, language)).await??;
        Ok(Planned { tailnet, plane, read, proposal, gains, loses })
    }
}

/// Who gains and who loses, each with the rules that say so in its own text.
fn difference(
    before: &str,
    after: &str,
    network: &Network,
    language: Language,
) -> Result<(Vec<ReachLine>, Vec<ReachLine>), Fault> {
    let engine = |text, which: &str| {
        Engine::read(text, network, language).map_err(|error| words::edit::policy_is_refused(which, &error))
    };
    let Diff { gained, lost } =
        policy::diff(&engine(before, "as it is")?, &engine(after, words::edit::AS_IT_WOULD_BE)?);
    let name = |who: &Who| who.to_string();
    Ok((reach::lines(&gained, after, name), reach::lines(&lost, before, name)))
}

fn line(summary: &ReachSummary) -> ReachLine {
    let ReachSummary { who, node, what } = summary.clone();
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
