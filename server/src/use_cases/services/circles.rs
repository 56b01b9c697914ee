//! To which circles a service is shown: those of the viewer by name, of those of others only whose they are.

use app::fault::Fault;
use app::ports::circles::CircleCard;
use model::{CircleId, PersonId, ServiceId};

use crate::failure::OrInternal as _;
use crate::use_cases::{Asker, circles};

/// To whom a form shows a service.
#[derive(Debug, Default)]
pub(super) struct Chosen {
    pub people: Vec<PersonId>,
    pub circles: Vec<CircleId>,
}

impl Asker {
    pub(in crate::use_cases) async fn circle_cards(&self) -> Result<Vec<CircleCard>, Fault> {
        Ok(self.own_circles().await?.into_iter().map(circles::card).collect())
    }

    /// The viewer's, and the names of those who have others.
    pub(super) async fn circles_of(
        &self,
        service: ServiceId,
    ) -> Result<(Vec<(CircleId, String)>, Vec<String>), Fault> {
        let me = self.me()?;
        let all = self.state.db.list_circles_of_service(service).await;
        let (mut own, mut others) = (Vec::new(), Vec::new());
        for (id, name, owner, owner_name) in all.or_internal("list the circles")? {
            if owner == me {
                own.push((id, name));
            } else {
                let whose = self.called(owner, owner_name).await?;
                if !others.contains(&whose) {
                    others.push(whose);
                }
            }
        }
        Ok((own, others))
    }
}
