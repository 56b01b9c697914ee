//! A tailnet goes from its owner to one of its stewards, with all that follows its owner.

use control_plane::CredentialKind;
use model::ids::AuditId;
use model::{PersonId, TailnetId, Timestamp};

use super::credentials::kind_name;
use crate::store::audit::{self, NewEntry};
use crate::store::lenders::given_as_owner;
use crate::store::open_offers::{declined, open_offer};
use crate::store::withdrawing::{Why, withdraw};
use crate::store::{Db, Tx, notices, people};

mod asked;

/// Who hands what over to whom.
#[derive(Clone, Debug)]
pub struct Handover {
    pub tailnet: TailnetId,
    pub from: PersonId,
    pub to: PersonId,
    /// Whether whoever hands it over is a steward of it from then on.
    pub stays: bool,
    /// Tailnets that one person may have.
    pub most: u32,
    pub entry: NewEntry,
}

/// Why a tailnet stays with its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotHanded {
    /// It is not theirs any more, or the other one no steward of it.
    Unknown,
    /// One of the two may not come in.
    ShutOut,
    /// The other one has as many as there may be.
    Full,
    /// They have connected the same one.
    Already,
    /// They are the friend of shares that would be theirs to give: the service and machine of some of them.
    Receives(Vec<(String, String)>),
}

/// Of the tailnet `$1` what `$2` gave as its owner is given by `$3`, also what is over. What they lend as an account of the server
/// stays theirs. Whoever works on one of them reads it again, and writes down what they did for the new owner.
const SHARES: &str = concat!(
    "UPDATE shares SET owner_id = $3, version = version + 1 WHERE tailnet_id = $1 AND ",
    given_as_owner!("shares", "$2")
);

/// Its jobs wait for those of the new owner.
const JOBS: &str = "UPDATE jobs SET owner_id = $3 WHERE owner_id = $2 AND $1 = CASE kind
        WHEN 'sync' THEN subject
        WHEN 'share' THEN (SELECT h.tailnet_id FROM shares h WHERE h.id = jobs.subject)
        WHEN 'edit' THEN (SELECT e.tailnet_id FROM edits e WHERE e.id = jobs.subject)
        WHEN 'joining' THEN (SELECT j.tailnet_id FROM joinings j WHERE j.id = jobs.subject) END";

/// What happened there is the new owner's to read, but for what the former one goes on lending.
const TRAIL: &str = "UPDATE audit SET owner_id = $3 WHERE tailnet_id = $1 AND owner_id = $2
     AND NOT EXISTS (SELECT 1 FROM shares h WHERE h.id = audit.share_id AND h.owner_id = $2)";

/// Offers `o` to the person `$2` in the tailnet `$3` that can still be answered at `$1`; but what others lend there stays theirs to
/// offer.
macro_rules! offers_to_them {
    ($what:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $what,
            " FROM offers o JOIN services s ON s.id = o.service_id JOIN nodes n ON n.id = s.node_id
             JOIN tailnets t ON t.id = n.tailnet_id
             WHERE t.id = $3 AND (o.to_person = $2 OR lower(o.to_email) IN (
                SELECT lower(i.email) FROM identities i WHERE i.person_id = $2 AND i.email IS NOT NULL))
             AND NOT EXISTS (SELECT 1 FROM members lm JOIN people lp ON lp.id = lm.person_id
                WHERE lm.tailnet_id = t.id AND lm.account_id = COALESCE(n.account_id, n.given_to)
                    AND lm.person_id <> $2 AND lp.standing = 'here') AND ",
            open_offer!(),
            $rest
        )
    };
}
use offers_to_them;

/// To whom it was handed over the last time, who owns it since, and when.
pub(in crate::store) async fn handed_over(
    tx: &mut Tx,
    tailnet: TailnetId,
) -> sqlx::Result<Option<(PersonId, Timestamp)>> {
    let sql = "SELECT owner_id, handed FROM tailnets WHERE id = $1 AND handed IS NOT NULL";
    tx.query(sql, (tailnet,)).fetch_optional().await
}

