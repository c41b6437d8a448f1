//! `pm33_compare_forecasts`: what changed between two forecasts, and how they did.

use std::sync::Arc;

use pm33_auth::Scope;
use pm33_planning::forecast::{AskedQuestion, Difference, Happened, compare};
use pm33_product::{Backlog, Forecasts, Freshness, SavedForecast, Snapshot};
use pm33_tenancy::{Timestamp, WorkspaceRef};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    competitive_threats::today,
    delivery_question::{Answered, answer},
    kept_forecast::{Kept, Shown},
};
use crate::{
    Cost, Effect, Numbers, Tool, ToolContext, ToolError, ToolSpec, compute::compute, words::counted,
};

/// Kept forecasts that are listed.
const LISTED: u64 = 50;

/// Compare forecasts.
pub(super) struct CompareForecasts;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Workspace slug or id. Not needed when the key sees only one.
    workspace: Option<String>,
    /// Name or id of a saved forecast. Without it the newest saved ones are listed, each with how it did.
    earlier: Option<String>,
    /// Name or id of another one. Without it the earlier one's question is asked again now.
    later: Option<String>,
}

/// Result.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// What a person should take from the numbers.
    summary: String,
    /// Workspace slug.
    workspace: String,
    /// The forecasts, the older data first; of a list, the newest first and fifty at most.
    forecasts: Vec<Shown>,
    /// For each level the later answer minus the earlier one, by cause; the four parts sum to the total. Empty for a list,
    /// and where the question is not asked again because it is over.
    differences: Vec<Difference>,
    /// The time that the answer is true for.
    as_of: Timestamp,
}

impl Tool for CompareForecasts {
    const SPEC: ToolSpec = ToolSpec {
        name: "pm33_compare_forecasts",
        title: "Compare forecasts",
        description: "Says why a forecast moved: takes the difference between two saved forecasts, or between a saved one and the same \
            question asked now, apart into elapsed time, scope, rate and model, which sum exactly. For each forecast it says what \
            has happened since and whether its statements at 50 to 95 % held. Without arguments it lists the saved forecasts and \
            how they did. Save forecasts with pm33_save_forecast first.",
        scopes: &[Scope::PlanningRead],
        effect: Effect::Read,
        cost: Cost::Heavy,
    };
    const EXAMPLE: &'static str = "{}";
    const NUMBERS: Numbers = Numbers::Computed;
    type Input = Input;
    type Output = Output;

    async fn call(ctx: &ToolContext<'_>, input: Input) -> Result<Output, ToolError> {
        let (at, workspace) = ctx.workspace(input.workspace.as_deref()).await?;
        let snapshot = Backlog::snapshot(ctx.ports, at, Freshness::Usual).await?;
        let workspace = workspace.slug.clone();
        let Some(earlier) = &input.earlier else {
            if input.later.is_some() {
                return Err(ToolError::refused("later needs earlier: name the older forecast too"));
            }
            return list(ctx, at, &snapshot, workspace).await;
        };
        let saved = find(ctx, at, earlier).await?;
        let first = (Kept::read(&saved)?, Some(saved));
        let second = match &input.later {
            Some(later) => {
                let saved = find(ctx, at, later).await?;
                Some((Kept::read(&saved)?, Some(saved)))
            }
            None => again(ctx, &snapshot, &first.0).await?.map(|kept| (kept, None)),
        };
        let mut pair = vec![first];
        pair.extend(second);
        pair.sort_by_key(|(kept, _)| kept.answer.as_of);
        let (pair, forecasts) = shown(ctx, &snapshot, pair).await?;
        let mut summary =
            forecasts.iter().filter(|one| one.id.is_some()).map(Shown::sentence).collect::<Vec<_>>();
        let mut differences = Vec::new();
        if let [(earlier, _), (later, _)] = pair.as_slice() {
            let (a, b) = (earlier.recipe.clone(), later.recipe.clone());
            differences = compute(ctx, "comparing", move |_| compare(&a, &b)).await??;
            summary.insert(0, why(&forecasts, &differences));
            if !earlier.asked.is_like(&later.asked) {
                summary.push(
                    "They were asked about different items or teams, so most of the difference may be that: it counts as scope."
                        .to_owned(),
                );
            }
        } else {
            summary.push("It is over, so the question is not asked again.".to_owned());
        }
        Ok(Output { summary: summary.join(" "), workspace, forecasts, differences, as_of: ctx.now })
    }
}

