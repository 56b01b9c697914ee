//! Whether an answer is like the recorded one. Secrets are made anew each time, so those of the recording are taken for
//! ours wherever they come again; a time is like any other, unless the request names it.

use std::fmt;

use base64::Engine as _;
use serde_json::Value;

use super::raw::{Came, Sent};
use super::recording::Exchange;

/// Something that is not alike.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    pub place: String,
    recorded: String,
    came: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = |text: &String| text.chars().take(300).collect::<String>();
        write!(f, "{}: recorded {}, came {}", self.place, short(&self.recorded), short(&self.came))
    }
}

/// Recorded texts, and ours in their place.
#[derive(Default)]
pub struct Likeness(Vec<(String, String)>);

const STANDARD: base64::engine::GeneralPurpose = base64::engine::general_purpose::STANDARD;

impl Likeness {
    fn ours(&self, recorded: &str) -> String {
        self.0.iter().fold(recorded.to_owned(), |text, (theirs, ours)| text.replace(theirs, ours))
    }

    /// The request as it would have been with our secrets.
    pub fn of_request(&self, exchange: &Exchange) -> Sent {
        let request = &exchange.request;
        let headers = request.headers.iter().map(|(name, value)| {
            let basic = value.strip_prefix("Basic ").and_then(|value| STANDARD.decode(value).ok());
            let value = match basic.and_then(|bytes| String::from_utf8(bytes).ok()) {
                Some(pair) => format!("Basic {}", STANDARD.encode(self.ours(&pair))),
                None => self.ours(value),
            };
            (name.clone(), value)
        });
        let body = match &request.body {
            Value::Null => None,
            Value::String(text) => Some(self.ours(&whole(text))),
            json => Some(self.ours(&json.to_string())),
        };
        Sent {
            method: request.method.clone(),
            path: self.ours(&request.path),
            headers: headers.collect(),
            body,
        }
    }

    /// Everything in which the answer is not as recorded. Learns the secrets that were made.
    pub fn compare(&mut self, exchange: &Exchange, came: &Came) -> Vec<Difference> {
        let answer = &exchange.answer;
        let mut found = Vec::new();
        let mut differ = |place: &str, recorded: String, came: String| {
            found.push(Difference { place: place.to_owned(), recorded, came });
        };
        if answer.status != Some(came.status) {
            differ("status", format!("{:?}", answer.status), came.status.to_string());
        }
        for name in ["content-type", "etag", "allow", "location", "cache-control"] {
            let recorded = answer.headers.get(name).map(|value| self.ours(value));
            let all: Vec<&String> =
                came.headers.iter().filter(|(other, _)| other == name).map(|(_, value)| value).collect();
            let alike = match &recorded {
                Some(recorded) => all.contains(&recorded),
                None => all.is_empty(),
            };
            if !alike {
                differ(name, format!("{recorded:?}"), format!("{all:?}"));
            }
        }
        let body = match (&answer.body, serde_json::from_str::<Value>(&came.body)) {
            (Value::String(_), _) | (_, Err(_)) => Value::from(came.body.as_str()),
            (_, Ok(json)) => json,
        };
        let sent = exchange.request.path.clone() + &exchange.request.body.to_string();
        if answer.body == "(the text again)" {
            let Value::String(text) = &exchange.request.body else { panic!("a long text was sent") };
            let text = whole(text);
            let stored =
                serde_json::from_str::<Value>(&text).ok().and_then(|json| json.get("policy").cloned());
            let again = stored.unwrap_or_else(|| text.into());
            if serde_json::from_str::<Value>(&came.body).ok().and_then(|json| json.get("policy").cloned())
                != Some(again.clone())
                && again != came.body.as_str()
            {
                differ("body", "the text again".into(), came.body.chars().take(200).collect());
            }
            return found;
        }
        self.learn(&answer.body, &body);
        self.values("body", &answer.body, &body, &sent, &mut found);
        found
    }

    /// Ours for theirs, wherever the two answers have a secret in the same place.
    fn learn(&mut self, recorded: &Value, came: &Value) {
        match (recorded, came) {
            (Value::Object(recorded), Value::Object(came)) => {
                for (name, recorded) in recorded {
                    came.get(name).into_iter().for_each(|came| self.learn(recorded, came));
                }
            }
            (Value::String(recorded), Value::String(came)) => {
                if let (Some(theirs), Some(ours)) = (Secret::of(recorded), Secret::of(came)) {
                    self.0.push((theirs.shown.to_owned(), ours.shown.to_owned()));
                    self.0.push((theirs.rest.to_owned(), ours.rest.to_owned()));
                }
            }
            _ => {}
        }
    }

