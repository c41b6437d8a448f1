//! `pm33_apply_scenario`: writes the changes of a simulated scenario, all or none.

use std::sync::Arc;

use pm33_auth::Scope;
use pm33_planning::scenario::fingerprint;
use pm33_product::{Backlog, Freshness};
use pm33_tenancy::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    competitive_threats::today,
    scenario::{Confirmed, Scenario, confirmed},
    scenario_change::ChangeInput,
};
use crate::{
    Cost, Effect, Tool, ToolContext, ToolError, ToolSpec, backlog::place::Place, compute::compute,
    words::counted,
};

/// Write a scenario.
pub(super) struct ApplyScenario;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Workspace slug or id. Not needed when the key sees only one.
    workspace: Option<String>,
    /// The changes, exactly as they were simulated.
    #[schemars(length(min = 1, max = 50))]
    changes: Vec<ChangeInput>,
    /// `confirm` of the answer of `pm33_simulate_scenario`; needed unless `dry_run`. It holds for these changes on the data that
    /// they were simulated on.
    confirm: Option<String>,
    /// Show what would be written, and write nothing.
    #[serde(default)]
    dry_run: bool,
    /// Any text of 1 to 128 visible characters. Repeating the call with the same key gives the first answer again.
    #[schemars(length(min = 1, max = 128))]
    #[expect(dead_code, reason = "read by the server before the tool runs")]
    idempotency_key: Option<String>,
}

/// Result.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// What was done.
    action: Action,
    /// The same in a sentence.
    summary: String,
    /// Workspace slug.
    workspace: String,
    /// What was written, or would be.
    writes: Vec<String>,
    /// Keys of the epics that were created or changed; empty for a dry run.
    items: Vec<String>,
    /// The time of the writing.
    as_of: Timestamp,
}

/// What a call did.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Action {
    /// Everything was written.
    Applied,
    /// Nothing was written.
    DryRun,
}

impl Tool for ApplyScenario {
    const SPEC: ToolSpec = ToolSpec {
        name: "pm33_apply_scenario",
        title: "Apply a scenario",
        description: "Writes the changes of a scenario to the workspace, all of them or none: epics, priorities, due dates, dependencies, \
            capacities, absences. Call pm33_simulate_scenario first, show the person what it says, and send its `confirm` with \
            exactly the same changes. If anything that the plan depends on has changed since, nothing is written and the scenario \
            has to be simulated again. dry_run lists the writes. A removed epic is put away, not erased; pm33_update_work_item \
            takes single things back.",
        scopes: &[Scope::PlanningWrite, Scope::BacklogWrite],
        effect: Effect::Update,
        cost: Cost::Light,
    };
    const EXAMPLE: &'static str =
        r#"{"changes":[{"change":"set_due","epic":"HAR-1","due_date":"2027-03-31"}],"dry_run":true}"#;
    type Input = Input;
    type Output = Output;

    async fn call(ctx: &ToolContext<'_>, input: Input) -> Result<Output, ToolError> {
        let mut place = Place::open(ctx, input.workspace.as_deref()).await?;
        let Confirmed { fingerprint: expected, start } = match &input.confirm {
            Some(handle) => confirmed(ctx, place.at, &input.changes, handle)?,
            None if input.dry_run => Confirmed { fingerprint: 0, start: today(ctx.now) },
            None => {
                return Err(ToolError::refused(
                    "confirm: is needed to write; call pm33_simulate_scenario with these changes, show its answer to the \
                     person, and send its `confirm`",
                ));
            }
        };
        // What another process wrote a moment ago counts too.
        place.snapshot = Backlog::snapshot(ctx.ports, place.at, Freshness::Newest).await?;
        let (snapshot, changes, now) = (Arc::clone(&place.snapshot), input.changes, ctx.now);
        let scenario =
            compute(ctx, "reading the plan", move |_| Scenario::read(&snapshot, start, &changes, now))
                .await??;
        if input.confirm.is_some() && fingerprint(&scenario.base) != expected {
            return Err(ToolError::refused(
                "the plan's data changed since the scenario was simulated (or it was applied already); nothing was written: \
                 simulate it again with pm33_simulate_scenario and confirm what it says then",
            ));
        }
        if !scenario.writes.refused.is_empty() {
            return Err(ToolError::refused(format!(
                "nothing was written, because not every change can be: {}; leave these out and simulate the rest",
                scenario.writes.refused.join("; ")
            )));
        }
        let writes = scenario.writes.told(&place.snapshot);
        let count = counted(writes.len(), "write", "writes");
        let (action, items, summary) = if input.dry_run {
            (Action::DryRun, Vec::new(), format!("{count} would be made: {}.", writes.join("; ")))
        } else {
            let items = scenario.writes.write(ctx, &place).await?;
            (Action::Applied, items, format!("{count} made: {}.", writes.join("; ")))
        };
        Ok(Output { action, summary, workspace: place.workspace.slug.clone(), writes, items, as_of: ctx.now })
    }
}
