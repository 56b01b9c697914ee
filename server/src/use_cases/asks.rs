//! Asking for an offer of a listed service, and what those who give it say to that.

use app::fault::{Fault, FieldErrors};
use app::ports::asks::{AskStands, AskView, Asking, Asks, OwnAsk, Wish};
use app::ports::paging::PAGE;
use app::ports::services::Standing;
use app::ports::shares::EndForm;
use async_trait::async_trait;
use model::{AskAnswer, AskId, Note, ObjectKind, PersonId, ServiceId, ShareId, Wished};

use super::Asker;
use super::until::ends;
use crate::failure::OrInternal as _;
use crate::store::asks::Ask;
use crate::store::audit::{NewEntry, Object};
use crate::store::services::ServiceAtNode;
use crate::words;

mod taking;

/// What nobody answers lapses after thirty days, or with the day until which it was wished for.
const LAPSES: i64 = 30 * 24 * 60 * 60;

#[async_trait]
impl Asks for Asker {
    async fn get(&self, id: AskId) -> Result<AskView, Fault> {
        let (ask, placed) = self.given_ask(id).await?;
        let now = self.state.now();
        let stands = match ask.answer {
            Some(answer) => AskStands::Answered(answer),
            None if ask.waits(now) => {
                let later = ask.later.map(|later| later.plus_seconds(notices::LATER));
                let later = later.filter(|later| *later > now);
                AskStands::Waits { later }
            }
            None => AskStands::Lapsed,
        };
        let who = self.called(ask.person, self.name_of(ask.person).await?).await?;
        Ok(AskView {
            service: placed.service.id,
            service_name: placed.service.name,
            node: placed.node_name,
            lapses: ask.lapses,
            stands,
            asking: Asking { id, who, wish: wish(ask) },
        })
    }

    async fn create(&self, service: ServiceId, form: EndForm) -> Result<(), Fault> {
        let (placed, mine) = self.visible_service(service).await?;
        if mine {
            return Err(Fault::Forbidden);
        }
        let ask = self.validated_ask(&placed, &form)?;
        let what = words::ask::asked(&placed.service.name, ask.until, ask.ends);
        let entry = self.ask_entry(ask.person, &placed, what).await?;
        let limits = &self.state.config.limits;
        let stored = self.state.db.insert_ask(&ask, limits, &entry).await;
        match stored.or_internal("store what is asked for")? {
            None => {
                self.state.signals.poke.notify_one();
                Ok(())
            }
            Some(why) => Err(words::ask::not_asked(why, limits, &placed.service.name, self.session.zone())),
        }
    }

    async fn take(&self, service: ServiceId, login: String, form: EndForm) -> Result<ShareId, Fault> {
        self.take_one(service, login, form).await
    }

    async fn withdraw(&self, id: AskId) -> Result<ServiceId, Fault> {
        let me = self.me()?;
        let ask = self.state.db.find_ask(id).await.or_internal("read what is asked for")?;
        let ask = ask.ok_or(Fault::NotFound)?;
        if ask.person != me {
            // Those who give it may know of it, and nobody else.
            self.given_ask(id).await?;
            return Err(Fault::Forbidden);
        }
        let placed = self.state.db.find_service(ask.service).await.or_internal("read the service")?;
        let placed = placed.ok_or(Fault::NotFound)?;
        let what = words::ask::took_back(&placed.service.name);
        self.answer_ask(&ask, &placed, (AskAnswer::Withdrawn, ""), what).await?;
        Ok(ask.service)
    }

    async fn decline(&self, id: AskId, word: String) -> Result<(), Fault> {
        let (ask, placed) = self.given_ask(id).await?;
        let word = word.parse::<Note>().map_err(|error| Fault::field("word", error))?;
        let what = words::ask::declined(&self.name_of(ask.person).await?, &placed.service.name);
        self.answer_ask(&ask, &placed, (AskAnswer::Declined, &word.to_string()), what).await?;
        self.state.signals.poke.notify_one();
        Ok(())
    }

    async fn later(&self, id: AskId) -> Result<(), Fault> {
        let (ask, placed) = self.given_ask(id).await?;
        let what = words::ask::put_off(&self.name_of(ask.person).await?, &placed.service.name);
        // Whoever asked is not told that it was put off, so it is not theirs to read.
        let entry = self.ask_entry(ask.person, &placed, what).await?;
        let entry = NewEntry { friend: None, ..entry };
        let waited = self.state.db.put_off_ask(id, &entry).await.or_internal("put it off")?;
        if waited { Ok(()) } else { Err(words::ask::no_longer_waits()) }
    }
}

