//! `postures`: conditions on what a device reports. From the documentation only; no capture has one.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde_json::Value;

use crate::error::PolicyError;
use crate::quote::quoted;
use crate::syntax::Policy;

/// What a device reports, by attribute name such as `node:os`.
pub type DeviceAttributes = BTreeMap<String, Value>;

/// All postures of a policy, parsed.
#[derive(Clone, Debug, Default)]
pub struct Postures {
    by_name: BTreeMap<String, Vec<Condition>>,
}

/// `attribute OP value`
#[derive(Clone, Debug, PartialEq)]
struct Condition {
    attribute: String,
    test: Test,
}

#[derive(Clone, Debug, PartialEq)]
enum Test {
    Is(Ordering, Value),
    IsNot(Ordering, Value),
    In(Vec<Value>),
    NotIn(Vec<Value>),
    Set(bool),
}

impl Postures {
    /// Reads `postures`.
    ///
    /// # Errors
    /// [`PolicyError`] for a name without its prefix and for what is no condition; the texts are our own.
    pub fn new(policy: &Policy) -> Result<Self, PolicyError> {
        let mut by_name = BTreeMap::new();
        for posture in &policy.postures {
            let name = &posture.name.value;
            let refuse = |what: String| {
                PolicyError::invalid(format!("postures[{}]: {what}", quoted(name))).within(posture.rule)
            };
            if !name.starts_with("posture:") {
                return Err(refuse("posture names must start with 'posture:'".into()));
            }
            let parse = |text: &crate::syntax::Text| {
                condition(&text.value)
                    .ok_or_else(|| refuse(format!("invalid condition {}", quoted(&text.value))))
            };
            by_name.insert(name.clone(), posture.value.iter().map(parse).collect::<Result<Vec<_>, _>>()?);
        }
        Ok(Self { by_name })
    }

    /// Whether a device meets one of these postures, that is, every condition of it. No posture asks for
    /// nothing.
    pub fn met(&self, any_of: &[String], device: &DeviceAttributes) -> bool {
        let holds = |name: &String| {
            self.by_name
                .get(name)
                .is_some_and(|conditions| conditions.iter().all(|condition| condition.holds(device)))
        };
        any_of.is_empty() || any_of.iter().any(holds)
    }
}

impl Condition {
    /// What is not reported meets no comparison, not even `!=`.
    fn holds(&self, device: &DeviceAttributes) -> bool {
        let value = device.get(&self.attribute).filter(|value| !value.is_null());
        match (&self.test, value) {
            (Test::Set(wanted), value) => value.is_some() == *wanted,
            (_, None) => false,
            (Test::Is(order, other), Some(value)) => compare(value, other) == Some(*order),
            (Test::IsNot(order, other), Some(value)) => {
                compare(value, other).is_some_and(|found| found != *order)
            }
            (Test::In(list), Some(value)) => {
                list.iter().any(|other| compare(value, other) == Some(Ordering::Equal))
            }
            (Test::NotIn(list), Some(value)) => {
                !list.iter().any(|other| compare(value, other) == Some(Ordering::Equal))
            }
        }
    }
}

fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::Number(a), Value::Number(b)) => a.as_f64()?.partial_cmp(&b.as_f64()?),
        (Value::String(a), Value::String(b)) => Some(compare_texts(a, b)),
        _ => None,
    }
}

/// Texts that begin with a digit are versions and compare by their number parts: 1.9 is before 1.10.
fn compare_texts(a: &str, b: &str) -> Ordering {
    let version = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    if !version(a) || !version(b) {
        return a.cmp(b);
    }
    let parts = |text: &str| -> Vec<u64> {
        text.split(|c: char| !c.is_ascii_digit()).map_while(|part| part.parse().ok()).collect()
    };
    let (mut left, mut right) = (parts(a), parts(b));
    let length = left.len().max(right.len());
    left.resize(length, 0);
    right.resize(length, 0);
    left.cmp(&right)
}

type ReadTest = fn(&str) -> Option<Test>;

