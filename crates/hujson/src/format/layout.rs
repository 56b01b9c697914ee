//! Decides which objects and arrays get a line for each entry, and sets the white space accordingly.

use super::gap::Gap;
use super::width::{LINE_LIMIT, Lines, Width};
use crate::{Kind, Value};

/// Formats all white space inside of `value`. `standard` says that no trailing commas may be added.
pub fn lay_out(value: &mut Value, standard: bool) {
    let mut decisions = Vec::new();
    measure(value, &mut decisions);
    Layout { decisions: decisions.into_iter(), standard }.set(value, 0);
}

/// Appends, for each object and array on the way down, whether it is expanded.
///
/// Each is either in one piece or has a line for every entry, so that programs can tell which. Expanded are
/// those with a line break next to a bracket or after a comma, and those that would make a line too long.
fn measure(value: &Value, decisions: &mut Vec<bool>) -> Width {
    if let Kind::Literal(literal) = &value.kind {
        return Width::line(literal.bytes().len());
    }
    let slot = decisions.len();
    decisions.push(false);
    let mut lines = Lines::default();
    let mut expand = false;
    lines.add(1);
    let (first_gap, last_value, end) = match &value.kind {
        Kind::Literal(_) => (None, None, ""),
        Kind::Object(object) => {
            for member in &object.members {
                expand |= member.name.before().contains('\n');
                lines.append(Width::of_extra(member.name.before()));
                lines.append(measure(&member.name, decisions));
                lines.append(Width::of_extra(member.name.after()));
                lines.add(": ".len());
                lines.append(Width::of_extra(member.value.before()));
                lines.append(measure(&member.value, decisions));
                lines.append(Width::of_extra(member.value.after()));
                lines.add(", ".len());
            }
            let first = object.members.first().map(|member| member.name.before());
            (first, object.members.last().map(|member| &member.value), &*object.after)
        }
        Kind::Array(array) => {
            for element in &array.elements {
                expand |= element.before().contains('\n');
                lines.append(Width::of_extra(element.before()));
                lines.append(measure(element, decisions));
                lines.append(Width::of_extra(element.after()));
                lines.add(", ".len());
            }
            (array.elements.first().map(Value::before), array.elements.last(), &*array.after)
        }
    };
    lines.add(1);
    expand |= last_value.is_some_and(|last| last.after().contains('\n')) || end.contains('\n');
    let (width, longest) = lines.finish();
    if !expand && longest <= LINE_LIMIT {
        return width;
    }
    if let Some(decision) = decisions.get_mut(slot) {
        *decision = true;
    }
    Width { first: 1 + Width::of_extra(first_gap.unwrap_or(end)).first, last: 1, many_lines: true }
}

struct Layout {
    decisions: std::vec::IntoIter<bool>,
    standard: bool,
}

impl Layout {
    fn set(&mut self, value: &mut Value, depth: usize) {
        if let Kind::Literal(_) = value.kind {
            return;
        }
        let expand = self.decisions.next().unwrap_or(false);
        let empty = match &mut value.kind {
            Kind::Literal(_) => true,
            Kind::Object(object) => {
                for (index, member) in object.members.iter_mut().enumerate() {
                    Gap::before_entry(expand, index).set_before(&mut member.name, depth + 1);
                    Gap::INSIDE_ENTRY.set_after(&mut member.name, depth + 2);
                    Gap::AFTER_COLON.set_before(&mut member.value, depth + 2);
                    let broken = member.name.after().contains('\n') || member.value.before().contains('\n');
                    self.set(&mut member.value, depth + usize::from(expand) + usize::from(broken));
                    Gap::INSIDE_ENTRY.set_after(&mut member.value, depth + 2);
                }
                object.members.is_empty()
            }
            Kind::Array(array) => {
                for (index, element) in array.elements.iter_mut().enumerate() {
                    Gap::before_entry(expand, index).set_before(element, depth + 1);
                    self.set(element, depth + usize::from(expand));
                    Gap::INSIDE_ENTRY.set_after(element, depth + 2);
                }
                array.elements.is_empty()
            }
        };
        if let Some((last, end)) = value.end_mut() {
            Gap::before_close(expand, empty).set(end, depth + 1);
            if let Some(last) = last {
                self.set_trailing_comma(last, end, expand);
            }
        }
    }

    /// A comma after the last entry, if each entry has its line; none in one piece, unless comments on both of
    /// its sides need it to stay apart.
    fn set_trailing_comma(&self, last: &mut Value, end: &mut Box<str>, expand: bool) {
        let between_comments = !last.after().is_empty() && !end.is_empty();
        if !expand && !between_comments {
            if let Some(after) = last.take_after().filter(|after| !after.is_empty()) {
                *end = format!("{after}{end}").into();
            }
        } else if expand && !self.standard {
            last.set_followed();
        }
    }
}
