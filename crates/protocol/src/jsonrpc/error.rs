//! Errors: as they travel, and why bytes are no message.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::RequestId;
use crate::codes;

/// An error as it travels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ErrorObject {
    /// Code.
    pub code: i32,
    /// Words for the reader.
    pub message: String,
    /// More, for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

impl ErrorObject {
    /// An error without data.
    pub fn new(code: i32, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: None }
    }

    /// This error with data.
    #[must_use]
    pub fn with(mut self, data: Value) -> Self {
        self.data = Some(data);
        self
    }
}

/// Why bytes are no message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// Not JSON that is read here (code -32700).
    NotJson(Unreadable),
    /// A message whose identifier was found, but that is not read (code -32600): nested too deep, or with half a
    /// surrogate pair.
    NotRead {
        /// Identifier.
        id: RequestId,
        /// Why not.
        why: Unreadable,
    },
    /// JSON, but no message (code -32600); the identifier where one could be read.
    NotAMessage {
        /// Identifier.
        id: Option<RequestId>,
        /// What is wrong, and what is right.
        why: &'static str,
    },
}

/// Why bytes are not read as JSON. Offsets count bytes from 0, lines and columns from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// Not UTF-8 from this byte on.
    NotUtf8 {
        /// Offset.
        at: usize,
    },
    /// More levels of arrays and objects than are read.
    TooDeep {
        /// Levels that are read.
        limit: usize,
    },
    /// Half of a surrogate pair.
    LoneSurrogate {
        /// Offset of its escape.
        at: usize,
    },
    /// The text breaks JSON's grammar.
    Syntax {
        /// Line.
        line: usize,
        /// Column.
        column: usize,
    },
    /// The text ends before the value does.
    Cut {
        /// Length in bytes.
        length: usize,
    },
}

impl DecodeError {
    /// The identifier to answer with, where one could be read.
    pub fn id(&self) -> Option<&RequestId> {
        match self {
            Self::NotJson(_) => None,
            Self::NotRead { id, .. } => Some(id),
            Self::NotAMessage { id, .. } => id.as_ref(),
        }
    }

    /// The error to send.
    pub fn object(&self) -> ErrorObject {
        let code = match self {
            Self::NotJson(_) => codes::PARSE,
            Self::NotRead { .. } | Self::NotAMessage { .. } => codes::INVALID_REQUEST,
        };
        ErrorObject::new(code, self.to_string())
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson(why) => write!(f, "not valid JSON: {why}"),
            Self::NotRead { why, .. } => why.fmt(f),
            Self::NotAMessage { why, .. } => f.write_str(why),
        }
    }
}

impl std::error::Error for DecodeError {}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUtf8 { at } => write!(f, "not UTF-8 at byte {at}; send UTF-8"),
            Self::TooDeep { limit } => {
                write!(f, "nested deeper than {limit} levels of arrays and objects; send flatter values")
            }
            Self::LoneSurrogate { at } => {
                write!(f, "half of a surrogate pair at byte {at}; send both halves or the character itself")
            }
            Self::Syntax { line, column } => {
                write!(f, "line {line}, column {column}: unexpected text; send exactly one JSON object")
            }
            Self::Cut { length } => {
                write!(f, "the text ends inside a value after {length} bytes; send the whole object")
            }
        }
    }
}
