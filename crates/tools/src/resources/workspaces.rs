//! `pm33://workspaces`: what this caller can see.

use async_trait::async_trait;
use pm33_auth::Scope;
use serde_json::json;

use super::{JSON, json, visible};
use crate::{
    Numbers, Resource, ResourceBody, ResourceEntry, ResourceSpec, ToolContext, ToolError, Variables,
};

/// The caller's workspaces.
pub(crate) struct Workspaces;

const SPEC: ResourceSpec = ResourceSpec {
    uri: "pm33://workspaces",
    name: "workspaces",
    title: "Workspaces",
    description: "The workspaces that this key can see, with slug, name and key prefix. Read it first to learn what to pass as `workspace`.",
    mime: JSON,
    scopes: &[Scope::BacklogRead],
    ttl_ms: 30_000,
};

#[async_trait]
impl Resource for Workspaces {
    fn spec(&self) -> &ResourceSpec {
        &SPEC
    }

    async fn list(&self, _: &ToolContext<'_>) -> Result<Vec<ResourceEntry>, ToolError> {
        Ok(vec![ResourceEntry {
            uri: SPEC.uri.to_owned(),
            name: SPEC.name.to_owned(),
            title: SPEC.title.to_owned(),
        }])
    }

    async fn read(
        &self,
        ctx: &ToolContext<'_>,
        uri: &str,
        _: &Variables,
    ) -> Result<Option<Vec<ResourceBody>>, ToolError> {
        let list: Vec<_> = visible(ctx)
            .await?
            .iter()
            .map(|one| json!({ "slug": one.slug, "name": one.name, "prefix": one.prefix, "id": one.id }))
            .collect();
        json(uri, &json!({ "workspaces": list, "as_of": ctx.now }), Numbers::Kept)
    }

    async fn exists(&self, _: &ToolContext<'_>, _: &str, _: &Variables) -> Result<bool, ToolError> {
        Ok(true)
    }
}