fn condition(text: &str) -> Option<Condition> {
    let text = text.trim();
    let (attribute, rest) = text.split_once(char::is_whitespace)?;
    let (namespace, name) = attribute.split_once(':')?;
    if namespace.is_empty() || name.is_empty() {
        return None;
    }
    let rest = rest.trim();
    let operators: [(&str, ReadTest); 10] = [
        ("IS SET", |rest| rest.is_empty().then_some(Test::Set(true))),
        ("NOT SET", |rest| rest.is_empty().then_some(Test::Set(false))),
        ("NOT IN", |rest| list(rest).map(Test::NotIn)),
        ("IN", |rest| list(rest).map(Test::In)),
        ("==", |rest| value(rest).map(|v| Test::Is(Ordering::Equal, v))),
        ("!=", |rest| value(rest).map(|v| Test::IsNot(Ordering::Equal, v))),
        ("<=", |rest| value(rest).map(|v| Test::IsNot(Ordering::Greater, v))),
        (">=", |rest| value(rest).map(|v| Test::IsNot(Ordering::Less, v))),
        ("<", |rest| value(rest).map(|v| Test::Is(Ordering::Less, v))),
        (">", |rest| value(rest).map(|v| Test::Is(Ordering::Greater, v))),
    ];
    let (name, read) = operators.iter().find(|(name, _)| rest.starts_with(name))?;
    let found = read(rest.strip_prefix(name)?.trim())?;
    Some(Condition { attribute: attribute.to_owned(), test: found })
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

fn list(text: &str) -> Option<Vec<Value>> {
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    inner.split(',').map(|item| value(item.trim())).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn holds(text: &str, value: &Value) -> bool {
        let device = std::iter::once(("node:x".to_owned(), value.clone())).collect();
        condition(text).unwrap().holds(&device)
    }

    #[test]
    fn conditions_compare_texts_versions_numbers_and_lists() {
        assert!(holds("node:x == 'macos'", &json!("macos")));
        assert!(!holds("node:x != 'macos'", &json!("macos")));
        assert!(holds("node:x >= '1.40'", &json!("1.100.2")));
        assert!(!holds("node:x < '13.4.0'", &json!("13.4")));
        assert!(holds("node:x IN ['linux', 'macos']", &json!("linux")));
        assert!(holds("node:x NOT IN ['linux', 'macos']", &json!("windows")));
        assert!(holds("node:x == true", &json!(true)));
        assert!(holds("node:x > 70", &json!(80)));
        assert!(holds("node:x IS SET", &json!("")) && !holds("node:x NOT SET", &json!("")));
        assert!(!holds("node:y != 'a'", &json!("b")));
        assert!(holds("node:y NOT SET", &json!("b")));
    }

    #[test]
    fn comparisons_hold_on_their_own_side_and_at_the_edge_they_say() {
        let sides = |operator: &str| {
            let text = format!("node:x {operator} 5");
            [4, 5, 6].map(|value| holds(&text, &json!(value)))
        };
        assert_eq!(sides("<"), [true, false, false]);
        assert_eq!(sides("<="), [true, true, false]);
        assert_eq!(sides("=="), [false, true, false]);
        assert_eq!(sides("!="), [true, false, true]);
        assert_eq!(sides(">="), [false, true, true]);
        assert_eq!(sides(">"), [false, false, true]);
        // Booleans are in order too; what is of another kind is neither equal nor unequal.
        assert!(holds("node:x < true", &json!(false)) && !holds("node:x == false", &json!(true)));
        for operator in ["==", "!=", "<", ">="] {
            assert!(!holds(&format!("node:x {operator} '5'"), &json!(5)), "{operator}");
        }
        assert!(!holds("node:x != 'a'", &json!(null)) && !holds("node:x IS SET", &json!(null)));
    }

    #[test]
    fn versions_compare_by_number_and_texts_by_letter() {
        // Missing parts are zeros, on either side.
        assert!(holds("node:x == '13.4'", &json!("13.4.0")) && holds("node:x == '13.4.0'", &json!("13.4")));
        assert!(holds("node:x < '1.10'", &json!("1.9")) && holds("node:x > '1.9'", &json!("1.10")));
        // Only where both begin with a digit.
        assert!(holds("node:x > 'v1.10'", &json!("v1.9")) && holds("node:x < 'v1'", &json!("2")));
        assert!(!holds("node:x IN ['linux']", &json!("macos")) && !holds("node:x NOT IN ['a']", &json!("a")));
        assert!(!holds("node:x IN [1, true]", &json!(false)) && holds("node:x IN [1, true]", &json!(1)));
    }

    #[test]
    fn one_posture_is_enough_and_all_of_its_conditions_are_needed() {
        let text = r#"{"postures": {
            "posture:mac": ["node:os == 'macos'", "node:version >= '14'"],
            "posture:any": ["node:os IS SET"]
        }}"#;
        let postures = Postures::new(&Policy::parse(text).unwrap()).unwrap();
        let device = |os: &str, version: &str| -> DeviceAttributes {
            [("node:os", os), ("node:version", version)].map(|(k, v)| (k.to_owned(), json!(v))).into()
        };
        let met = |names: &[&str], device: &DeviceAttributes| {
            postures.met(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>(), device)
        };
        assert!(met(&[], &DeviceAttributes::new()), "no posture asks for nothing");
        assert!(met(&["posture:mac"], &device("macos", "14.1")));
        assert!(
            !met(&["posture:mac"], &device("macos", "13.9"))
                && !met(&["posture:mac"], &device("linux", "15"))
        );
        assert!(met(&["posture:mac", "posture:any"], &device("linux", "1")));
        assert!(!met(&["posture:unknown"], &device("macos", "14")));
        for wrong in [r#"{"postures": {"mac": []}}"#, r#"{"postures": {"posture:a": ["node:os"]}}"#] {
            assert!(Postures::new(&Policy::parse(wrong).unwrap()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_no_condition_is_refused() {
        for bad in [
            "",
            "node:os",
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
            "node:os NOT IN ['x', y]",
            "node:os ~ 'x'",
        ] {
            assert_eq!(condition(bad), None, "{bad}");
        }
    }
}
