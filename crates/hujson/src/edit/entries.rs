use std::ops::Range;

use crate::{Kind, Value};

/// The entries of an object or array as places in the text.
pub struct Entries {
    pub list: Vec<Place>,
    /// The text before the closing bracket, behind the last entry or its trailing comma.
    pub tail: Range<usize>,
    /// Whether an object has its values right behind the colons.
    pub tight_colons: bool,
}

/// One member or element.
pub struct Place {
    /// The text before it, from the bracket or comma before it.
    pub before: Range<usize>,
    pub start: usize,
    pub end: usize,
    /// The comma behind it.
    pub comma: Option<usize>,
}

impl Place {
    /// Where the text behind the entry starts: after its comma, if it has one.
    pub fn rest(&self) -> usize {
        self.comma.map_or(self.end, |comma| comma + 1)
    }
}

impl Entries {
    pub fn of(value: &Value) -> Option<Self> {
        let (mut list, tail, tight_colons): (Vec<Place>, _, _) = match &value.kind {
            Kind::Literal(_) => return None,
            Kind::Array(array) => (
                array.elements.iter().map(|element| place(element, element)).collect(),
                array.after.len(),
                false,
            ),
            Kind::Object(object) => (
                object.members.iter().map(|member| place(&member.name, &member.value)).collect(),
                object.after.len(),
                object.members.last().is_some_and(|member| member.value.before().is_empty()),
            ),
        };
        let close = value.span().end.saturating_sub(1);
        let trailing = match &value.kind {
            Kind::Object(object) => object.trailing_comma(),
            Kind::Array(array) => array.trailing_comma(),
            Kind::Literal(_) => false,
        };
        if let Some(last) = list.last_mut()
            && !trailing
        {
            last.comma = None;
        }
        Some(Self { list, tail: close - tail..close, tight_colons })
    }

    /// The texts between the entries.
    pub fn gaps(&self) -> impl Iterator<Item = Range<usize>> {
        let around = |place: &Place| [place.before.clone(), place.end..place.comma.unwrap_or(place.end)];
        self.list.iter().flat_map(around).chain([self.tail.clone()])
    }

    /// Whether a line breaks between the entries or next to a bracket.
    pub fn broken(&self, text: &str) -> bool {
        self.gaps().any(|gap| text.get(gap).is_some_and(|gap| gap.contains('\n')))
    }
}

fn place(first: &Value, last: &Value) -> Place {
    let (start, end) = (first.span().start, last.span().end);
    Place { before: start - first.before().len()..start, start, end, comma: Some(end + last.after().len()) }
}
