//! What the machines of shares told of the filters that they hold.

use model::host::ToldOfShare;
use model::{ShareId, Timestamp};

use super::decode::{Damaged, FromRow, Row};
use super::{Db, Tx};

mod told;

/// A share, and what was told of it.
struct OfShare(ToldOfShare);

impl FromRow for OfShare {
    const TABLE: &'static str = "proofs";
    const KEY: &'static [&'static str] = &["share_id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self(ToldOfShare { held: row.get("held")?, since: row.get("since")?, told: row.get("told")? }))
    }
}

/// Of the share `$1`.
pub(super) const OF_SHARE: &str = "SELECT share_id, held, since, told FROM proofs WHERE share_id = $1";

/// What stands in a row of [`OF_SHARE`]. It tells of something: one that cannot be read is none.
pub(super) async fn of(tx: &mut Tx, id: ShareId) -> sqlx::Result<Option<ToldOfShare>> {
    let found = tx.query(OF_SHARE, (id,)).fetch_listed::<OfShare>().await?;
    Ok(found.readable().pop().map(|OfShare(told)| told))
}

impl Db {
    /// What the machine of a share told of it last, as of now: what is said to have happened later than that did not.
    pub async fn find_proof(&self, id: ShareId, now: Timestamp) -> sqlx::Result<Option<ToldOfShare>> {
        let found = self.query(OF_SHARE, (id,)).fetch_listed::<OfShare>().await?;
        let told = found.readable().pop().map(|OfShare(told)| told);
        Ok(told.filter(|told| told.told.happened(now).is_some()))
    }
}
