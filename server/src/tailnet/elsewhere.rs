//! What is done to a policy elsewhere, for the audit trail. Each text that is written from here is noted before it is; so
//! any other that is read was put there by somebody else, and nobody has to trust a clock or a name for that.

use model::{ObjectKind, TailnetId};
use policy::reach::Entry;

use crate::reach::{self, Evaluation, ReachModel};
use crate::secrets::hash_token;
use crate::state::AppState;
use crate::store::audit::{Actor, NewEntry, Object, PolicyChange, ReachSummary, summaries};
use crate::store::snapshots::Snapshot;
use crate::store::tailnets::Tailnet;
use crate::text_diff::changed_lines;
use crate::{text_pack, trail, words};

/// A text was read. If it is one that nobody here wrote, the trail says so, once.
///
/// # Errors
/// When the store fails.
pub async fn account(state: &AppState, id: TailnetId, text: &str) -> anyhow::Result<()> {
    let (db, name) = (&state.db, hash_token(text));
    let Some(old) = db.find_accounted(id).await? else { return Ok(db.account_first(id, &name).await?) };
    if old == name || db.account_written(id, &name).await? {
        return Ok(());
    }
    let Some(tailnet) = db.find_tailnet(id).await? else { return Ok(()) };
    let entry = entry(state, &tailnet, &old, text).await?;
    Ok(db.account_elsewhere(id, (&old, &name), &entry).await?)
}

/// Before a text is written from here in the place of one that was read.
///
/// # Errors
/// When the store fails.
pub async fn before_write(state: &AppState, id: TailnetId, (read, text): (&str, &str)) -> anyhow::Result<()> {
    account(state, id, read).await?;
    Ok(state.db.will_write(id, &hash_token(text)).await?)
}

async fn entry(state: &AppState, tailnet: &Tailnet, old: &str, text: &str) -> anyhow::Result<NewEntry> {
    let draft = trail::about(Object::new(ObjectKind::Tailnet, tailnet.id, &tailnet.name))
        .by(Actor::Acequia)
        .says(words::tailnet::CHANGED_ELSEWHERE)
        .of(tailnet);
    let Some(before) = text_of(state, tailnet.id, old).await? else { return Ok(draft.at(state)) };
    let lines = changed_lines(&before, text);
    let snapshot = state.db.get_snapshot(tailnet.id).await?;
    let after = text.to_owned();
    // Not for a thread that serves requests.
    let change = tokio::task::spawn_blocking(move || change(before, after, snapshot)).await?;
    Ok(draft.before(lines.before).after(lines.after).policy(change).at(state))
}

/// A text by its name, where it was kept.
async fn text_of(state: &AppState, id: TailnetId, name: &str) -> anyhow::Result<Option<String>> {
    let snapshot = state.db.get_snapshot(id).await?.and_then(|snapshot| snapshot.policy);
    if let Some(text) = snapshot.filter(|text| hash_token(text) == name) {
        return Ok(Some(text));
    }
    let Some(packed) = state.db.get_look_text(id, name).await? else { return Ok(None) };
    Ok(tokio::task::spawn_blocking(move || text_pack::unpack(&packed)).await?.ok())
}

/// Its lines, and who gains and loses by it where the engine can say so of both.
fn change(before: String, after: String, snapshot: Option<Snapshot>) -> PolicyChange {
    let judged = snapshot.and_then(|snapshot| {
        let (dialect, known) = (snapshot.dialect.ok()?, snapshot.head.sharing_missing.is_none());
        let judge = |text: &str| Evaluation::of(text.to_owned(), &snapshot.network, known, dialect);
        Some((judge(&before), judge(&after)))
    });
    let both = judged.as_ref().and_then(|(old, new)| Some((old.known()?, new.known()?)));
    let (gained, lost) = both.map(difference).unwrap_or_default();
    PolicyChange::of(&before, &after, &gained, &lost)
}

fn difference((old, new): (&ReachModel, &ReachModel)) -> (Vec<ReachSummary>, Vec<ReachSummary>) {
    let diff = policy::diff(&old.engine, &new.engine);
    let told = |entries: &[Entry], text: &str| summaries(&reach::lines(entries, text, ToString::to_string));
    (told(&diff.gained, &new.text), told(&diff.lost, &old.text))
}
