//! Resources: what a client may read by URI, and the templates that name families of them.

use std::collections::BTreeMap;

use async_trait::async_trait;
use pm33_auth::Scope;
use serde_json::Value;

use crate::{ResourceBody, ToolContext, ToolError, Variables};

/// A resource or a family of resources.
#[async_trait]
pub trait Resource: Send + Sync {
    /// What it is.
    fn spec(&self) -> &ResourceSpec;
    /// Metadata of its entries in lists, and of what it holds (`_meta`).
    fn meta(&self) -> Option<Value> {
        None
    }
    /// The resources that this caller can read now.
    async fn list(&self, ctx: &ToolContext<'_>) -> Result<Vec<ResourceEntry>, ToolError>;
    /// Reads one; `None` when there is no such thing for this caller.
    async fn read(
        &self,
        ctx: &ToolContext<'_>,
        uri: &str,
        variables: &Variables,
    ) -> Result<Option<Vec<ResourceBody>>, ToolError>;
    /// Whether there is such a thing for this caller; found out without making it, where that is simple.
    async fn exists(
        &self,
        ctx: &ToolContext<'_>,
        uri: &str,
        variables: &Variables,
    ) -> Result<bool, ToolError> {
        Ok(self.read(ctx, uri, variables).await?.is_some_and(|bodies| !bodies.is_empty()))
    }
    /// Values for a template variable that begin with what was typed.
    async fn complete(
        &self,
        _ctx: &ToolContext<'_>,
        _variable: &str,
        _typed: &str,
        _known: &BTreeMap<String, String>,
    ) -> Result<Completion, ToolError> {
        Ok(Completion::default())
    }
}

/// What a resource is, as data.
#[derive(Clone, Copy, Debug)]
pub struct ResourceSpec {
    /// URI, or RFC 6570 template with `{simple}` variables.
    pub uri: &'static str,
    /// Name on the wire.
    pub name: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// What it holds and when to read it.
    pub description: &'static str,
    /// Media type.
    pub mime: &'static str,
    /// Scopes that reading needs.
    pub scopes: &'static [Scope],
    /// For how long a client may keep it, in milliseconds.
    pub ttl_ms: u64,
}

impl ResourceSpec {
    /// Whether the URI has variables.
    pub fn is_template(&self) -> bool {
        self.uri.contains('{')
    }
}

/// One readable resource.
#[derive(Clone, Debug)]
pub struct ResourceEntry {
    /// URI.
    pub uri: String,
    /// Name.
    pub name: String,
    /// Name for people.
    pub title: String,
}

/// Values for completion, best first.
#[derive(Clone, Debug, Default)]
pub struct Completion {
    /// At most 100 values.
    pub values: Vec<String>,
    /// How many there are in all.
    pub total: usize,
}

impl Completion {
    /// The values that begin with what was typed (ignoring case), at most 100.
    pub fn of(all: impl IntoIterator<Item = String>, typed: &str) -> Self {
        let typed = typed.to_lowercase();
        let mut values: Vec<_> =
            all.into_iter().filter(|value| value.to_lowercase().starts_with(&typed)).collect();
        let total = values.len();
        values.truncate(100);
        Self { values, total }
    }
}
