use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use crate::Literal;

/// Byte offsets of a value in its source, without the text around it.
pub type Span = Range<usize>;

/// A JSON value with the white space and comments around it.
///
/// The text before a value starts after the `{`, `[`, `:` or `,` before it (or at the start of the source);
/// the text after it ends at the next `:` or `,` (or at the end of the source). What stands between the last
/// value and the closing bracket belongs to the [`Object`] or [`Array`].
#[derive(Debug, Clone)]
pub struct Value {
    pub(crate) kind: Kind,
    /// Behind a pointer, because most values of a large document have nothing around them.
    margin: Option<Box<Margin>>,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// The text around a value.
#[derive(Debug, Clone, Default)]
struct Margin {
    before: Box<str>,
    /// `Some`, even if empty, on the last value of an object or array means: a comma follows. The Go library
    /// keeps the trailing comma the same way, and its patch moves it along with the value.
    after: Option<Box<str>>,
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        let parts = |value: &Self| (value.span(), value.is_followed());
        (parts(self), self.before(), self.after()) == (parts(other), other.before(), other.after())
            && self.kind == other.kind
    }
}

impl Eq for Value {}

/// The three shapes of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Null, boolean, number or string.
    Literal(Literal),
    /// An object.
    Object(Box<Object>),
    /// An array.
    Array(Box<Array>),
}

/// The six JSON types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Type {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// A number.
    Number,
    /// A string.
    String,
    /// An object.
    Object,
    /// An array.
    Array,
}

impl Type {
    /// The word for the type, as Go's `encoding/json` puts it: `bool`, `number`, ….
    pub fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "bool",
            Self::Number => "number",
            Self::String => "string",
            Self::Object => "object",
            Self::Array => "array",
        }
    }
}

/// The members of an object, in the order of the source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Object {
    pub(crate) members: Vec<Member>,
    pub(crate) after: Box<str>,
}

/// The elements of an array.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Array {
    pub(crate) elements: Vec<Value>,
    pub(crate) after: Box<str>,
}

/// A name and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub(crate) name: Value,
    pub(crate) value: Value,
}

impl Value {
    /// A value with nothing around it.
    pub(crate) fn bare(kind: Kind) -> Self {
        Self { kind, margin: None, start: 0, end: 0 }
    }

    pub(crate) fn before_mut(&mut self) -> &mut Box<str> {
        &mut self.margin.get_or_insert_default().before
    }

    /// Sets the text before the value; free of charge where both are empty.
    pub(crate) fn set_before(&mut self, text: &str) {
        if self.before() != text {
            *self.before_mut() = text.into();
        }
    }

    pub(crate) fn set_after(&mut self, text: Option<Box<str>>) {
        if text.is_some() || self.is_followed() {
            self.margin.get_or_insert_default().after = text;
        }
    }

    pub(crate) fn take_after(&mut self) -> Option<Box<str>> {
        self.margin.as_mut()?.after.take()
    }

    /// Whether there is a text after the value, if only an empty one before a trailing comma.
    pub(crate) fn is_followed(&self) -> bool {
        self.margin.as_ref().is_some_and(|margin| margin.after.is_some())
    }

    /// Makes sure that a comma follows a last value.
    pub(crate) fn set_followed(&mut self) {
        if !self.is_followed() {
            self.set_after(Some(Box::default()));
        }
    }

    /// White space and comments before the value.
    pub fn before(&self) -> &str {
        self.margin.as_ref().map_or("", |margin| &margin.before)
    }

    /// White space and comments after the value, up to the colon, comma or end of the source.
    pub fn after(&self) -> &str {
        self.margin.as_ref().and_then(|margin| margin.after.as_deref()).unwrap_or_default()
    }

    /// The value itself.
    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    /// Of an object or array: the last value, if any, and the text before the closing bracket.
    pub(crate) fn end_mut(&mut self) -> Option<(Option<&mut Value>, &mut Box<str>)> {
        match &mut self.kind {
            Kind::Literal(_) => None,
            Kind::Object(object) => {
                Some((object.members.last_mut().map(|member| &mut member.value), &mut object.after))
            }
            Kind::Array(array) => Some((array.elements.last_mut(), &mut array.after)),
        }
    }

    /// Where the value stands in its source, or, after a change, in the packed text.
    pub fn span(&self) -> Span {
        self.start as usize..self.end as usize
    }

