//! Promises 2 and 4: every byte of the owner's policy stays but for edits that were asked for.

use super::Found;
use crate::{Baseline, Observation, outside};

pub const UNDERSTOOD: &str = "a policy and the marks in it can be understood, and no share is marked twice";
pub const OUTSIDE: &str =
    "outside of shares' rules a policy is, to the byte, what it was before or what recorded edits made of it";

pub fn check(start: &Baseline, seen: &Observation, found: &mut Found) {
    for tailnet in &seen.tailnets {
        let Some(begun) = start.tailnets.get(&tailnet.name) else { continue };
        let now = match outside::read(&tailnet.policy) {
            Ok(read) => read.outside,
            Err(error) => {
                // One that nobody of ours has touched is its owner's own matter.
                let untouched = tailnet.policy == begun.outside;
                found.must(untouched, UNDERSTOOD, || format!("{}: {error}", tailnet.name));
                continue;
            }
        };
        let mut edits: Vec<_> = seen
            .edits
            .iter()
            .filter(|edit| tailnet.id.as_ref() == Some(&edit.tailnet) && !begun.edits.contains(&edit.id))
            .collect();
        edits.sort_by(|one, other| one.id.cmp(&other.id));
        // What may stand there: an edit that is under way was written, or was not.
        let mut possible = vec![begun.outside.clone()];
        for edit in edits {
            let (Ok(before), Ok(after)) = (outside::read(&edit.before), outside::read(&edit.after)) else {
                found.broken(UNDERSTOOD, format!("{}: the texts of edit {}", tailnet.name, edit.id));
                continue;
            };
            if !possible.contains(&before.outside) {
                // Nothing was written for a text that no longer stood there.
                let what = || format!("{}: edit {} began from another text", tailnet.name, edit.id);
                found.must(!edit.applied, OUTSIDE, what);
            } else if edit.applied {
                possible = vec![after.outside];
            } else {
                possible.push(after.outside);
            }
        }
        found.must(possible.contains(&now), OUTSIDE, || {
            format!("{}: {}", tailnet.name, first_difference(possible.last().map_or("", |text| text), &now))
        });
    }
}

/// The first line that differs, for words.
fn first_difference(expected: &str, now: &str) -> String {
    let mut lines = (1..).zip(expected.split_inclusive('\n').zip(now.split_inclusive('\n')));
    match lines.find(|(_, (expected, now))| expected != now) {
        Some((line, (expected, now))) => format!("line {line} is {now:?} and should be {expected:?}"),
        None => format!("{} bytes, and should have {}", now.len(), expected.len()),
    }
}
