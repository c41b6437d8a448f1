//! `pm33_save_forecast`: keeps a forecast, so that it can be held against what happens.

use pm33_auth::Scope;
use pm33_planning::forecast::Delivery;
use pm33_product::{Backlog, ForecastId, Forecasts, Freshness, ProductError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    delivery_question::{Answered, Input as Asked, answer},
    forecast_delivery::summary,
    kept_forecast::Kept,
    left_out::LeftOut,
    waits,
};
use crate::{Cost, Effect, Numbers, Tool, ToolContext, ToolError, ToolSpec};

/// Keep a forecast.
pub(super) struct SaveForecast;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Name to find it by, unique in the workspace, 1 to 200 characters: what was promised, and when.
    #[schemars(length(min = 1, max = 200))]
    name: String,
    /// What to forecast: the arguments of `pm33_forecast_delivery`, with the workspace among them.
    forecast: Asked,
    /// Show the forecast, and keep nothing.
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
    /// Its name.
    name: String,
    /// Its id; absent for a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<ForecastId>,
    /// What a person should take from the numbers.
    summary: String,
    /// Workspace slug.
    workspace: String,
    /// The forecast, as it is kept with its seed, window and as-of time.
    forecast: Delivery,
    /// What is not in the forecast: items of teams, or without a team, whose past does not allow one, and prerequisites whose work
    /// is not written down.
    left_out: Vec<LeftOut>,
    /// Open items outside what was asked that must be finished first. Their work is in the dates, as `forecast.waiting` tells; what
    /// is not, because nobody's past or list of items tells its time, is in `left_out`.
    waits_for: Vec<String>,
}

/// What a call did.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Action {
    /// Kept.
    Saved,
    /// Nothing was written.
    DryRun,
}

impl Tool for SaveForecast {
    const SPEC: ToolSpec = ToolSpec {
        name: "pm33_save_forecast",
        title: "Save a forecast",
        description: "Makes a delivery forecast and keeps it under a name, with its seed, window, as-of time and everything that it was \
            computed from. A saved forecast never changes. Save one when a date is promised, and then every few weeks: \
            pm33_compare_forecasts says what moved it and, once its dates have passed, whether it held. For a look without \
            keeping it call pm33_forecast_delivery.",
        scopes: &[Scope::PlanningWrite],
        effect: Effect::Create,
        cost: Cost::Heavy,
    };
    const EXAMPLE: &'static str =
        r#"{"name":"Checkout, as promised to sales","forecast":{"team":["Checkout"]},"dry_run":true}"#;
    const NUMBERS: Numbers = Numbers::Computed;
    type Input = Input;
    type Output = Output;

    async fn call(ctx: &ToolContext<'_>, input: Input) -> Result<Output, ToolError> {
        let (at, workspace) = ctx.workspace(input.forecast.workspace.as_deref()).await?;
        if Forecasts::kept_forecast(ctx.ports, at, &input.name).await?.is_some() {
            let rule = "is taken, and a saved forecast does not change; save it under another name";
            return Err(ProductError::invalid("name", rule).into());
        }
        let snapshot = Backlog::snapshot(ctx.ports, at, Freshness::Usual).await?;
        let Answered { asked, about, left_out, waits_for, said, recipe } =
            answer(ctx, snapshot, input.forecast).await?;
        let kept = Kept { asked, about, recipe, answer: said };
        let saved = kept.saved(&input.name, ctx.caller.user, ctx.now)?;
        let (action, id) = if input.dry_run {
            (Action::DryRun, None)
        } else {
            Forecasts::keep_forecast(ctx.ports, at, &saved).await?;
            (Action::Saved, Some(saved.id))
        };
        let done = match action {
            Action::Saved => format!(" It is saved as \"{}\".", saved.name),
            Action::DryRun => " It is not saved: this was a dry run.".to_owned(),
        };
        let summary = summary(&kept.answer, &left_out) + &waits::sentence(&waits_for, &kept.answer) + &done;
        let (name, workspace) = (saved.name, workspace.slug.clone());
        Ok(Output { action, name, id, summary, workspace, forecast: kept.answer, left_out, waits_for })
    }
}
