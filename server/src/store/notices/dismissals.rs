//! News that somebody put aside: kept beside the notices, which are worked out anew whenever something changes.

use model::{AskId, NoticeKind, OfferId, PersonId, ShareId, TailnetId, Timestamp};
use uuid::Uuid;

use super::{Subject, facts, renew};
use crate::store::Db;

/// What a kind of news is about.
const fn subject_of(kind: NoticeKind, object: Uuid) -> Option<Subject> {
    match kind {
        NoticeKind::EndsSoon | NoticeKind::LeftAlone | NoticeKind::NoAccountYet => {
            Some(Subject::Share(ShareId::new(object)))
        }
        NoticeKind::Declined | NoticeKind::Lapsed => Some(Subject::Offer(OfferId::new(object))),
        NoticeKind::Refused => Some(Subject::Ask(AskId::new(object))),
        NoticeKind::LendingAnswered => Some(Subject::Server(TailnetId::new(object))),
        NoticeKind::Untold => Some(Subject::Untold(PersonId::new(object))),
        NoticeKind::HandedOver => Some(Subject::Tailnet(TailnetId::new(object))),
        NoticeKind::OfferUntold => Some(Subject::OfferMail(OfferId::new(object))),
        _ => None,
    }
}

impl Db {
    /// Puts news aside for one person. False, and nothing is done, if there is no such news of theirs.
    pub async fn dismiss_notice(
        &self,
        person: PersonId,
        (kind, object, part): (NoticeKind, Uuid, &str),
        now: Timestamp,
    ) -> sqlx::Result<bool> {
        let put = "INSERT INTO dismissals (person_id, kind, object_id, part, tailnet_id, since)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (person_id, kind, object_id, part) DO UPDATE SET since = excluded.since";
        let Some(subject) = subject_of(kind, object).filter(|_| kind.is_news()) else { return Ok(false) };
        let mut tx = self.begin().await?;
        subject.lock(&mut tx).await?;
        let due = facts::work_out(&mut tx, subject, now).await?.notices;
        let theirs = due.iter().find(|due| {
            (due.person, due.kind.as_str(), due.part.as_str()) == (person, kind.as_str(), part)
                && due.opens <= now
        });
        let Some(notice) = theirs else {
            tx.rollback().await?;
            return Ok(false);
        };
        let values = (person, kind, object, part, notice.tailnet, notice.since);
        tx.query(put, values).execute().await?;
        renew(&mut tx, subject, now).await?;
        tx.commit().await?;
        Ok(true)
    }
}
