//! The audit trail as the viewer may read it.

use app::fault::Fault;
use app::paths;
use app::ports::audit::{Audit, Entry, Page, Query};
use async_trait::async_trait;
use model::{Id, ObjectKind, TailnetId};
use uuid::Uuid;

use super::Asker;
use crate::failure::OrInternal as _;
use crate::store::audit::{self, NewEntry, Object};
use crate::store::tailnets::Tailnet;
use crate::trail;

const PAGE: usize = 50;

#[async_trait]
impl Audit for Asker {
    async fn list(&self, query: Query) -> Result<Page, Fault> {
        let mut entries = self.entries(None, &query.q, query.after, PAGE + 1).await?;
        let next = (entries.len() > PAGE).then(|| entries.get(PAGE - 1).map(|entry| entry.id)).flatten();
        entries.truncate(PAGE);
        Ok(Page { entries, next })
    }
}

impl Asker {
    /// What happened to one object, newest first.
    pub(super) async fn history(&self, object: Uuid) -> Result<Vec<Entry>, Fault> {
        self.entries(Some(object), "", None, PAGE).await
    }

    async fn entries(
        &self,
        object: Option<Uuid>,
        q: &str,
        after: Option<model::ids::AuditId>,
        limit: usize,
    ) -> Result<Vec<Entry>, Fault> {
        let me = self.me()?;
        let like = super::like(q).unwrap_or_default();
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = self.state.db.list_entries(me, object, &like, after, limit).await;
        let rows = rows.or_internal("read the audit trail")?;
        let mine = self.state.db.list_tailnets_of(me).await.or_internal("list the tailnets")?;
        let mut entries = Vec::with_capacity(rows.len());
        for mut row in rows {
            if let Some(actor) = row.actor_id {
                row.actor = self.called(actor, row.actor).await?;
            }
            entries.push(self.told(row, &mine));
        }
        Ok(entries)
    }

    /// The text of an owner's policy is for those who may read the policy, not for the friend of a share.
    fn told(&self, row: audit::Entry, mine: &[Tailnet]) -> Entry {
        let me = self.me().ok();
        let full = row.tailnet.is_none_or(|id| mine.iter().any(|tailnet| tailnet.id == id))
            || (row.actor_id.is_some() && row.actor_id == me);
        Entry {
            id: row.id,
            at: row.at,
            actor: row.actor,
            what: row.what,
            href: row.object_id.and_then(|id| href(row.object_kind, id, row.tailnet)),
            object: row.object,
            before: row.before.filter(|_| full),
            after: row.after.filter(|_| full),
        }
    }

    /// An entry about something of a tailnet, by the viewer.
    pub(super) async fn entry(
        &self,
        tailnet: &Tailnet,
        object: Object,
        what: impl Into<String>,
        before: Option<String>,
        after: Option<String>,
    ) -> Result<NewEntry, Fault> {
        Ok(trail::entry_by(&self.state, self.actor().await?, tailnet, object, what, before, after))
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
        ObjectKind::Person | ObjectKind::Stray => return None,
    })
}