/// Why not, but for who the two are; that stays so as long as the rows of both and of the tailnet are held.
async fn hindrance(
    tx: &mut Tx,
    (tailnet, to): (TailnetId, PersonId),
    most: u32,
) -> sqlx::Result<Option<NotHanded>> {
    let here = "SELECT COUNT(*) FROM people WHERE id = $1 AND standing = 'here'";
    let count = "SELECT COUNT(*) FROM tailnets WHERE owner_id = $1";
    // As where one is connected: the same client on the same control plane.
    let same = "SELECT COUNT(*) FROM tailnets o JOIN credentials d ON d.tailnet_id = o.id
         JOIN tailnets t ON t.base_url = o.base_url JOIN credentials c ON c.tailnet_id = t.id
         WHERE t.id = $1 AND o.owner_id = $2 AND o.id <> t.id AND c.kind = $3 AND d.kind = c.kind
            AND d.hint = c.hint";
    // What somebody lends to them on a server goes on as it is: that person stays its owner.
    let receives = concat!(
        "SELECT s.name, n.name FROM shares h JOIN services s ON s.id = h.service_id JOIN nodes n ON n.id = h.node_id
         JOIN tailnets t ON t.id = h.tailnet_id
         WHERE h.tailnet_id = $1 AND h.friend_id = $2 AND h.state <> 'ended' AND ",
        given_as_owner!("h", "t.owner_id"),
        " ORDER BY h.id DESC LIMIT 10"
    );
    if tx.query(here, (to,)).count().await? == 0 {
        return Ok(Some(NotHanded::ShutOut));
    }
    if tx.query(count, (to,)).count().await? >= i64::from(most) {
        return Ok(Some(NotHanded::Full));
    }
    if tx.query(same, (tailnet, to, kind_name(CredentialKind::Client))).count().await? > 0 {
        return Ok(Some(NotHanded::Already));
    }
    let receives: Vec<(String, String)> = tx.query(receives, (tailnet, to)).fetch_all().await?;
    Ok((!receives.is_empty()).then_some(NotHanded::Receives(receives)))
}

/// Holds everything that is decided about, or says why it stays with its owner.
async fn held(tx: &mut Tx, deed: &Handover) -> sqlx::Result<Result<(), NotHanded>> {
    let Handover { tailnet, from, to, most, .. } = deed;
    // People come before what they have, as where an offer is accepted.
    let here = people::are_both_here(tx, *from, *to).await?;
    // Before the tailnet, as where a stewardship is taken: the two do not wait for each other.
    let steward = "DELETE FROM stewards WHERE tailnet_id = $1 AND person_id = $2";
    let steward = tx.query(steward, (tailnet, to)).execute().await? == 1;
    // Of two at once the second one finds that it is somebody else's.
    let theirs = "UPDATE tailnets SET id = id WHERE id = $1 AND owner_id = $2";
    let theirs = tx.query(theirs, (tailnet, from)).execute().await? == 1;
    Ok(match (here, steward && theirs) {
        (_, false) => Err(NotHanded::Unknown),
        (false, true) => Err(NotHanded::ShutOut),
        (true, true) => hindrance(tx, (*tailnet, *to), *most).await?.map_or(Ok(()), Err),
    })
}

impl Db {
    /// The steward is the owner from then on, in one transaction with all that follows. The token of the former owner goes: it
    /// is their own login. Offers to the new owner are withdrawn, each with its entry.
    ///
    /// # Errors
    /// When the store fails; then nothing was done.
    pub async fn hand_over(
        &self,
        deed: &Handover,
        new_id: &(dyn Fn() -> AuditId + Send + Sync),
    ) -> sqlx::Result<Result<(), NotHanded>> {
        let Handover { tailnet, from, to, stays, entry, .. } = deed;
        let mut tx = self.begin().await?;
        if let Err(why) = held(&mut tx, deed).await? {
            tx.rollback().await?;
            return Ok(Err(why));
        }
        // Machines before their shares, as everybody takes them.
        let mut all = notices::of_tailnet(&mut tx, *tailnet).await?;
        all.sort_unstable();
        for subject in all {
            subject.lock(&mut tx).await?;
        }
        let owner =
            "UPDATE tailnets SET owner_id = $3, handed_by = $2, handed = $4 WHERE id = $1 AND owner_id = $2";
        tx.query(owner, (tailnet, from, to, entry.at)).execute().await?;
        for follows in [SHARES, JOBS, TRAIL] {
            tx.query(follows, (tailnet, from, to)).execute().await?;
        }
        if *stays {
            let stay = "INSERT INTO stewards (tailnet_id, person_id) VALUES ($1, $2)
                 ON CONFLICT (tailnet_id, person_id) DO NOTHING";
            tx.query(stay, (tailnet, from)).execute().await?;
        }
        let login = "DELETE FROM credentials WHERE tailnet_id = $1 AND kind = $2";
        tx.query(login, (tailnet, kind_name(CredentialKind::UserToken))).execute().await?;
        // Nobody is offered what is theirs.
        let open = offers_to_them!("o.id, s.name, t.id, t.owner_id", " ORDER BY o.id");
        withdraw(&mut tx, (open, (entry.at, to, tailnet)), Why::Theirs, entry, new_id).await?;
        let all = notices::of_tailnet(&mut tx, *tailnet).await?;
        notices::renew_all(&mut tx, all, entry.at).await?;
        audit::insert(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(Ok(()))
    }
}
