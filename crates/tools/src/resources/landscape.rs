//! `pm33://competitive/{workspace}/landscape`: competitors by threat, with evidence, gaps and the items against them, and how old
//! what is known is.

use async_trait::async_trait;
use pm33_auth::Scope;
use pm33_product::Strategy;
use serde_json::{Value, json};

use super::{JSON, each_workspace::Picture};
use crate::{
    Numbers, ResourceSpec, ToolContext, ToolError, backlog::place::Place,
    planning::competitive_threats::picture, strategy::competition,
};

/// Competitors that are shown.
const COMPETITORS: usize = 100;

/// Competitive landscape.
pub(super) struct Landscape;

#[async_trait]
impl Picture for Landscape {
    const SPEC: ResourceSpec = ResourceSpec {
        uri: "pm33://competitive/{workspace}/landscape",
        name: "landscape",
        title: "Competitive landscape",
        description: "Competitors by threat: score and its factors, signals with their age, gaps on us and the work items against them; whether what is known is stale. What pm33_competitive_threats answers.",
        mime: JSON,
        scopes: &[Scope::CompetitiveRead],
        ttl_ms: 300_000,
    };
    const NUMBERS: Numbers = Numbers::Computed;

    async fn show(ctx: &ToolContext<'_>, place: &Place) -> Result<Value, ToolError> {
        let competitors = Strategy::competitors(ctx.ports, place.at).await?;
        let known = competition(&competitors, ctx.now);
        let slug = place.workspace.slug.clone();
        let threats = picture(&place.snapshot, &competitors, (0, COMPETITORS), slug, ctx.now);
        Ok(json!({
            "summary": threats.summary(),
            "state": known.state,
            "workspace": place.workspace.slug,
            "threats": threats,
            "competition": known,
            "as_of": ctx.now,
        }))
    }
}
