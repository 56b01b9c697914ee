//! With what the control plane of a tailnet is asked: sealed.

use control_plane::{CredentialKind, CredentialReport};
use model::{PersonId, TailnetId, Timestamp};

use super::{asked, causes};
use crate::store::decode::{Damaged, FromRow, Listed, Row};
use crate::store::notices::{self, Subject};
use crate::store::{Db, Json, Tx, audit};

/// One of the two credentials of a tailnet.
#[derive(Clone, Debug)]
pub struct Credential {
    pub kind: CredentialKind,
    pub sealed: String,
    pub hint: String,
    /// What the control plane said of it when it was last good.
    pub report: Option<CredentialReport>,
    pub refused: Option<String>,
    pub checked: Timestamp,
    pub expires: Option<Timestamp>,
}

/// One that was refused or ends soon.
#[derive(Clone, Debug)]
pub struct Failing {
    pub tailnet: TailnetId,
    pub tailnet_name: String,
    pub credential: Credential,
}

const KINDS: [CredentialKind; 3] =
    [CredentialKind::Client, CredentialKind::UserToken, CredentialKind::ApiKey];

/// As stored in `credentials.kind`.
pub const fn kind_name(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::Client => "oauth_client",
        CredentialKind::UserToken => "user_token",
        CredentialKind::ApiKey => "api_key",
    }
}

/// The parts of notices about its end, as they come: the name, and how many days before.
pub const fn kind_parts(kind: CredentialKind) -> [&'static str; 3] {
    match kind {
        CredentialKind::Client => ["oauth_client", "oauth_client/7", "oauth_client/1"],
        CredentialKind::UserToken => ["user_token", "user_token/7", "user_token/1"],
        CredentialKind::ApiKey => ["api_key", "api_key/7", "api_key/1"],
    }
}

/// What [`kind_name`] says, or a part of it.
pub fn kind_of(name: &str) -> Option<CredentialKind> {
    let name = name.split('/').next().unwrap_or_default();
    KINDS.into_iter().find(|kind| kind_name(*kind) == name)
}

impl FromRow for Credential {
    const TABLE: &'static str = "credentials";
    const KEY: &'static [&'static str] = &["tailnet_id", "kind"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self {
            kind: row.word("kind", KINDS, kind_name)?,
            sealed: row.get("secret_sealed")?,
            hint: row.get("hint")?,
            // What cannot be read is asked for again.
            report: row.json("facts").ok(),
            refused: row.get("refused")?,
            checked: row.get("checked")?,
            expires: row.get("expires")?,
        })
    }
}

impl FromRow for Failing {
    const TABLE: &'static str = Credential::TABLE;
    const KEY: &'static [&'static str] = Credential::KEY;

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self { tailnet: row.get("tailnet_id")?, tailnet_name: row.get("name")?, credential: row.part()? })
    }
}

macro_rules! credentials {
    ($rest:expr) => {
        concat!(
            "SELECT c.tailnet_id, c.kind, c.secret_sealed, c.hint, c.facts, c.refused, c.checked, c.expires, t.name
             FROM credentials c JOIN tailnets t ON t.id = c.tailnet_id WHERE ",
            $rest
        )
    };
}

/// All of the tailnet `$1`.
pub(in crate::store) const CREDENTIALS: &str = credentials!("c.tailnet_id = $1 ORDER BY c.kind");

/// Puts it in the place of the one that was there.
pub(in crate::store) async fn put(
    tx: &mut Tx,
    tailnet: TailnetId,
    credential: &Credential,
) -> sqlx::Result<()> {
    let Credential { kind, sealed, hint, report, refused, checked, expires } = credential;
    tx.query(
        "INSERT INTO credentials (tailnet_id, kind, secret_sealed, hint, facts, refused, checked, expires)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (tailnet_id, kind) DO UPDATE SET secret_sealed = excluded.secret_sealed,
            hint = excluded.hint, facts = excluded.facts, refused = excluded.refused,
            checked = excluded.checked, expires = excluded.expires",
        (tailnet, kind_name(*kind), sealed, hint, Json::write(report), refused, checked, expires),
    )
    .execute()
    .await
    .map(drop)
}

