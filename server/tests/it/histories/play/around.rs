//! What people do around their shares, and what each finds listed.

use app::ports::circles::Leaver;
use app::ports::services::DirectoryQuery;
use model::{AskId, CircleId, OfferId, ServiceKind, TailnetRole};
use server::store::circles::Leaves;

use super::*;

/// What has been made by these deeds.
#[derive(Default)]
pub struct Made {
    /// Where the service is, and who asked.
    asks: Vec<(usize, Who, AskId)>,
    /// Where the service is, and to whom it is offered.
    offers: Vec<(usize, Who, OfferId)>,
    circles: Vec<(Who, CircleId)>,
    /// What is listed to a circle, with the place and the machine.
    shown: BTreeMap<(CircleId, usize, usize), ServiceId>,
}

const DAYS: [&str; 3] = ["1", "7", "60"];

impl Play {
    pub(super) fn around(&mut self, deed: &Around) {
        match *deed {
            Around::Ask { service, friend, until } => self.wants(service, friend, until),
            Around::Answer { ask, by, how } => self.answer(ask, by, how),
            Around::Withdraw { ask } => {
                if let Some(&(_, asker, id)) = pick(&self.made.asks, ask) {
                    self.ask(asker, async |ask| ask.asks.withdraw(id).await);
                }
            }
            Around::Accept { offer } => {
                if let Some(&(place, friend, id)) = pick(&self.made.offers, offer) {
                    self.accepts(place, friend, id.to_string());
                }
            }
            Around::Circle { owner, people: (one, other), days } => {
                let made = self.ask(owner, async |ask| ask.circles.create("Players".into()).await);
                let Some(circle) = made else { return };
                self.made.circles.push((owner, circle));
                let last = self.made.circles.len() - 1;
                self.put_in(last, one);
                self.put_in(last, other);
                if days < DAYS.len() {
                    self.approve_kind(last, days);
                }
            }
            Around::PutIn { circle, person } => self.put_in(circle, person),
            Around::TakeOut { circle, person, ends } => {
                self.leave(circle, Leaver::One(self.people[person].id), ends);
            }
            Around::EndCircle { circle } => self.leave(circle, Leaver::All, false),
            Around::ShowTo { circle, node } => self.show_to(circle, node),
            Around::OfferTo { circle, service, until } => self.offer_to(circle, service, until),
            Around::Approve { circle, days } => self.approve_kind(circle, days),
            Around::AskMe { circle } => {
                self.of_circle(circle, async |ask, id| ask.circles.ask_me(id, ServiceKind::Minecraft).await);
            }
            Around::MakeSteward { owner, person } => {
                let (tailnet, person) = (self.tailnets[owner], self.people[person].id.to_string());
                self.ask(self.owners[owner], async |ask| {
                    ask.stewards.add(tailnet, person, TailnetRole::Steward).await
                });
            }
            Around::HandOver { owner, stays } => self.hand_over(owner, stays),
        }
    }

    /// What is listed: where, and which.
    fn listed(&self) -> Vec<(usize, ServiceId)> {
        let for_all = self.services.iter().map(|((place, ..), id)| (*place, *id));
        let for_circles = self.made.shown.iter().map(|((_, place, _), id)| (*place, *id));
        for_all.chain(for_circles).collect()
    }

    fn wants(&mut self, service: usize, friend: Who, until: usize) {
        let Some(&(place, id)) = pick(&self.listed(), service) else { return };
        let until = UNTIL[until % UNTIL.len()].to_owned();
        let form = EndForm { until, note: "Please?".into(), ..EndForm::default() };
        if self.ask(friend, async |ask| ask.asks.create(id, form).await).is_none() {
            return;
        }
        let (process, person) = (&self.processes[0], self.people[friend].id);
        let stored = process.runtime.block_on(process.state.db.find_ask_of(id, person)).unwrap().unwrap();
        self.made.asks.push((place, friend, stored.id));
    }

    fn answer(&mut self, ask: usize, by: Option<Who>, how: usize) {
        let Some(&(place, asker, id)) = pick(&self.made.asks, ask) else { return };
        let by = by.unwrap_or(self.owners[place]);
        let answered = self.ask(by, async |ask| match how % 3 {
            0 => {
                let form = ask.offers.form_for(id).await?.form;
                Ok(Some(ask.offers.create(form).await?.0))
            }
            1 => ask.asks.decline(id, "Not now.".into()).await.map(|()| None),
            _ => ask.asks.later(id).await.map(|()| None),
        });
        let Some(offer) = answered else { return };
        count(&TALLY.answered);
        self.made.offers.extend(offer.map(|offer| (place, asker, offer)));
    }

