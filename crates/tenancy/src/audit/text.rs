//! A text of an audit row: a word of the program, or a text that several rows share. Neither is copied on its way to disk.

use std::{borrow::Cow, fmt, ops::Deref, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A text that costs nothing to clone.
#[derive(Clone)]
pub enum AuditText {
    /// A word of the program.
    Word(&'static str),
    /// Any other text.
    Shared(Arc<str>),
}

impl AuditText {
    /// The text.
    pub fn as_str(&self) -> &str {
        self
    }
}

impl Deref for AuditText {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Word(word) => word,
            Self::Shared(text) => text,
        }
    }
}

impl From<&'static str> for AuditText {
    fn from(word: &'static str) -> Self {
        Self::Word(word)
    }
}

impl From<Arc<str>> for AuditText {
    fn from(text: Arc<str>) -> Self {
        Self::Shared(text)
    }
}

impl From<String> for AuditText {
    fn from(text: String) -> Self {
        Self::Shared(text.into())
    }
}

impl From<AuditText> for String {
    fn from(text: AuditText) -> Self {
        (*text).to_owned()
    }
}

impl PartialEq for AuditText {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for AuditText {}

impl PartialEq<str> for AuditText {
    fn eq(&self, other: &str) -> bool {
        **self == *other
    }
}

impl PartialEq<&str> for AuditText {
    fn eq(&self, other: &&str) -> bool {
        **self == **other
    }
}

impl fmt::Debug for AuditText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl fmt::Display for AuditText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl Serialize for AuditText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl<'de> Deserialize<'de> for AuditText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::Shared(Cow::<str>::deserialize(deserializer)?.into()))
    }
}
