//! How a condition is written: `attribute OP value`, or an attribute alone, which has to be true.
//!
//! The operators are those of the documentation of device posture, "Postures". Its table of examples writes them in
//! lower case too, and the policy that every tailnet starts with has a bare attribute.

use std::cmp::Ordering;

use serde_json::Value;

use super::{Condition, Test};

type ReadTest = fn(&str) -> Option<Test>;

/// Operators of letters, in any case; the longer before their beginnings.
const WORDS: [(&[&str], ReadTest); 4] = [
    (&["is", "set"], |rest| rest.is_empty().then_some(Test::Set(true))),
    (&["not", "set"], |rest| rest.is_empty().then_some(Test::Set(false))),
    (&["not", "in"], |rest| list(rest).map(Test::NotIn)),
    (&["in"], |rest| list(rest).map(Test::In)),
];

/// Operators of signs; the longer before their beginnings.
const SIGNS: [(&str, ReadTest); 6] = [
    ("==", |rest| value(rest).map(|v| Test::Is(Ordering::Equal, v))),
    ("!=", |rest| value(rest).map(|v| Test::IsNot(Ordering::Equal, v))),
    ("<=", |rest| value(rest).map(|v| Test::IsNot(Ordering::Greater, v))),
    (">=", |rest| value(rest).map(|v| Test::IsNot(Ordering::Less, v))),
    ("<", |rest| value(rest).map(|v| Test::Is(Ordering::Less, v))),
    (">", |rest| value(rest).map(|v| Test::Is(Ordering::Greater, v))),
];

/// A condition, if it is understood.
pub(super) fn condition(text: &str) -> Option<Condition> {
    let text = text.trim();
    let end = text.find(|c: char| c.is_whitespace() || "=!<>".contains(c)).unwrap_or(text.len());
    let (attribute, rest) = text.split_at_checked(end)?;
    let (namespace, name) = attribute.split_once(':')?;
    let is_name =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || "_-.".contains(c));
    if !is_name(namespace) || !is_name(name) {
        return None;
    }
    Some(Condition { attribute: attribute.to_owned(), test: test(rest.trim())? })
}

fn test(rest: &str) -> Option<Test> {
    if rest.is_empty() {
        return Some(Test::Is(Ordering::Equal, Value::Bool(true)));
    }
    if let Some((sign, read)) = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign)) {
        return read(rest.strip_prefix(sign)?.trim());
    }
    WORDS.iter().find_map(|(words, read)| read(after(rest, words)?))
}

/// What follows these words, whatever their case and however wide the gaps.
fn after<'a>(text: &'a str, words: &[&str]) -> Option<&'a str> {
    let mut rest = text;
    for word in words {
        let (own, more) = rest.split_at_checked(word.len())?;
        let ends = !more.starts_with(|c: char| c.is_alphanumeric());
        rest = (own.eq_ignore_ascii_case(word) && ends).then(|| more.trim_start())?;
    }
    Some(rest.trim_end())
}

fn value(text: &str) -> Option<Value> {
    for quote in ['\'', '"'] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return (!inner.contains(quote)).then(|| Value::String(inner.to_owned()));
        }
    }
    match text {
        "true" => Some(Value::Bool(true)),
        "false" => Some(Value::Bool(false)),
        number => number.parse().ok().map(Value::Number),
    }
}

/// `['a', 'b']`; a comma inside quotes parts nothing.
fn list(text: &str) -> Option<Vec<Value>> {
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    let mut open = None;
    let items = inner.split(move |c| {
        match (open, c) {
            (None, '\'' | '"') => open = Some(c),
            (Some(quote), c) if quote == c => open = None,
            _ => {}
        }
        c == ',' && open.is_none()
    });
    items.map(|item| value(item.trim())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_the_documentation_is_read() {
        for (one, other) in [
            ("ip:country in ['CA', 'US']", "ip:country IN ['CA', 'US']"),
            ("node:os not in ['js']", "node:os NOT IN ['js']"),
            ("custom:attr is set", "custom:attr IS SET"),
            ("custom:attr Not  Set", "custom:attr NOT SET"),
            ("node:tsAutoUpdate", "node:tsAutoUpdate == true"),
            (" node:tsStateEncrypted ", "node:tsStateEncrypted == true"),
            ("node:os=='macos'", "node:os == 'macos'"),
            ("node:tsVersion>='1.40'", "node:tsVersion >= '1.40'"),
            ("node:os IN['macos','linux']", "node:os IN ['macos', 'linux']"),
        ] {
            let read = condition(one);
            assert!(read.is_some() && read == condition(other), "{one}");
        }
        let Some(Condition { test: Test::In(list), .. }) = condition("custom:x IN ['a,b', \"c\"]") else {
            panic!()
        };
        assert_eq!(list, ["a,b", "c"]);
    }

    #[test]
    fn what_is_no_condition_is_not_understood() {
        for bad in [
            "",
            "os == 'x'",
            "node:os = 'x'",
            "node:os == x",
            "node:os IN 'x'",
            "node:os IS SET 1",
            ":os == 'x'",
            "node: == 'x'",
            "node:os == 'x",
            "node:os == 'x'y'",
            "node:os NOT SET 1",
            "node:os IN ['x'",
            "node:os INSIDE ['x']",
            "node:os NOT IN ['x', y]",
            "node:os ~ 'x'",
            "node:os IS",
            "node:o s",
            "!node:os",
        ] {
            assert_eq!(condition(bad), None, "{bad}");
        }
    }
}