    /// What whoever made a circle asks about it.
    fn of_circle<T>(
        &self,
        circle: usize,
        what: impl AsyncFnOnce(Backend, CircleId) -> Result<T, Refusal>,
    ) -> Option<T> {
        let &(owner, id) = pick(&self.made.circles, circle)?;
        self.ask(owner, async |ask| what(ask, id).await)
    }

    fn put_in(&mut self, circle: usize, person: Who) {
        let person = self.people[person].id.to_string();
        self.of_circle(circle, async |ask, id| ask.circles.add(id, person).await);
        self.read_boards();
    }

    fn approve_kind(&self, circle: usize, days: usize) {
        let days = DAYS[days % DAYS.len()].to_owned();
        self.of_circle(circle, async |ask, id| ask.circles.approve(id, "minecraft".into(), days).await);
    }

    fn leave(&mut self, circle: usize, leaver: Leaver, ends: bool) {
        let left = self.of_circle(circle, async |ask, id| {
            let open = ask.circles.plan_leaving(id, leaver).await?.open;
            let end = if ends { open.into_iter().map(|(share, _)| share).collect() } else { Vec::new() };
            ask.circles.leave(id, leaver, end).await
        });
        if left.is_some() {
            count(&TALLY.left);
        }
        self.read_boards();
    }

    fn show_to(&mut self, circle: usize, node: usize) {
        let Some(&(owner, id)) = pick(&self.made.circles, circle) else { return };
        let Some(place) = self.owners.iter().position(|other| *other == owner) else { return };
        let node = node % NODES[place].len();
        let known = self.made.shown.contains_key(&(id, place, node));
        if !known {
            let form = ServiceForm { audience: "people".into(), circles: vec![id], ..game(PORTS[0]) };
            let Some(service) = self.lists(place, node, form) else { return };
            self.made.shown.insert((id, place, node), service);
        }
        self.read_boards();
    }

    fn offer_to(&mut self, circle: usize, service: usize, until: usize) {
        let Some(&(owner, id)) = pick(&self.made.circles, circle) else { return };
        let theirs = self.listed().into_iter().filter(|(place, _)| self.owners[*place] == owner);
        let theirs: Vec<(usize, ServiceId)> = theirs.collect();
        let Some(&(place, service)) = pick(&theirs, service) else { return };
        let form = OfferForm {
            service: service.to_string(),
            to: "circle".into(),
            circle: id.to_string(),
            until: UNTIL[until % UNTIL.len()].into(),
            ..OfferForm::default()
        };
        self.ask(owner, async |ask| ask.offers.create_for_circle(form).await);
        let (process, now) = (&self.processes[0], self.clock_now());
        let open = process.state.db.list_offers_through(id, Leaves::All, now);
        for offer in process.runtime.block_on(open).unwrap() {
            let known = self.made.offers.iter().any(|(_, _, known)| *known == offer.id);
            let friend = offer.to_person.and_then(|person| self.who(person));
            if let Some(friend) = friend.filter(|_| !known && offer.service == service) {
                self.made.offers.push((place, friend, offer.id));
            }
        }
    }

    fn hand_over(&mut self, place: usize, stays: bool) {
        let tailnet = self.tailnets[place];
        let heir = self.ask(self.owners[place], async |ask| {
            let Some(heir) = ask.stewards.get(tailnet).await?.heirs.first().copied() else { return Ok(None) };
            ask.stewards.hand_over(tailnet, heir, stays).await.map(|_| Some(heir))
        });
        if let Some(heir) = heir.flatten().and_then(|heir| self.who(heir)) {
            self.owners[place] = heir;
            count(&TALLY.handed);
        }
        self.read_boards();
    }

    /// What each finds listed is judged with the next look.
    fn read_boards(&mut self) {
        let listed = self.listed();
        for who in Who::ALL {
            let seen = self.ask(who, async |ask| {
                let (mut seen, mut query) = (BTreeSet::<ServiceId>::new(), DirectoryQuery::default());
                loop {
                    let page = ask.services.directory(query.clone()).await?;
                    seen.extend(page.services.iter().map(|card| card.id));
                    query.after = page.next;
                    if query.after.is_none() {
                        return Ok(seen);
                    }
                }
            });
            let Some(seen) = seen else { continue };
            let person = self.people[who].id.to_string();
            for (_, service) in &listed {
                self.witness.was_shown(&person, &service.to_string(), seen.contains(service));
            }
        }
    }
}

/// One of them, if there is any.
fn pick<T>(all: &[T], number: usize) -> Option<&T> {
    all.get(number % all.len().max(1))
}
