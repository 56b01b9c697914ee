//! What each kind of edit would make of the policy as it is now.

use std::sync::Arc;

use app::fault::Fault;
use model::ids::EditId;
use model::{EditKind, EditState};
use policy::share::ShareId as Mark;
use policy::splice::apply;
use policy::{Language, Network, Policy, lint, narrow, unshare};
use sharing::rule;

use crate::failure::OrInternal as _;
use crate::planes::headscale::in_force;
use crate::reach::fingerprint;
use crate::store::tailnets::Tailnet;
use crate::text_merge::merged;
use crate::use_cases::{Asker, apart};
use crate::words;
use model::text::sentence;

/// A new text, and what to say about it.
pub struct Proposal {
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
        let (owned, language) = (text.to_owned(), in_force(tailnet.kind));
        let accounts = Arc::clone(network);
        let network = Arc::clone(network);
        let made = match what {
            EditKind::Narrow => apart(move || narrowing(&owned, &network, language)).await?,
            EditKind::Lint(finding) => {
                let finding = finding.clone();
                apart(move || without_finding(&owned, &network, &finding, language)).await?
            }
            EditKind::TakeOut(mark) => self.without_share(tailnet, text, mark).await,
            EditKind::Withhold(exposure) => {
                let made = self.withholding(tailnet.id, *exposure).await?;
                apart(move || made(&owned, &network)).await?
            }
            EditKind::Undo(edit) => self.undoing(tailnet, text, *edit).await,
        };
        let made = made?;
        apart(move || with_names(made, &accounts, language)).await?
    }

    /// The rule of a share that is over. One that is open is ended on its own page, with its invite.
    async fn without_share(&self, tailnet: &Tailnet, text: &str, mark: &str) -> Result<Proposal, Fault> {
        let mark: Mark = mark.parse().map_err(|_| Fault::NotFound)?;
        let open = self.state.db.list_open_shares(tailnet.id).await.or_internal("list the shares")?;
        let open = open.whole().or_internal("list the shares")?;
        if open.iter().any(|share| rule::mark(share.id) == mark) {
            return Err(words::edit::share_is_not_over());
        }
        let edit = unshare(text, &mark).map_err(|error| words::edit::cannot_be_taken_out(&error))?;
        Ok(Proposal {
            title: words::edit::TAKE_OUT_TITLE.into(),
            about: words::edit::TAKE_OUT_ABOUT.into(),
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
            return Err(words::edit::never_written());
        }
        if db.find_undoing(id).await.or_internal("look for an undoing")?.is_some() {
            return Err(words::edit::taken_back_already());
        }
        let after = if text == edit.after {
            edit.before.clone()
        } else {
            merged(&edit.after, text, &edit.before).ok_or_else(words::edit::changed_again)?
        };
        if after == text {
            return Err(words::edit::nothing_left_of_it());
        }
        let mut warnings = Vec::new();
        if text != edit.after {
            warnings.push(words::edit::ONLY_ITS_OWN_IS_PUT_BACK.to_owned());
        }
        let open = db.list_open_shares(tailnet.id).await.or_internal("list the shares")?;
        let open = open.whole().or_internal("list the shares")?;
        if edit.what == EditKind::Narrow && !open.is_empty() {
            warnings.push(words::edit::WILDCARD_COMES_BACK.to_owned());
        }
        Ok(Proposal {
            title: format!("Take back: {}", edit.title),
            about: words::edit::WAY_BACK_ABOUT.into(),
            after,
            warnings,
        })
    }
}

/// Every name in a text that is to be written means one account of its server: one that several have stops it, one that
/// nobody has is told.
fn with_names(mut made: Proposal, network: &Network, language: Language) -> Result<Proposal, Fault> {
    let Ok(policy) = Policy::read(&made.after, language) else { return Ok(made) };
    let unknown = policy::check_names(&policy, network, None);
    let unknown = unknown.map_err(|clash| Fault::conflict(sentence(&clash.to_string())))?;
    made.warnings.extend(unknown.iter().map(words::headscale::unknown_name));
    Ok(made)
}

fn narrowing(text: &str, network: &Network, language: Language) -> Result<Proposal, Fault> {
    let narrowing =
        narrow(text, network, language).map_err(|error| words::edit::cannot_be_narrowed(&error))?;
    if narrowing.is_empty() {
        return Err(words::edit::nothing_to_narrow());
    }
    Ok(Proposal {
        title: "Narrow the wildcard".into(),
        about: words::edit::NARROW_ABOUT.into(),
        after: narrowing.after,
        warnings: Vec::new(),
    })
}

fn without_finding(
    text: &str,
    network: &Network,
    finding: &str,
    language: Language,
) -> Result<Proposal, Fault> {
    let gone = words::edit::says_this_no_more;
    let lints = lint(text, network, language).map_err(|error| words::edit::cannot_be_judged(&error))?;
    let lint = lints.iter().find(|lint| fingerprint(text, lint) == finding).ok_or_else(gone)?;
    let fix = lint.fix.as_ref().ok_or_else(gone)?;
    let after = apply(text, fix).ok_or_else(gone)?;
    Ok(Proposal {
        title: words::edit::tidy_up(lint.line),
        about: sentence(&lint.kind.to_string().replace('`', "")),
        after,
        warnings: Vec::new(),
    })
}
