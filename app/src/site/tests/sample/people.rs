//! Somebody in each standing.

use model::Standing;

use super::*;

fn person(n: u8, name: &str, standing: Standing) -> PersonCard {
    PersonCard {
        id: id(n),
        name: told(name),
        login: Some(told(format!("{}@example.com", name.to_lowercase()))),
        instance_owner: n == 10,
        me: n == 10,
        standing,
        standing_since: Some(now().plus_seconds(-80_000)),
        came: now().plus_seconds(-9_000_000),
        seen: standing.is_here().then(|| now().plus_seconds(-4000)),
        tailnets: 1,
        gives: 1,
        receives: 2,
        offers: 1,
    }
}

#[async_trait]
impl People for Sample {
    async fn list(&self, _: String, _: Option<String>) -> Result<PeopleView, Fault> {
        let people = vec![
            person(10, "Ana", Standing::Here),
            person(13, "Dario", Standing::Here),
            person(14, "Mallory", Standing::Blocked),
            person(15, "Zoe", Standing::Removing),
        ];
        Ok(PeopleView {
            people: Sample::list(self, people),
            next: Some("0d.dario".into()).filter(|_| !self.bare),
            last_backup: Some(super::now().plus_seconds(-26 * 3600)).filter(|_| !self.bare),
        })
    }
    async fn get(&self, id: PersonId) -> Result<PersonView, Fault> {
        let card = PersonCard { id, ..person(13, "Dario", Standing::Here) };
        Ok(PersonView {
            card,
            logins: vec![told("dario@example.com")],
            deeds: vec![Deed::SignOut, Deed::Block, Deed::MakeOwner, Deed::Remove],
            link_command: format!("acequia people link {id}"),
        })
    }
    async fn plan(&self, id: PersonId, deed: Deed) -> Result<DeedView, Fault> {
        Ok(DeedView {
            card: PersonCard { id, ..person(13, "Dario", Standing::Here) },
            deed,
            means: vec![
                "Dario is signed out everywhere.".into(),
                "2 shares received by them: taken back.".into(),
            ],
            gates: self.list(vec![gate(GateState::Active)]),
            refused: self.bare.then(|| told("Nobody else owns this Acequia.")),
        })
    }
    async fn act(&self, person: PersonId, deed: Deed) -> Result<String, Fault> {
        self.act(format!("people.act {person} {}", deed.as_str())).map(|()| told("Dario is blocked."))
    }
}
