//! `pm33_strategic_context`: the standard bundle in one call.

use pm33_auth::Scope;
use pm33_product::{Mission, Strategy};
use pm33_tenancy::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::context_parts::{
    BoundObjective, Decision, EpicView, Part, RecentWork, ThreatView, competition, decisions, epics,
    objectives, recent_work, summary,
};
use crate::{Cost, Effect, Tool, ToolContext, ToolError, ToolSpec, backlog::place::Place};

/// Tell the strategy and where the work stands.
pub(super) struct StrategicContext;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Workspace slug or id. Not needed when the key sees only one.
    workspace: Option<String>,
}

/// Result.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// What a person should take from this.
    summary: String,
    /// Workspace slug.
    workspace: String,
    /// Why the product exists, and the themes.
    mission: Mission,
    /// Active objectives, heaviest first.
    objectives: Part<Vec<BoundObjective>>,
    /// Epics in progress, most important first, ten at most.
    epics_in_progress: Part<Vec<EpicView>>,
    /// Competitors by tier with gaps and newest signal, ten at most.
    competition: Part<Vec<ThreatView>>,
    /// What was finished in the last weeks, and what is under way.
    recent_work: Part<RecentWork>,
    /// Epics, features and briefs that were decided on in the last 60 days, ten at most.
    recent_decisions: Part<Vec<Decision>>,
    /// The time that the answer is true for.
    as_of: Timestamp,
}

impl Tool for StrategicContext {
    const SPEC: ToolSpec = ToolSpec {
        name: "pm33_strategic_context",
        title: "Strategic context",
        description: "The standard bundle in one call: mission, active objectives with their key results and bound work, epics in \
            progress, competitors with gaps and signals, what was finished lately, recent decisions. Call it first in a planning \
            conversation. Each part says ok, empty or stale, with its time and, where it lacks something, the call that helps. \
            For single items use pm33_query_backlog.",
        scopes: &[Scope::BacklogRead, Scope::ObjectivesRead, Scope::CompetitiveRead],
        effect: Effect::Read,
        cost: Cost::Light,
    };
    const EXAMPLE: &'static str = "{}";
    type Input = Input;
    type Output = Output;

    async fn call(ctx: &ToolContext<'_>, input: Input) -> Result<Output, ToolError> {
        let place = Place::open(ctx, input.workspace.as_deref()).await?;
        let competitors = Strategy::competitors(ctx.ports, place.at).await?;
        let (objectives, epics) = (objectives(&place.snapshot, ctx.now), epics(&place.snapshot, ctx.now));
        let (competition, work) = (competition(&competitors, ctx.now), recent_work(&place.snapshot, ctx.now));
        Ok(Output {
            summary: summary(&objectives, &epics, &competition, &work),
            workspace: place.workspace.slug.clone(),
            mission: Strategy::mission(ctx.ports, place.at).await?,
            objectives,
            epics_in_progress: epics,
            competition,
            recent_work: work,
            recent_decisions: decisions(&place.snapshot, ctx.now),
            as_of: ctx.now,
        })
    }
}
