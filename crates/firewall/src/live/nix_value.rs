//! As much of printed Nix values as port lists are made of: sets, lists and words.

/// A value as it was printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Set(Vec<(String, Value)>),
    List(Vec<Value>),
    /// A number, a name, or anything else that is one word.
    Word(String),
}

impl Value {
    pub fn field(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Set(fields) => fields.iter().rfind(|(field, _)| field == name).map(|(_, value)| value),
            Self::List(_) | Self::Word(_) => None,
        }
    }

    /// A port.
    pub fn number(&self) -> Option<u16> {
        match self {
            Self::Word(word) => word.parse().ok(),
            Self::Set(_) | Self::List(_) => None,
        }
    }
}

/// Interfaces, options, ranges, their ends; a text that is deeper is not of ours, and must not cost us the stack.
const DEEPEST: u8 = 8;

/// The value at the start of `text` and what stands behind it; nothing if it is none.
pub(super) fn read(text: &str) -> Option<(Value, &str)> {
    value(text, DEEPEST)
}

fn value(text: &str, depth: u8) -> Option<(Value, &str)> {
    let depth = depth.checked_sub(1)?;
    let (token, mut rest) = token(text)?;
    match token {
        "{" => {
            let mut fields = Vec::new();
            loop {
                let (name, after) = self::token(rest)?;
                if name == "}" {
                    return Some((Value::Set(fields), after));
                }
                let after = after.trim_start().strip_prefix('=')?;
                let (of, after) = value(after, depth)?;
                rest = after.trim_start().strip_prefix(';')?;
                fields.push((name.to_owned(), of));
            }
        }
        "[" => {
            let mut items = Vec::new();
            loop {
                if let ("]", after) = self::token(rest)? {
                    return Some((Value::List(items), after));
                }
                let (item, after) = value(rest, depth)?;
                items.push(item);
                rest = after;
            }
        }
        "}" | "]" | "=" | ";" => None,
        word => Some((Value::Word(word.to_owned()), rest)),
    }
}

/// A sign or a word; the older tool prints names with dots without quotes, the newer one with them.
fn token(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    if text.starts_with(['{', '}', '[', ']', '=', ';']) {
        return text.split_at_checked(1);
    }
    if let Some(quoted) = text.strip_prefix('"') {
        return quoted.split_once('"');
    }
    let end = text.find(|c: char| c.is_whitespace() || "{}[]=;\"".contains(c)).unwrap_or(text.len());
    text.split_at_checked(end).filter(|(word, _)| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_value_is_none() {
        assert_eq!(read("[ 1 22 ]\nrest").unwrap().1, "\nrest");
        assert_eq!(
            read("{ a = { b = 1; }; }").unwrap().0.field("a").unwrap().field("b").unwrap().number(),
            Some(1)
        );
        for bad in ["", "]", "[ 1", "{ a }", "{ a = 1 }", "{ a = ; }", "\"", "=", "{ a = 1; ] }"] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!(read(&"[".repeat(1 << 20)), None);
        assert_eq!(read(&"{ a = ".repeat(1 << 18)), None);
    }
}
