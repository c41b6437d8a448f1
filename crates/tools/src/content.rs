//! What tools, resources and prompts answer with.

use serde_json::Value;

use crate::Written;

/// A tool's answer.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The result.
    pub structured: Option<Written>,
    /// Blocks for the model; when empty, a copy of the JSON is sent as text.
    pub content: Vec<Content>,
    /// A failure that the tool tells in its own blocks.
    pub failed: bool,
}

/// One block.
#[derive(Clone, Debug)]
pub enum Content {
    /// Text.
    Text(String),
    /// An image, base64.
    Image {
        /// Base64.
        data: String,
        /// Media type.
        mime: String,
    },
    /// Sound, base64.
    Audio {
        /// Base64.
        data: String,
        /// Media type.
        mime: String,
    },
    /// A link to a resource.
    Link {
        /// Its URI.
        uri: String,
        /// Its name.
        name: String,
    },
    /// A resource's content, embedded.
    Embedded(ResourceBody),
}

/// A resource's content.
#[derive(Clone, Debug)]
pub struct ResourceBody {
    /// Its URI.
    pub uri: String,
    /// Media type.
    pub mime: String,
    /// Text, or base64 where `is_base64`.
    pub data: String,
    /// Whether `data` is base64.
    pub is_base64: bool,
    /// Metadata of the content item (`_meta`).
    pub meta: Option<Value>,
}

impl ResourceBody {
    /// A text body.
    pub fn text(uri: impl Into<String>, mime: impl Into<String>, text: impl Into<String>) -> Self {
        Self { uri: uri.into(), mime: mime.into(), data: text.into(), is_base64: false, meta: None }
    }
}
