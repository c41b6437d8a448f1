//! `pm33://competitive/{workspace}/landscape`: competitors by tier: their gaps on us and their newest dated signal.

use std::collections::BTreeMap;

use async_trait::async_trait;
use pm33_auth::Scope;
use pm33_product::Strategy;
use serde_json::json;

use super::{JSON, complete_workspace, json, visible};
use crate::{
    Completion, Resource, ResourceBody, ResourceEntry, ResourceSpec, ToolContext, ToolError, Variables,
    backlog::place::Place, strategy::competition,
};

/// Competitive landscape.
pub(crate) struct Landscape;

const SPEC: ResourceSpec = ResourceSpec {
    uri: "pm33://competitive/{workspace}/landscape",
    name: "landscape",
    title: "Competitive landscape",
    description: "Competitors by tier: their gaps on us and their newest dated signal.",
    mime: JSON,
    scopes: &[Scope::CompetitiveRead],
    ttl_ms: 300_000,
};

#[async_trait]
impl Resource for Landscape {
    fn spec(&self) -> &ResourceSpec {
        &SPEC
    }

    async fn list(&self, ctx: &ToolContext<'_>) -> Result<Vec<ResourceEntry>, ToolError> {
        let entry = |slug: &str, name: &str| ResourceEntry {
            uri: format!("pm33://competitive/{slug}/landscape"),
            name: format!("landscape_{slug}"),
            title: format!("Competitive landscape of {name}"),
        };
        Ok(visible(ctx).await?.iter().map(|one| entry(&one.slug, &one.name)).collect())
    }

    async fn read(
        &self,
        ctx: &ToolContext<'_>,
        uri: &str,
        variables: &Variables,
    ) -> Result<Option<Vec<ResourceBody>>, ToolError> {
        let place = Place::open(ctx, variables.get("workspace").map(String::as_str)).await?;
        let competitors = Strategy::competitors(ctx.ports, place.at).await?;
        let competition = competition(&competitors, ctx.now);
        let state = competition.state;
        json(
            uri,
            &json!({ "state": state, "workspace": place.workspace.slug, "competition": competition, "as_of": ctx.now }),
        )
    }

    async fn complete(
        &self,
        ctx: &ToolContext<'_>,
        _: &str,
        typed: &str,
        _: &BTreeMap<String, String>,
    ) -> Result<Completion, ToolError> {
        complete_workspace(ctx, typed).await
    }
}
