//! Source ranges next to each other that reach the same.

use super::{Entry, Who, atlas};
use crate::set::IpRange;

/// Neighbouring source ranges that reach the same are told as one.
pub(crate) fn join_ranges(entries: Vec<Entry>) -> Vec<Entry> {
    let mut joiner = Joiner::default();
    let mut all = Vec::with_capacity(entries.len());
    let mut rest = entries.into_iter().peekable();
    while let Some(first) = rest.next() {
        let mut theirs = vec![first];
        while let Some(entry) =
            rest.next_if(|entry| theirs.first().is_some_and(|first| first.who == entry.who))
        {
            theirs.push(entry);
        }
        all.extend(joiner.push(theirs));
    }
    all.extend(joiner.finish());
    all
}

/// Puts neighbouring source ranges that reach the same together, for whoever asks for one source after the other in
/// the order of [`Engine::everyone`](super::Engine::everyone).
#[derive(Debug, Default)]
pub struct Joiner {
    /// What the last range reaches; the next one may reach the same.
    last: Option<(IpRange, Vec<Entry>)>,
}

impl Joiner {
    /// Takes everything that one source reaches, and gives what no further source can be joined to.
    pub fn push(&mut self, entries: Vec<Entry>) -> Vec<Entry> {
        let Some(Who::Address(range)) = entries.first().map(|entry| entry.who.clone()) else {
            let mut done = self.last.take().map(|(_, before)| before).unwrap_or_default();
            done.extend(entries);
            return done;
        };
        let Some((last, mut before)) = self.last.take() else {
            self.last = Some((range, entries));
            return Vec::new();
        };
        let same = before.len() == entries.len() && before.iter().zip(&entries).all(|(a, b)| a.is_like(b));
        let Some(both) = atlas::joined(last, range).filter(|_| same) else {
            self.last = Some((range, entries));
            return before;
        };
        for entry in &mut before {
            entry.who = Who::Address(both);
        }
        self.last = Some((both, before));
        Vec::new()
    }

    /// What is left.
    pub fn finish(self) -> Vec<Entry> {
        self.last.map(|(_, entries)| entries).unwrap_or_default()
    }
}
