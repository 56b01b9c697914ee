//! JSON Patch (RFC 6902) on the tree, with comments that go along.

mod entries;
mod equality;
mod operation;
mod ownership;

use thiserror::Error;

use crate::pointer::Walk;
use crate::{Kind, MAX_DEPTH, ParseError, PointerError, Value, quote};
use entries::{Around, Parent};
use operation::{Action, Operation};

/// How many bytes the `copy` operations of one patch may add together, so that a small patch cannot fill the
/// memory by doubling a value over and over.
pub const MAX_COPIED: usize = 4 << 20;

/// Why a patch was not applied, or only in part. The texts are those of the Go library.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PatchError {
    /// The patch is not HuJSON.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// The patch is not a list of operations.
    #[error("hujson: patch must be a JSON array")]
    Shape,
    /// An operation is malformed or cannot be done. The operations before it are done, unless it is malformed:
    /// then none is.
    #[error("hujson: patch operation {index}: {error}")]
    Operation {
        /// Place of the operation in the patch, from 0.
        index: usize,
        /// What is wrong with it.
        error: OperationError,
    },
}

/// What is wrong with one operation of a patch.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OperationError {
    /// It is not an object.
    #[error("must be a JSON object")]
    Shape,
    /// It has two members of one name.
    #[error("duplicate name {}", quote::string(.0))]
    Duplicate(String),
    /// The member is not a string.
    #[error("member {} must be a JSON string", quote::string(.0))]
    NotText(&'static str),
    /// The member `op` has a word that RFC 6902 does not know.
    #[error("unknown operation {}", quote::string(.0))]
    Unknown(String),
    /// The member is missing.
    #[error("missing required member {}", quote::string(.0))]
    Missing(&'static str),
    /// The pointer leads nowhere.
    #[error(transparent)]
    Pointer(#[from] PointerError),
    /// The whole document can only be replaced by `add`.
    #[error("cannot {0} root value")]
    Root(&'static str),
    /// A value cannot go into itself, nor the whole document into a part of it.
    #[error("cannot {action} {} into {}", quote::string(.from), quote::string(.path))]
    Into {
        /// `move` or `copy`.
        action: &'static str,
        /// The pointer to the value.
        from: String,
        /// The pointer to its new place.
        path: String,
    },
    /// A `test` found another value. As in the Go library, a test for null and one with numbers out of the range
    /// of 64-bit floats always fails.
    #[error("values differ at {}", quote::string(.0))]
    Differs(String),
    /// The result would be nested too deep to be parsed again.
    #[error("nested deeper than {0} levels")]
    Depth(usize),
    /// The copies of the patch add up to too much.
    #[error("copies more than {0} bytes")]
    Copied(usize),
}

impl Value {
    /// Applies a patch (RFC 6902), itself HuJSON. Comments next to an operation's `value` come along with it, and
    /// comments directly above an entry, on its line or directly below belong to it; those set off by a blank
    /// line stay. Nothing is formatted.
    ///
    /// ```
    /// let mut value = hujson::parse_str("{\n\t// old\n\t\"a\": 1,\n\t\"b\": 2,\n}")?;
    /// value.patch(br#"[{"op": "remove", "path": "/a"}]"#)?;
    /// assert_eq!(value.pack_text(), "{\n\t\"b\": 2,\n}");
    /// # Ok::<(), hujson::PatchError>(())
    /// ```
    ///
    /// # Errors
    /// [`PatchError`]. After an error in an operation, the operations before it stay applied.
    pub fn patch(&mut self, patch: &[u8]) -> Result<(), PatchError> {
        let operations = operation::parse(patch)?;
        let mut copied = 0;
        let mut outcome = Ok(());
        for (index, operation) in operations.into_iter().enumerate() {
            if let Err(error) = self.apply(operation, &mut copied) {
                outcome = Err(PatchError::Operation { index, error });
                break;
            }
        }
        self.update_spans();
        outcome
    }

    fn apply(&mut self, operation: Operation, copied: &mut usize) -> Result<(), OperationError> {
        let Operation { path, action } = operation;
        match action {
            Action::Add(value) => self.add(&path, value),
            Action::Remove => {
                let (parent, index) = self.entry(&path, "remove")?;
                parent.remove(index);
                Ok(())
            }
            Action::Replace(value) => {
                let place = self.existing(&path)?;
                check_depth(place.len(), &value.kind)?;
                let (parent, index) = self.entry(&path, "replace")?;
                parent.replace(index, value);
                Ok(())
            }
            Action::Move(from) => {
                let inside =
                    path.strip_prefix(&from).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
                if from.is_empty() || inside {
                    return Err(OperationError::Into { action: "move", from, path });
                }
                let (parent, index) = self.entry(&from, "move")?;
                let value = parent.remove(index).ok_or(PointerError::Missing)?;
                self.add(&path, value)
            }
            Action::Copy(from) => {
                if from.is_empty() {
                    return Err(OperationError::Into { action: "copy", from, path });
                }
                let (mut parent, index) = self.entry(&from, "copy")?;
                *copied += parent.packed_len(index);
                if *copied > MAX_COPIED {
                    return Err(OperationError::Copied(MAX_COPIED));
                }
                let value = parent.copy(index).ok_or(PointerError::Missing)?;
                self.add(&path, value)
            }
            Action::Test(value) => {
                let place = self.existing(&path)?;
                let equal = self.at_path(&place).is_some_and(|own| equality::equal(own, &value.kind));
                if equal { Ok(()) } else { Err(OperationError::Differs(path)) }
            }
        }
    }

    fn add(&mut self, pointer: &str, value: Around) -> Result<(), OperationError> {
        let Walk { mut path, missing } = self.walk(pointer)?;
        let levels = path.len() + usize::from(missing.is_some());
        check_depth(levels, &value.kind)?;
        if let Some(name) = missing {
            let parent = self.at_path_mut(&path).and_then(Parent::of).ok_or(PointerError::Missing)?;
            parent.append(&name, value);
        } else if let Some(index) = path.pop() {
            match self.at_path_mut(&path).and_then(Parent::of).ok_or(PointerError::Missing)? {
                Parent::Object(object) => Parent::Object(object).replace(index, value),
                Parent::Array(array) => Parent::Array(array).insert(index, value, None),
            }
        } else {
            *self = value.into_root();
        }
        Ok(())
    }

    /// The way to a value that must be there.
    fn existing(&self, pointer: &str) -> Result<Vec<usize>, PointerError> {
        let Walk { path, missing } = self.walk(pointer)?;
        if missing.is_some() { Err(PointerError::Missing) } else { Ok(path) }
    }

    /// The object or array that holds the value at `pointer`, and the place in it.
    fn entry(&mut self, pointer: &str, action: &'static str) -> Result<(Parent<'_>, usize), OperationError> {
        let mut path = self.existing(pointer)?;
        let index = path.pop().ok_or(OperationError::Root(action))?;
        let parent = self.at_path_mut(&path).and_then(Parent::of).ok_or(PointerError::Missing)?;
        Ok((parent, index))
    }
}

/// Whether a value fits below `levels` objects and arrays.
fn check_depth(levels: usize, kind: &Kind) -> Result<(), OperationError> {
    if levels + height(kind) > MAX_DEPTH { Err(OperationError::Depth(MAX_DEPTH)) } else { Ok(()) }
}

fn height(kind: &Kind) -> usize {
    let inner = match kind {
        Kind::Literal(_) => return 0,
        Kind::Object(object) => object.members.iter().map(|member| height(&member.value.kind)).max(),
        Kind::Array(array) => array.elements.iter().map(|element| height(&element.kind)).max(),
    };
    1 + inner.unwrap_or(0)
}
