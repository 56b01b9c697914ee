//! Reads objects of the policy field by field and keeps account of what was not read.

use hujson::{LineIndex, Member, Type, Value};

use super::{Dialect, Section, Text, UnknownField};
use crate::error::{PolicyError, PolicyErrorKind};
use crate::headscale;

/// What reading needs to know everywhere, and what it finds on the way.
pub(super) struct Reader {
    pub(super) lines: LineIndex,
    pub(super) unknown: Vec<UnknownField>,
    pub(super) dialect: Dialect,
    /// Whether Tailscale has taken the text.
    pub(super) in_force: bool,
}

/// The members of one object, to be taken by name.
pub(super) struct Fields<'a> {
    path: String,
    members: Vec<Option<&'a Member>>,
}

impl Reader {
    pub(super) fn fault(&self, value: &Value, message: String) -> PolicyError {
        PolicyError {
            kind: PolicyErrorKind::Syntax,
            message,
            line: Some(self.lines.position(value.span().start).line),
            span: Some(value.span()),
        }
    }

    fn mismatch(&self, path: &str, value: &Value, expected: &str) -> PolicyError {
        let found = match value.json_type() {
            Type::Null => "null",
            Type::Bool => "a boolean",
            Type::Number => "a number",
            Type::String => "a string",
            Type::Object => "an object",
            Type::Array => "a list",
        };
        self.fault(value, format!("{path}: expected {expected}, found {found}"))
    }

    /// The members of an object. Two of one name are refused: which of them the control plane would take is
    /// documented nowhere, and a wrong guess would misjudge the whole policy.
    pub(super) fn members<'a>(&self, path: &str, value: &'a Value) -> Result<&'a [Member], PolicyError> {
        let object = value.as_object().ok_or_else(|| self.mismatch(path, value, "an object"))?;
        if let Some(twice) = object.duplicates().next() {
            let place = if path.is_empty() { String::new() } else { format!("{path}: ") };
            return Err(self.fault(twice.name_value(), format!("{place}duplicate key {:?}", twice.name())));
        }
        Ok(object.members())
    }

    pub(super) fn fields<'a>(&self, path: &str, value: &'a Value) -> Result<Fields<'a>, PolicyError> {
        let members = self.members(path, value)?;
        for (at, member) in members.iter().enumerate() {
            if members.iter().take(at).any(|earlier| earlier.name().eq_ignore_ascii_case(&member.name())) {
                let message = format!("{path}: duplicate key {:?}", member.name());
                return Err(self.fault(member.name_value(), message));
            }
        }
        Ok(Fields { path: path.to_owned(), members: members.iter().map(Some).collect() })
    }

    /// Reports what no reader took.
    pub(super) fn finish(&mut self, section: Section, fields: Fields) {
        let comment =
            |member: &&Member| self.dialect.is_headscale() && headscale::is_comment(section, &member.name());
        let left = fields.members.into_iter().flatten().filter(|member| !comment(member));
        for member in left.collect::<Vec<_>>() {
            self.report(Some(section), format!("{}.{}", fields.path, member.name()), member);
        }
    }

    pub(super) fn report(&mut self, section: Option<Section>, path: String, member: &Member) {
        let span = member.name_value().span();
        let line = self.lines.position(span.start).line;
        self.unknown.push(UnknownField { path, section, span, line });
    }

    /// What was read; or nothing, which is reported, where it has another shape than is known here, the control plane has
    /// taken it, and it decides about no reach.
    pub(super) fn or_left_out<T>(
        &mut self,
        (section, path): (Section, String),
        value: &Value,
        read: Result<T, PolicyError>,
    ) -> Result<Option<T>, PolicyError> {
        match read {
            Err(error)
                if self.in_force && !section.decides_reach() && error.kind == PolicyErrorKind::Syntax =>
            {
                let span = error.span.unwrap_or_else(|| value.span());
                let line = self.lines.position(span.start).line;
                self.unknown.push(UnknownField { path, section: Some(section), span, line });
                Ok(None)
            }
            read => read.map(Some),
        }
    }

    pub(super) fn list<'a>(&self, path: &str, value: Option<&'a Value>) -> Result<&'a [Value], PolicyError> {
        match value {
            None => Ok(&[]),
            Some(value) => {
                Ok(value.as_array().ok_or_else(|| self.mismatch(path, value, "a list"))?.elements())
            }
        }
    }

    pub(super) fn text(&self, path: &str, value: &Value) -> Result<Text, PolicyError> {
        let mut text = self.exact(path, value)?;
        text.value = text.value.trim().to_owned();
        Ok(text)
    }

    /// With its white space, for what is not a name of somebody or something.
    pub(super) fn exact(&self, path: &str, value: &Value) -> Result<Text, PolicyError> {
        let text = value.as_str().ok_or_else(|| self.mismatch(path, value, "a string"))?;
        Ok(Text { value: text.into_owned(), span: value.span() })
    }

    pub(super) fn texts(&self, path: &str, value: Option<&Value>) -> Result<Vec<Text>, PolicyError> {
        self.list(path, value)?.iter().map(|item| self.text(path, item)).collect()
    }

    pub(super) fn boolean(&self, path: &str, value: &Value) -> Result<bool, PolicyError> {
        match value.json_type() {
            Type::Null => Ok(false),
            _ => value.as_bool().ok_or_else(|| self.mismatch(path, value, "true or false")),
        }
    }

    /// Plain JSON.
    pub(super) fn json(&self, value: &Value) -> Result<serde_json::Value, PolicyError> {
        value.to_json().map_err(|error| self.fault(value, error.to_string()))
    }

    /// Members whose values are plain JSON, by name.
    pub(super) fn values(
        &self,
        path: &str,
        value: Option<&Value>,
    ) -> Result<Vec<(Text, serde_json::Value)>, PolicyError> {
        let Some(value) = value else { return Ok(Vec::new()) };
        self.members(path, value)?
            .iter()
            .map(|member| Ok((name(member), self.json(member.value())?)))
            .collect()
    }
}

