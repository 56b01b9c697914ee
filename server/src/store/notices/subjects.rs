//! What notices are about.

use model::ids::ExposureId;
use model::{AskId, NodeId, NoticeKind, OfferId, PersonId, ServiceId, ShareId, TailnetId};
use uuid::Uuid;

use crate::store::{Tx, Values, outbox};

/// One thing of which notices are made together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// Before what hangs on it, as rows are held elsewhere.
    Tailnet(TailnetId),
    Credentials(TailnetId),
    Unmanaged(TailnetId),
    Server(TailnetId),
    Host(NodeId),
    Service(ServiceId),
    Offer(OfferId),
    Share(ShareId),
    Exposure(ExposureId),
    /// After the offers and shares that answer it.
    Ask(AskId),
    /// What somebody could not be told outside of the app.
    Untold(PersonId),
    /// The link of an offer that did not arrive at its address.
    OfferMail(OfferId),
}

impl Subject {
    pub(super) const fn object(self) -> Uuid {
        match self {
            Self::Tailnet(id) | Self::Credentials(id) | Self::Unmanaged(id) | Self::Server(id) => id.uuid(),
            Self::Host(id) => id.uuid(),
            Self::Service(id) => id.uuid(),
            Self::Offer(id) | Self::OfferMail(id) => id.uuid(),
            Self::Share(id) => id.uuid(),
            Self::Exposure(id) => id.uuid(),
            Self::Ask(id) => id.uuid(),
            Self::Untold(id) => id.uuid(),
        }
    }

    pub(super) const fn kinds(self) -> &'static [NoticeKind] {
        match self {
            Self::Tailnet(_) => &[NoticeKind::Away, NoticeKind::Policy, NoticeKind::HandedOver],
            Self::Credentials(_) => &[NoticeKind::Credential],
            Self::Unmanaged(_) => &[NoticeKind::Unmanaged],
            Self::Server(_) => &[NoticeKind::AskedToLend, NoticeKind::NameClash, NoticeKind::LendingAnswered],
            Self::Host(_) => &[NoticeKind::Host, NoticeKind::HostText],
            Self::Service(_) => &[NoticeKind::PortsChanged],
            Self::Offer(_) => &[NoticeKind::Offer, NoticeKind::Declined, NoticeKind::Lapsed],
            Self::Exposure(_) => &[NoticeKind::Exposure],
            Self::Ask(_) => &[NoticeKind::Asked, NoticeKind::Refused],
            Self::Untold(_) => &[NoticeKind::Untold],
            Self::OfferMail(_) => &[NoticeKind::OfferUntold],
            Self::Share(_) => &[
                NoticeKind::Review,
                NoticeKind::Account,
                NoticeKind::NoAccountYet,
                NoticeKind::Longer,
                NoticeKind::Attention,
                NoticeKind::NotEnded,
                NoticeKind::OpenInvite,
                NoticeKind::EndsSoon,
                NoticeKind::Unreadable,
                NoticeKind::LeftAlone,
                NoticeKind::ToldOtherwise,
                NoticeKind::AccountCame,
            ],
        }
    }

    /// Nobody else makes notices of it until the transaction ends: of two who change it at once the later one sees what
    /// the other did.
    pub(in crate::store) async fn lock(self, tx: &mut Tx) -> sqlx::Result<()> {
        let sql = match self {
            Self::Tailnet(_) | Self::Credentials(_) | Self::Unmanaged(_) | Self::Server(_) => {
                "UPDATE tailnets SET id = id WHERE id = $1"
            }
            Self::Host(_) => "UPDATE nodes SET id = id WHERE id = $1",
            Self::Service(_) => "UPDATE services SET id = id WHERE id = $1",
            Self::Untold(_) => "UPDATE people SET name = name WHERE id = $1",
            Self::Offer(_) | Self::OfferMail(_) => "UPDATE offers SET id = id WHERE id = $1",
            Self::Exposure(_) => "UPDATE exposures SET id = id WHERE id = $1",
            Self::Ask(_) => "UPDATE service_asks SET id = id WHERE id = $1",
            Self::Share(_) => "UPDATE shares SET id = id WHERE id = $1",
        };
        tx.query(sql, (self.object(),)).execute().await.map(drop)
    }
}

async fn ids<T>(
    tx: &mut Tx,
    sql: &'static str,
    values: impl Values<'_>,
    subject: fn(model::Id<T>) -> Subject,
) -> sqlx::Result<Vec<Subject>>
where
    model::Id<T>: crate::store::decode::Column,
{
    let ids: Vec<model::Id<T>> = tx.query(sql, values).fetch_column().await?;
    Ok(ids.into_iter().map(subject).collect())
}

/// What is told of a tailnet itself.
const fn of_itself(id: TailnetId) -> [Subject; 4] {
    [Subject::Tailnet(id), Subject::Credentials(id), Subject::Unmanaged(id), Subject::Server(id)]
}

