//! `postures`: conditions on what a device reports. From the documentation only; no capture has one.

mod grammar;

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde_json::Value;

use grammar::condition;

use crate::error::PolicyError;
use crate::quote::quoted;
use crate::syntax::{Policy, RuleRef, Text};

/// What a device reports, by attribute name such as `node:os`.
pub type DeviceAttributes = BTreeMap<String, Value>;

/// All postures of a policy, parsed.
#[derive(Clone, Debug, Default)]
pub struct Postures {
    by_name: BTreeMap<String, Vec<Clause>>,
    unknown: Vec<UnknownCondition>,
}

/// A condition of a posture that is not understood, or that asks for an attribute which is not known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownCondition {
    /// The posture that it is in.
    pub rule: RuleRef,
    /// The condition.
    pub text: Text,
}

/// A condition as far as it is understood.
#[derive(Clone, Debug, PartialEq)]
enum Clause {
    Understood(Condition),
    Unknown,
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

/// Attributes that devices have by themselves (documentation of device posture, "Device posture attributes").
const OWN: [&str; 7] = [
    "node:os",
    "node:osVersion",
    "node:tsAutoUpdate",
    "node:tsReleaseTrack",
    "node:tsStateEncrypted",
    "node:tsVersion",
    "ip:country",
];

/// Namespaces of own attributes and of the integrations of the same page, "EDR and MDM integrations".
const NAMESPACES: [&str; 11] = [
    "custom",
    "falcon",
    "sentinelone",
    "kolide",
    "fleet",
    "huntress",
    "iru",
    "kandji",
    "jamfpro",
    "intune",
    "1password",
];

impl Postures {
    /// Reads `postures`. A condition that is not understood is no refusal: whether it holds is unknown then.
    ///
    /// # Errors
    /// [`PolicyError`] for a name without its prefix, unless the policy is in force; the text is our own.
    pub fn new(policy: &Policy) -> Result<Self, PolicyError> {
        let nameless = policy.postures.iter().find(|posture| !posture.name.value.starts_with("posture:"));
        match nameless.filter(|_| !policy.language.reading.is_in_force()) {
            None => Ok(Self::of(policy)),
            Some(posture) => {
                let name = quoted(&posture.name.value);
                let text = format!("postures[{name}]: posture names must start with 'posture:'");
                Err(PolicyError::invalid(text).within(posture.rule))
            }
        }
    }

    /// As [`Self::new`], whatever the names are.
    pub(crate) fn of(policy: &Policy) -> Self {
        let mut postures = Self::default();
        for posture in &policy.postures {
            let mut clauses = Vec::with_capacity(posture.value.len());
            for text in &posture.value {
                let found = condition(&text.value);
                if !found.as_ref().is_some_and(|condition| is_known(&condition.attribute)) {
                    postures.unknown.push(UnknownCondition { rule: posture.rule, text: text.clone() });
                }
                clauses.push(found.map_or(Clause::Unknown, Clause::Understood));
            }
            postures.by_name.insert(posture.name.value.clone(), clauses);
        }
        postures
    }

    /// Whether a device meets one of these postures, that is, every condition of it; `None` if that rests on what is
    /// not understood. No posture asks for nothing.
    pub fn met(&self, any_of: &[String], device: &DeviceAttributes) -> Option<bool> {
        let verdicts = || any_of.iter().map(|name| self.holds(name, device));
        if any_of.is_empty() || verdicts().any(|verdict| verdict == Some(true)) {
            return Some(true);
        }
        if verdicts().any(|verdict| verdict.is_none()) { None } else { Some(false) }
    }

    fn holds(&self, name: &str, device: &DeviceAttributes) -> Option<bool> {
        let clauses = self.by_name.get(name)?;
        let failed = |clause: &Clause| matches!(clause, Clause::Understood(known) if !known.holds(device));
        if clauses.iter().any(failed) {
            return Some(false);
        }
        if clauses.contains(&Clause::Unknown) { None } else { Some(true) }
    }

    /// Whether one of these postures has a condition that is not understood or asks for what is not known here.
    pub(crate) fn is_doubtful(&self, any_of: &[String]) -> bool {
        let unknown = |clause: &Clause| match clause {
            Clause::Understood(condition) => !is_known(&condition.attribute),
            Clause::Unknown => true,
        };
        any_of.iter().any(|name| self.by_name.get(name).is_none_or(|clauses| clauses.iter().any(unknown)))
    }

    /// Whether the policy says what this posture asks for.
    pub(crate) fn defines(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// Every condition that is not understood or asks for what is not known here, in the order of the file.
    pub fn unknown(&self) -> &[UnknownCondition] {
        &self.unknown
    }
}

fn is_known(attribute: &str) -> bool {
    let namespace = attribute.split(':').next().unwrap_or_default().to_ascii_lowercase();
    OWN.contains(&attribute) || NAMESPACES.contains(&namespace.as_str())
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
        let met = |names: &[&str], device: &DeviceAttributes| -> Option<bool> {
            postures.met(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>(), device)
        };
        assert_eq!(met(&[], &DeviceAttributes::new()), Some(true), "no posture asks for nothing");
        assert_eq!(met(&["posture:mac"], &device("macos", "14.1")), Some(true));
        assert_eq!(met(&["posture:mac"], &device("macos", "13.9")), Some(false));
        assert_eq!(met(&["posture:mac"], &device("linux", "15")), Some(false));
        assert_eq!(met(&["posture:mac", "posture:any"], &device("linux", "1")), Some(true));
        assert!(Postures::new(&Policy::parse(r#"{"postures": {"mac": []}}"#).unwrap()).is_err());
    }

    #[test]
    fn whether_a_condition_holds_that_is_not_understood_is_unknown() {
        let text = r#"{"postures": {
            "posture:new": ["node:os == 'macos'", "node:os ~ 'mac'"],
            "posture:known": ["node:os == 'linux'"],
            "posture:attribute": ["node:brandNew == true"],
            "posture:fleet": ["custom:tier == 'prod'", "falcon:ztaScore >= 70"]
        }}"#;
        let postures = Postures::new(&Policy::parse(text).unwrap()).unwrap();
        let device = |os: &str| DeviceAttributes::from([("node:os".to_owned(), json!(os))]);
        let met = |names: &[&str], os: &str| {
            postures.met(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>(), &device(os))
        };
        assert_eq!(met(&["posture:new"], "macos"), None);
        assert_eq!(met(&["posture:new"], "linux"), Some(false), "another condition fails for certain");
        assert_eq!(met(&["posture:new", "posture:known"], "linux"), Some(true));
        let unknown: Vec<&str> = postures.unknown().iter().map(|unknown| unknown.text.as_str()).collect();
        assert_eq!(unknown, ["node:os ~ 'mac'", "node:brandNew == true"]);
        let doubtful = |name: &str| postures.is_doubtful(&[name.to_owned()]);
        assert!(doubtful("posture:new") && doubtful("posture:attribute") && doubtful("posture:undefined"));
        assert!(!doubtful("posture:known") && !doubtful("posture:fleet"));
    }
}
