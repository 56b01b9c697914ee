//! What is to be told to somebody outside of the app. Written with whatever it tells of, in the same transaction; taken
//! from here by a job, as often as it takes.

use model::{Channel, HeardAs, HeardKind, NoticeKind, OfferId, PersonId, TailnetId, Timestamp};
use notices::{Notice, What, heard};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{Db, Json, Tx};
use crate::secrets::hash_token;

pub mod channels;
pub mod due;
pub mod settle;
pub(super) mod untold;

/// Whether mails can be sent at all, by configuration: kept with the rows, because their transactions have to know.
const MAIL: &str = "mail";

/// One thing that somebody may hear of.
pub(super) struct News<'a> {
    pub notice: &'a Notice,
    /// Which part of its thing, as stored.
    pub part: &'a str,
    pub tailnet: TailnetId,
    pub object: Uuid,
    /// Who told it is the friend of its share.
    pub is_friend: bool,
}

/// By every way that is set up and wanted; one statement, and no row where there is none. An offer to an address is sent
/// there with its link, and no second mail says that it was.
const TELL: &str =
    "INSERT INTO deliveries (id, channel, person_id, tailnet_id, kind, heard_as, notice, object_id, part, data, due, tries)
     SELECT $1, c.channel, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0 FROM (
        SELECT 'mail' AS channel FROM settings s WHERE s.name = 'mail' AND s.value = 'on'
            AND EXISTS (SELECT 1 FROM identities i WHERE i.person_id = $2 AND i.email IS NOT NULL)
            AND NOT ($6 = 'offer' AND EXISTS (SELECT 1 FROM offers o WHERE o.id = $7 AND o.to_email IS NOT NULL))
        UNION ALL SELECT w.channel FROM channels w WHERE w.person_id = $2) c
     WHERE COALESCE((SELECT CASE WHEN h.wanted THEN 1 ELSE 0 END FROM heard_choices h WHERE h.person_id = $2
            AND h.heard_as = $5 AND h.kind = $4 AND h.channel = c.channel),
        CASE c.channel WHEN 'mail' THEN $11 WHEN 'ntfy' THEN $12 ELSE $13 END) = 1
     ON CONFLICT (id, channel) DO NOTHING";

/// Writes down that somebody is to be told.
pub(super) async fn tell(tx: &mut Tx, news: &News<'_>, now: Timestamp) -> sqlx::Result<()> {
    let News { notice, part, tailnet, object, is_friend } = *news;
    let Some(kind) = heard::kind_of(&notice.what) else { return Ok(()) };
    let heard_as = heard::heard_as(&notice.what, is_friend);
    let by = |channel| heard::by_default(heard_as, kind, channel);
    let (Some(mail), Some(ntfy), Some(webhook)) =
        (by(Channel::Mail), by(Channel::Ntfy), by(Channel::Webhook))
    else {
        return Ok(());
    };
    let data = Json::write(&notice.what);
    let values = (
        id_of(news, &data),
        notice.person,
        tailnet,
        kind,
        heard_as,
        notice.what.kind(),
        object,
        part,
        &data,
        heard::due(notice, now),
        i64::from(mail),
        i64::from(ntfy),
        i64::from(webhook),
    );
    tx.query(TELL, values).execute().await.map(drop)
}

/// The same for the same news: who, of what, what of it, and since when.
fn id_of(news: &News<'_>, data: &str) -> Uuid {
    let notice = news.notice;
    let time = notice.since.max(notice.opens).micros();
    let mut hash = Sha256::new();
    for part in [notice.person.uuid().as_bytes(), news.object.as_bytes()] {
        hash.update(part);
    }
    hash.update(time.to_be_bytes());
    hash.update([news.part, "\0", data].concat());
    let digest = hash.finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// What was to be told later of a notice that is gone.
pub(super) async fn take_back(
    tx: &mut Tx,
    (person, kind, object, part): (PersonId, &str, Uuid, &str),
    now: Timestamp,
) -> sqlx::Result<()> {
    let sql = "DELETE FROM deliveries WHERE object_id = $1 AND person_id = $2 AND notice = $3 AND part = $4
         AND due > $5 AND tries = 0";
    tx.query(sql, (object, person, kind, part, now)).execute().await.map(drop)
}

/// How an address is looked up among those that want no mails: however it is written.
pub fn address_hash(address: &str) -> String {
    hash_token(&address.trim().to_lowercase())
}

/// The mail with the link of an offer.
#[derive(Clone, Debug)]
pub struct OfferMail {
    pub id: Uuid,
    pub address: String,
    /// The link's secret, sealed for this row.
    pub secret_sealed: String,
}

/// Writes down that an offer is to be sent to its address, unless nobody wants to be written to there. One that waits to be
/// sent has the link before, which leads nowhere any more: this one takes its place.
pub(super) async fn tell_offer(
    tx: &mut Tx,
    mail: &OfferMail,
    offer: OfferId,
    now: Timestamp,
) -> sqlx::Result<()> {
    let before = "DELETE FROM deliveries WHERE object_id = $1 AND to_address IS NOT NULL AND settled IS NULL";
    tx.query(before, (offer,)).execute().await?;
    let sql = "INSERT INTO deliveries (id, channel, person_id, tailnet_id, kind, heard_as, notice, object_id, part, data,
            to_address, secret_sealed, due, tries)
         SELECT $1, 'mail', o.made_by, n.tailnet_id, $2, $3, $4, o.id, '', $5, $6, $7, $8, 0
         FROM offers o JOIN services s ON s.id = o.service_id JOIN nodes n ON n.id = s.node_id
         WHERE o.id = $9 AND EXISTS (SELECT 1 FROM settings x WHERE x.name = 'mail' AND x.value = 'on')
            AND NOT EXISTS (SELECT 1 FROM unwritten_addresses u WHERE u.address_hash = $10)";
    let (kind, heard_as, notice) = (HeardKind::Offered, HeardAs::Friend, NoticeKind::Offer);
    let data = Json::write(&What::Offer);
    let values = (
        mail.id,
        kind,
        heard_as,
        notice,
        data,
        &mail.address,
        &mail.secret_sealed,
        now,
        offer,
        address_hash(&mail.address),
    );
    tx.query(sql, values).execute().await.map(drop)
}

impl Db {
    /// Says whether mails can be sent, by the configuration of whoever serves.
    pub async fn put_mail_on(&self, on: bool) -> sqlx::Result<()> {
        self.put_setting(MAIL, if on { "on" } else { "off" }).await
    }
}
