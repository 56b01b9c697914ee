//! Generated HuJSON: people's styles, and comments where nobody would put them.

use proptest::collection::vec;
use proptest::prelude::*;

/// The text of a valid document without duplicate names.
#[derive(Debug, Clone)]
pub struct Document(pub String);

#[derive(Debug, Clone)]
enum Tree {
    Leaf(&'static str),
    Array(Vec<Tree>, Layout),
    Object(Vec<Tree>, Layout),
}

#[derive(Debug, Clone)]
struct Layout {
    /// What stands in the gaps: an index into the gaps of the style, from a wild list or from a tame one.
    gaps: Vec<(u8, u8)>,
    trailing_comma: bool,
    lines: bool,
}

const LEAVES: &[&str] = &["null", "true", "0", "-1.5e3", "\"\"", "\"a // b\"", "\"\\\"[,]\\u00e9\"", "\"é\""];

/// Comments and white space with `@` for a line break.
const WILD: &[&str] = &[
    "",
    " ",
    "\t",
    "@",
    "@@",
    "@\t",
    " // c@",
    "//@",
    "/**/",
    " /* c */ ",
    "/* c@c */",
    "@  // own@",
    "@@\t// own@@",
    "@ /* a */ /* b */@",
    " // a@ // b@",
    " /* é */@",
    "  @",
    "@// x@\t",
    "/*@*/ // y@@  // z@   ",
    "\r",
    "/***/",
];

/// Behind entries on lines of their own.
const TAME: &[&str] = &["", "", "", " // same line", " /* same */", "  ", " /* a */ // b", "@", "@@"];

/// Above entries on lines of their own.
const ABOVE: &[&str] =
    &["", "", "", "// above@", "// one@// two@", "/* above */@", "/* a@b */@", "@// apart@"];

fn layout() -> impl Strategy<Value = Layout> {
    let gaps = vec((any::<u8>(), 0..4_u8), 1..8);
    (gaps, any::<bool>(), any::<bool>()).prop_map(|(gaps, trailing_comma, lines)| Layout {
        gaps,
        trailing_comma,
        lines,
    })
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = proptest::sample::select(LEAVES).prop_map(Tree::Leaf);
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            (vec(inner.clone(), 0..4), layout()).prop_map(|(list, layout)| Tree::Array(list, layout)),
            (vec(inner, 0..4), layout()).prop_map(|(list, layout)| Tree::Object(list, layout)),
        ]
    })
}

/// A document with an array or object at the top.
pub fn document() -> impl Strategy<Value = Document> {
    let root = (vec(tree(), 0..4), layout(), any::<bool>()).prop_map(|(list, layout, array)| {
        if array { Tree::Array(list, layout) } else { Tree::Object(list, layout) }
    });
    let ends = || proptest::sample::select(&["", "", "\n", "// c\n", " /* c */", "\n\n// c\n\n"][..]);
    let line_ends = proptest::sample::select(&["\n", "\n", "\r\n"][..]);
    let units = proptest::sample::select(&["\t", "  ", "    "][..]);
    (root, ends(), ends(), line_ends, units, 0..3_u8).prop_map(
        |(root, before, after, line_end, unit, wildness)| {
            let mut writer = Writer { out: before.to_owned(), unit, wildness, line_end, open_comment: false };
            writer.write(&root, 0);
            writer.out.push_str(after);
            Document(writer.out)
        },
    )
}

/// Text of the pieces that JSON is made of, mostly invalid.
pub fn noise() -> impl Strategy<Value = String> {
    let pieces = proptest::sample::select(
        &[
            "{", "}", "[", "]", ",", ":", "\"a\"", "1", "null", " ", "\n", "// c\n", "/* c */", "\\", "\"",
            "/", "é", "-",
        ][..],
    );
    vec(pieces, 0..24).prop_map(|pieces| pieces.concat())
}

struct Writer {
    out: String,
    unit: &'static str,
    line_end: &'static str,
    wildness: u8,
    /// A line comment was written without its line break.
    open_comment: bool,
}

impl Writer {
    fn write(&mut self, tree: &Tree, depth: usize) {
        match tree {
            Tree::Leaf(text) => self.out.push_str(text),
            Tree::Array(list, layout) => {
                self.out.push('[');
                self.entries(list, layout, depth, false);
                self.out.push(']');
            }
            Tree::Object(list, layout) => {
                self.out.push('{');
                self.entries(list, layout, depth, true);
                self.out.push('}');
            }
        }
    }

    fn entries(&mut self, list: &[Tree], layout: &Layout, depth: usize, named: bool) {
        for (index, tree) in list.iter().enumerate() {
            let wild = self.wild(layout, index);
            if layout.lines && !wild {
                self.line(depth + 1);
                let above = ABOVE[usize::from(layout.gap(index).0) % ABOVE.len()];
                for part in above.split_inclusive('@') {
                    self.text(part);
                    if part.ends_with('@') {
                        self.out.push_str(&self.unit.repeat(depth + 1));
                    }
                }
            } else if wild {
                self.text(WILD[usize::from(layout.gap(index).0) % WILD.len()]);
            } else if index > 0 {
                self.out.push(' ');
            }
            if named {
                self.out.push_str(&["\"k", &index.to_string(), "\""].concat());
                if wild {
                    self.text(WILD[usize::from(layout.gap(index + 3).0) % WILD.len()]);
                }
                self.out.push(':');
                self.text(if wild { WILD[usize::from(layout.gap(index + 4).0) % WILD.len()] } else { " " });
            }
            self.write(tree, depth + 1);
            let behind = if wild { WILD[usize::from(layout.gap(index + 1).0) % WILD.len()] } else { "" };
            self.text(behind);
            if index + 1 < list.len() || layout.trailing_comma {
                self.out.push(',');
            }
            if layout.lines && !wild && index + 1 < list.len() {
                self.same_line(layout, index);
            }
        }
        let wild = self.wild(layout, list.len());
        if wild {
            self.text(WILD[usize::from(layout.gap(list.len()).0) % WILD.len()]);
        } else if layout.lines {
            self.same_line(layout, list.len());
            self.line(depth);
        }
    }

    fn same_line(&mut self, layout: &Layout, index: usize) {
        let text = TAME[usize::from(layout.gap(index + 2).0) % TAME.len()];
        self.text(text);
        self.open_comment = text.contains("//");
    }

    /// Styles are tame, a little wild or wild.
    fn wild(&self, layout: &Layout, index: usize) -> bool {
        match self.wildness {
            0 => false,
            1 => layout.gap(index).1 == 0,
            _ => true,
        }
    }

    fn line(&mut self, depth: usize) {
        self.open_comment = false;
        self.out.push_str(self.line_end);
        self.out.push_str(&self.unit.repeat(depth));
    }

    fn text(&mut self, text: &str) {
        if std::mem::take(&mut self.open_comment) {
            self.out.push_str(self.line_end);
        }
        self.out.push_str(&text.replace('@', self.line_end));
    }
}

impl Layout {
    fn gap(&self, index: usize) -> (u8, u8) {
        self.gaps[index % self.gaps.len()]
    }
}