impl Db {
    pub async fn list_credentials(&self, tailnet: TailnetId) -> sqlx::Result<Listed<Credential>> {
        self.query(CREDENTIALS, (tailnet,)).fetch_listed().await
    }

    /// Credentials of their tailnets that were refused or end until `soon`.
    pub async fn list_failing_credentials(
        &self,
        person: PersonId,
        soon: Timestamp,
    ) -> sqlx::Result<Vec<Failing>> {
        let sql = credentials!(concat!(
            "(c.refused IS NOT NULL OR c.expires <= $2) AND ",
            mine!(),
            " ORDER BY t.name, t.id, c.kind"
        ));
        self.query(sql, (person, soon)).fetch_listed().await.map(Listed::readable)
    }

    /// Puts what was learned about a credential in its place. Of one that was taken away or replaced while it was asked about,
    /// nothing is kept: it would come back.
    pub async fn put_credential(&self, tailnet: TailnetId, credential: &Credential) -> sqlx::Result<()> {
        let mut tx = self.begin().await?;
        let subject = Subject::Credentials(tailnet);
        // Before the credential, as where a tailnet is taken away: the two do not wait for each other.
        subject.lock(&mut tx).await?;
        let stands =
            "SELECT COUNT(*) FROM credentials WHERE tailnet_id = $1 AND kind = $2 AND secret_sealed = $3";
        let values = (tailnet, kind_name(credential.kind), &credential.sealed);
        if tx.query(stands, values).count().await? == 0 {
            return tx.rollback().await;
        }
        let before = causes::of(&mut tx, tailnet).await?;
        put(&mut tx, tailnet, credential).await?;
        notices::renew(&mut tx, subject, credential.checked).await?;
        asked::tell(&mut tx, tailnet, before.as_ref(), credential.checked).await?;
        tx.commit().await
    }

    /// Puts a credential that its owner gave in the place of the one that was there. False, and nothing is stored, if it is
    /// somebody else's tailnet by now: a token is the login of whoever gave it.
    pub async fn replace_credential(
        &self,
        tailnet: TailnetId,
        credential: &Credential,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<bool> {
        let mut tx = self.begin().await?;
        Subject::Credentials(tailnet).lock(&mut tx).await?;
        let theirs = "SELECT COUNT(*) FROM tailnets WHERE id = $1 AND owner_id = $2";
        if tx.query(theirs, (tailnet, entry.owner)).count().await? == 0 {
            tx.rollback().await?;
            return Ok(false);
        }
        let before = causes::of(&mut tx, tailnet).await?;
        put(&mut tx, tailnet, credential).await?;
        // One of which nobody knows what it is gives way to the one that can be read.
        let unknown = "DELETE FROM credentials WHERE tailnet_id = $1 AND kind NOT IN ($2, $3, $4)";
        let [client, token, key] = KINDS.map(kind_name);
        tx.query(unknown, (tailnet, client, token, key)).execute().await?;
        notices::renew(&mut tx, Subject::Credentials(tailnet), entry.at).await?;
        asked::tell(&mut tx, tailnet, before.as_ref(), entry.at).await?;
        audit::insert(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(true)
    }

    pub async fn delete_credential(
        &self,
        tailnet: TailnetId,
        kind: CredentialKind,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<()> {
        let delete = "DELETE FROM credentials WHERE tailnet_id = $1 AND kind = $2";
        let mut tx = self.begin().await?;
        Subject::Credentials(tailnet).lock(&mut tx).await?;
        let before = causes::of(&mut tx, tailnet).await?;
        if tx.query(delete, (tailnet, kind_name(kind))).execute().await? == 1 {
            notices::renew(&mut tx, Subject::Credentials(tailnet), entry.at).await?;
            asked::tell(&mut tx, tailnet, before.as_ref(), entry.at).await?;
            audit::insert(&mut tx, entry).await?;
        }
        tx.commit().await
    }
}
