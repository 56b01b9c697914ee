//! The operations of a patch, read and checked before the first is done.

use std::collections::HashSet;

use super::entries::{Around, Parent};
use super::{OperationError, PatchError};
use crate::{Kind, Value, parse as parse_value};

pub struct Operation {
    pub path: String,
    pub action: Action,
}

pub enum Action {
    Add(Around),
    Remove,
    Replace(Around),
    Move(String),
    Copy(String),
    Test(Around),
}

pub fn parse(patch: &[u8]) -> Result<Vec<Operation>, PatchError> {
    let patch = parse_value(patch)?;
    let Kind::Array(array) = patch.kind else { return Err(PatchError::Shape) };
    let elements = array.elements.into_iter().enumerate();
    elements
        .map(|(index, element)| operation(element).map_err(|error| PatchError::Operation { index, error }))
        .collect()
}

fn operation(element: Value) -> Result<Operation, OperationError> {
    let Kind::Object(mut object) = element.kind else { return Err(OperationError::Shape) };
    let mut seen = HashSet::new();
    let (mut op, mut path, mut from, mut value) = (None, None, None, None);
    for (index, member) in object.members.iter().enumerate() {
        let name = member.name();
        if !seen.insert(name.clone()) {
            return Err(OperationError::Duplicate(name.into_owned()));
        }
        match &*name {
            "op" => op = Some(known(text(&member.value, "op")?)?),
            "path" => path = Some(text(&member.value, "path")?),
            "from" => from = Some(text(&member.value, "from")?),
            "value" => value = Some(index),
            _ => {}
        }
    }
    let op = op.ok_or(OperationError::Missing("op"))?;
    let path = path.ok_or(OperationError::Missing("path"))?;
    let from = from.ok_or(OperationError::Missing("from"));
    drop(seen);
    let value = value.and_then(|index| Parent::Object(&mut object).take(index));
    let value = value.ok_or(OperationError::Missing("value"));
    let action = match op {
        "add" => Action::Add(value?),
        "replace" => Action::Replace(value?),
        "test" => Action::Test(value?),
        "move" => Action::Move(from?),
        "copy" => Action::Copy(from?),
        _ => Action::Remove,
    };
    Ok(Operation { path, action })
}

fn text(value: &Value, name: &'static str) -> Result<String, OperationError> {
    value.as_str().map(std::borrow::Cow::into_owned).ok_or(OperationError::NotText(name))
}

fn known(op: String) -> Result<&'static str, OperationError> {
    let known = ["add", "remove", "replace", "move", "copy", "test"].into_iter().find(|known| *known == op);
    known.ok_or(OperationError::Unknown(op))
}
