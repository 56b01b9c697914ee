//! The trail as a file, written page by page while somebody reads it.

use app::fault::Fault;
use app::ports::audit::{Entry, Filters, PolicyChange};
use app::ports::export::{Export, Format};
use app::ports::shares::{DiffKind, DiffLine, ReachLine};
use async_trait::async_trait;
use model::{ShareEvent, Zone};
use serde_json::{Value, json};

use super::filters::understand;
use super::view;
use crate::failure::OrInternal as _;
use crate::store::Db;
use crate::store::audit::{Reader, Search, parameters};
use crate::text_csv;
use crate::use_cases::Asker;

/// Entries that are read at a time.
const AT_ONCE: usize = 100;

const HEADER: &str =
    "id,at,actor,what,kind,object,tailnet,before,after,policy,gained,lost,code,parameters\r\n";

/// A file as far as it is written.
#[derive(Debug)]
pub(super) struct Written {
    source: Source,
    search: Search,
    format: Format,
    begun: bool,
    done: bool,
}

/// Who reads.
#[derive(Debug)]
enum Source {
    Viewer(Box<Asker>),
    Operator(Db),
}

impl Written {
    pub(super) fn by(asker: Asker, search: Search, format: Format) -> Self {
        Self::new(Source::Viewer(Box::new(asker)), search, format)
    }

    fn new(source: Source, mut search: Search, format: Format) -> Self {
        search.limit = i64::try_from(AT_ONCE).unwrap_or(i64::MAX);
        Self { source, search, format, begun: false, done: false }
    }

    async fn read(&self) -> Result<Vec<Entry>, Fault> {
        match &self.source {
            Source::Viewer(asker) => asker.entries(&self.search).await,
            Source::Operator(db) => {
                let rows = db.search_entries(&self.search).await.or_internal("read the audit trail")?;
                Ok(rows.into_iter().map(|row| view(row, false)).collect())
            }
        }
    }
}

/// All of the instance, for whoever runs commands on its machine.
///
/// # Errors
/// [`Fault::Invalid`] where a filter is not understood, with what the name could mean.
pub async fn for_operator(db: &Db, filters: &Filters, format: Format) -> Result<Box<dyn Export>, Fault> {
    let person = filters.person.trim();
    let people = if person.is_empty() {
        Vec::new()
    } else {
        db.people_named(Reader::Operator, person).await.or_internal("look for the person")?
    };
    let asked = understand(db, Reader::Operator, people, filters, &Zone::default()).await?;
    if !asked.errors.is_empty() {
        let choices = asked
            .choices
            .into_iter()
            .map(|one| (one.name.to_owned(), format!("{}: {}", one.value, one.words)));
        return Err(Fault::Invalid(asked.errors.into_iter().chain(choices).collect()));
    }
    Ok(Box::new(Written::new(Source::Operator(db.clone()), asked.search, format)))
}

#[async_trait]
impl Export for Written {
    async fn next(&mut self) -> Result<Option<String>, Fault> {
        if self.done {
            return Ok(None);
        }
        let entries = self.read().await?;
        self.done = entries.len() < AT_ONCE;
        self.search.after = entries.last().map(|entry| entry.id).or(self.search.after);
        let mut part = String::new();
        if !self.begun && self.format == Format::Csv {
            part.push_str(HEADER);
        }
        for entry in &entries {
            match self.format {
                Format::Csv => part.push_str(&row(entry)),
                Format::Json => {
                    part.push_str(if self.begun { ",\n" } else { "[\n" });
                    part.push_str(&object(entry).to_string());
                }
            }
            self.begun = true;
        }
        if self.done && self.format == Format::Json {
            part.push_str(if self.begun { "\n]\n" } else { "[]\n" });
        }
        self.begun = true;
        Ok(Some(part))
    }
}

fn object(entry: &Entry) -> Value {
    let policy = entry.policy.as_ref().map(|change| {
        json!({
            "diff": change.diff.iter().map(line).collect::<Vec<_>>(),
            "more_lines": change.more_lines,
            "gained": change.gained.iter().map(reach).collect::<Vec<_>>(),
            "more_gained": change.more_gained,
            "lost": change.lost.iter().map(reach).collect::<Vec<_>>(),
            "more_lost": change.more_lost,
        })
    });
    json!({
        "id": entry.id.to_string(),
        "at": entry.at,
        "actor": entry.actor,
        "what": entry.what,
        "kind": entry.kind,
        "object": entry.object,
        "tailnet": entry.tailnet,
        "before": entry.before,
        "after": entry.after,
        "policy": policy,
        "code": entry.event.as_ref().map(ShareEvent::code),
        "parameters": entry.event.as_ref().and_then(parameters),
    })
}

fn reach(line: &ReachLine) -> Value {
    json!({ "who": line.who, "node": line.node, "what": line.what })
}

/// As in a patch, with the number of the line.
fn line(line: &DiffLine) -> String {
    let (sign, number) = match line.kind {
        DiffKind::Same => (' ', line.new),
        DiffKind::Added => ('+', line.new),
        DiffKind::Removed => ('-', line.old),
        DiffKind::Gap => return "…".into(),
    };
    format!("{sign}{} {}", number.unwrap_or_default(), line.text)
}

fn row(entry: &Entry) -> String {
    let (at, id) = (entry.at.to_string(), entry.id.to_string());
    let policy =
        |of: fn(&PolicyChange) -> Vec<String>| entry.policy.as_ref().map(of).unwrap_or_default().join("\n");
    let lines = |lines: &[ReachLine], more: usize| {
        let told = lines.iter().map(|line| format!("{} {} {}", line.who, line.node, line.what));
        told.chain((more > 0).then(|| format!("+{more}"))).collect()
    };
    let diff = policy(|change| {
        let more = (change.more_lines > 0).then(|| format!("+{}", change.more_lines));
        change.diff.iter().map(line).chain(more).collect()
    });
    let (gained, lost) = entry.policy.as_ref().map_or_else(Default::default, |change| {
        let gained: Vec<String> = lines(&change.gained, change.more_gained);
        let lost: Vec<String> = lines(&change.lost, change.more_lost);
        (gained.join("\n"), lost.join("\n"))
    });
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    text_csv::row([
        id.as_str(),
        &at,
        &entry.actor,
        &entry.what,
        entry.kind.as_str(),
        &entry.object,
        &text(&entry.tailnet),
        &text(&entry.before),
        &text(&entry.after),
        &diff,
        &gained,
        &lost,
        entry.event.as_ref().map_or("", ShareEvent::code),
        &entry.event.as_ref().and_then(parameters).map(|told| told.to_string()).unwrap_or_default(),
    ])
}
