//! To standard JSON (RFC 8259): with all offsets kept, or as short as it gets.

use crate::{Kind, Value};

impl Value {
    /// Whether the value is standard JSON already: no comments, no trailing commas.
    pub fn is_standard(&self) -> bool {
        let blank = |text: &str| text.trim_start_matches([' ', '\t', '\r', '\n']).is_empty();
        let inside = match &self.kind {
            Kind::Literal(_) => true,
            Kind::Object(object) => {
                !object.trailing_comma()
                    && blank(&object.after)
                    && object
                        .members
                        .iter()
                        .all(|member| member.name.is_standard() && member.value.is_standard())
            }
            Kind::Array(array) => {
                !array.trailing_comma() && blank(&array.after) && array.elements.iter().all(Self::is_standard)
            }
        };
        inside && blank(self.before()) && blank(self.after())
    }

    /// Makes the value standard JSON of the same length: every byte of a comment and every trailing comma becomes
    /// a space. Line breaks stay, and so do all lines, columns and offsets.
    ///
    /// ```
    /// let mut value = hujson::parse_str("[1, /* two */]")?;
    /// value.standardize();
    /// assert_eq!(value.pack_text(), "[1           ]");
    /// # Ok::<(), hujson::ParseError>(())
    /// ```
    pub fn standardize(&mut self) {
        self.standardize_inner();
        self.update_spans();
    }

    fn standardize_inner(&mut self) {
        self.set_before(&blanked(self.before()));
        if self.is_followed() {
            self.set_after(Some(blanked(self.after()).into()));
        }
        if let Some((last, after)) = self.end_mut()
            && let Some(before_comma) = last.and_then(Self::take_after)
        {
            *after = format!("{before_comma} {after}").into();
        }
        match &mut self.kind {
            Kind::Literal(_) => {}
            Kind::Object(object) => {
                object.after = blanked(&object.after).into();
                for member in &mut object.members {
                    member.name.standardize_inner();
                    member.value.standardize_inner();
                }
            }
            Kind::Array(array) => {
                array.after = blanked(&array.after).into();
                array.elements.iter_mut().for_each(Self::standardize_inner);
            }
        }
    }

    /// Makes the value standard JSON without any white space around its values.
    ///
    /// ```
    /// let mut value = hujson::parse_str("[1, /* two */]")?;
    /// value.minimize();
    /// assert_eq!(value.pack_text(), "[1]");
    /// # Ok::<(), hujson::ParseError>(())
    /// ```
    pub fn minimize(&mut self) {
        self.minimize_inner();
        self.update_spans();
    }

    fn minimize_inner(&mut self) {
        self.set_before("");
        self.set_after(None);
        match &mut self.kind {
            Kind::Literal(_) => {}
            Kind::Object(object) => {
                object.after = Box::default();
                for member in &mut object.members {
                    member.name.minimize_inner();
                    member.value.minimize_inner();
                }
            }
            Kind::Array(array) => {
                array.after = Box::default();
                array.elements.iter_mut().for_each(Self::minimize_inner);
            }
        }
    }
}

fn blanked(text: &str) -> String {
    text.bytes()
        .map(|byte| if matches!(byte, b'\t' | b'\r' | b'\n') { char::from(byte) } else { ' ' })
        .collect()
}
