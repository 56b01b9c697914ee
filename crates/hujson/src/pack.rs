use std::fmt;

use crate::parse::offset;
use crate::{Array, Kind, Member, Object, Value};

impl Value {
    /// The text of the tree: the source byte for byte, unless the tree was changed.
    pub fn pack(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.pack_into(&mut out);
        out
    }

    /// The same as text. Bytes inside of strings that are not UTF-8 become U+FFFD.
    pub fn pack_text(&self) -> String {
        String::from_utf8(self.pack())
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }

    fn pack_into(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.before().as_bytes());
        match &self.kind {
            Kind::Literal(literal) => out.extend_from_slice(literal.bytes()),
            Kind::Object(object) => object.pack_into(out),
            Kind::Array(array) => array.pack_into(out),
        }
        out.extend_from_slice(self.after().as_bytes());
    }

    /// Sets all spans to the places in the packed text.
    pub(crate) fn update_spans(&mut self) {
        self.place(0);
    }

    /// Sets the spans for a value whose text before it starts at `at`; gives the end of the text after it.
    fn place(&mut self, at: usize) -> usize {
        let start = at + self.before().len();
        let end = match &mut self.kind {
            Kind::Literal(literal) => start + literal.bytes().len(),
            Kind::Object(object) => object.place(start),
            Kind::Array(array) => array.place(start),
        };
        (self.start, self.end) = (offset(start), offset(end));
        end + self.after().len()
    }
}

impl Object {
    fn pack_into(&self, out: &mut Vec<u8>) {
        out.push(b'{');
        for (index, Member { name, value }) in self.members.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            name.pack_into(out);
            out.push(b':');
            value.pack_into(out);
        }
        if self.trailing_comma() {
            out.push(b',');
        }
        out.extend_from_slice(self.after.as_bytes());
        out.push(b'}');
    }

    fn place(&mut self, start: usize) -> usize {
        let mut at = start + 1;
        for (index, Member { name, value }) in self.members.iter_mut().enumerate() {
            at = name.place(at + usize::from(index > 0));
            at = value.place(at + 1);
        }
        at + usize::from(self.trailing_comma()) + self.after.len() + 1
    }
}

impl Array {
    fn pack_into(&self, out: &mut Vec<u8>) {
        out.push(b'[');
        for (index, value) in self.elements.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            value.pack_into(out);
        }
        if self.trailing_comma() {
            out.push(b',');
        }
        out.extend_from_slice(self.after.as_bytes());
        out.push(b']');
    }

    fn place(&mut self, start: usize) -> usize {
        let mut at = start + 1;
        for (index, value) in self.elements.iter_mut().enumerate() {
            at = value.place(at + usize::from(index > 0));
        }
        at + usize::from(self.trailing_comma()) + self.after.len() + 1
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.pack_text())
    }
}
