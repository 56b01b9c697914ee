//! What each kind of edit would make of the policy as it is now.

use std::sync::Arc;

use app::fault::Fault;
use model::ids::EditId;
use model::{EditKind, EditState};
use policy::share::ShareId as Mark;
use policy::splice::apply;
use policy::{Network, lint, narrow, unshare};
use sharing::rule;

use crate::failure::OrInternal as _;
use crate::reach::fingerprint;
use crate::store::tailnets::Tailnet;
use crate::text_merge::merged;
use crate::use_cases::{Asker, apart};
use crate::words::capitalised;

/// A new text, and what to say about it.
pub(super) struct Proposal {
    pub title: String,
    pub about: String,
    pub after: String,
    pub warnings: Vec<String>,
}

impl Asker {
    pub(super) async fn proposal(
        &self,
        tailnet: &Tailnet,
        text: &str,
        network: &Arc<Network>,
        what: &EditKind,
    ) -> Result<Proposal, Fault> {
        let (owned, network) = (text.to_owned(), Arc::clone(network));
        match what {
            EditKind::Narrow => apart(move || narrowing(&owned, &network)).await?,
            EditKind::Lint(finding) => {
                let finding = finding.clone();
                apart(move || without_finding(&owned, &network, &finding)).await?
            }
            EditKind::TakeOut(mark) => self.without_share(tailnet, text, mark).await,
            EditKind::Undo(edit) => self.undoing(tailnet, text, *edit).await,
        }
    }

    /// The rule of a share that is over. One that is open is ended on its own page, with its invite.
    async fn without_share(&self, tailnet: &Tailnet, text: &str, mark: &str) -> Result<Proposal, Fault> {
        let mark: Mark = mark.parse().map_err(|_| Fault::NotFound)?;
        let open = self.state.db.list_open_shares(tailnet.id).await.or_internal("list the shares")?;
        let open = open.whole().or_internal("list the shares")?;
        if open.iter().any(|share| rule::mark(share.id) == mark) {
            return Err(conflict("This rule belongs to a share that is not over; end the share on its page"));
        }
        let edit =
            unshare(text, &mark).map_err(|error| conflict(format!("It cannot be taken out: {error}")))?;
        Ok(Proposal {
            title: "Take out a rule that was left behind".into(),
            about: "The share that it was written for is over, or was never made here.".into(),
            after: edit.after,
            warnings: Vec::new(),
        })
    }

    /// The exact text from before where nothing else changed; else the change taken back out of the text as it is,
    /// other people's changes kept.
    async fn undoing(&self, tailnet: &Tailnet, text: &str, id: EditId) -> Result<Proposal, Fault> {
        let db = &self.state.db;
        let edit = db.find_edit(id).await.or_internal("read the edit")?;
        let edit = edit.filter(|edit| edit.tailnet == tailnet.id).ok_or(Fault::NotFound)?;
        if !matches!(edit.state, EditState::Applied { .. }) {
            return Err(conflict("This edit was never written, so there is nothing to take back"));
        }
        if db.find_undoing(id).await.or_internal("look for an undoing")?.is_some() {
            return Err(conflict("This edit was taken back already"));
        }
        let after = if text == edit.after {
            edit.before.clone()
        } else {
            merged(&edit.after, text, &edit.before).ok_or_else(|| {
                conflict(
                    "What this edit changed was changed again since, so it cannot be taken back by itself; change the policy by hand",
                )
            })?
        };
        if after == text {
            return Err(conflict("The policy has nothing of this edit any more"));
        }
        let mut warnings = Vec::new();
        if text != edit.after {
            warnings.push("The policy was changed since. Only what this edit changed is put back; the rest stays as it is now.".to_owned());
        }
        let open = db.list_open_shares(tailnet.id).await.or_internal("list the shares")?;
        let open = open.whole().or_internal("list the shares")?;
        if edit.what == EditKind::Narrow && !open.is_empty() {
            warnings.push("People outside with open shares were agreed to reach their services only. With the wildcard back they reach more: see who gains.".to_owned());
        }
        Ok(Proposal {
            title: format!("Take back: {}", edit.title),
            about: "The way back from an edit that was made here.".into(),
            after,
            warnings,
        })
    }
}

fn narrowing(text: &str, network: &Network) -> Result<Proposal, Fault> {
    let narrowing =
        narrow(text, network).map_err(|error| conflict(format!("It cannot be narrowed: {error}")))?;
    if narrowing.is_empty() {
        return Err(conflict("No rule has everybody as its source: there is nothing to narrow"));
    }
    Ok(Proposal {
        title: "Narrow the wildcard".into(),
        about: "Rules for everybody name who they mean: your members, tagged machines and routes. Nobody inside your tailnet loses anything.".into(),
        after: narrowing.after,
        warnings: Vec::new(),
    })
}

fn without_finding(text: &str, network: &Network, finding: &str) -> Result<Proposal, Fault> {
    let gone = || conflict("The policy does not say this any more");
    let lints = lint(text, network)
        .map_err(|error| conflict(format!("The policy as it is cannot be judged: {error}")))?;
    let lint = lints.iter().find(|lint| fingerprint(text, lint) == finding).ok_or_else(gone)?;
    let fix = lint.fix.as_ref().ok_or_else(gone)?;
    let after = apply(text, fix).ok_or_else(gone)?;
    Ok(Proposal {
        title: format!("Tidy up line {}", lint.line),
        about: format!("{}.", capitalised(&lint.kind.to_string().replace('`', ""))),
        after,
        warnings: Vec::new(),
    })
}

fn conflict(why: impl Into<String>) -> Fault {
    let why: String = why.into();
    Fault::Conflict(format!("{}. Nothing was changed.", why.trim_end_matches('.')))
}
