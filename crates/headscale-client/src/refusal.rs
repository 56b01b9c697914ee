//! How Headscale says no: in two shapes, and often as a 500 that is none.

use calls::words::clean;
use calls::{Answer, lenient};
use control_plane::ControlPlaneError;
use serde::Deserialize;

/// `{"code", "message"}` of 0.28 and 0.29, `{"title", "detail", "errors": [{"message"}]}` of 0.30. What was sent may stand
/// in `errors[].value`, which is not read.
#[derive(Default, Deserialize)]
struct Refusal {
    #[serde(default, deserialize_with = "lenient::nullable")]
    message: String,
    #[serde(default, deserialize_with = "lenient::nullable")]
    detail: String,
    #[serde(default, deserialize_with = "lenient::nullable")]
    errors: Vec<Reason>,
}

#[derive(Deserialize)]
struct Reason {
    #[serde(default, deserialize_with = "lenient::nullable")]
    message: String,
    #[serde(default, deserialize_with = "lenient::nullable")]
    location: String,
}

impl Refusal {
    /// `DOING: CAUSE`, as 0.28 and 0.29 write it; empty if it is no refusal in either shape.
    fn words(&self) -> String {
        if !self.message.is_empty() {
            return self.message.clone();
        }
        let mut words = vec![self.detail.clone()];
        for reason in &self.errors {
            let place =
                if reason.location.is_empty() { String::new() } else { format!(" ({})", reason.location) };
            words.push(format!("{}{place}", reason.message));
        }
        words.retain(|part| !part.is_empty());
        words.dedup();
        words.join(": ")
    }
}

fn words(answer: &Answer) -> String {
    answer.json::<Refusal>("a refusal").unwrap_or_default().words()
}

/// Whether an answer is what it seems: a 500 that is a refusal, and a 429 that means a text is too long.
pub fn is_final(answer: &Answer) -> bool {
    match answer.status.as_u16() {
        429 => is_too_large(&words(answer)),
        500 => Meaning::of(&words(answer)) != Meaning::Trouble,
        _ => false,
    }
}

/// The answer if its status says so, else the error. `hide` are secrets that the words may repeat.
pub fn success(answer: Answer, hide: &[&str]) -> Result<Answer, ControlPlaneError> {
    if answer.status.is_success() {
        // 0.28 answers a blank page to whatever it does not know. Any other page is somebody else's, and tells nothing of what
        // was done.
        if answer.is_blank_page() {
            let what = "this Headscale has no such call".into();
            return Err(ControlPlaneError::Unsupported { what });
        }
        return answer.no_page();
    }
    let said = words(&answer);
    let message = clean(&said, hide);
    let rejected = |message| Err(ControlPlaneError::Rejected { message, details: Vec::new() });
    match (answer.status.as_u16(), Meaning::of(&said)) {
        (429, _) if is_too_large(&said) => rejected(message),
        (400..=403 | 404 | 409 | 413 | 415 | 422 | 500, Meaning::FileMode) => Err(in_file_mode()),
        (400 | 404 | 500, Meaning::NotFound) => Err(ControlPlaneError::NotFound),
        (500, Meaning::Refused) => rejected(message),
        _ => Err(answer.error(message, Vec::new())),
    }
}

fn is_too_large(words: &str) -> bool {
    words.contains("larger than max")
}

/// Every write of a policy that is kept in a file.
pub fn in_file_mode() -> ControlPlaneError {
    let what = "the policy of this server is kept in a file on it, which only its owner can change".into();
    ControlPlaneError::Unsupported { what }
}

/// What is said where no policy is stored: everything is allowed.
pub fn is_no_policy(words: &str) -> bool {
    words.contains("acl policy not found")
}

/// What is said where the file of the policy cannot be read.
pub fn is_unreadable_file(words: &str) -> bool {
    words.contains("reading policy from path")
}

/// What the words of a 500 mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    NotFound,
    Refused,
    FileMode,
    /// The server's own: it may pass.
    Trouble,
}

impl Meaning {
    fn of(words: &str) -> Self {
        let has = |parts: &[&str]| parts.iter().any(|part| words.contains(part));
        // A refused policy may quote anything.
        if words.starts_with("setting policy") {
            return Self::Refused;
        }
        if has(&["update is disabled for modes other than"]) {
            return Self::FileMode;
        }
        if is_no_policy(words) || is_unreadable_file(words) {
            return Self::Refused;
        }
        let unknown = [
            "user not found",
            "record not found",
            "node not found",
            "no longer exists in NodeStore",
            "auth-key not found",
            "not found in registration cache",
        ];
        if has(&unknown) {
            return Self::NotFound;
        }
        let refused = [
            "UNIQUE constraint",
            "duplicate key value",
            "is not unique",
            "user not empty",
            "must be either tagged or owned",
            "tag must start with",
            "tag should",
            "renaming node:",
            "parsing route:",
            "has invalid prefix",
            "must be 24 characters long",
            "not confirmed",
        ];
        if has(&refused) { Self::Refused } else { Self::Trouble }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Refusal {
        serde_json::from_str(text).expect("a refusal")
    }

    #[test]
    fn both_shapes_say_the_same() {
        let gateway = of(r#"{"code":2,"message":"setting policy: parsing policy: x","details":[]}"#);
        let problem = of(
            r#"{"title":"Bad Request","status":400,"detail":"setting policy","errors":[{"message":"parsing policy: x"}]}"#,
        );
        assert_eq!(gateway.words(), problem.words());
        let twice = of(r#"{"detail":"parsing policy: x","errors":[{"message":"parsing policy: x"}]}"#);
        assert_eq!(twice.words(), "parsing policy: x");
    }

    #[test]
    fn what_was_sent_is_not_repeated() {
        let secret = of(
            r#"{"detail":"validation failed","errors":[{"message":"unexpected property","location":"body.key",
                "value":{"key":"hskey-auth-abc-def"}}]}"#,
        );
        assert_eq!(secret.words(), "validation failed: unexpected property (body.key)");
    }

    #[test]
    fn a_500_is_read_by_its_words() {
        for (words, meaning) in [
            ("setting policy: user not found", Meaning::Refused),
            ("user not found", Meaning::NotFound),
            ("renaming user: user not found", Meaning::NotFound),
            ("node no longer exists in NodeStore: 999", Meaning::NotFound),
            (
                "creating user: constraint failed: UNIQUE constraint failed: users.name (2067)",
                Meaning::Refused,
            ),
            ("update is disabled for modes other than 'database'", Meaning::FileMode),
            ("loading ACL from database: acl policy not found", Meaning::Refused),
            ("database is locked", Meaning::Trouble),
            ("", Meaning::Trouble),
        ] {
            assert_eq!(Meaning::of(words), meaning, "{words}");
        }
    }
}
