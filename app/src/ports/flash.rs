//! What must survive one redirect: a message, or a form that was not accepted with everything typed into it.

use async_trait::async_trait;

use crate::fault::{Fault, FieldErrors};

/// A form has fewer fields.
const MOST_ERRORS: usize = 30;
/// Of one sentence that is said, in characters.
const LONGEST_SENTENCE: usize = 1_000;

/// One message for one page of this browser session.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Message {
    /// The form it belongs to, such as `offers/create`; empty for a page-wide message.
    pub form: String,
    /// Something was done, in words.
    pub done: Option<String>,
    /// Why it was not, when it is about no single field.
    pub fault: Option<Fault>,
    pub errors: FieldErrors,
    /// What was typed, by input name; secrets are never put here.
    pub values: Vec<(String, String)>,
    /// A secret that is shown once, such as an offer's link. Kept encrypted until it is shown.
    pub once: Option<String>,
}

impl Message {
    /// The same with no more text in it than `most` bytes: what is longest among the typed values is left out first,
    /// and the person is told at its field; errors that quote what was typed are cut.
    #[must_use]
    pub fn bounded(mut self, most: usize) -> Self {
        self.errors.truncate(MOST_ERRORS);
        for (_, error) in &mut self.errors {
            cut(error);
        }
        self.form = cut_short(self.form);
        self.done = self.done.map(cut_short);
        if let Some(Fault::Conflict(reason) | Fault::Unavailable(reason)) = &mut self.fault {
            cut(&mut reason.what);
        }
        while self.values.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() > most {
            let longest =
                self.values.iter().enumerate().max_by_key(|(_, (name, value))| name.len() + value.len());
            let Some(longest) = longest.map(|(at, _)| at) else { break };
            let (name, _) = self.values.swap_remove(longest);
            if !self.errors.iter().any(|(field, _)| *field == name) {
                self.errors.push((cut_short(name), "this was too long to be kept; write less".to_owned()));
            }
        }
        self
    }
}

fn cut_short(mut text: String) -> String {
    cut(&mut text);
    text
}

fn cut(text: &mut String) {
    if let Some((end, _)) = text.char_indices().nth(LONGEST_SENTENCE) {
        text.truncate(end);
        text.push('…');
    }
}

/// Flash messages live in the browser session and are gone once shown. Each is for one page, so that another tab
/// that loads first does not swallow it, least of all a secret that is shown once.
#[async_trait]
pub trait Flash: Send + Sync {
    /// For the page at `to` (path and query, without the base path); replaces what waits for the same page.
    async fn put(&self, to: &str, message: Message) -> Result<(), Fault>;
    /// Takes out what waits for this page.
    async fn take(&self, path: &str) -> Result<Option<Message>, Fault>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_is_left_out_and_said_at_its_field_and_the_rest_stays() {
        let long = "x".repeat(5_000);
        let typed = [("name", "Minecraft"), ("about", long.as_str()), ("ports", "tcp:1")];
        let message = Message {
            form: "services/create".into(),
            errors: vec![("ports".into(), format!("`{long}` is not a port"))],
            values: typed.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            ..Message::default()
        };
        let kept = message.clone().bounded(1_000);
        assert_eq!(kept.values.len(), 2);
        assert!(kept.values.iter().all(|(name, _)| name != "about"));
        assert_eq!(kept.errors.last().map(|(name, _)| name.as_str()), Some("about"));
        assert!(kept.errors.iter().all(|(_, error)| error.chars().count() <= LONGEST_SENTENCE + 1));
        assert_eq!(
            message.clone().bounded(100_000).values,
            message.values,
            "nothing is lost that may be kept"
        );
    }
}
