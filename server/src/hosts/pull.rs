//! What a host gets that fetches its own text.

use app::fault::Fault;
use firewall::{Backend, Part};
use model::host::Hold;
use model::{NodeId, Revision};

use super::revision::current_input;
use crate::failure::OrInternal as _;
use crate::secrets::hash_token;
use crate::state::AppState;

/// What a host gets that fetches its own text, with the token of its node: the mark of the text, and the text.
/// Of the marks that it `has`, the one of a text that was made here says which revision is in force there: it keeps
/// a mark only after the text was put in force. `hold` is what it says of its guard.
///
/// # Errors
/// [`Fault::NotFound`] for a wrong token and an unknown node alike; [`Fault::Invalid`] for another kind of host.
pub async fn pulled(
    state: &AppState,
    node: NodeId,
    token: &str,
    backend: &str,
    (has, hold): (&[String], Option<Hold>),
) -> Result<(String, String), Fault> {
    let known = state.db.is_pull_token(node, &hash_token(token)).await.or_internal("look for the token")?;
    let node = state.db.find_node(node).await.or_internal("read the node")?.filter(|_| known);
    let node = node.ok_or(Fault::NotFound)?;
    let backend: Backend = backend.parse().map_err(|error| Fault::field("backend", format!("{error}")))?;
    let input = current_input(state, &node).await?;
    let text = firewall::render(&input, backend, Part::All).text();
    let mark = mark_of(node.firewall_revision, &text);
    let mut in_force = None;
    for theirs in has {
        let Some(revision) = theirs.split_once('-').and_then(|(number, _)| number.parse().ok()) else {
            continue;
        };
        let stored = state.db.find_revision(node.id, revision).await.or_internal("read a text")?;
        let then = stored.and_then(|stored| stored.input().ok());
        let made = then.is_some_and(|then| {
            *theirs == mark_of(revision, &firewall::render(&then, backend, Part::All).text())
        });
        if made {
            in_force = Some(revision);
        }
    }
    // A host is told what to shut also while nothing can be written down.
    if let Err(error) = state.db.mark_asked(node.id, (in_force, hold), state.now()).await {
        tracing::warn!(node = %node.id, "the visit of a host could not be noted: {error}");
    }
    Ok((mark, text))
}

/// Of the text, not of the revision alone: another kind of host has another text.
fn mark_of(revision: Revision, text: &str) -> String {
    let hash = hash_token(text);
    format!("{revision}-{}", hash.get(..16).unwrap_or_default())
}
