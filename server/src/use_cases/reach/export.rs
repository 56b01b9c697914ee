//! All reach of a tailnet for programs: the JSON of `acequia policy reach`, and a table. Written source by source
//! while it is sent, because all of it at once may be gigabytes.

use std::mem::take;
use std::sync::Arc;

use app::fault::Fault;
use app::ports::export::{Export, Format};
use async_trait::async_trait;
use policy::Query;
use policy::reach::{Entry, Joiner, Part};
use policy::syntax::protocol;

use crate::reach::Evaluation;
use crate::text_csv;
use crate::use_cases::apart;

/// Bytes of one part, at least; the last is shorter.
const PART: usize = 64 << 10;

/// A file as far as it is written.
#[derive(Debug)]
pub(super) struct Written(Option<Rest>);

/// What is still to be written.
#[derive(Debug)]
struct Rest {
    evaluation: Arc<Evaluation>,
    format: Format,
    /// The next source, by its index in the engine.
    next: usize,
    joiner: Joiner,
    /// Whether any entry was written.
    begun: bool,
}

impl Written {
    pub(super) fn new(evaluation: Arc<Evaluation>, format: Format) -> Self {
        Self(Some(Rest { evaluation, format, next: 0, joiner: Joiner::default(), begun: false }))
    }
}

#[async_trait]
impl Export for Written {
    async fn next(&mut self) -> Result<Option<String>, Fault> {
        let Some(mut rest) = self.0.take() else { return Ok(None) };
        let (part, rest) = apart(move || {
            let (part, is_last) = rest.part();
            (part, (!is_last).then_some(rest))
        })
        .await?;
        self.0 = rest;
        Ok(Some(part))
    }
}

impl Rest {
    /// The next part, and whether it is the last.
    fn part(&mut self) -> (String, bool) {
        let mut part = String::new();
        if let (0, Format::Csv) = (self.next, self.format) {
            part.push_str("who,node,part,protocol,ports,rules,condition\r\n");
        }
        let evaluation = Arc::clone(&self.evaluation);
        let Some(engine) = evaluation.known().map(|known| &known.engine) else { return (part, true) };
        while part.len() < PART {
            let Some(who) = engine.who(self.next) else {
                let left = take(&mut self.joiner).finish();
                self.write(&mut part, &left);
                if let Format::Json = self.format {
                    part.push_str(if self.begun { "\n]\n" } else { "[]\n" });
                }
                return (part, true);
            };
            self.next += 1;
            let entries = self.joiner.push(engine.reach(&Query::from(who.clone())));
            self.write(&mut part, &entries);
        }
        (part, false)
    }

    fn write(&mut self, part: &mut String, entries: &[Entry]) {
        for entry in entries {
            match self.format {
                Format::Csv => row(part, entry),
                Format::Json => {
                    part.push_str(if self.begun { ",\n" } else { "[\n" });
                    object(part, entry);
                }
            }
            self.begun = true;
        }
    }
}

/// As it stands in a list that is written in many lines. A line end within it is never part of a text.
fn object(part: &mut String, entry: &Entry) {
    let text = serde_json::to_string_pretty(entry).unwrap_or_default();
    for (at, line) in text.lines().enumerate() {
        part.push_str(if at == 0 { "  " } else { "\n  " });
        part.push_str(line);
    }
}

fn row(part: &mut String, entry: &Entry) {
    let rules: Vec<String> = entry
        .rules
        .iter()
        .map(|rule| format!("{}[{}] line {}", rule.section.name(), rule.index, rule.line))
        .collect();
    let place = match &entry.part {
        Part::Node => "the machine itself".to_owned(),
        Part::Address(address) => address.to_string(),
        Part::Route(range) => range.to_string(),
        Part::Internet => "the internet".into(),
    };
    let fields = [
        entry.who.to_string(),
        entry.node.clone(),
        place,
        protocol::name(entry.protocol),
        entry.ports.to_string(),
        rules.join("; "),
        entry.note.as_ref().map(ToString::to_string).unwrap_or_default(),
    ];
    part.push_str(&text_csv::row(fields.iter().map(String::as_str)));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two hundred people who reach five machines each, and ranges behind a router that are told as one.
    fn evaluation() -> Arc<Evaluation> {
        let people = (0..200).map(|n| format!("{{\"name\": \"u{n}\", \"email\": \"u{n}@example.com\"}}"));
        let nodes =
            (1..6).map(|n| format!("\"n{n}\": {{\"ipv4\": \"100.64.0.{n}\", \"tags\": [\"tag:x\"]}}"));
        let network = format!(
            "{{\"users\": [{}], \"nodes\": {{{}, \"r\": {{\"ipv4\": \"100.64.1.1\", \"approved_routes\": [\"10.0.0.0/24\"]}}}}}}",
            people.collect::<Vec<_>>().join(","),
            nodes.collect::<Vec<_>>().join(",")
        );
        let rules =
            r#"{"src": ["autogroup:member", "10.0.0.0/25", "10.0.0.128/25"], "dst": ["tag:x"], "ip": ["*"]}"#;
        let text = format!("{{\"tagOwners\": {{\"tag:x\": []}}, \"grants\": [{rules}]}}");
        Arc::new(Evaluation::of(text, &network, true, policy::Dialect::Tailscale))
    }

    async fn parts(evaluation: &Arc<Evaluation>, format: Format) -> Vec<String> {
        let mut export = Written::new(Arc::clone(evaluation), format);
        let mut parts = Vec::new();
        while let Some(part) = export.next().await.unwrap() {
            parts.push(part);
        }
        parts
    }

    #[tokio::test]
    async fn a_file_comes_in_parts_that_together_are_all_reach() {
        let evaluation = evaluation();
        let everything = evaluation.known().unwrap().engine.reach(&Query::default());
        let json = parts(&evaluation, Format::Json).await;
        assert!(json.len() > 3 && json.iter().all(|part| part.len() < 2 * PART), "{}", json.len());
        assert_eq!(json.concat(), serde_json::to_string_pretty(&everything).unwrap() + "\n");
        let csv = parts(&evaluation, Format::Csv).await;
        assert!(csv.len() > 1, "{}", csv.len());
        assert_eq!(csv.concat().lines().count(), everything.len() + 1);
        assert!(csv.concat().contains("\"10.0.0.0/24\",\"n1\""), "two halves with the same reach are one");
    }

    #[tokio::test]
    async fn where_nothing_is_open_a_file_is_empty_and_whole() {
        let evaluation =
            Arc::new(Evaluation::of("{\"grants\": []}".into(), "{}", true, policy::Dialect::Tailscale));
        assert_eq!(parts(&evaluation, Format::Json).await.concat(), "[]\n");
        assert_eq!(parts(&evaluation, Format::Csv).await.concat().lines().count(), 1);
    }
}
