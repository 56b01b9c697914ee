//! More reach than was agreed. For the owner and stewards, but for whom it is about.

use model::{PersonId, ShareId, Timestamp};

use crate::{Notice, What};

/// What is stored of what somebody reaches beyond what was agreed.
#[derive(Clone, Debug)]
pub struct ExposureFacts {
    /// The share on whose page it is told.
    pub share: ShareId,
    /// Who reaches it: not told that they do.
    pub friend: PersonId,
    /// Each line that is certain, such as "tcp 22 on maple": perhaps alarms nobody.
    pub lines: Vec<String>,
    /// Since when the first of them is known.
    pub since: Timestamp,
}

impl ExposureFacts {
    /// What waits of it.
    pub fn notices(&self, people: &[PersonId]) -> Vec<Notice> {
        let Some(first) = self.lines.first() else { return Vec::new() };
        let more = u32::try_from(self.lines.len() - 1).unwrap_or(u32::MAX);
        let told = people.iter().filter(|person| **person != self.friend);
        let what = What::Exposure { share: self.share, first: first.clone(), more };
        Notice::for_all(told, what, self.since, Timestamp::from_micros(0))
    }
}
