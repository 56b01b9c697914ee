use serde::de::DeserializeOwned;
use thiserror::Error;

use crate::{Kind, Literal, Value};

/// Why a tree has no counterpart in `serde_json`.
#[derive(Debug, Error)]
pub enum ConvertError {
    /// A number that 64 bits cannot hold, like `1e1000`. Its text is still in the tree.
    #[error("number `{number}` at byte {offset} is out of range")]
    Number {
        /// The number as it is written.
        number: String,
        /// Where it starts.
        offset: usize,
    },
    /// The values do not fit the type.
    #[error(transparent)]
    Shape(#[from] serde_json::Error),
}

impl Value {
    /// The plain JSON value. Where a name occurs twice, the last member counts, as in Go; the order of names and
    /// the places in the source stay with the tree.
    ///
    /// ```
    /// let value = hujson::parse_str("{\"port\": 443, /* tcp */ }")?;
    /// assert_eq!(value.to_json()?, serde_json::json!({"port": 443}));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ConvertError::Number`] for a number out of range.
    pub fn to_json(&self) -> Result<serde_json::Value, ConvertError> {
        match &self.kind {
            Kind::Literal(literal) => self.literal_json(literal),
            Kind::Array(array) => array.elements.iter().map(Self::to_json).collect(),
            Kind::Object(object) => {
                let members = object.members.iter();
                members.map(|member| Ok((member.name().into_owned(), member.value.to_json()?))).collect()
            }
        }
    }

    /// The value as any type that serde can read.
    ///
    /// # Errors
    /// [`ConvertError::Number`] for a number out of range, [`ConvertError::Shape`] where the type wants something else.
    pub fn deserialize<T: DeserializeOwned>(&self) -> Result<T, ConvertError> {
        Ok(serde_json::from_value(self.to_json()?)?)
    }

    fn literal_json(&self, literal: &Literal) -> Result<serde_json::Value, ConvertError> {
        if let Some(text) = literal.as_str() {
            return Ok(text.into_owned().into());
        }
        serde_json::from_slice(literal.bytes()).map_err(|_| ConvertError::Number {
            number: literal.source().into_owned(),
            offset: self.span().start,
        })
    }
}
