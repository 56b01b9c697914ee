//! What people of the seed ask for, and a circle with what is shown to it and approved for it beforehand.

use anyhow::Context as _;
use app::ports::services::ServiceForm;
use app::ports::shares::EndForm;
use model::{CircleId, NodeId, ServiceId, ServiceKind};

use super::Seeding;

/// Of Ben's.
const CIRCLE: &str = "Film night";
/// What is shown to it alone.
const SHOWN: &str = "Photos";
const KIND: ServiceKind = ServiceKind::Media;
const DAYS: &str = "30";

impl Seeding<'_> {
    /// Somebody waits for an offer.
    pub(super) async fn ask(&self, who: &str, service: ServiceId, note: &str) -> anyhow::Result<()> {
        if self.state.db.find_ask_of(service, self.person(who)?.id).await?.is_some() {
            return Ok(());
        }
        let form = EndForm { until: "weekend".into(), note: note.into(), ..EndForm::default() };
        Ok(self.by_name(who)?.asks.create(service, form).await?)
    }

    /// Two whom the owner has met are in a circle. It alone sees what is on the machine, and gets media without being asked
    /// about.
    pub(super) async fn circle(&self, owner: &str, people: [&str; 2], machine: NodeId) -> anyhow::Result<()> {
        let asked = self.by_name(owner)?;
        let known = asked.circles.list().await?.into_iter().find(|circle| circle.name == CIRCLE);
        let circle = match known {
            Some(circle) => circle.id,
            None => asked.circles.create(CIRCLE.into()).await?,
        };
        for person in people {
            // Whoever is in it already stays.
            asked.circles.add(circle, self.person(person)?.id.to_string()).await?;
        }
        let view = asked.circles.get(circle).await?;
        if view.approved.iter().all(|approved| approved.kind != KIND) {
            asked.circles.approve(circle, KIND.to_string(), DAYS.into()).await?;
        }
        if view.services.iter().all(|(_, name)| name != SHOWN) {
            asked.services.create(machine, shown_to(circle)).await.context("listing what a circle sees")?;
        }
        Ok(())
    }
}

fn shown_to(circle: CircleId) -> ServiceForm {
    ServiceForm {
        name: SHOWN.into(),
        kind: KIND.to_string(),
        ports: "tcp:2283".into(),
        about: "Of our evenings, for those who were there.".into(),
        audience: "people".into(),
        circles: vec![circle],
        ..ServiceForm::default()
    }
}
