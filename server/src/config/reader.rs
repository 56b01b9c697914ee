//! Takes settings out of a table one by one, keeps every problem, and knows what was left over.

use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use toml::{Table, Value};

use super::Secret;

#[cfg(test)]
thread_local! {
    /// Every setting that was asked for on this thread.
    pub static ASKED: std::cell::RefCell<std::collections::BTreeSet<String>> = std::cell::RefCell::default();
}

/// A table of settings under a name, as in `timing` or `providers.forge`.
pub struct Reader<'a> {
    path: String,
    table: Table,
    problems: &'a mut Vec<String>,
}

impl<'a> Reader<'a> {
    pub fn new(path: &str, table: Table, problems: &'a mut Vec<String>) -> Self {
        Self { path: path.to_owned(), table, problems }
    }

    fn name(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn take(&mut self, key: &str) -> Option<Value> {
        #[cfg(test)]
        ASKED.with_borrow_mut(|asked| asked.insert(self.name(key)));
        self.table.remove(key)
    }

    pub fn problem(&mut self, key: &str, what: impl Display) {
        let name = self.name(key);
        self.problems.push(format!("{name}: {what}"));
    }

    /// A text; numbers and yes/no are read as text as well, since the environment has only text.
    pub fn text(&mut self, key: &str) -> Option<String> {
        match self.take(key)? {
            Value::String(text) if text.trim().is_empty() => {
                self.problem(key, "is empty; leave it out or give it a value");
                None
            }
            Value::String(text) => Some(text),
            Value::Integer(number) => Some(number.to_string()),
            Value::Boolean(yes) => Some(yes.to_string()),
            _ => {
                self.problem(key, "has to be a text");
                None
            }
        }
    }

    pub fn required(&mut self, key: &str) -> Option<String> {
        if self.table.contains_key(key) {
            return self.text(key);
        }
        let _ = self.take(key);
        self.problem(key, "is missing");
        None
    }

    pub fn parsed<T: FromStr>(&mut self, key: &str, example: &str) -> Option<T> {
        let text = self.text(key)?;
        let value = text.trim().parse().ok();
        if value.is_none() {
            self.problem(key, format!("`{text}` is not understood; write it like {example}"));
        }
        value
    }

    /// `30s`, `5m`, `12h`, `30d` or `250ms`.
    pub fn duration(&mut self, key: &str, default: Duration) -> Duration {
        let Some(text) = self.text(key) else { return default };
        parse_duration(&text).unwrap_or_else(|| {
            self.problem(key, format!("`{text}` is no duration; write it like 250ms, 30s, 5m, 12h or 30d"));
            default
        })
    }

    /// A list; in the environment separated by commas.
    pub fn list(&mut self, key: &str) -> Vec<String> {
        match self.take(key) {
            None => Vec::new(),
            Some(Value::String(text)) => {
                text.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
            }
            Some(Value::Array(values)) => values
                .into_iter()
                .filter_map(|value| match value {
                    Value::String(text) => Some(text),
                    other => {
                        self.problem(
                            key,
                            format!("its entries have to be texts, not of type {}", other.type_str()),
                        );
                        None
                    }
                })
                .collect(),
            Some(_) => {
                self.problem(key, "has to be a list of texts");
                Vec::new()
            }
        }
    }

    /// A secret from `key`, or from the file that `key_file` names.
    pub fn secret(&mut self, key: &str) -> Option<Secret> {
        let from_file = format!("{key}_file");
        let direct = self.text(key);
        let Some(file) = self.text(&from_file) else { return direct.map(Secret::new) };
        if direct.is_some() {
            self.problem(key, format!("is given twice, here and as {from_file}; keep one"));
        }
        let file = in_credentials(file, || std::env::var("CREDENTIALS_DIRECTORY").ok());
        match std::fs::read_to_string(&file) {
            Ok(text) if text.trim().is_empty() => self.problem(&from_file, format!("`{file}` is empty")),
            Ok(text) => return Some(Secret::new(text.trim())),
            Err(error) => self.problem(&from_file, format!("cannot read `{file}`: {error}")),
        }
        None
    }

    /// The table `key`, empty when it is not there.
    pub fn table(&mut self, key: &str) -> Table {
        match self.table.remove(key) {
            None => Table::new(),
            Some(Value::Table(table)) => table,
            Some(_) => {
                self.problem(key, "has to be a table");
                Table::new()
            }
        }
    }

    pub fn tables(&mut self, key: &str) -> Vec<(String, Table)> {
        self.table(key)
            .into_iter()
            .filter_map(|(name, value)| {
                let Value::Table(table) = value else {
                    self.problem(&format!("{key}.{name}"), "has to be a table");
                    return None;
                };
                Some((name, table))
            })
            .collect()
    }

    /// Reads a part with its own reader.
    pub fn part<T>(&mut self, name: &str, table: Table, read: impl FnOnce(&mut Reader<'_>) -> T) -> T {
        let mut part = Reader::new(&self.name(name), table, self.problems);
        let value = read(&mut part);
        part.finish();
        value
    }

    /// Whatever was not asked for is a problem: a typing error must not switch something off in silence.
    pub fn finish(mut self) {
        for key in std::mem::take(&mut self.table).keys() {
            self.problem(key, "there is no such setting");
        }
    }
}

/// What systemd hands over to a unit (`LoadCredential=`) lies in a folder of that unit alone. A command that somebody runs by
/// hand finds it where the server has it, while that runs.
fn in_credentials(file: String, folder: impl FnOnce() -> Option<String>) -> String {
    let Some(name) = file.strip_prefix("$CREDENTIALS_DIRECTORY/") else { return file };
    let folder = folder().unwrap_or_else(|| "/run/credentials/acequia.service".into());
    format!("{folder}/{name}")
}

pub(super) fn parse_duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    let (number, unit) = text.split_at_checked(text.find(|c: char| !c.is_ascii_digit())?)?;
    let number: u64 = number.parse().ok()?;
    let seconds = match unit.trim() {
        "ms" => return Some(Duration::from_millis(number)),
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86400,
        _ => return None,
    };
    // A hundred years are enough, and keep sums of times in range.
    number.checked_mul(seconds).filter(|n| *n <= 100 * 366 * 86400).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_of_systemd_is_in_the_folder_of_the_unit_that_asks() {
        let of = |file: &str, folder: Option<&str>| in_credentials(file.into(), || folder.map(str::to_owned));
        let oidc = "$CREDENTIALS_DIRECTORY/secrets_oidc";
        assert_eq!(of(oidc, Some("/run/credentials/a.service")), "/run/credentials/a.service/secrets_oidc");
        assert_eq!(of(oidc, None), "/run/credentials/acequia.service/secrets_oidc");
        assert_eq!(
            of("/run/secrets/$CREDENTIALS_DIRECTORY/x", None),
            "/run/secrets/$CREDENTIALS_DIRECTORY/x"
        );
    }

    #[test]
    fn durations_have_a_number_and_a_unit() {
        assert_eq!(parse_duration("250ms"), Some(Duration::from_millis(250)));
        assert_eq!(parse_duration("5m"), Some(Duration::from_mins(5)));
        assert_eq!(parse_duration("30d"), Some(Duration::from_hours(720)));
        for wrong in ["", "5", "m", "-5m", "5 weeks", "99999999999999d"] {
            assert_eq!(parse_duration(wrong), None, "{wrong}");
        }
    }
}
