//! What was approved beforehand for a circle that the viewer is in needs no asking: a share comes of it as if it had been offered and
//! they had accepted. A job makes the plan and proves it; what opens more than just the service waits for a review.

use app::fault::Fault;
use app::ports::asks::{AtOnce, OwnAsk};
use app::ports::shares::EndForm;
use model::{JobKind, ServiceId, ShareEvent, ShareId};

use crate::failure::OrInternal as _;
use crate::queue;
use crate::secrets::hash_token;
use crate::shares;
use crate::store::asks::NotAsked;
use crate::store::offers::Offer;
use crate::store::services::ServiceAtNode;
use crate::use_cases::Asker;
use crate::use_cases::until::ends;
use crate::words;

impl Asker {
    /// On which terms the viewer gets a service that is listed to them. Nothing where they have to ask, or have no account yet that
    /// is known to be theirs.
    pub(in crate::use_cases) async fn at_once(
        &self,
        placed: &ServiceAtNode,
        own: Option<&OwnAsk>,
    ) -> Result<Option<AtOnce>, Fault> {
        if placed.gone || !own.is_some_and(OwnAsk::may_take) {
            return Ok(None);
        }
        let (me, db, service) = (self.me()?, &self.state.db, &placed.service);
        let given =
            db.find_given_for(service.id, me).await.or_internal("look what was approved beforehand")?;
        let Some(given) = given else { return Ok(None) };
        let server = self.server_of(placed).await?;
        if let Some(server) = &server {
            let account = db.find_member(server.id, me).await.or_internal("look which account they are")?;
            if account.is_none() {
                return Ok(None);
            }
        }
        let (logins, _) = self.logins_for(placed, me).await?;
        let on_server = server.is_some();
        let owner = self.called(placed.owner, placed.owner_name.clone()).await?;
        Ok((!logins.is_empty()).then(|| AtOnce {
            days: u32::try_from(given.days).unwrap_or(0),
            logins,
            on_server,
            owner_learns: words::offer::owner_learns(on_server),
            means: words::offer::accepting_means(&service.name, &owner, &placed.node_name, on_server),
        }))
    }

    pub(super) async fn take_one(
        &self,
        service: ServiceId,
        login: String,
        form: EndForm,
    ) -> Result<ShareId, Fault> {
        let (placed, mine) = self.visible_service(service).await?;
        if mine {
            return Err(Fault::Forbidden);
        }
        let (me, db, now) = (self.me()?, &self.state.db, self.state.now());
        let (limits, zone) = (&self.state.config.limits, self.session.zone());
        let refused = |why| words::ask::not_taken(why, limits, &placed.service.name, zone);
        let given = db.find_given_for(service, me).await.or_internal("look what was approved beforehand")?;
        let given = given.ok_or_else(|| refused(NotAsked::NotApproved))?;
        if placed.gone {
            return Err(refused(NotAsked::NotApproved));
        }
        let ends = ends(&form.until, (&form.date, &form.zone), now);
        let ends = ends.map_err(|(field, error)| Fault::field(field, error))?;
        if !given.covers(now, ends) {
            return Err(Fault::field("until", words::ask::lasts_too_long(given.days)));
        }
        let login = self.login_for(&placed, me, &login).await?;
        let offer = Offer {
            id: self.state.new_id(),
            service,
            made_by: given.by,
            to_person: Some(me),
            to_email: None,
            // Nobody has the link.
            token_hash: hash_token(&self.state.random.new_token()),
            ends,
            note: String::new(),
            uses_left: 0,
            created: now,
            lapses: now,
            withdrawn: None,
            declined: false,
            circle: Some(given.circle),
        };
        let share = self.share_of(&offer, &placed, (me, login), true);
        let event = ShareEvent::Taken {
            service: placed.service.name.clone(),
            login: share.login.to_string(),
            approved_by: given.by_name.clone(),
        };
        let entry = shares::entry(&share, self.actor().await?, event).at(&self.state);
        let job = queue::job(&self.state, JobKind::Share, share.id);
        let taken = db.take_beforehand((&offer, &share), &given, &entry, &job).await;
        if let Some(why) = taken.or_internal("store the share")? {
            return Err(refused(why));
        }
        self.state.signals.poke.notify_one();
        Ok(share.id)
    }
}
