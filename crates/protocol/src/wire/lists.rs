//! Lists of tools, resources, templates and prompts.

use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};

/// Parameters of a list.
#[derive(Debug, Default, Deserialize)]
pub struct ListParams {
    /// Where to go on.
    #[serde(default)]
    pub cursor: Option<String>,
}

/// How long an answer may be kept, and by whom (modern).
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cache {
    /// Milliseconds.
    pub ttl_ms: u64,
    /// `private`: only for this caller.
    pub cache_scope: &'static str,
}

impl Cache {
    /// For this caller only.
    pub const fn private(ttl_ms: u64) -> Self {
        Self { ttl_ms, cache_scope: "private" }
    }
}

/// Result of a list; `key` names the array.
#[derive(Debug)]
pub struct ListResult<'a, T> {
    /// `tools`, `resources`, `resourceTemplates` or `prompts`.
    pub key: &'static str,
    /// The entries.
    pub entries: Vec<T>,
    /// Where the next page begins.
    pub next: Option<String>,
    /// For modern peers.
    pub cache: Option<Cache>,
    /// Metadata, for modern peers.
    pub meta: Option<&'a Value>,
}

impl<T: Serialize> Serialize for ListResult<'_, T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        if let Some(cache) = &self.cache {
            map.serialize_entry("resultType", "complete")?;
            map.serialize_entry("ttlMs", &cache.ttl_ms)?;
            map.serialize_entry("cacheScope", cache.cache_scope)?;
        }
        map.serialize_entry(self.key, &self.entries)?;
        if let Some(next) = &self.next {
            map.serialize_entry("nextCursor", next)?;
        }
        if let Some(meta) = self.meta {
            map.serialize_entry("_meta", meta)?;
        }
        map.end()
    }
}

/// A tool in a list.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ToolEntry<'a> {
    /// Name.
    pub name: &'a str,
    /// Name for people.
    pub title: &'a str,
    /// What it is for.
    pub description: &'a str,
    /// Schema of its arguments.
    pub input_schema: &'a RawValue,
    /// Schema of its result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_schema: Option<&'a RawValue>,
    /// Hints.
    pub annotations: ToolAnnotations<'a>,
    /// Metadata.
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub meta: Option<Value>,
}

/// Hints about a tool.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "the protocol's own shape")]
pub struct ToolAnnotations<'a> {
    /// Name for people.
    pub title: &'a str,
    /// Changes nothing.
    pub read_only_hint: bool,
    /// May destroy.
    pub destructive_hint: bool,
    /// Repeating changes nothing more.
    pub idempotent_hint: bool,
    /// Touches the outside world.
    pub open_world_hint: bool,
}

/// A resource in a list.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceEntry<'a> {
    /// URI.
    pub uri: String,
    /// Name.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// What it holds.
    pub description: &'a str,
    /// Media type.
    pub mime_type: &'a str,
    /// Metadata.
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub meta: Option<Value>,
}

/// A template in a list.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TemplateEntry<'a> {
    /// RFC 6570 template.
    pub uri_template: &'a str,
    /// Name.
    pub name: &'a str,
    /// Name for people.
    pub title: &'a str,
    /// What it holds.
    pub description: &'a str,
    /// Media type.
    pub mime_type: &'a str,
}

/// A prompt in a list.
#[derive(Debug, Serialize)]
pub struct PromptEntry<'a> {
    /// Name.
    pub name: &'a str,
    /// Name for people.
    pub title: &'a str,
    /// What it is for.
    pub description: &'a str,
    /// Arguments.
    pub arguments: Vec<PromptArgumentEntry<'a>>,
}

/// An argument of a prompt.
#[derive(Debug, Serialize)]
pub struct PromptArgumentEntry<'a> {
    /// Name.
    pub name: &'a str,
    /// What it means.
    pub description: &'a str,
    /// Whether it must be given.
    pub required: bool,
}