    /// The JSON type of the value.
    pub fn json_type(&self) -> Type {
        match &self.kind {
            Kind::Object(_) => Type::Object,
            Kind::Array(_) => Type::Array,
            Kind::Literal(literal) => match literal.bytes().first() {
                Some(b'"') => Type::String,
                Some(b'n') => Type::Null,
                Some(b't' | b'f') => Type::Bool,
                _ => Type::Number,
            },
        }
    }

    /// The decoded string, if the value is one.
    pub fn as_str(&self) -> Option<Cow<'_, str>> {
        self.as_literal()?.as_str()
    }

    /// The number as it is written, if the value is one. Numbers of any size are kept.
    pub fn as_number(&self) -> Option<&str> {
        self.as_literal()?.as_number()
    }

    /// The boolean, if the value is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self.as_literal()?.bytes() {
            b"true" => Some(true),
            b"false" => Some(false),
            _ => None,
        }
    }

    /// Whether the value is `null`.
    pub fn is_null(&self) -> bool {
        self.json_type() == Type::Null
    }

    /// The literal, if the value is not an object or array.
    pub fn as_literal(&self) -> Option<&Literal> {
        if let Kind::Literal(literal) = &self.kind { Some(literal) } else { None }
    }

    /// The object, if the value is one.
    pub fn as_object(&self) -> Option<&Object> {
        if let Kind::Object(object) = &self.kind { Some(object) } else { None }
    }

    /// The array, if the value is one.
    pub fn as_array(&self) -> Option<&Array> {
        if let Kind::Array(array) = &self.kind { Some(array) } else { None }
    }

    /// The first member, in the order of the source and at any depth, whose object has a member of the same
    /// name before it.
    pub fn first_duplicate(&self) -> Option<&Member> {
        match &self.kind {
            Kind::Literal(_) => None,
            Kind::Array(array) => array.elements.iter().find_map(Self::first_duplicate),
            Kind::Object(object) => {
                let mut seen = HashSet::with_capacity(object.members.len());
                object.members.iter().find_map(|member| {
                    if seen.insert(member.name()) { member.value.first_duplicate() } else { Some(member) }
                })
            }
        }
    }
}

impl Object {
    /// The members in the order of the source.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// White space and comments before the closing brace.
    pub fn after(&self) -> &str {
        &self.after
    }

    /// Whether a comma follows the last member.
    pub fn trailing_comma(&self) -> bool {
        self.members.last().is_some_and(|last| last.value.is_followed())
    }

    /// The value of the first member with exactly this name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.member(name).map(Member::value)
    }

    /// The first member with exactly this name.
    pub fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.is_named(name))
    }

    /// All members with this name, without regard to ASCII case; the control plane reads `ACLs` and `acls` alike.
    pub fn members_ignore_case(&self, name: &str) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(move |member| member.name().eq_ignore_ascii_case(name))
    }

    /// The value of the first member with this name, without regard to ASCII case.
    pub fn get_ignore_case(&self, name: &str) -> Option<&Value> {
        self.members_ignore_case(name).next().map(Member::value)
    }

    /// The members, in the order of the source, that have the name of one before them.
    pub fn duplicates(&self) -> impl Iterator<Item = &Member> {
        let mut seen = HashSet::with_capacity(self.members.len());
        self.members.iter().filter(move |member| !seen.insert(member.name()))
    }
}

impl Array {
    /// The elements in the order of the source.
    pub fn elements(&self) -> &[Value] {
        &self.elements
    }

    /// White space and comments before the closing bracket.
    pub fn after(&self) -> &str {
        &self.after
    }

    /// Whether a comma follows the last element.
    pub fn trailing_comma(&self) -> bool {
        self.elements.last().is_some_and(Value::is_followed)
    }
}

impl Member {
    /// The decoded name.
    pub fn name(&self) -> Cow<'_, str> {
        self.name.as_str().unwrap_or_default()
    }

    /// The name as a value, always a string: its span and the text around it.
    pub fn name_value(&self) -> &Value {
        &self.name
    }

    /// The value of the member.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Whether the decoded name is exactly `name`.
    pub fn is_named(&self, name: &str) -> bool {
        self.name.as_literal().is_some_and(|literal| literal.is_string(name))
    }
}
