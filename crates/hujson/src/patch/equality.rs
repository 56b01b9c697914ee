//! Whether two values mean the same, as Go's `encoding/json` reads them.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::{Array, Kind, Literal, Object, Value};

/// Equal in meaning: the order of names and the way of writing do not matter, numbers are compared as 64-bit
/// floats. Null at the top and numbers out of range are equal to nothing, as in the Go library.
pub fn equal(value: &Value, other: &Kind) -> bool {
    !value.is_null() && in_range(&value.kind) && in_range(other) && same(&value.kind, other)
}

fn in_range(kind: &Kind) -> bool {
    match kind {
        Kind::Literal(literal) => literal.as_number().is_none_or(|_| float(literal).is_some()),
        Kind::Array(array) => array.elements.iter().all(|element| in_range(&element.kind)),
        Kind::Object(object) => object.members.iter().all(|member| in_range(&member.value.kind)),
    }
}

fn same(one: &Kind, other: &Kind) -> bool {
    match (one, other) {
        (Kind::Literal(one), Kind::Literal(other)) => match (one.as_str(), other.as_str()) {
            (Some(one), Some(other)) => one == other,
            (None, None) => match (float(one), float(other)) {
                (Some(one), Some(other)) => one.total_cmp(&other).is_eq() || (one == 0.0 && other == 0.0),
                (None, None) => one.bytes() == other.bytes(),
                _ => false,
            },
            _ => false,
        },
        (Kind::Array(one), Kind::Array(other)) => same_elements(one, other),
        (Kind::Object(one), Kind::Object(other)) => {
            let (one, other) = (by_name(one), by_name(other));
            one.len() == other.len()
                && one.iter().all(|(name, value)| other.get(name).is_some_and(|twin| same(value, twin)))
        }
        _ => false,
    }
}

fn same_elements(one: &Array, other: &Array) -> bool {
    let mut pairs = one.elements.iter().zip(&other.elements);
    one.elements.len() == other.elements.len() && pairs.all(|(one, other)| same(&one.kind, &other.kind))
}

/// The last of several members with one name counts.
fn by_name(object: &Object) -> HashMap<Cow<'_, str>, &Kind> {
    object.members.iter().map(|member| (member.name(), &member.value.kind)).collect()
}

fn float(literal: &Literal) -> Option<f64> {
    literal.as_number()?.parse().ok().filter(|float: &f64| float.is_finite())
}
