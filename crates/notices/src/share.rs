//! Shares: for whoever gives them, and for their friend.

use model::share::ends_soon_from;
use model::{Need, PersonId, Phase, ServicePorts, ShareState, Timestamp};

use crate::tailnet::{Causes, asks_to_wait};
use crate::{DAY, Notice, What};

/// So long a friend is told that an owner may no longer come in.
const LEFT_ALONE: i64 = 14 * DAY;

/// So long a job may take to find out whether an owner has to be asked.
const UNASKED: i64 = 60;

/// Who is told of a share.
#[derive(Clone, Debug)]
pub struct SharePeople<'a> {
    /// Who receives it.
    pub friend: PersonId,
    /// Its owner, and whoever else acts for its tailnet. A friend among them is told as the friend.
    pub givers: &'a [PersonId],
}

/// What is stored of a share.
#[derive(Clone, Debug)]
pub struct ShareFacts<'a> {
    /// Absent: it cannot be read.
    pub state: Option<&'a ShareState>,
    /// The ports that its owner is to look at, instead of those that it has.
    pub asked: Option<&'a ServicePorts>,
    /// What its friend asks for: since when, until when and with which word.
    pub longer: Option<(Timestamp, Option<Timestamp>, String)>,
    /// When the offer was accepted.
    pub accepted: Timestamp,
    /// A job looks whether its owner has to be asked at all.
    pub unasked: bool,
    /// When it ends by itself.
    pub ends: Option<Timestamp>,
    /// Since when its owner may no longer come in.
    pub owner_out: Option<Timestamp>,
    /// What is told of its tailnet already.
    pub told: Causes,
    /// When this is written: what just happened waits since then.
    pub now: Timestamp,
}

impl ShareFacts<'_> {
    /// What waits of this share.
    pub fn notices(&self, people: &SharePeople<'_>) -> Vec<Notice> {
        let givers = people.givers.iter().filter(|giver| **giver != people.friend);
        let giving = givers.flat_map(|giver| self.giving().into_iter().map(|waits| waits.of(*giver)));
        let receiving = self.receiving().into_iter().map(|waits| waits.of(people.friend));
        giving.chain(receiving).collect()
    }

    fn giving(&self) -> Vec<Waits> {
        let Some(state) = self.state else { return vec![Waits::since(self.now, What::Unreadable)] };
        let over = matches!(
            state,
            ShareState::Ending { .. }
                | ShareState::Ended { .. }
                | ShareState::NeedsAttention { phase: Phase::End { .. }, .. }
        );
        let longer = self.longer.clone().filter(|_| !over);
        let longer = longer.map(|(asked, until, note)| Waits::since(asked, What::Longer { until, note }));
        self.going_on(state).into_iter().chain(longer).collect()
    }

    fn going_on(&self, state: &ShareState) -> Vec<Waits> {
        match state {
            ShareState::AccountMissing { since } => vec![Waits::since(*since, What::NoAccountYet)],
            ShareState::Accepted { again } => {
                let what = What::Review { again: again.clone(), ports: None };
                let waits = Waits::since(self.accepted, what);
                let opens = if self.unasked { self.accepted.plus_seconds(UNASKED) } else { waits.opens };
                vec![Waits { opens, ..waits }]
            }
            ShareState::Drifted { attention } | ShareState::NeedsAttention { attention, .. }
                if self.told.explain(attention) =>
            {
                Vec::new()
            }
            // Its friend may be let in meanwhile, so nobody waits for time to pass, but for what is over in a moment.
            ShareState::NeedsAttention { phase: Phase::End { .. }, attention }
                if !asks_to_wait(&attention.trouble) =>
            {
                vec![Waits::since(self.now, What::NotEnded { attention: attention.clone() })]
            }
            // The owner has said no, and their friend is let in still.
            ShareState::NeedsAttention { phase: Phase::Pause, attention }
                if !asks_to_wait(&attention.trouble) =>
            {
                vec![Waits::since(self.now, What::Attention { attention: attention.clone() })]
            }
            ShareState::Drifted { attention } | ShareState::NeedsAttention { attention, .. }
                // What passes with time needs nobody.
                if attention.need != Need::Time =>
            {
                vec![Waits::since(self.now, What::Attention { attention: attention.clone() })]
            }
            _ => {
                let asked = self.asked.map(|ports| What::Review { again: None, ports: Some(ports.clone()) });
                let asked = asked.map(|what| Waits::since(self.now, what));
                asked.into_iter().chain(self.ends_soon(state)).collect()
            }
        }
    }

    fn receiving(&self) -> Vec<Waits> {
        let Some(state) = self.state else { return vec![Waits::since(self.now, What::Unreadable)] };
        let invite = match state {
            ShareState::WaitingForFriend { since } => Some(Waits::since(*since, What::OpenInvite)),
            ShareState::AccountMissing { since } => Some(Waits::since(*since, What::Account)),
            _ => None,
        };
        invite.into_iter().chain(self.ends_soon(state)).chain(self.left_alone(state)).collect()
    }

    fn ends_soon(&self, state: &ShareState) -> Option<Waits> {
        let goes_on = matches!(state, ShareState::Active { .. } | ShareState::Paused { .. });
        let ends = self.ends.filter(|_| goes_on)?;
        let opens = ends_soon_from(self.accepted, ends);
        Some(Waits { since: opens.max(self.accepted), opens, closes: Some(ends), what: What::EndsSoon })
    }

    /// What goes on although its owner cannot look after it.
    fn left_alone(&self, state: &ShareState) -> Option<Waits> {
        use ShareState::{Active, Drifted, NeedsAttention, Paused, Pausing};
        let goes_on =
            matches!(state, Active { .. } | Pausing | Paused { .. } | Drifted { .. } | NeedsAttention { .. });
        let since = self.owner_out.filter(|_| goes_on)?;
        let closes = Some(since.plus_seconds(LEFT_ALONE));
        Some(Waits { closes, ..Waits::since(since, What::LeftAlone) })
    }
}

/// A notice without its person.
#[derive(Clone)]
struct Waits {
    since: Timestamp,
    opens: Timestamp,
    closes: Option<Timestamp>,
    what: What,
}

impl Waits {
    const fn since(since: Timestamp, what: What) -> Self {
        // As old as time: a clock that is set back does not hide it.
        Self { since, opens: Timestamp::from_micros(0), closes: None, what }
    }

    fn of(self, person: PersonId) -> Notice {
        let Self { since, opens, closes, what } = self;
        Notice { person, what, part: "", since, opens, closes }
    }
}