async fn list(
    ctx: &ToolContext<'_>,
    at: WorkspaceRef,
    snapshot: &Arc<Snapshot>,
    workspace: String,
) -> Result<Output, ToolError> {
    let all = Forecasts::kept_forecasts(ctx.ports, at, LISTED).await?;
    let all: Vec<_> = all
        .into_iter()
        .map(|saved| Ok((Kept::read(&saved)?, Some(saved))))
        .collect::<Result<_, ToolError>>()?;
    let (_, forecasts) = shown(ctx, snapshot, all).await?;
    let judged = || forecasts.iter().flat_map(|one| &one.outcome.verdicts);
    let at_85 = || judged().filter(|one| (one.level - 0.85).abs() < 1e-9).filter_map(|one| one.held);
    let (known, held) = (at_85().count(), at_85().filter(|held| *held).count());
    let summary = match (forecasts.len(), known) {
        (0, _) => "No forecast is saved yet; pm33_save_forecast keeps one.".to_owned(),
        (count, 0) => format!(
            "{}; no 85 % statement can be judged yet.",
            counted(count, "saved forecast", "saved forecasts")
        ),
        (count, known) => format!(
            "{}; of {known} whose 85 % statement can be judged, {held} held (85 of 100 are to).",
            counted(count, "saved forecast", "saved forecasts")
        ),
    };
    Ok(Output { summary, workspace, forecasts, differences: Vec::new(), as_of: ctx.now })
}

/// A forecast, and what is stored of it unless it was made just now.
type Pair = (Kept, Option<SavedForecast>);

/// The forecasts as they are shown, with what became of them.
async fn shown(
    ctx: &ToolContext<'_>,
    snapshot: &Arc<Snapshot>,
    all: Vec<Pair>,
) -> Result<(Vec<Pair>, Vec<Shown>), ToolError> {
    let (snapshot, now) = (Arc::clone(snapshot), ctx.now);
    compute(ctx, "judging forecasts", move |_| {
        let shown: Result<Vec<_>, _> =
            all.iter().map(|(kept, saved)| Shown::of(kept, saved.as_ref(), &snapshot, now)).collect();
        Ok((all, shown?))
    })
    .await?
}

async fn find(ctx: &ToolContext<'_>, at: WorkspaceRef, asked: &str) -> Result<SavedForecast, ToolError> {
    Forecasts::kept_forecast(ctx.ports, at, asked).await?.ok_or_else(|| {
        ToolError::refused(format!(
            "no saved forecast {asked:?} in this workspace; pm33_compare_forecasts without arguments lists them"
        ))
    })
}

/// The same question asked now; `None` when its day has passed or nothing of it is left to be done.
async fn again(
    ctx: &ToolContext<'_>,
    snapshot: &Arc<Snapshot>,
    kept: &Kept,
) -> Result<Option<Kept>, ToolError> {
    if let AskedQuestion::HowMuch { until } = kept.answer.question
        && until < today(ctx.now)
    {
        return Ok(None);
    }
    if matches!(kept.outcome(snapshot, ctx.now)?.happened, Happened::FinishedOn(_) | Happened::Dropped) {
        return Ok(None);
    }
    let Answered { asked, about, said, recipe, .. } =
        answer(ctx, Arc::clone(snapshot), kept.asked.again()).await?;
    Ok(Some(Kept { asked, about, recipe, answer: said }))
}

/// What moved the answer at 85 %, in a sentence.
fn why(forecasts: &[Shown], differences: &[Difference]) -> String {
    let at_85 = differences.iter().find(|one| (one.level - 0.85).abs() < 1e-9);
    let ([earlier, later], Some(at_85)) = (forecasts, at_85) else { return String::new() };
    let value = |one: &Shown| {
        let found = one.percentiles.iter().find(|one| (one.level - 0.85).abs() < 1e-9);
        let date = found.and_then(|one| one.date).map(|date| date.to_string());
        date.or_else(|| found.and_then(|one| one.items).map(|items| format!("{items} items")))
            .unwrap_or_default()
    };
    let unit = if matches!(later.question, AskedQuestion::When) { "days" } else { "items" };
    let parts = [
        ("elapsed time", at_85.elapsed_time),
        ("scope", at_85.scope),
        ("rate", at_85.rate),
        ("model", at_85.model),
    ];
    let told: Vec<_> = parts
        .iter()
        .filter(|(_, part)| *part != 0)
        .map(|(cause, part)| format!("{cause} {part:+}"))
        .collect();
    let told = if told.is_empty() { "nothing moved it".to_owned() } else { told.join(", ") };
    format!(
        "At 85 % the answer went from {} ({:?}) to {} ({:?}), {:+} {unit}: {told}.",
        value(earlier),
        earlier.name,
        value(later),
        later.name,
        at_85.total
    )
}
