//! The owner of a tailnet hands it over to one of its stewards.

use app::fault::Fault;
use app::ports::stewards::HandoverView;
use control_plane::CredentialKind;
use model::{PersonId, TailnetId, TailnetRole};

use super::Asker;
use crate::failure::OrInternal as _;
use crate::store::tailnets::{Handover, NotHanded};
use crate::words;
use crate::words::handover::Meaning;

/// Shares that are shown, of those that have to end first.
const SHOWN: usize = 10;

impl Asker {
    pub(super) async fn handover_view(&self, id: TailnetId, person: PersonId) -> Result<HandoverView, Fault> {
        let tailnet = self.own_tailnet(id).await?;
        let stewards = self.stewards_of(id).await?;
        let heir = stewards.into_iter().find(|one| one.id == person).ok_or(Fault::NotFound)?;
        let (db, me) = (&self.state.db, self.person().await?);
        let most = self.state.config.limits.tailnets_per_person;
        let hindrance = db.find_hindrance(id, person, most).await.or_internal("look what hinders it")?;
        let received = db.list_received_in(id, person, SHOWN).await.or_internal("list their shares")?;
        let stored = db.list_credentials(id).await.or_internal("list the credentials")?.readable();
        let offers = db.count_offers_in(id, person, self.state.now()).await;
        let tokens = db.list_tokens_by(id, me.id).await.or_internal("list the tokens")?;
        let other = db.find_person(person).await.or_internal("read the person")?;
        let means = words::handover::means(&Meaning {
            name: &heir.name,
            tailnet: &tailnet.name,
            on_headscale: tailnet.kind.is_headscale(),
            has_user_token: stored.iter().any(|one| one.kind == CredentialKind::UserToken),
            offers: offers.or_internal("count the offers")?,
            tokens: tokens.iter().map(|(_, machine, _)| machine.as_str()).collect(),
            no_longer_probed: me.instance_owner && other.is_some_and(|other| !other.instance_owner),
        });
        Ok(HandoverView {
            tailnet: id,
            means,
            refused: hindrance.map(|why| words::handover::why_not(&why, &heir.name, most)),
            gates: self.gates_of_shares(&received.readable()).await?,
            tailnet_name: tailnet.name,
            person: heir,
        })
    }

    pub(super) async fn hand_over_to(
        &self,
        id: TailnetId,
        person: PersonId,
        stays: bool,
    ) -> Result<String, Fault> {
        let tailnet = self.own_tailnet(id).await?;
        if self.role_of(id, person).await? != Some(TailnetRole::Steward) {
            return Err(Fault::NotFound);
        }
        let name = self.name_of(person).await?;
        let what = words::handover::handed_over(&name, stays);
        // Whose it is from then on reads it.
        let entry = self.about_tailnet(&tailnet, what).await?.within(id, person).at(&self.state);
        let most = self.state.config.limits.tailnets_per_person;
        let deed = Handover { tailnet: id, from: tailnet.owner, to: person, stays, most, entry };
        let new_id = || self.state.new_id();
        let done = self.state.db.hand_over(&deed, &new_id).await;
        match done.or_internal("hand the tailnet over")? {
            Ok(()) => {
                self.state.signals.poke.notify_one();
                Ok(name)
            }
            Err(NotHanded::Unknown) => Err(Fault::NotFound),
            Err(why) => Err(Fault::conflict(words::handover::why_not(&why, &name, most))),
        }
    }
}