impl Asker {
    /// What somebody asks for that is the viewer's to give. Whoever asks knows of it, and this is not theirs to do.
    pub(super) async fn given_ask(&self, id: AskId) -> Result<(Ask, ServiceAtNode), Fault> {
        let me = self.me()?;
        let ask = self.state.db.find_ask(id).await.or_internal("read what is asked for")?;
        let ask = ask.ok_or(Fault::NotFound)?;
        match self.my_service(ask.service).await {
            Ok(placed) => Ok((ask, placed)),
            Err(Fault::Forbidden | Fault::NotFound) if ask.person == me => Err(Fault::Forbidden),
            Err(Fault::Forbidden) => Err(Fault::NotFound),
            Err(fault) => Err(fault),
        }
    }

    /// How the viewer stands with an ask of theirs, where a service is listed to them and nothing more.
    pub(super) async fn own_ask(&self, id: ServiceId, standing: &Standing) -> Result<Option<OwnAsk>, Fault> {
        if *standing != Standing::Listed {
            return Ok(None);
        }
        let (me, now) = (self.me()?, self.state.now());
        let db = &self.state.db;
        let offer = db.find_open_offer_of(id, me, now).await.or_internal("look for an offer")?;
        if let Some(offer) = offer {
            return Ok(Some(OwnAsk::Offered(offer)));
        }
        let Some(ask) = db.find_ask_of(id, me).await.or_internal("read what they asked for")? else {
            return Ok(Some(OwnAsk::No));
        };
        let again = ask.again(now);
        Ok(Some(match (ask.answer, ask.answered) {
            (Some(AskAnswer::Declined), Some(at)) => OwnAsk::Declined { at, word: ask.word, again },
            (None, _) if ask.waits(now) => OwnAsk::Waits { id: ask.id, wish: wish(ask) },
            _ => again.map_or(OwnAsk::No, OwnAsk::NotBefore),
        }))
    }

    /// Who waits for an offer of a service of the viewer's.
    pub(super) async fn asking_for(&self, id: ServiceId, mine: bool) -> Result<Vec<Asking>, Fault> {
        if !mine {
            return Ok(Vec::new());
        }
        let asks = self.state.db.list_asks_of_service(id, self.state.now(), PAGE).await;
        let asks = asks.or_internal("list who asks")?;
        let asking = |(ask, name): (Ask, String)| Asking {
            id: ask.id,
            who: self.known_as(ask.person, name),
            wish: wish(ask),
        };
        Ok(asks.into_iter().map(asking).collect())
    }

    async fn answer_ask(
        &self,
        ask: &Ask,
        placed: &ServiceAtNode,
        (answer, word): (AskAnswer, &str),
        what: String,
    ) -> Result<(), Fault> {
        let entry = self.ask_entry(ask.person, placed, what).await?;
        let waited = self.state.db.answer_ask(ask.id, (answer, self.me()?, word), &entry).await;
        if waited.or_internal("keep the answer")? { Ok(()) } else { Err(words::ask::no_longer_waits()) }
    }

    fn validated_ask(&self, placed: &ServiceAtNode, form: &EndForm) -> Result<Ask, Fault> {
        let now = self.state.now();
        let mut errors = FieldErrors::new();
        let mut wrong = |field: &str, error: String| errors.push((field.to_owned(), error));
        let note = form.note.parse::<Note>().map_err(|error| wrong("note", error.to_string()));
        let wished =
            ends(&form.until, (&form.date, &form.zone), now).map_err(|(field, error)| wrong(field, error));
        let (Ok(note), Ok(wished), Ok(until)) = (note, wished, form.until.parse::<Wished>()) else {
            return Err(Fault::Invalid(errors));
        };
        // A span begins with the answer: when that will be nobody knows yet.
        let ends = wished.filter(|_| until == Wished::Date);
        let lapses = now.plus_seconds(LAPSES);
        Ok(Ask {
            id: self.state.new_id(),
            service: placed.service.id,
            person: self.me()?,
            note: note.to_string(),
            until,
            ends,
            asked: now,
            lapses: ends.map_or(lapses, |ends| ends.min(lapses)),
            later: None,
            answer: None,
            answered: None,
            answered_by: None,
            word: String::new(),
        })
    }

    /// Of the service, and for whoever asks to read.
    async fn ask_entry(
        &self,
        asker: PersonId,
        placed: &ServiceAtNode,
        what: String,
    ) -> Result<NewEntry, Fault> {
        let tailnet = self.state.db.find_tailnet(placed.tailnet).await.or_internal("read the tailnet")?;
        let tailnet = tailnet.ok_or(Fault::NotFound)?;
        let object = Object::new(ObjectKind::Service, placed.service.id, &placed.service.name);
        Ok(self.about(object).await?.says(what).of(&tailnet).friend(asker).at(&self.state))
    }
}

fn wish(ask: Ask) -> Wish {
    Wish { asked: ask.asked, until: ask.until, ends: ask.ends, note: ask.note }
}
