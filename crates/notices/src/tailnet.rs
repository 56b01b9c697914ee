//! A tailnet: whether it can be asked, its credentials, and what was made there elsewhere. For its owner and stewards. And that it
//! was handed over, for its owner.

use model::{Attention, CallError, PersonId, Timestamp, Trouble};

use crate::{DAY, Notice, What};

/// So many seconds before its end a credential is to be replaced.
pub const EXPIRES_SOON: i64 = 14 * DAY;
/// So many days before its end its people are told, each time anew.
const TOLD: [i64; 3] = [14, 7, 1];

/// A control plane that asks to be asked later is away if it goes on with that.
const ASKED_LATER: i64 = 15 * 60;

/// So long its owner is told from whom they have it: then it is no news any more.
const NEWS: i64 = 14 * DAY;

/// What is stored of a tailnet and its control plane.
#[derive(Clone, Debug)]
pub struct TailnetFacts {
    /// Since when it cannot be asked, and why.
    pub away: Option<(Timestamp, Trouble)>,
    /// Since when its policy cannot be read, or not be understood, and why.
    pub policy: Option<(Timestamp, Trouble)>,
    /// To whom it was handed over, who owns it now, and when.
    pub handed: Option<(PersonId, Timestamp)>,
}

impl TailnetFacts {
    /// What waits of it: one notice for each cause, whatever else it stops.
    pub fn notices(&self, people: &[PersonId]) -> Vec<Notice> {
        let away =
            self.away.as_ref().map(|(since, trouble)| (*since, What::Away { trouble: trouble.clone() }));
        // That a policy is not given by who gives nothing is said already.
        let policy = self.policy.as_ref().filter(|(_, trouble)| self.away.is_none() || !passes(trouble));
        let policy = policy.map(|(since, trouble)| (*since, What::Policy { trouble: trouble.clone() }));
        // Also from a time that lies ahead, by a clock that was wrong: the next look writes since when it is so anew.
        let opens = |since: Timestamp, what: &What| match what {
            What::Away { trouble } | What::Policy { trouble } if asks_to_wait(trouble) => {
                since.plus_seconds(ASKED_LATER)
            }
            _ => Timestamp::from_micros(0),
        };
        let all = away.into_iter().chain(policy).flat_map(|(since, what)| {
            let opens = opens(since, &what);
            Notice::for_all(people, what, since, opens)
        });
        all.chain(self.handed_over()).collect()
    }

    fn handed_over(&self) -> Option<Notice> {
        let (person, since) = self.handed?;
        let (opens, closes) = (Timestamp::from_micros(0), Some(since.plus_seconds(NEWS)));
        Some(Notice { person, what: What::HandedOver, part: "", since, opens, closes })
    }
}

/// What the people of a tailnet are told once, so that not each share that it stops has to say so again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Causes {
    /// The control plane cannot be asked.
    pub away: bool,
    /// A credential is refused.
    pub credential: bool,
    /// The policy cannot be read.
    pub policy: bool,
}

impl Causes {
    /// Whether a share stopped because of one of these.
    pub(crate) const fn explain(self, attention: &Attention) -> bool {
        match &attention.trouble {
            Trouble::Call { error: CallError::Unauthorised, .. } => self.credential,
            Trouble::NotUnderstood { .. } => self.policy,
            trouble if passes(trouble) || matches!(trouble, Trouble::KeyFile | Trouble::Damaged) => self.away,
            _ => false,
        }
    }
}

/// What is over when the control plane answers again.
const fn passes(trouble: &Trouble) -> bool {
    use CallError::{InvalidResponse, RateLimited, Unreachable};
    matches!(trouble, Trouble::Call { error: Unreachable { .. } | InvalidResponse | RateLimited, .. })
}

/// What is over after a wait that somebody asked for, or at the next try.
pub(crate) const fn asks_to_wait(trouble: &Trouble) -> bool {
    matches!(trouble, Trouble::Call { error: CallError::RateLimited | CallError::Conflict, .. })
}

/// What is stored of a credential.
#[derive(Clone, Debug)]
pub struct CredentialFacts {
    /// Which of them, as stored: one for each time at which its people are told of its end.
    pub parts: [&'static str; 3],
    /// Why it was refused.
    pub refused: Option<String>,
    /// When it was last asked about.
    pub checked: Timestamp,
    /// When it ends.
    pub expires: Option<Timestamp>,
}

impl CredentialFacts {
    /// What waits of it.
    pub fn notices(&self, people: &[PersonId]) -> Vec<Notice> {
        let all = people.iter().flat_map(|person| self.times().into_iter().map(move |time| (person, time)));
        let notice = |(person, (part, opens, closes)): (&PersonId, _)| Notice {
            person: *person,
            what: What::Credential { refused: self.refused.clone(), expires: self.expires },
            part,
            since: if self.refused.is_some() { self.checked } else { opens },
            opens,
            closes,
        };
        all.map(notice).collect()
    }

    /// From when until when each of them is shown: one at a time, the nearer the end the newer.
    fn times(&self) -> Vec<(&'static str, Timestamp, Option<Timestamp>)> {
        let [first, ..] = self.parts;
        if self.refused.is_some() {
            // At once, whenever it would end.
            return vec![(first, Timestamp::from_micros(0), None)];
        }
        let Some(expires) = self.expires else { return Vec::new() };
        let before = |days: i64| expires.plus_seconds(-days * DAY);
        let next = TOLD.into_iter().skip(1).map(|days| Some(before(days))).chain([None]);
        let times = self.parts.into_iter().zip(TOLD).zip(next);
        times.map(|((part, days), closes)| (part, before(days), closes)).collect()
    }
}

/// What is stored of what was made elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct UnmanagedFacts {
    /// How much of it nobody has looked at.
    pub count: u32,
    /// When the first of it was found.
    pub first: Timestamp,
}

impl UnmanagedFacts {
    /// What waits of it.
    pub fn notices(&self, people: &[PersonId]) -> Vec<Notice> {
        let people = if self.count == 0 { &[] } else { people };
        let what = What::Unmanaged { count: self.count };
        Notice::for_all(people, what, self.first, Timestamp::from_micros(0))
    }
}
