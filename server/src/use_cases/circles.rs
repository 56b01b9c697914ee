//! Circles: named groups of people of the viewer, whom nobody else sees.

use app::fault::Fault;
use app::ports::circles::{Approved, CircleCard, CircleView, Circles, Leaver, LeavingView};
use async_trait::async_trait;
use model::{CircleId, Name, ServiceKind, ShareId};

use super::Asker;
use crate::failure::OrInternal as _;
use crate::store::circles::{Added, Beforehand, Circle};
use crate::trail;
use crate::words;

mod leaving;

/// The longest that a share may be approved for beforehand, in days.
const LONGEST: i64 = 365;

#[async_trait]
impl Circles for Asker {
    async fn list(&self) -> Result<Vec<CircleCard>, Fault> {
        Ok(self.own_circles().await?.into_iter().map(card).collect())
    }

    async fn get(&self, id: CircleId) -> Result<CircleView, Fault> {
        let circle = self.own_circle(id).await?;
        let db = &self.state.db;
        let people = db.list_circle_people(id).await.or_internal("list who is in the circle")?;
        let people = self.options(people).await?;
        let mut others = self.met().await?;
        others.retain(|other| people.iter().all(|one| one.id != other.id));
        let approved = db.list_beforehand(id).await.or_internal("list what was approved")?;
        let approved = approved.into_iter().map(|one| Approved {
            kind: one.kind,
            days: u32::try_from(one.days).unwrap_or(0),
            since: one.since,
        });
        Ok(CircleView {
            id,
            name: circle.name,
            people,
            others,
            services: db.list_services_of_circle(id).await.or_internal("list what is shown to it")?,
            approved: approved.collect(),
        })
    }

    async fn create(&self, name: String) -> Result<CircleId, Fault> {
        let me = self.person().await?;
        let name: Name = name.parse().map_err(|error| Fault::field("name", error))?;
        let circle = Circle { id: self.state.new_id(), owner: me.id, name: name.to_string(), people: 0 };
        let entry = trail::by_themselves(&me).says(words::circle::made(name.as_str())).at(&self.state);
        let most = self.state.config.limits.circles_per_person;
        let stored = self.state.db.insert_circle(&circle, most, &entry).await;
        if stored.or_internal("store the circle")? {
            return Ok(circle.id);
        }
        Err(words::circle::too_many(most))
    }

    async fn rename(&self, id: CircleId, name: String) -> Result<(), Fault> {
        let (circle, me) = (self.own_circle(id).await?, self.person().await?);
        let name: Name = name.parse().map_err(|error| Fault::field("name", error))?;
        let entry = trail::by_themselves(&me).says(words::circle::renamed(&circle.name));
        let entry = entry.before(circle.name).after(name.to_string()).at(&self.state);
        self.state.db.rename_circle(id, name.as_str(), &entry).await.or_internal("rename the circle")
    }

    async fn add(&self, id: CircleId, person: String) -> Result<String, Fault> {
        let (circle, me) = (self.own_circle(id).await?, self.person().await?);
        let Some(person) = self.named(&person).await? else {
            return Err(Fault::field("person", words::person::CHOOSE_A_PERSON));
        };
        let what = words::circle::put_in(&person.name, &circle.name);
        let entry = trail::by_themselves(&me).says(what).at(&self.state);
        let most = self.state.config.limits.people_per_circle;
        let added = self.state.db.add_to_circle(id, person.id, most, &entry).await;
        match added.or_internal("put them into the circle")? {
            Added::In => self.called(person.id, person.name).await,
            Added::Full => Err(words::circle::is_full(most)),
            Added::Gone => Err(Fault::NotFound),
        }
    }

    async fn plan_leaving(&self, id: CircleId, leaver: Leaver) -> Result<LeavingView, Fault> {
        self.leaving_of(id, leaver).await
    }

    async fn leave(&self, id: CircleId, leaver: Leaver, end: Vec<ShareId>) -> Result<String, Fault> {
        self.leave_of(id, leaver, end).await
    }

    async fn approve(&self, id: CircleId, kind: String, days: String) -> Result<(), Fault> {
        let (circle, me) = (self.own_circle(id).await?, self.person().await?);
        let kind: ServiceKind =
            kind.parse().map_err(|_| Fault::field("kind", words::circle::CHOOSE_A_KIND))?;
        let days = days.trim().parse().ok().filter(|days| (1..=LONGEST).contains(days));
        let days = days.ok_or_else(|| Fault::field("days", words::circle::write_days(LONGEST)))?;
        let what = words::circle::approved(kind, days, &circle.name);
        let entry = trail::by_themselves(&me).says(what).at(&self.state);
        let given = Beforehand { circle: id, kind, days, since: entry.at };
        let stored = self.state.db.put_beforehand(&given, &entry).await.or_internal("keep the approval")?;
        if stored { Ok(()) } else { Err(Fault::NotFound) }
    }

    async fn ask_me(&self, id: CircleId, kind: ServiceKind) -> Result<(), Fault> {
        let (circle, me) = (self.own_circle(id).await?, self.person().await?);
        let what = words::circle::asks_again(kind, &circle.name);
        let entry = trail::by_themselves(&me).says(what).at(&self.state);
        let removed = self.state.db.remove_beforehand(id, kind, &entry).await;
        if removed.or_internal("take the approval back")? { Ok(()) } else { Err(Fault::NotFound) }
    }
}

impl Asker {
    pub(super) async fn own_circles(&self) -> Result<Vec<Circle>, Fault> {
        self.state.db.list_circles(self.me()?).await.or_internal("list the circles")
    }

    /// A circle of the viewer's; of anybody else's nobody learns.
    pub(super) async fn own_circle(&self, id: CircleId) -> Result<Circle, Fault> {
        let me = self.me()?;
        let circle = self.state.db.find_circle(id).await.or_internal("read the circle")?;
        circle.filter(|circle| circle.owner == me).ok_or(Fault::NotFound)
    }
}

pub(super) fn card(circle: Circle) -> CircleCard {
    CircleCard { id: circle.id, name: circle.name, people: u32::try_from(circle.people).unwrap_or(u32::MAX) }
}
