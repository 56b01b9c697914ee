//! What people are called to whoever looks: by their name, and where two whom the viewer can see could be taken for each
//! other, with the login beside it. Nobody else counts: that a name has a double elsewhere would tell who is here.

use app::fault::Fault;
use app::ports::accounts::PersonOption;
use model::PersonId;
use model::characters::{alike, look_alike};

use super::Asker;
use crate::failure::OrInternal as _;
use crate::store::audit::{Named, Reader};
use crate::store::gates::Names;
use crate::store::offers::Offer;
use crate::store::shares::Share;

/// Somebody whom the viewer has met, or the viewer, of whom somebody here has a namesake: whether the viewer has met that
/// one too is what tells.
#[derive(Clone, Debug)]
pub struct Known {
    id: PersonId,
    name: String,
    login: Option<String>,
    /// Somebody else of them has a name like it.
    has_double: bool,
}

impl Asker {
    pub(super) async fn called(&self, id: PersonId, name: String) -> Result<String, Fault> {
        let known = self.known().await?;
        // Somebody who is seen on this page for the first time, such as whoever sent a link. Whoever looks like them has a
        // namesake here, so they are among the known.
        if known.iter().any(|one| one.id == id) || !known.iter().any(|one| look_alike(&one.name, &name)) {
            return Ok(self.known_as(id, name));
        }
        let all = self.state.db.list_identities(id).await.or_internal("list the identities")?;
        Ok(with_login(name, all.iter().map(|identity| identity.label.as_str()).min()))
    }

    /// [`Self::called`] for lists, whose people the viewer has met: [`Self::known`] was asked before, and nothing else is.
    pub(super) fn known_as(&self, id: PersonId, name: String) -> String {
        let known = self.known.get().into_iter().flatten().find(|one| one.id == id);
        match known {
            Some(one) if one.has_double => with_login(name, one.login.as_deref()),
            _ => name,
        }
    }

    /// As [`Self::known_as`].
    pub(super) fn told_apart(&self, share: &Share, names: Names) -> Names {
        let owner = self.known_as(share.owner, names.owner);
        let friend = self.known_as(share.friend, names.friend);
        Names { owner, friend, ..names }
    }

    /// As [`Self::known_as`].
    pub(super) fn told_apart_in_offer(&self, offer: &Offer, names: Names) -> Names {
        let owner = self.known_as(offer.made_by, names.owner);
        let friend = match offer.to_person {
            Some(person) => self.known_as(person, names.friend),
            None => names.friend,
        };
        Names { owner, friend, ..names }
    }

    /// People to choose from, as they are called.
    pub(super) async fn options(&self, people: Vec<(PersonId, String)>) -> Result<Vec<PersonOption>, Fault> {
        let mut options = Vec::with_capacity(people.len());
        for (id, name) in people {
            options.push(PersonOption { id, name: self.called(id, name).await? });
        }
        Ok(options)
    }

    pub(super) async fn names_of_share(&self, share: &Share) -> Result<Names, Fault> {
        let names = self.state.db.names_of_share(share.id).await.or_internal("name the share")?;
        let owner = self.called(share.owner, names.owner).await?;
        let friend = self.called(share.friend, names.friend).await?;
        Ok(Names { owner, friend, ..names })
    }

    pub(super) async fn names_of_offer(&self, offer: &Offer) -> Result<Names, Fault> {
        let names = self.state.db.names_of_offer(offer.id).await.or_internal("name the offer")?;
        let owner = self.called(offer.made_by, names.owner).await?;
        let friend = match offer.to_person {
            Some(person) => self.called(person, names.friend).await?,
            None => names.friend,
        };
        Ok(Names { owner, friend, ..names })
    }

    /// People whom the viewer may read of, by what they are called here, by their login or id.
    pub(super) async fn people_named(&self, typed: &str) -> Result<Vec<Named>, Fault> {
        let me = self.me()?;
        let same = |name: &str| name.to_lowercase() == typed.to_lowercase();
        let mut named = Vec::new();
        for (id, name, login) in
            self.state.db.list_known(me).await.or_internal("list those whom one has met")?
        {
            let called = self.called(id, name.clone()).await?;
            let is_meant = typed.parse::<PersonId>().is_ok_and(|typed| typed == id)
                || same(&name)
                || login.as_deref().is_some_and(same)
                || same(&called);
            if is_meant {
                named.push(Named { id: id.uuid(), name: called, place: login.unwrap_or_default() });
            }
        }
        let reader = Reader::Person(me);
        let others = self.state.db.people_named(reader, typed).await.or_internal("look for the person")?;
        named.extend(
            others.into_iter().filter(|other| named.iter().all(|one| one.id != other.id)).collect::<Vec<_>>(),
        );
        Ok(named)
    }

    /// Whom of those with namesakes the viewer has met, read once for each request. Nobody, for whoever is not signed in.
    pub(super) async fn known(&self) -> Result<&[Known], Fault> {
        let read = async || {
            let Ok(me) = self.me() else { return Ok(Vec::new()) };
            let met =
                self.state.db.list_namesakes(me).await.or_internal("list namesakes whom one has met")?;
            let names: Vec<&str> = met.iter().map(|(_, name, _)| name.as_str()).collect();
            let doubles = alike(&names);
            let known = met.iter().zip(doubles).map(|((id, name, login), has_double)| Known {
                id: *id,
                name: name.clone(),
                login: login.clone(),
                has_double,
            });
            Ok(known.collect())
        };
        self.known.get_or_try_init(read).await.map(Vec::as_slice)
    }
}

fn with_login(name: String, login: Option<&str>) -> String {
    match login {
        Some(login) => format!("{name} ({login})"),
        None => name,
    }
}