/// A member's name as it is written, white space included.
pub(super) fn name(member: &Member) -> Text {
    Text { value: member.name().into_owned(), span: member.name_value().span() }
}

impl<'a> Fields<'a> {
    /// The value under any of these names, in any case; `null` counts as absent.
    pub(super) fn take(&mut self, names: &[&str]) -> Option<&'a Value> {
        let wanted = |member: &Member| names.iter().any(|name| member.name().eq_ignore_ascii_case(name));
        let slot = self.members.iter_mut().find(|slot| slot.is_some_and(wanted))?;
        slot.take().map(Member::value).filter(|value| !value.is_null())
    }

    pub(super) fn texts(&mut self, reader: &Reader, names: &[&str]) -> Result<Vec<Text>, PolicyError> {
        let path = self.child(names);
        reader.texts(&path, self.take(names))
    }

    pub(super) fn text(&mut self, reader: &Reader, names: &[&str]) -> Result<Option<Text>, PolicyError> {
        let path = self.child(names);
        self.take(names).map(|value| reader.text(&path, value)).transpose()
    }

    /// Headscale takes a number for a text there, in the digits that it is written in.
    pub(super) fn text_or_number(
        &mut self,
        reader: &Reader,
        name: &str,
    ) -> Result<Option<Text>, PolicyError> {
        let path = self.child(&[name]);
        let text = |value: &Value| match value.as_number() {
            Some(digits) if reader.dialect.is_headscale() => {
                Ok(Text { value: digits.to_owned(), span: value.span() })
            }
            _ => reader.text(&path, value),
        };
        self.take(&[name]).map(text).transpose()
    }

    pub(super) fn exact(&mut self, reader: &Reader, name: &str) -> Result<Option<Text>, PolicyError> {
        let path = self.child(&[name]);
        self.take(&[name]).map(|value| reader.exact(&path, value)).transpose()
    }

    pub(super) fn exacts(&mut self, reader: &Reader, name: &str) -> Result<Vec<Text>, PolicyError> {
        let path = self.child(&[name]);
        reader.list(&path, self.take(&[name]))?.iter().map(|item| reader.exact(&path, item)).collect()
    }

    pub(super) fn values(
        &mut self,
        reader: &Reader,
        names: &[&str],
    ) -> Result<Vec<(Text, serde_json::Value)>, PolicyError> {
        let path = self.child(names);
        reader.values(&path, self.take(names))
    }

    pub(super) fn boolean(&mut self, reader: &Reader, name: &str) -> Result<bool, PolicyError> {
        let path = self.child(&[name]);
        self.take(&[name]).map_or(Ok(false), |value| reader.boolean(&path, value))
    }

    fn child(&self, names: &[&str]) -> String {
        format!("{}.{}", self.path, names.first().copied().unwrap_or_default())
    }
}