    fn values(&self, place: &str, recorded: &Value, came: &Value, sent: &str, found: &mut Vec<Difference>) {
        match (recorded, came) {
            (Value::Object(recorded), Value::Object(came)) => {
                let names: std::collections::BTreeSet<_> = recorded.keys().chain(came.keys()).collect();
                for name in names {
                    let place = format!("{place}/{name}");
                    match (recorded.get(name), came.get(name)) {
                        (Some(recorded), Some(came)) => self.values(&place, recorded, came, sent, found),
                        (recorded, came) => {
                            let (recorded, came) = (format!("{recorded:?}"), format!("{came:?}"));
                            found.push(Difference { place, recorded, came });
                        }
                    }
                }
            }
            (Value::Array(recorded), Value::Array(came)) if recorded.len() == came.len() => {
                if in_order_of(recorded, came).is_some_and(|sorted| sorted != *came) {
                    let ids = |all: &[Value]| all.iter().map(|one| one["id"].to_string()).collect::<String>();
                    let (place, recorded, came) = (format!("{place} order"), ids(recorded), ids(came));
                    found.push(Difference { place, recorded, came });
                }
                let came = in_order_of(recorded, came).unwrap_or_else(|| came.clone());
                for (recorded, came) in recorded.iter().zip(&came) {
                    self.values(place, recorded, came, sent, found);
                }
            }
            (Value::String(recorded), Value::String(came)) if self.texts_alike(recorded, came, sent) => {}
            (recorded, came) if recorded == came => {}
            (recorded, came) => found.push(Difference {
                place: place.to_owned(),
                recorded: recorded.to_string(),
                came: came.to_string(),
            }),
        }
    }

    fn texts_alike(&self, recorded: &str, came: &str, sent: &str) -> bool {
        if let (Some(theirs), Some(ours)) = (Secret::of(recorded), Secret::of(came)) {
            return theirs.kind == ours.kind && theirs.rest.len() == ours.rest.len();
        }
        let time = |text: &str| text.parse::<jiff::Timestamp>().is_ok() && !text.starts_with("0001-");
        let recorded = self.ours(recorded);
        recorded == came
            || repeated(&recorded).is_some_and(|long| long == came)
            || time(&recorded) && time(came) && !sent.contains(&recorded)
    }
}

/// Entries in the order of others with the same ids; `None` where these are no lists of entries with ids, or others.
fn in_order_of(recorded: &[Value], came: &[Value]) -> Option<Vec<Value>> {
    let wanted = recorded.iter().map(|one| one.get("id").filter(|id| id.is_string()));
    wanted.map(|id| came.iter().find(|one| one.get("id") == id && id.is_some()).cloned()).collect()
}

/// A key with the half that is never shown again.
struct Secret<'a> {
    kind: &'a str,
    shown: &'a str,
    rest: &'a str,
}

impl<'a> Secret<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let (kind, rest) = text.strip_prefix("hskey-")?.split_once('-')?;
        let (shown, rest) = rest.split_at_checked(12)?;
        let rest = rest.strip_prefix('-').filter(|rest| *rest != "***")?;
        Some(Self { kind, shown, rest })
    }
}

/// `xxxx…(N times x in all)`, written out.
fn repeated(text: &str) -> Option<String> {
    let count = text.strip_prefix("xxxx…(")?.strip_suffix(" times x in all)")?;
    Some("x".repeat(count.parse().ok()?))
}

/// A body that was cut in the recording, written out to its length.
fn whole(text: &str) -> String {
    let Some((cut, length)) = text.strip_suffix(" bytes in all)").and_then(|text| text.rsplit_once("… ("))
    else {
        return text.to_owned();
    };
    let length: usize = length.parse().expect("a length");
    let letters = cut.trim_end_matches('x');
    if cut.len() - letters.len() > 4 {
        // Followed by what the same group puts at its beginning, where it is a policy.
        let end = if letters.starts_with("{\"policy\"") {
            let policy = serde_json::Value::from(super::worlds::DUNES).to_string();
            format!("\\n{}}}", &policy[1..])
        } else {
            "\"}".to_owned()
        };
        return format!("{letters}{}{end}", "x".repeat(length - letters.len() - end.len()));
    }
    let (begin, rows) = cut.split_once('[').map(|(begin, rows)| (format!("{begin}["), rows)).expect("a list");
    let row = rows.split_inclusive("},").next().expect("a row");
    let count = (length - begin.len() - 2) / row.len();
    format!("{begin}{}]}}", row.repeat(count))
}
