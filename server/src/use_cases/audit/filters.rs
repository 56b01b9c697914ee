//! What is asked of the trail, from what was typed. What is not understood is said, and filters nothing away in silence.

use std::str::FromStr as _;

use app::fault::{Fault, FieldErrors};
use app::ports::audit::{Active, Choice, Filters};
use model::{EntryKind, Id, Timestamp, Zone};
use uuid::Uuid;

use crate::failure::OrInternal as _;
use crate::store::Db;
use crate::store::audit::{Named, Reader, Search};
use crate::words;

/// What was typed, as far as it is understood.
pub struct Asked {
    pub search: Search,
    pub active: Vec<Active>,
    pub errors: FieldErrors,
    pub choices: Vec<Choice>,
}

impl Asked {
    fn holds(&mut self, name: &'static str, value: &str) {
        self.active.push(Active { name, words: words::audit::filter(name, value) });
    }

    fn is_wrong(&mut self, name: &'static str, why: String) {
        // It is there, so it can be taken away.
        self.active.push(Active { name, words: words::audit::filter(name, words::audit::NOT_UNDERSTOOD) });
        self.errors.push((name.to_owned(), why));
    }

    /// The one thing of that name, if there is just one.
    fn one(&mut self, name: &'static str, typed: &str, found: Vec<Named>) -> Option<Uuid> {
        match found.as_slice() {
            [] => self.is_wrong(name, words::audit::unknown(name, typed)),
            [one] => {
                self.holds(name, &one.name);
                return Some(one.id);
            }
            several => {
                self.is_wrong(name, words::audit::several(name, typed));
                self.choices.extend(several.iter().map(|one| Choice {
                    name,
                    value: one.id.simple().to_string(),
                    words: words::audit::placed(&one.name, &one.place),
                }));
            }
        }
        None
    }

    /// When that day begins there, and when the next one does.
    fn day(&mut self, name: &'static str, typed: &str, zone: &Zone) -> Option<(Timestamp, Timestamp)> {
        let typed = typed.trim();
        if typed.is_empty() {
            return None;
        }
        let day = zone.day(typed);
        match day {
            Ok(_) => self.holds(name, typed),
            Err(_) => self.is_wrong(name, words::audit::no_day(typed)),
        }
        day.ok()
    }
}

/// Days are those of `zone`. `people` are those who have the name that was typed, as far as the reader knows them.
///
/// # Errors
/// When the store fails.
pub async fn understand(
    db: &Db,
    reader: Reader,
    people: Vec<Named>,
    filters: &Filters,
    zone: &Zone,
) -> Result<Asked, Fault> {
    let (active, errors, choices) = (Vec::new(), FieldErrors::new(), Vec::new());
    let mut asked = Asked { search: Search::of(reader, 0), active, errors, choices };
    if let Some(like) = super::super::like(&filters.q) {
        asked.holds("q", filters.q.trim());
        asked.search.like = like;
    }
    let typed = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    if let Some(name) = typed(&filters.person) {
        asked.search.person = asked.one("person", &name, people).map(Id::new);
    }
    if let Some(name) = typed(&filters.tailnet) {
        let found = db.tailnets_named(reader, &name).await.or_internal("look for the tailnet")?;
        asked.search.tailnet = asked.one("tailnet", &name, found).map(Id::new);
    }
    if let Some(name) = typed(&filters.machine) {
        let found = db.machines_named(reader, &name).await.or_internal("look for the machine")?;
        asked.search.node = asked.one("machine", &name, found).map(Id::new);
    }
    if let Some(name) = typed(&filters.service) {
        let found = db.services_named(reader, &name).await.or_internal("look for the service")?;
        asked.search.service = asked.one("service", &name, found).map(Id::new);
    }
    if let Some(name) = typed(&filters.share) {
        let found = db.shares_named(reader, &name).await.or_internal("look for the share")?;
        asked.search.share = asked.one("share", &name, found).map(Id::new);
    }
    if let Some(kind) = typed(&filters.kind) {
        match EntryKind::from_str(&kind) {
            Ok(kind) => {
                asked.holds("kind", words::audit::kind(kind));
                asked.search.kind = Some(kind);
            }
            Err(_) => asked.is_wrong("kind", words::audit::no_kind(&kind)),
        }
    }
    asked.search.from = asked.day("from", &filters.from, zone).map(|(begin, _)| begin);
    let last = asked.day("until", &filters.until, zone);
    asked.search.until = last.map(|(_, end)| end);
    if let (Some(first), Some((last, _))) = (asked.search.from, last)
        && last < first
    {
        asked.errors.push(("until".into(), words::audit::ENDS_BEFORE.into()));
    }
    Ok(asked)
}
