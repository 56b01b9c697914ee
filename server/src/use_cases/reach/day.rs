//! Who could reach a machine on a day: what each look of that day found, judged as what was in force then.

use app::fault::Fault;
use app::ports::reach::{DayPart, DayQuery, DayView, Found};
use model::TailnetId;
use model::looks::{Stretch, stretches};
use policy::{Dialect, Query, Target};

use super::{LINES, NAMES};
use crate::failure::OrInternal as _;
use crate::planes::headscale;
use crate::reach::{Evaluation, first_lines, without_echo};
use crate::store::looks::Look;
use crate::tailnet::snapshot::patience;
use crate::text_pack::unpack;
use crate::use_cases::{Asker, apart};
use crate::words;

/// Parts of one page: each is worked out anew, which takes a while in a tailnet of thousands. They share the lines that one
/// answer has, so that a day on which much was changed makes no longer page than a quiet one.
const PARTS: usize = 4;
/// More looks that found something else than a day has time for.
const LOOKS: i64 = 500;

/// The page, with the answer if there is a question.
pub(super) async fn answer(asker: &Asker, id: TailnetId, query: DayQuery) -> Result<DayView, Fault> {
    let (tailnet, _) = asker.read_tailnet(id).await?;
    // A network is of one kind for long, and a look does not say of which it was.
    let dialect = headscale::dialect(tailnet.kind);
    let retention = asker.state.config.retention;
    let mut view = DayView {
        tailnet: id,
        tailnet_name: tailnet.name,
        errors: Vec::new(),
        parts: Vec::new(),
        next: None,
        kept: words::reach::looks_kept(retention.snapshots, retention.snapshots_mib),
        nodes: Vec::new(),
    };
    if let Some(seen) = asker.cached_reach(id).await?
        && let Some(known) = seen.evaluation.known()
    {
        view.nodes = known.network().nodes().iter().map(|node| node.name.clone()).take(NAMES).collect();
    }
    let (node, day) = (query.node.trim(), query.day.trim());
    if node.is_empty() && day.is_empty() {
        return Ok(view);
    }
    let now = asker.state.now();
    let span = asker.session.zone().day(day);
    match span {
        Err(_) => view.errors.push(("day".into(), words::audit::no_day(day))),
        Ok((begin, _)) if begin >= now => view.errors.push(("day".into(), words::reach::NOT_YET.into())),
        Ok(_) => {}
    }
    if node.is_empty() {
        view.errors.push(("node".into(), words::reach::WHICH_MACHINE.into()));
    }
    let (Ok((begin, end)), true) = (span, view.errors.is_empty()) else { return Ok(view) };
    let span = (begin, end.min(now));
    let looks = asker.state.db.list_looks(id, span, LOOKS).await.or_internal("list what looks found")?;
    let times: Vec<_> = looks.iter().map(|look| look.at).collect();
    let all = stretches(&times, span, patience(&asker.state));
    let rest = all.get(query.before..).unwrap_or_default();
    let shown = rest.get(..PARTS).unwrap_or(rest);
    let most = LINES / shown.len().max(1);
    for stretch in shown {
        let part = match *stretch {
            Stretch::Unseen { from, to } => DayPart { from, to, found: Found::Unseen },
            Stretch::Seen { at, from, to } => {
                DayPart { from, to, found: found(asker, (id, dialect), &looks[at], (node, most)).await? }
            }
        };
        add(&mut view.parts, part);
    }
    let end = query.before.saturating_add(PARTS);
    view.next = (end < all.len()).then_some(end);
    Ok(view)
}

/// What is the same as before goes on.
fn add(parts: &mut Vec<DayPart>, part: DayPart) {
    match parts.last_mut().filter(|last| last.found == part.found) {
        Some(last) => last.to = part.to,
        None => parts.push(part),
    }
}

async fn found(
    asker: &Asker,
    (id, dialect): (TailnetId, Dialect),
    look: &Look,
    (node, most): (&str, usize),
) -> Result<Found, Fault> {
    let policy = match &look.policy {
        Ok(name) => text(asker, id, name).await?,
        Err(why) => return Ok(Found::Nothing(words::reach::policy_was_unread(why))),
    };
    let network = text(asker, id, &look.network).await?;
    let (Some(policy), Some(network)) = (policy, network) else {
        return Ok(Found::Nothing(words::reach::TEXT_WAS_DROPPED.into()));
    };
    let (node, missing) = (node.to_owned(), look.sharing_missing.clone());
    apart(move || {
        let (Ok(policy), Ok(network)) = (unpack(&policy), unpack(&network)) else {
            return Found::Nothing(words::reach::TEXT_UNREAD.into());
        };
        judged(policy, (&network, dialect), missing.as_deref(), (node, most))
    })
    .await
}

async fn text(asker: &Asker, id: TailnetId, name: &str) -> Result<Option<String>, Fault> {
    asker.state.db.get_look_text(id, name).await.or_internal("read what a look found")
}

fn judged(
    policy: String,
    (network, dialect): (&str, Dialect),
    missing: Option<&str>,
    (node, most): (String, usize),
) -> Found {
    let known = match Evaluation::of(policy, network, missing.is_none(), dialect) {
        Evaluation::Known(known) => known,
        Evaluation::Refused { why, .. } => return Found::Nothing(words::reach::policy_was_refused(&why)),
    };
    if known.network().node_named(&node).is_none() {
        return Found::Nothing(words::reach::was_not_there(&node));
    }
    let to = Some(Target::Node(node));
    let entries = without_echo(known.engine.reach(&Query { to, ..Query::default() }));
    let (lines, more) = first_lines(&entries, &known.text, ToString::to_string, most);
    let mut notes = known.not_known();
    notes.extend(missing.map(words::reach::recipients_unknown));
    Found::Lines { lines, more, notes }
}
