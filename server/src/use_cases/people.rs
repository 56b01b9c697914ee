//! The people of this instance, for whoever looks after it.

use app::fault::Fault;
use app::ports::people::{Deed, DeedView, People, PeopleView, PersonCard, PersonView};
use async_trait::async_trait;
use model::{PersonId, ShareSide, Standing};

use super::Asker;
use crate::failure::OrInternal as _;
use crate::store::people::Person;
use crate::store::people::{Listed, Search};
use crate::words;

mod deeds;

pub(super) use deeds::refusal;
pub use deeds::{LinkMade, act_on, listed as one, make_link};

const PAGE: usize = 50;

#[async_trait]
impl People for Asker {
    async fn list(&self, q: String, after: Option<String>) -> Result<PeopleView, Fault> {
        self.owner().await?;
        let after = after.as_deref().and_then(cursor);
        let search = Search { like: super::like(&q), after, limit: 51, ..Search::default() };
        let found = self.state.db.search_people(&search, self.state.now()).await;
        let mut rows = found.or_internal("list the people")?;
        let more = rows.len() > PAGE;
        rows.truncate(PAGE);
        let next = rows.last().filter(|_| more).map(|last| format!("{}.{}", last.id, last.sort_name));
        let people = rows.into_iter().map(|row| self.person_card(row)).collect();
        let last_backup = super::instance::last_backup(&self.state).await?;
        Ok(PeopleView { people, next, last_backup })
    }

    async fn get(&self, id: PersonId) -> Result<PersonView, Fault> {
        self.owner().await?;
        let card = self.listed(id).await?;
        let ways = self.state.db.list_identities(id).await.or_internal("list the ways to sign in")?;
        let possible = |deed: &Deed| match deed {
            Deed::Block => card.standing.block().is_ok() && !card.me,
            Deed::Remove => card.standing.remove().is_ok() && !card.me,
            Deed::SignOut => card.standing.is_here() && !card.me,
            Deed::Unblock => card.standing.unblock().is_ok(),
            Deed::MakeOwner => card.standing.is_here() && !card.instance_owner,
        };
        Ok(PersonView {
            logins: ways.into_iter().map(|way| way.label).collect(),
            deeds: Deed::ALL.into_iter().filter(possible).collect(),
            link_command: words::person::link_command(id),
            card,
        })
    }

    async fn plan(&self, id: PersonId, deed: Deed) -> Result<DeedView, Fault> {
        self.owner().await?;
        let card = self.listed(id).await?;
        let shares = self.state.db.list_shares_of(id).await.or_internal("list the shares")?;
        let mut shares = shares.readable();
        let after = match deed {
            Deed::Block => Standing::Blocked,
            Deed::Remove => Standing::Removing,
            Deed::Unblock | Deed::SignOut | Deed::MakeOwner => Standing::Here,
        };
        // What changes, of what the viewer is a party of anyway.
        shares.retain(|share| {
            let side = if share.friend == id { ShareSide::Receives } else { ShareSide::Gives };
            !after.lets_go_on(side, &share.state, share.seen_in_force.is_some())
        });
        let mut mine = Vec::new();
        for share in shares {
            if self.my_share(share.id).await.is_ok() {
                mine.push(share);
            }
        }
        Ok(DeedView {
            means: words::person::means(deed, &card),
            gates: self.gates_of_shares(&mine).await?,
            refused: deeds::refusal(&self.state, &card, deed).await?,
            card,
            deed,
        })
    }

    async fn act(&self, id: PersonId, deed: Deed) -> Result<String, Fault> {
        let me = self.owner().await?;
        if me.id == id && deed != Deed::Unblock {
            return Err(words::person::is_yourself());
        }
        act_on(&self.state, id, deed, self.actor().await?).await
    }
}

impl Asker {
    /// The viewer, if they own the instance; to anybody else there is nothing here.
    pub(super) async fn owner(&self) -> Result<Person, Fault> {
        let me = self.person().await?;
        if me.instance_owner { Ok(me) } else { Err(Fault::NotFound) }
    }

    async fn listed(&self, id: PersonId) -> Result<PersonCard, Fault> {
        Ok(self.person_card(deeds::listed(&self.state, id).await?))
    }

    fn person_card(&self, row: Listed) -> PersonCard {
        let mut card = card(row);
        card.me = self.me().is_ok_and(|me| me == card.id);
        card
    }
}

/// A stored row as pages and commands show it.
pub fn card(row: Listed) -> PersonCard {
    let count = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
    PersonCard {
        id: row.id,
        name: row.name,
        login: row.login,
        instance_owner: row.instance_owner,
        me: false,
        standing: row.standing,
        standing_since: row.standing_since,
        came: row.created,
        seen: row.seen,
        tailnets: count(row.tailnets),
        gives: count(row.gives),
        receives: count(row.receives),
        offers: count(row.offers),
    }
}

/// `ID.NAME`, as [`PeopleView::next`] gives it.
fn cursor(text: &str) -> Option<(String, PersonId)> {
    let (id, name) = text.split_once('.')?;
    Some((name.to_owned(), id.parse().ok()?))
}
