//! Whom somebody has met: whom they may name, and who is named to them.

use model::PersonId;

use super::Person;
use crate::store::Db;
use crate::store::given_circles::givers_circle;
use crate::store::services::visible;

/// Whom the person `$1` has met, as ids: whoever may act for the same tailnet or audits it, lends on it or asked to, is in a circle of theirs, is the other side of a share, of an offer
/// or of its answer, whoever asked for something of theirs, and of a listing that is shown to one of the two by name or that `$1` sees. Nobody else of the
/// instance is named to them. What a control plane says of logins does not count: it would tell who is here.
macro_rules! met {
    () => {
        concat!(
            "SELECT m.id FROM (
                WITH mine (tailnet, owner) AS (
                    SELECT t.id, t.owner_id FROM tailnets t WHERE t.owner_id = $1
                    UNION SELECT t.id, t.owner_id FROM tailnets t JOIN stewards w ON w.tailnet_id = t.id
                        WHERE w.person_id = $1),
                given (service) AS (
                    SELECT s.id FROM services s JOIN nodes n ON n.id = s.node_id JOIN mine ON mine.tailnet = n.tailnet_id),
                got (offer) AS (
                    SELECT o.id FROM offers o WHERE o.to_person = $1
                    UNION SELECT d.offer_id FROM declines d WHERE d.person_id = $1
                    UNION SELECT a.offer_id FROM arrivals a WHERE a.person_id = $1
                    UNION SELECT x.offer_id FROM shares x WHERE x.friend_id = $1)
                SELECT mine.owner AS id FROM mine
                UNION SELECT w.person_id FROM stewards w JOIN mine ON mine.tailnet = w.tailnet_id
                UNION SELECT u.person_id FROM auditors u JOIN mine ON mine.tailnet = u.tailnet_id
                UNION SELECT t.owner_id FROM tailnets t JOIN auditors u ON u.tailnet_id = t.id WHERE u.person_id = $1
                UNION SELECT m.person_id FROM members m JOIN mine ON mine.tailnet = m.tailnet_id
                UNION SELECT a.person_id FROM asks a JOIN mine ON mine.tailnet = a.tailnet_id
                UNION SELECT t.owner_id FROM tailnets t JOIN members m ON m.tailnet_id = t.id WHERE m.person_id = $1
                UNION SELECT x.friend_id FROM shares x WHERE x.owner_id = $1
                UNION SELECT o.to_person FROM offers o WHERE o.made_by = $1
                UNION SELECT x.friend_id FROM shares x JOIN mine ON mine.tailnet = x.tailnet_id
                UNION SELECT o.to_person FROM offers o JOIN given ON given.service = o.service_id
                UNION SELECT d.person_id FROM declines d JOIN offers o ON o.id = d.offer_id
                    JOIN given ON given.service = o.service_id
                UNION SELECT a.person_id FROM audience a JOIN given ON given.service = a.service_id
                UNION SELECT cm.person_id FROM circle_people cm JOIN circles c ON c.id = cm.circle_id WHERE c.owner_id = $1
                UNION SELECT q.person_id FROM service_asks q JOIN given ON given.service = q.service_id
                UNION SELECT q.person_id FROM service_asks q JOIN services s ON s.id = q.service_id JOIN nodes n ON n.id = s.node_id
                    JOIN members m ON m.tailnet_id = n.tailnet_id AND m.person_id = $1
                        AND m.account_id = COALESCE(n.account_id, n.given_to)
                UNION SELECT x.owner_id FROM shares x WHERE x.friend_id = $1
                UNION SELECT o.made_by FROM offers o JOIN got ON got.offer = o.id
                UNION SELECT t.owner_id FROM offers o JOIN got ON got.offer = o.id JOIN services s ON s.id = o.service_id
                    JOIN nodes n ON n.id = s.node_id JOIN tailnets t ON t.id = n.tailnet_id
                UNION SELECT t.owner_id FROM services s JOIN nodes n ON n.id = s.node_id
                    JOIN tailnets t ON t.id = n.tailnet_id WHERE s.removed IS NULL AND (",
            visible!(),
            ")) AS m WHERE m.id IS NOT NULL AND m.id <> $1"
        )
    };
}

impl Db {
    /// Whom somebody has met, by name: whom lists and selects offer them. Who is blocked or removed is not offered.
    pub async fn list_met(&self, viewer: PersonId) -> sqlx::Result<Vec<Person>> {
        let sql = people!(concat!("WHERE standing = 'here' AND id IN (", met!(), ") ORDER BY name, id"));
        self.query(sql, (viewer,)).fetch_all().await
    }

    /// One of [`Self::list_met`]: whom a form may name. Whoever was not met is not there, as whoever does not exist.
    pub async fn find_met(&self, viewer: PersonId, id: PersonId) -> sqlx::Result<Option<Person>> {
        let sql = people!(concat!("WHERE standing = 'here' AND id = $2 AND id IN (", met!(), ")"));
        self.query(sql, (viewer, id)).fetch_optional().await
    }

    /// All whom somebody has met and they themselves, each with the name that a provider has for them.
    pub async fn list_known(
        &self,
        viewer: PersonId,
    ) -> sqlx::Result<Vec<(PersonId, String, Option<String>)>> {
        let sql = concat!(
            "SELECT id, name, (SELECT MIN(i.label) FROM identities i WHERE i.person_id = people.id)
             FROM people WHERE id = $1 OR id IN (",
            met!(),
            ")"
        );
        self.query(sql, (viewer,)).fetch_all().await
    }

    /// Who has a namesake here, of those whom somebody has met and of themselves, each with the name that a provider has
    /// for them. Mostly there is nobody, and then it is not asked whom they have met: it is asked for every page.
    pub async fn list_namesakes(
        &self,
        viewer: PersonId,
    ) -> sqlx::Result<Vec<(PersonId, String, Option<String>)>> {
        let sql = concat!(
            "SELECT id, name, (SELECT MIN(i.label) FROM identities i WHERE i.person_id = people.id) FROM people
             WHERE (look IN (SELECT look FROM people GROUP BY look HAVING COUNT(*) > 1)
                 OR small_look IN (SELECT small_look FROM people GROUP BY small_look HAVING COUNT(*) > 1))
             AND (id = $1 OR id IN (",
            met!(),
            "))"
        );
        self.query(sql, (viewer,)).fetch_all().await
    }
}
