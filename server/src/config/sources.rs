//! Where settings come from: whoever looks for the place at which one is changed is told.

use std::collections::BTreeSet;

use toml::{Table, Value};

/// Names of settings, as in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    file: BTreeSet<String>,
    environment: BTreeSet<String>,
}

/// Who said what one is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A variable of the environment, which goes over the file.
    Variable(String),
    File,
    Nobody,
}

impl Sources {
    pub(super) fn of_file(table: &Table) -> Self {
        let mut sources = Self::default();
        names(&mut sources.file, "", table);
        sources
    }

    pub(super) fn put_variable(&mut self, path: &[String]) {
        self.environment.insert(path.join("."));
    }

    /// Of a table, such as `mail`: whoever set anything in it. A secret may stand in a file that is named beside it.
    pub fn of(&self, name: &str) -> Source {
        let is_of = |one: &&String| {
            one.strip_prefix(name)
                .is_some_and(|rest| rest.is_empty() || rest == "_file" || rest.starts_with('.'))
        };
        match self.environment.iter().find(is_of) {
            Some(set) => Source::Variable(format!("ACEQUIA_{}", set.to_uppercase().replace('.', "__"))),
            None if self.file.iter().any(|one| is_of(&one)) => Source::File,
            None => Source::Nobody,
        }
    }
}

fn names(into: &mut BTreeSet<String>, path: &str, table: &Table) {
    for (key, value) in table {
        let name = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match value {
            Value::Table(inner) => names(into, &name, inner),
            _ => {
                into.insert(name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{Source, read};

    #[test]
    fn a_variable_goes_over_the_file_and_what_nobody_set_says_so() {
        let text =
            "base_url = 'https://gate.example.org'\n[limits]\nasks_per_person = 3\n[timing]\nsync = '9m'";
        let environment = [("ACEQUIA_TIMING__SYNC".to_owned(), "7m".to_owned())];
        let sources = read(Some(text), environment).unwrap().sources;
        assert_eq!(sources.of("timing.sync"), Source::Variable("ACEQUIA_TIMING__SYNC".into()));
        assert_eq!(sources.of("limits.asks_per_person"), Source::File);
        assert_eq!(sources.of("limits.asks"), Source::Nobody, "the beginning of a name is another one");
        assert_eq!(sources.of("mail"), Source::Nobody);
        assert_eq!(sources.of("timing"), Source::Variable("ACEQUIA_TIMING__SYNC".into()));
    }
}
