//! Values of members on lines of their own stand in one column, block by block.

use crate::{Kind, Member, Value};

/// Aligns the values of all objects in `value`.
pub fn align(value: &mut Value) {
    match &mut value.kind {
        Kind::Literal(_) => {}
        Kind::Array(array) => array.elements.iter_mut().for_each(align),
        Kind::Object(object) => {
            let mut block: Vec<&mut Member> = Vec::new();
            for member in &mut object.members {
                let one_line = on_one_line(member);
                if !one_line || member.name.before().matches('\n').count() > 1 {
                    flush(&mut block);
                }
                if one_line {
                    block.push(member);
                }
            }
            flush(&mut block);
            object.members.iter_mut().for_each(|member| align(&mut member.value));
        }
    }
}

fn flush(block: &mut Vec<&mut Member>) {
    let widest = block.iter().map(|member| key_length(member)).max().unwrap_or(0);
    for member in block.drain(..) {
        let missing = widest - key_length(member);
        if missing > 0 {
            member.value.set_before(&format!("{}{}", member.value.before(), " ".repeat(missing)));
        }
    }
}

/// Bytes from the start of the name to the start of the value.
fn key_length(member: &Member) -> usize {
    let name = member.name.as_literal().map_or(0, |literal| literal.bytes().len());
    name + member.name.after().len() + ":".len() + member.value.before().len()
}

/// Whether the member starts a line and ends on it.
fn on_one_line(member: &Member) -> bool {
    let Member { name, value } = member;
    name.before().contains('\n')
        && ![name.after(), value.before(), value.after()].iter().any(|text| text.contains('\n'))
        && !breaks_inside(value)
}

/// Whether a line breaks between the values inside of `value`. What stands before a closing bracket does not
/// count, as in the Go library.
fn breaks_inside(value: &Value) -> bool {
    let breaks =
        |inner: &Value| inner.before().contains('\n') || inner.after().contains('\n') || breaks_inside(inner);
    match &value.kind {
        Kind::Literal(_) => false,
        Kind::Array(array) => array.elements.iter().any(breaks),
        Kind::Object(object) => {
            object.members.iter().any(|member| breaks(&member.name) || breaks(&member.value))
        }
    }
}
