//! The house style of HuJSON files: tabs, one blank line at most, aligned values, trailing commas where the
//! brackets stand on lines of their own.

mod alignment;
mod comment;
mod gap;
mod layout;
mod width;

use crate::extra::{has_comment, whitespace_len};
use crate::{Kind, Literal, Value};
use gap::Gap;

impl Value {
    /// Brings the text into the house style of the Go library, byte for byte. Comments stay, also where they
    /// are in the way; standard JSON stays standard JSON.
    ///
    /// ```
    /// let mut value = hujson::parse_str("{ // ports\n\"https\" :443,\"ssh\":22 }")?;
    /// value.format();
    /// assert_eq!(value.pack_text(), "{ // ports\n\t\"https\": 443,\n\t\"ssh\":   22,\n}\n");
    /// # Ok::<(), hujson::ParseError>(())
    /// ```
    pub fn format(&mut self) {
        let before = Gap::default().formatted(self.before(), 0);
        self.set_before(before.get(whitespace_len(before.as_bytes())..).unwrap_or_default());
        let standard = self.is_standard();
        self.normalize();
        layout::lay_out(self, standard);
        alignment::align(self);
        let after = Gap::default().formatted(self.after(), 0);
        self.set_after(Some(format!("{}\n", after.trim_end()).into()));
        self.update_spans();
    }

    /// Rewrites strings with escapes in the shortest form and drops white space that says nothing.
    fn normalize(&mut self) {
        match &mut self.kind {
            Kind::Literal(literal) => {
                if literal.bytes().contains(&b'\\')
                    && let Some(text) = literal.as_str()
                {
                    let short = Literal::string(&text);
                    *literal = short;
                }
            }
            Kind::Object(object) if object.members.is_empty() => drop_blank(&mut object.after),
            Kind::Array(array) if array.elements.is_empty() => drop_blank(&mut array.after),
            Kind::Object(object) => {
                for member in &mut object.members {
                    member.name.normalize_element();
                    member.value.normalize_element();
                }
            }
            Kind::Array(array) => array.elements.iter_mut().for_each(Self::normalize_element),
        }
    }

    fn normalize_element(&mut self) {
        if !has_comment(self.after()) {
            self.set_after(None);
        }
        self.normalize();
    }
}

fn drop_blank(text: &mut Box<str>) {
    if !has_comment(text) {
        *text = Box::default();
    }
}
