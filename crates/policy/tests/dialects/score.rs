//! Counts what is right, by kind, and names what is not.

use std::collections::BTreeMap;

pub struct Score {
    title: String,
    /// Right and of how many, by part and kind.
    counts: BTreeMap<(&'static str, &'static str), (usize, usize)>,
    wrong: Vec<(&'static str, String)>,
}

impl Score {
    pub fn new(title: &str) -> Self {
        Self { title: title.into(), counts: BTreeMap::new(), wrong: Vec::new() }
    }

    pub fn count(&mut self, part: &'static str, kind: &'static str, outcome: Result<(), String>) {
        for kind in [kind, ""] {
            let (right, of) = self.counts.entry((part, kind)).or_default();
            *right += usize::from(outcome.is_ok());
            *of += 1;
        }
        if let Err(why) = outcome {
            self.wrong.push((part, why));
        }
    }

    pub fn finish(self) {
        for (part, why) in &self.wrong {
            eprintln!("{part} {why}");
        }
        for ((part, kind), (right, of)) in &self.counts {
            let kind = if kind.is_empty() { "all" } else { kind };
            eprintln!("{}: {part}, {kind}: {right} of {of}", self.title);
        }
        assert!(self.wrong.is_empty(), "{}: {} are wrong", self.title, self.wrong.len());
    }
}
