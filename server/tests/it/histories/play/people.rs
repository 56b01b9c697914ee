//! What people do.

use super::*;

impl Play {
    pub(super) fn share(&mut self, place: usize, node: usize, ports: usize, friend: Who, until: usize) {
        let owner = self.owners[place];
        if owner == friend || self.blocked.contains(&owner) || self.blocked.contains(&friend) {
            return;
        }
        let (node, ports) = (node % NODES[place].len(), ports % PORTS.len());
        let known = self.services.get(&(place, node, ports)).copied();
        let Some(service) = known.or_else(|| self.lists(place, node, game(PORTS[ports]))) else { return };
        self.services.insert((place, node, ports), service);
        let form = OfferForm {
            service: service.to_string(),
            to: "link".into(),
            until: UNTIL[until % UNTIL.len()].into(),
            ..OfferForm::default()
        };
        let Some((_, token)) = self.ask(owner, async |ask| ask.offers.create(form).await) else { return };
        self.accepts(place, friend, token);
    }

    /// Lists a service on a machine.
    pub(super) fn lists(&self, place: usize, node: usize, form: ServiceForm) -> Option<ServiceId> {
        let process = &self.processes[0];
        let nodes = process.runtime.block_on(process.state.db.list_nodes(self.tailnets[place])).unwrap();
        let node = nodes.iter().find(|known| known.name == NODES[place][node])?.id;
        self.ask(self.owners[place], async |ask| ask.services.create(node, form).await)
    }

    /// Somebody accepts what is offered to them.
    pub(super) fn accepts(&mut self, place: usize, friend: Who, token: String) {
        let id = self.ask(friend, async |ask| {
            let Answer::Possible { logins, .. } = ask.offers.open(token.clone()).await?.answer else {
                return Ok(None);
            };
            let login = if place == MILL { friend.name().to_owned() } else { logins[0].clone() };
            ask.offers.accept(token, login).await.map(Some)
        });
        if let Some(id) = id.flatten() {
            self.shares.push(Given { place, friend, id, ended: false });
        }
    }

    /// On a server the owner says first which account the friend is.
    pub(super) fn approve(&self, share: usize) {
        let Some(given) = self.given(share) else { return };
        let called = given.friend.name();
        self.of_share(share, true, async |ask, id| {
            if let Some(choice) = ask.members.choice(id, String::new(), false).await? {
                let named = choice.accounts.into_iter().find(|(_, shown)| shown.contains(called));
                if let Some((account, _)) = choice.likely.or(named) {
                    ask.members.choose(id, account).await?;
                }
            }
            neighbours::yes(&ask, id).await.map(drop)
        });
    }

    pub(super) fn open_invite(&self, share: usize) {
        let Some(given) = self.given(share) else { return };
        let (id, friend) = (given.id, given.friend);
        let link = self.ask(friend, async |ask| Ok(ask.shares.get(id).await?.invite_link)).flatten();
        if let Some(link) = link {
            // It may be gone by now.
            let _ = self.demo.simulator.accept(friend.name(), friend.login(), &link);
        }
    }

    pub(super) fn paste(&self, share: usize) {
        let Some(given) = self.given(share) else { return };
        let (id, owner) = (given.id, self.giver(given));
        let wanted = self.ask(owner, async |ask| {
            let page = ask.shares.get(id).await?;
            Ok(page.attention.is_some_and(|attention| attention.wants_invite))
        });
        if wanted != Some(true) {
            return;
        }
        let process = &self.processes[0];
        let node = process.runtime.block_on(async {
            let share = process.state.db.find_share(id).await.unwrap().unwrap();
            process.state.db.find_node(share.node).await.unwrap().unwrap().name
        });
        // In the console, where handing over here changes nothing.
        let (name, login) = (NAMES[given.place], OWNERS[given.place].login());
        let Ok(link) = self.demo.simulator.make_invite(name, login, &node) else { return };
        let pasted = self.ask(owner, async |ask| ask.shares.paste_invite(id, link.clone()).await);
        if pasted.is_none() {
            // It is nobody's but the owner's, who tidies up: what was refused took nothing over.
            let invites = self.demo.simulator.tailnet(name).unwrap().invites;
            let made = invites.iter().find(|invite| invite.url == link).unwrap();
            self.demo.simulator.delete_invite(name, &made.id).unwrap();
        }
    }

    pub(super) fn end(&mut self, share: usize, by_friend: bool) {
        let Some(given) = self.given(share) else { return };
        let (person, id) = (if by_friend { given.friend } else { self.giver(given) }, given.id);
        let ended = self.ask(person, async |ask| ask.shares.end(id).await).is_some();
        let count = self.shares.len();
        self.shares[share % count].ended |= ended;
    }

    pub(super) fn edit(&mut self, owner: usize, what: EditKind) {
        let tailnet = self.tailnets[owner];
        let edit = self.ask(self.owners[owner], async |ask| {
            let plan = ask.edits.plan(tailnet, what.clone()).await?.plan;
            let id = ask.edits.apply(tailnet, what, plan).await?;
            Ok(matches!(ask.edits.get(id).await?.line.state, EditState::Applied { .. }).then_some(id))
        });
        if let Some(edit) = edit.flatten() {
            self.edits.insert(owner, edit);
        }
    }

    /// Ana looks after the place.
    pub(super) fn act(&mut self, person: Who, deed: Deed) {
        let id: PersonId = self.people[person].id;
        if self.ask(Who::Ana, async |ask| ask.people.act(id, deed).await).is_none() {
            return;
        }
        match deed {
            Deed::Block => drop(self.blocked.insert(person)),
            _ => drop(self.blocked.remove(&person)),
        }
    }
}
