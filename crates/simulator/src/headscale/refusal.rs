//! How Headscale says no: one refusal, three shapes.

use serde_json::{Map, Value, json};

use super::wire::Reply;

/// The API whose shape an answer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// v1 of 0.28 and 0.29: `{"code", "message", "details"}`.
    Gateway,
    /// v1 of 0.30: `{"title", "status", "detail", "errors"}`.
    Problem,
    /// v2: `{"message", "data": [{"errors"}], "status"}`.
    Tailscale,
}

/// Codes of gRPC, and what the gateway makes of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// 500: also for whatever is merely wrong.
    Unknown = 2,
    Invalid = 3,
    NotFound = 5,
    TooLarge = 8,
    Unimplemented = 12,
    Internal = 13,
}

impl Code {
    fn status(self) -> u16 {
        match self {
            Self::Unknown | Self::Internal => 500,
            Self::Invalid => 400,
            Self::NotFound => 404,
            Self::TooLarge => 429,
            Self::Unimplemented => 501,
        }
    }
}

/// One reason of a refusal, with its place in the request where there is one.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    pub words: String,
    pub place: Option<(String, Value)>,
}

/// A refusal.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    code: Code,
    said: String,
    status: u16,
    detail: String,
    reasons: Vec<Reason>,
}

impl Refusal {
    /// With the same words everywhere.
    pub fn plain(code: Code, status: u16, words: impl Into<String>) -> Self {
        let words = words.into();
        Self { code, said: words.clone(), status, detail: words, reasons: Vec::new() }
    }

    /// The gateway says `cause`; 0.30 says what it was doing, and the cause.
    pub fn cause(code: Code, status: u16, doing: &str, cause: impl Into<String>) -> Self {
        Self::plain(code, status, cause).doing(doing)
    }

    /// The gateway says `DOING: CAUSE`.
    pub fn both(code: Code, status: u16, doing: &str, cause: impl Into<String>) -> Self {
        let mut refusal = Self::cause(code, status, doing, cause);
        refusal.said = format!("{doing}: {}", refusal.said);
        refusal
    }

    /// What was understood is the reason; in front of it stands what was done.
    fn doing(mut self, doing: &str) -> Self {
        let cause = std::mem::replace(&mut self.detail, doing.to_owned());
        self.reasons = vec![Reason { words: cause, place: None }];
        self
    }

    /// 0.30 says `words` in place of the cause.
    pub fn but_reason(mut self, words: impl Into<String>) -> Self {
        self.reasons = vec![Reason { words: words.into(), place: None }];
        self
    }

    /// The gateway says `words`.
    pub fn but_said(mut self, words: impl Into<String>) -> Self {
        self.said = words.into();
        self
    }

    /// Of 0.30: what was sent does not fit.
    pub fn misfit(status: u16, reasons: Vec<Reason>) -> Self {
        let words = "validation failed".to_owned();
        Self { code: Code::Invalid, said: words.clone(), status, detail: words, reasons }
    }

    /// Of v2.
    pub fn v2(status: u16, words: impl Into<String>) -> Self {
        Self::plain(Code::Unknown, status, words)
    }

    /// Of v2: what was done, and the cause.
    pub fn v2_cause(status: u16, doing: &str, cause: impl Into<String>) -> Self {
        Self::cause(Code::Unknown, status, doing, cause)
    }

    pub fn reply(&self, shape: Shape) -> Reply {
        match shape {
            Shape::Gateway => {
                let body = json!({ "code": self.code as u8, "message": self.said, "details": [] });
                Reply::new(self.code.status(), "application/json", body.to_string())
            }
            Shape::Problem => self.problem(),
            Shape::Tailscale => self.tailscale(),
        }
    }

    fn problem(&self) -> Reply {
        let mut body = json!({ "title": title(self.status), "status": self.status, "detail": self.detail });
        if !self.reasons.is_empty() {
            let errors = self.reasons.iter().map(|reason| {
                let mut error = Map::from_iter([("message".to_owned(), reason.words.clone().into())]);
                if let Some((place, value)) = &reason.place {
                    error.insert("location".into(), place.clone().into());
                    error.insert("value".into(), value.clone());
                }
                Value::Object(error)
            });
            body["errors"] = errors.collect();
        }
        Reply::new(self.status, "application/problem+json", body.to_string())
    }

    fn tailscale(&self) -> Reply {
        let mut body = json!({ "message": self.detail, "status": self.status });
        if !self.reasons.is_empty() {
            let errors = self.reasons.iter().map(|reason| match &reason.place {
                None => reason.words.clone(),
                Some((place, value)) => format!("{} ({place}: {})", reason.words, go_value(value)),
            });
            body["data"] = json!([{ "errors": errors.collect::<Vec<_>>() }]);
        }
        Reply::new(self.status, "application/problem+json", body.to_string())
    }
}

fn title(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        404 => "Not Found",
        409 => "Conflict",
        413 => "Request Entity Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Entity",
        _ => "Internal Server Error",
    }
}

/// A value as Go's `%v` prints it.
fn go_value(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".into(),
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(go_value).collect::<Vec<_>>().join(" ")),
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| name.as_str());
            let members = members.iter().map(|(name, value)| format!("{name}:{}", go_value(value)));
            format!("map[{}]", members.collect::<Vec<_>>().join(" "))
        }
        other => other.to_string(),
    }
}
