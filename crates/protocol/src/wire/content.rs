//! Content blocks and resource contents.

use serde::Serialize;
use serde_json::Value;

/// A content block.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Block<'a> {
    /// Text.
    Text {
        /// The text.
        text: &'a str,
    },
    /// An image.
    Image {
        /// Base64.
        data: &'a str,
        /// Media type.
        #[serde(rename = "mimeType")]
        mime_type: &'a str,
    },
    /// Sound.
    Audio {
        /// Base64.
        data: &'a str,
        /// Media type.
        #[serde(rename = "mimeType")]
        mime_type: &'a str,
    },
    /// A link to a resource.
    ResourceLink {
        /// URI.
        uri: &'a str,
        /// Name.
        name: &'a str,
    },
    /// An embedded resource.
    Resource {
        /// Its contents.
        resource: Contents<'a>,
    },
}

/// What a resource holds.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Contents<'a> {
    /// URI.
    pub uri: &'a str,
    /// Media type.
    pub mime_type: &'a str,
    /// Text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<&'a str>,
    /// Base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blob: Option<&'a str>,
    /// Metadata.
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub meta: Option<&'a Value>,
}
