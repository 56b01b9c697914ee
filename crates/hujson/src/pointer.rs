use thiserror::Error;

use crate::{Kind, Value};

/// Why a JSON pointer (RFC 6901) leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PointerError {
    /// The pointer goes on below a string, number, boolean or null.
    #[error("invalid pointer: cannot index into literal at {0}")]
    Literal(String),
    /// A pointer is empty or starts with a slash.
    #[error("invalid pointer: lacks a forward slash prefix")]
    Slash,
    /// An array index is `-` or a number without leading zeros.
    #[error("invalid array index: {0}")]
    Index(String),
    /// No such member or element.
    #[error("value not found")]
    Missing,
}

/// A pointer token for a member name: `~` and `/` escaped.
pub fn escape_token(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Where a pointer ended: the way down as indices, and the last step where it found nothing.
pub(crate) struct Walk {
    /// Index of the member or element at each level, down to the last value that is there.
    pub path: Vec<usize>,
    /// The token that was not found, if nothing but it is left of the pointer.
    pub missing: Option<String>,
}

impl Value {
    /// The value at a JSON pointer (RFC 6901): `/grants/0/src`, the empty pointer for the value itself. Where a
    /// name occurs twice, the first member is taken.
    pub fn find(&self, pointer: &str) -> Option<&Value> {
        let walk = self.walk(pointer).ok()?;
        if walk.missing.is_some() { None } else { self.at_path(&walk.path) }
    }

    /// Follows a pointer as far as it goes. A last token that names nothing is no error here.
    pub(crate) fn walk(&self, pointer: &str) -> Result<Walk, PointerError> {
        let mut value = self;
        let mut path = Vec::new();
        let mut offset = 0;
        while let Some(rest) = pointer.get(offset..).filter(|rest| !rest.is_empty()) {
            if let Kind::Literal(_) = value.kind {
                return Err(PointerError::Literal(pointer.get(..offset).unwrap_or_default().to_owned()));
            }
            let token = rest.strip_prefix('/').ok_or(PointerError::Slash)?;
            let token = token.split_once('/').map_or(token, |(token, _)| token);
            offset += 1 + token.len();
            let name = token.replace("~1", "/").replace("~0", "~");
            let Some((index, below)) = value.step(&name)? else {
                return if offset == pointer.len() {
                    Ok(Walk { path, missing: Some(name) })
                } else {
                    Err(PointerError::Missing)
                };
            };
            path.push(index);
            value = below;
        }
        Ok(Walk { path, missing: None })
    }

    fn step(&self, name: &str) -> Result<Option<(usize, &Value)>, PointerError> {
        match &self.kind {
            Kind::Literal(_) => Ok(None),
            Kind::Object(object) => {
                let index = object.members.iter().position(|member| member.is_named(name));
                Ok(index.and_then(|index| Some((index, &object.members.get(index)?.value))))
            }
            Kind::Array(array) => {
                if name == "-" {
                    return Ok(None);
                }
                let canonical = name.bytes().all(|byte| byte.is_ascii_digit());
                let index =
                    name.parse::<u64>().ok().filter(|index| canonical && (*index != 0 || name == "0"));
                let index = index.ok_or_else(|| PointerError::Index(name.to_owned()))?;
                let index = usize::try_from(index).unwrap_or(usize::MAX);
                Ok(array.elements.get(index).map(|value| (index, value)))
            }
        }
    }

    pub(crate) fn at_path(&self, path: &[usize]) -> Option<&Value> {
        path.iter().try_fold(self, |value, index| match &value.kind {
            Kind::Literal(_) => None,
            Kind::Object(object) => object.members.get(*index).map(|member| &member.value),
            Kind::Array(array) => array.elements.get(*index),
        })
    }

    pub(crate) fn at_path_mut(&mut self, path: &[usize]) -> Option<&mut Value> {
        path.iter().try_fold(self, |value, index| match &mut value.kind {
            Kind::Literal(_) => None,
            Kind::Object(object) => object.members.get_mut(*index).map(|member| &mut member.value),
            Kind::Array(array) => array.elements.get_mut(*index),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_str;

    #[test]
    fn the_examples_of_rfc_6901_hold() {
        let source =
            r#"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}"#;
        let value = parse_str(source).expect("valid");
        let at = |pointer: &str| value.find(pointer).map(Value::pack_text);
        assert_eq!(at("").as_deref(), Some(source));
        assert_eq!(at("/foo/0").as_deref(), Some("\"bar\""));
        let pointers = ["/", "/a~1b", "/c%d", "/e^f", "/g|h", "/i\\j", "/k\"l", "/ ", "/m~0n"];
        for (number, pointer) in pointers.iter().enumerate() {
            assert_eq!(at(pointer), Some(number.to_string()), "{pointer}");
        }
        for nothing in ["/foo/2", "/foo/-", "/foo/00", "/foo/+1", "/nope", "foo", "/foo/0/x"] {
            assert_eq!(at(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn escaped_tokens_lead_back_to_their_names() {
        let value = parse_str(r#"{"a~/b": {"~1": true}}"#).expect("valid");
        let pointer = format!("/{}/{}", escape_token("a~/b"), escape_token("~1"));
        assert_eq!(value.find(&pointer).and_then(Value::as_bool), Some(true));
    }
}