/// Everything of which its owner and stewards are told.
pub async fn of_tailnet(tx: &mut Tx, id: TailnetId) -> sqlx::Result<Vec<Subject>> {
    let mut all = of_itself(id).to_vec();
    all.extend(hosts_of_tailnet(tx, id).await?);
    let changed = "SELECT s.id FROM services s JOIN nodes n ON n.id = s.node_id
         WHERE n.tailnet_id = $1 AND s.ports_changed";
    all.extend(ids(tx, changed, (id,), Subject::Service).await?);
    // What became of an offer is told to whoever made it as long as they act for the tailnet.
    let of_stewards =
        "SELECT o.id FROM offers o JOIN services s ON s.id = o.service_id JOIN nodes n ON n.id = s.node_id
         JOIN tailnets t ON t.id = n.tailnet_id WHERE t.id = $1 AND o.made_by <> t.owner_id";
    all.extend(ids(tx, of_stewards, (id,), Subject::Offer).await?);
    all.extend(open_shares_of(tx, id).await?);
    // Of one that is over its machine may tell that it is let in still.
    let told = "SELECT h.id FROM shares h JOIN proofs p ON p.share_id = h.id
         WHERE h.tailnet_id = $1 AND h.state = 'ended'";
    all.extend(ids(tx, told, (id,), Subject::Share).await?);
    let exposures = "SELECT id FROM exposures WHERE tailnet_id = $1";
    all.extend(ids(tx, exposures, (id,), Subject::Exposure).await?);
    all.extend(asks_of_tailnet(tx, id).await?);
    Ok(all)
}

/// What is asked for in a tailnet, and what became of it.
pub async fn asks_of_tailnet(tx: &mut Tx, id: TailnetId) -> sqlx::Result<Vec<Subject>> {
    let asks = "SELECT q.id FROM service_asks q JOIN services s ON s.id = q.service_id
         JOIN nodes n ON n.id = s.node_id WHERE n.tailnet_id = $1";
    ids(tx, asks, (id,), Subject::Ask).await
}

/// The same of a machine.
pub async fn asks_of_node(tx: &mut Tx, node: NodeId) -> sqlx::Result<Vec<Subject>> {
    let asks = "SELECT q.id FROM service_asks q JOIN services s ON s.id = q.service_id WHERE s.node_id = $1";
    ids(tx, asks, (node,), Subject::Ask).await
}

/// The same of a service.
pub async fn asks_of_service(tx: &mut Tx, service: ServiceId) -> sqlx::Result<Vec<Subject>> {
    let asks = "SELECT id FROM service_asks WHERE service_id = $1";
    ids(tx, asks, (service,), Subject::Ask).await
}

/// Shares of a tailnet that are not over.
pub async fn open_shares_of(tx: &mut Tx, id: TailnetId) -> sqlx::Result<Vec<Subject>> {
    let shares = "SELECT id FROM shares WHERE tailnet_id = $1 AND state <> 'ended'";
    ids(tx, shares, (id,), Subject::Share).await
}

/// Shares of which the friend signs in on the server, and of which nobody said yes since.
pub async fn shares_waiting_for_accounts(tx: &mut Tx, id: TailnetId) -> sqlx::Result<Vec<Subject>> {
    let shares =
        "SELECT h.id FROM shares h JOIN guests g ON g.tailnet_id = h.tailnet_id AND g.person_id = h.friend_id
         WHERE h.tailnet_id = $1 AND h.state <> 'ended' AND g.way = 'sign_in'";
    ids(tx, shares, (id,), Subject::Share).await
}

/// Machines that are there and of whose hosts something is known.
pub async fn hosts_of_tailnet(tx: &mut Tx, id: TailnetId) -> sqlx::Result<Vec<Subject>> {
    let hosts = "SELECT n.id FROM hosts h JOIN nodes n ON n.id = h.node_id
         WHERE n.tailnet_id = $1 AND n.gone IS NULL";
    ids(tx, hosts, (id,), Subject::Host).await
}

/// Shares that somebody gives.
pub async fn shares_given_by(tx: &mut Tx, person: PersonId) -> sqlx::Result<Vec<Subject>> {
    let shares = "SELECT id FROM shares WHERE owner_id = $1 AND state <> 'ended'";
    ids(tx, shares, (person,), Subject::Share).await
}

/// Offers of a service.
pub async fn offers_of_service(tx: &mut Tx, service: ServiceId) -> sqlx::Result<Vec<Subject>> {
    let offers = "SELECT id FROM offers WHERE service_id = $1";
    ids(tx, offers, (service,), Subject::Offer).await
}

/// Offers to an address that are not taken back.
pub async fn offers_to(tx: &mut Tx, email: &str) -> sqlx::Result<Vec<Subject>> {
    let offers = "SELECT id FROM offers WHERE lower(to_email) = lower($1) AND withdrawn IS NULL";
    ids(tx, offers, (email,), Subject::Offer).await
}

/// Everything.
pub(super) async fn everything(tx: &mut Tx) -> sqlx::Result<Vec<Subject>> {
    let tailnets: Vec<TailnetId> = tx.query("SELECT id FROM tailnets", ()).fetch_column().await?;
    let tailnets = tailnets.into_iter();
    let mut all: Vec<Subject> = tailnets.flat_map(of_itself).collect();
    all.extend(ids(tx, "SELECT node_id FROM hosts", (), Subject::Host).await?);
    all.extend(ids(tx, "SELECT id FROM services WHERE ports_changed", (), Subject::Service).await?);
    all.extend(ids(tx, "SELECT id FROM offers", (), Subject::Offer).await?);
    all.extend(ids(tx, "SELECT id FROM shares", (), Subject::Share).await?);
    all.extend(ids(tx, "SELECT id FROM exposures", (), Subject::Exposure).await?);
    all.extend(ids(tx, "SELECT id FROM service_asks", (), Subject::Ask).await?);
    let (people, offers) = outbox::untold::all(tx).await?;
    all.extend(people.into_iter().map(Subject::Untold));
    all.extend(offers.into_iter().map(Subject::OfferMail));
    Ok(all)
}
