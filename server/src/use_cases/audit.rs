//! The audit trail as the viewer may read it.

use std::collections::HashSet;

use app::fault::Fault;
use app::paths;
use app::ports::audit::{Audit, Entry, Filters, Page, PolicyChange, Query};
use app::ports::export::{Export, Format};
use app::ports::paging::PAGE;
use app::ports::shares::{DiffLine, ReachLine};
use async_trait::async_trait;
use model::ids::AuditId;
use model::{Id, ObjectKind, TailnetId};
use uuid::Uuid;

use self::filters::{Asked, understand};
use super::Asker;
use crate::failure::OrInternal as _;
use crate::store::audit::{self, Object, ReachSummary, Reader, Search, What};
use crate::store::decode::Listed;
use crate::store::tailnets::Tailnet;
use crate::trail::{self, By, Draft};
use crate::words;

mod export;
mod filters;

pub use export::for_operator;

#[async_trait]
impl Audit for Asker {
    async fn list(&self, query: Query) -> Result<Page, Fault> {
        let Asked { mut search, active, errors, choices } = self.asked(&query.filters).await?;
        search.after = query.after;
        search.limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
        let understood = errors.is_empty();
        let mut entries = if understood { self.entries(&search).await? } else { Vec::new() };
        let next = (entries.len() > PAGE).then(|| entries.get(PAGE - 1).map(|entry| entry.id)).flatten();
        entries.truncate(PAGE);
        let kept = words::audit::kept(self.state.config.retention.audit);
        Ok(Page { entries, next, active, errors, choices, kept })
    }

    async fn get(&self, id: AuditId) -> Result<Entry, Fault> {
        let search = Search { entry: Some(id), ..Search::of(Reader::Person(self.me()?), 1) };
        self.entries(&search).await?.pop().ok_or(Fault::NotFound)
    }

    async fn export(&self, filters: Filters, format: Format) -> Result<Box<dyn Export>, Fault> {
        let asked = self.asked(&filters).await?;
        if !asked.errors.is_empty() {
            return Err(Fault::Invalid(asked.errors));
        }
        Ok(Box::new(export::Written::by(self.clone(), asked.search, format)))
    }
}

impl Asker {
    async fn asked(&self, filters: &Filters) -> Result<Asked, Fault> {
        let reader = Reader::Person(self.me()?);
        let person = filters.person.trim();
        let people = if person.is_empty() { Vec::new() } else { self.people_named(person).await? };
        understand(&self.state.db, reader, people, filters, self.session.zone()).await
    }

    /// What happened to one object, newest first.
    pub(super) async fn history(&self, object: Uuid) -> Result<Vec<Entry>, Fault> {
        let limit = i64::try_from(PAGE).unwrap_or(i64::MAX);
        self.entries(&Search { object: Some(object), ..Search::of(Reader::Person(self.me()?), limit) }).await
    }

    async fn entries(&self, search: &Search) -> Result<Vec<Entry>, Fault> {
        let me = self.me()?;
        let rows = self.state.db.search_entries(search).await.or_internal("read the audit trail")?;
        let mine = self.state.db.list_tailnets_of(me).await.or_internal("list the tailnets")?;
        let audited = self.state.db.list_audited(me).await.or_internal("list the audited tailnets")?;
        let ids = |all: Listed<Tailnet>| all.readable().into_iter().map(|tailnet| tailnet.id).collect();
        let own = Own { mine: ids(mine), audited: ids(audited) };
        let mut entries = Vec::with_capacity(rows.len());
        for mut row in rows {
            if let Some(actor) = row.actor_id {
                row.actor = self.called(actor, row.actor).await?;
            }
            let by_me = row.actor_id == Some(me);
            entries.push(own.redact(row, by_me));
        }
        Ok(entries)
    }

    /// Begins an entry about something, by the viewer.
    pub(super) async fn about(&self, object: Object) -> Result<By, Fault> {
        Ok(trail::about(object).by(self.actor().await?))
    }

    /// What the viewer did to a tailnet.
    pub(super) async fn about_tailnet(
        &self,
        tailnet: &Tailnet,
        what: impl Into<What>,
    ) -> Result<Draft, Fault> {
        Ok(self.about(Object::from(tailnet)).await?.says(what).of(tailnet))
    }
}

/// Tailnets whose policy the viewer may read.
struct Own {
    mine: HashSet<TailnetId>,
    audited: HashSet<TailnetId>,
}

impl Own {
    /// The text of an owner's policy is for those who may read the policy, not for the friend of a share.
    fn redact(&self, row: audit::Entry, by_me: bool) -> Entry {
        let may_read = |id| self.mine.contains(&id) || self.audited.contains(&id);
        let full = by_me || row.tailnet.is_none_or(may_read);
        let only_audits =
            row.tailnet.is_some_and(|id| !self.mine.contains(&id) && self.audited.contains(&id));
        let entry = view(row, only_audits);
        if full {
            return entry;
        }
        let what = match &entry.event {
            Some(event) => sharing::trail::for_friend(event),
            None if entry.kind == ObjectKind::Share => sharing::trail::for_friend_without_code(&entry.what),
            None => entry.what,
        };
        Entry { what, event: None, before: None, after: None, policy: None, tailnet: None, ..entry }
    }
}

/// All of it. An auditor opens the pages of tailnets and edits only.
fn view(row: audit::Entry, only_audits: bool) -> Entry {
    let readable = |kind| !only_audits || matches!(kind, ObjectKind::Tailnet | ObjectKind::Edit);
    let object = row.object_id.filter(|_| readable(row.object_kind));
    Entry {
        id: row.id,
        at: row.at,
        actor: row.actor,
        what: row.what,
        event: row.event,
        href: object.and_then(|id| href(row.object_kind, id, row.tailnet)),
        kind: row.object_kind,
        object: row.object,
        tailnet: row.tailnet_name,
        before: row.before,
        after: row.after,
        policy: row.policy.as_ref().map(policy),
    }
}

fn policy(change: &audit::PolicyChange) -> PolicyChange {
    let line = |line: &ReachSummary| {
        let ReachSummary { who, node, what } = line.clone();
        ReachLine { who, node, what, rules: Vec::new(), note: None }
    };
    PolicyChange {
        diff: change.lines.iter().map(DiffLine::from).collect(),
        more_lines: change.more_lines,
        gained: change.gained.iter().map(line).collect(),
        more_gained: change.more_gained,
        lost: change.lost.iter().map(line).collect(),
        more_lost: change.more_lost,
    }
}

fn href(kind: ObjectKind, id: Uuid, tailnet: Option<TailnetId>) -> Option<String> {
    Some(match kind {
        ObjectKind::Tailnet => paths::tailnet(Id::new(id)),
        ObjectKind::Edit => paths::edit(tailnet?, Id::new(id)),
        ObjectKind::Node => paths::node(tailnet?, Id::new(id)),
        ObjectKind::Service => paths::service(Id::new(id)),
        ObjectKind::Offer => paths::offer(Id::new(id)),
        ObjectKind::Share => paths::share(Id::new(id)),
        ObjectKind::Person | ObjectKind::Unmanaged => return None,
    })
}
