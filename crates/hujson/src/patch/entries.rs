//! Entries of an object or array that come and go together with their comments.

use super::ownership;
use crate::extra::{has_comment, whitespace_len};
use crate::{Array, Kind, Literal, Member, Object, Value};

/// A value on the move, with the comments that belong to it.
pub struct Around {
    leading: String,
    trailing: String,
    pub kind: Kind,
}

impl Around {
    pub fn into_root(self) -> Value {
        let mut value = Value::bare(self.kind);
        value.set_before(&self.leading);
        value.set_after((!self.trailing.is_empty()).then(|| self.trailing.into()));
        value
    }
}

/// An object or array, seen as a list of entries with text in between.
pub enum Parent<'a> {
    Object(&'a mut Object),
    Array(&'a mut Array),
}

impl<'a> Parent<'a> {
    pub fn of(value: &'a mut Value) -> Option<Self> {
        match &mut value.kind {
            Kind::Literal(_) => None,
            Kind::Object(object) => Some(Self::Object(object)),
            Kind::Array(array) => Some(Self::Array(array)),
        }
    }

    /// Adds an entry at the end; the name is for objects.
    pub fn append(self, name: &str, value: Around) {
        let index = match &self {
            Self::Object(object) => object.members.len(),
            Self::Array(array) => array.elements.len(),
        };
        self.insert(index, value, Some(name));
    }

    pub fn insert(mut self, index: usize, value: Around, name: Option<&str>) {
        let entry = Value::bare(value.kind);
        // Room for some more, not for twice as many: the lists of large documents are large.
        match &mut self {
            Self::Object(Object { members, .. }) if members.len() == members.capacity() => {
                members.reserve_exact(members.len() / 16 + 1);
            }
            Self::Array(Array { elements, .. }) if elements.len() == elements.capacity() => {
                elements.reserve_exact(elements.len() / 16 + 1);
            }
            _ => {}
        }
        match &mut self {
            Self::Object(object) => {
                let name = Value::bare(Kind::Literal(Literal::string(name.unwrap_or_default())));
                object.members.insert(index.min(object.members.len()), Member { name, value: entry });
            }
            Self::Array(array) => array.elements.insert(index.min(array.elements.len()), entry),
        }
        let of_previous = ownership::take_trailing(self.before(index + 1));
        ownership::set_trailing(self.before(index), &of_previous);
        ownership::set_leading(self.before(index), &value.leading);
        ownership::set_trailing(self.before(index + 1), &value.trailing);
    }

    /// Puts another value in the place of one. Its comments stay, unless the new value brings its own.
    pub fn replace(mut self, index: usize, value: Around) {
        ownership::set_leading(self.before(index), &value.leading);
        ownership::set_trailing(self.before(index + 1), &value.trailing);
        if let Some(place) = self.value(index) {
            place.kind = value.kind;
        }
    }

    /// Takes out an entry with its comments; what stands before it and is not its own goes to the next.
    pub fn remove(mut self, index: usize) -> Option<Around> {
        let leading = ownership::take_leading(self.before(index));
        let trailing = ownership::take_trailing(self.before(index + 1));
        let left = self.before(index).clone();
        if has_comment(&left) {
            let next = self.before(index + 1);
            let rest = next.get(whitespace_len(next.as_bytes())..).unwrap_or_default();
            *next = format!("{left}{rest}").into();
        }
        let kind = match self {
            Self::Object(object) if index < object.members.len() => object.members.remove(index).value.kind,
            Self::Array(array) if index < array.elements.len() => array.elements.remove(index).kind,
            _ => return None,
        };
        Some(Around { leading, trailing, kind })
    }

    pub fn copy(mut self, index: usize) -> Option<Around> {
        let kind = self.value(index)?.kind.clone();
        let leading = ownership::leading(self.before(index)).to_owned();
        let trailing = ownership::trailing(self.before(index + 1)).to_owned();
        Some(Around { leading, trailing, kind })
    }

    /// Moves the value out and leaves an empty array in its place.
    pub fn take(mut self, index: usize) -> Option<Around> {
        let kind = std::mem::replace(&mut self.value(index)?.kind, Kind::Array(Box::default()));
        let leading = ownership::leading(self.before(index)).to_owned();
        let trailing = ownership::trailing(self.before(index + 1)).to_owned();
        Some(Around { leading, trailing, kind })
    }

    pub fn packed_len(&mut self, index: usize) -> usize {
        self.value(index).map_or(0, |value| value.pack().len())
    }

    fn value(&mut self, index: usize) -> Option<&mut Value> {
        match self {
            Self::Object(object) => object.members.get_mut(index).map(|member| &mut member.value),
            Self::Array(array) => array.elements.get_mut(index),
        }
    }

    /// The text before an entry; past the last one, the text before the closing bracket.
    fn before(&mut self, index: usize) -> &mut Box<str> {
        match self {
            Self::Object(object) => match object.members.get_mut(index) {
                Some(member) => member.name.before_mut(),
                None => &mut object.after,
            },
            Self::Array(array) => match array.elements.get_mut(index) {
                Some(element) => element.before_mut(),
                None => &mut array.after,
            },
        }
    }
}
