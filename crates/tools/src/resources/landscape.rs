//! `pm33://competitive/{workspace}/landscape`: competitors by tier: their gaps on us and their newest dated signal.

use async_trait::async_trait;
use pm33_auth::Scope;
use pm33_product::Strategy;
use serde_json::{Value, json};

use super::{JSON, each_workspace::Picture};
use crate::{ResourceSpec, ToolContext, ToolError, backlog::place::Place, strategy::competition};

/// Competitive landscape.
pub(super) struct Landscape;

#[async_trait]
impl Picture for Landscape {
    const SPEC: ResourceSpec = ResourceSpec {
        uri: "pm33://competitive/{workspace}/landscape",
        name: "landscape",
        title: "Competitive landscape",
        description: "Competitors by tier: their gaps on us and their newest dated signal.",
        mime: JSON,
        scopes: &[Scope::CompetitiveRead],
        ttl_ms: 300_000,
    };

    async fn show(ctx: &ToolContext<'_>, place: &Place) -> Result<Value, ToolError> {
        let competitors = Strategy::competitors(ctx.ports, place.at).await?;
        let competition = competition(&competitors, ctx.now);
        let state = competition.state;
        Ok(
            json!({ "state": state, "workspace": place.workspace.slug, "competition": competition, "as_of": ctx.now }),
        )
    }
}
