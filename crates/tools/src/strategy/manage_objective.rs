//! `pm33_manage_objective`: mission, themes, objectives, key results and check-ins.

use pm33_auth::Scope;
use pm33_product::{CheckIn, KeyResult, Mission, Objective, ObjectiveId, ObjectiveStatus, Strategy};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::views::ObjectiveView;
use crate::{
    Cost, Effect, Tool, ToolContext, ToolError, ToolSpec,
    backlog::{fields::Day, place::Place},
};

/// Key results of one objective at most.
const KEY_RESULTS: usize = 20;
/// Check-ins that a key result keeps; the oldest go first.
const CHECK_INS: usize = 500;

/// Write the strategy.
pub(super) struct ManageObjective;

/// Arguments: what is sent is done, in the order mission, objective, check-in.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Workspace slug or id. Not needed when the key sees only one.
    workspace: Option<String>,
    /// Replaces mission and themes.
    mission: Option<MissionInput>,
    /// Creates an objective, or changes the one with this id or title.
    objective: Option<ObjectiveInput>,
    /// Records a measurement of a key result.
    check_in: Option<CheckInInput>,
    /// Show the result, and write nothing.
    #[serde(default)]
    dry_run: bool,
    /// Any text of 1 to 128 visible characters. Repeating the call with the same key gives the first answer again.
    #[schemars(length(min = 1, max = 128))]
    #[expect(dead_code, reason = "read by the server before the tool runs")]
    idempotency_key: Option<String>,
}

/// Why the product exists.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct MissionInput {
    /// One or two sentences.
    #[schemars(length(min = 1, max = 2_000))]
    statement: String,
    /// Themes that objectives belong to.
    #[serde(default)]
    #[schemars(length(max = 50))]
    themes: Vec<String>,
}

/// An objective; for an existing one, absent fields stay.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ObjectiveInput {
    /// Id or title of the objective to change; absent makes a new one.
    objective: Option<String>,
    /// Title, 1 to 500 characters; needed for a new one.
    #[schemars(length(min = 1, max = 500))]
    title: Option<String>,
    /// What is to be true at its end.
    #[schemars(length(max = 5_000))]
    statement: Option<String>,
    /// Period, such as 2026-Q4; needed for a new one.
    #[schemars(length(min = 1, max = 50))]
    period: Option<String>,
    /// Theme.
    #[schemars(length(min = 1, max = 200))]
    theme: Option<String>,
    /// Weight against the other active objectives, 0 to 1; 1 when absent.
    #[schemars(range(min = 0, max = 1))]
    weight: Option<f64>,
    /// Where it stands; `active` when absent.
    status: Option<ObjectiveStatus>,
    /// Who answers for it.
    #[schemars(length(min = 1, max = 200))]
    owner: Option<String>,
    /// Key results to add, or to change by their title.
    #[serde(default)]
    #[schemars(length(max = 20))]
    key_results: Vec<KeyResultInput>,
}

/// A key result; for an existing title, absent fields stay.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct KeyResultInput {
    /// What is measured.
    #[schemars(length(min = 1, max = 500))]
    title: String,
    /// Value at the start; needed for a new one.
    baseline: Option<f64>,
    /// Value to be reached; needed for a new one.
    target: Option<f64>,
    /// Unit: `%`, `ms`, `customers`.
    #[schemars(length(max = 50))]
    unit: Option<String>,
    /// Due date.
    due: Option<Day>,
}

/// A measurement.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CheckInInput {
    /// Id or title of the objective.
    objective: String,
    /// Title of its key result.
    key_result: String,
    /// The value.
    value: f64,
    /// What there is to say about it.
    #[schemars(length(max = 2_000))]
    note: Option<String>,
}

/// Result.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// Mission after the call, when it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    mission: Option<Mission>,
    /// The objective after the call, when one was sent or checked in.
    #[serde(skip_serializing_if = "Option::is_none")]
    objective: Option<ObjectiveView>,
    /// Whether nothing was written because `dry_run` was set.
    dry_run: bool,
    /// What to know, such as weights that no longer add up.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

impl Tool for ManageObjective {
    const SPEC: ToolSpec = ToolSpec {
        name: "pm33_manage_objective",
        title: "Manage mission and objectives",
        description: "Writes the strategy: mission and themes, objectives with weight and period, their key results, and check-ins. \
            Read what there is with pm33_strategic_context first. Then link work with pm33_link_objective, or nothing can be \
            scored against it. To end an objective set its status to `closed`; objectives are not deleted, so that past scores \
            keep their meaning.",
        scopes: &[Scope::ObjectivesWrite],
        effect: Effect::Update,
        cost: Cost::Light,
    };
    const EXAMPLE: &'static str = r#"{"objective":{"title":"Refunds without a phone call","period":"2027-Q1","weight":0.3,"key_results":[{"title":"Refunds that need support","baseline":18,"target":3,"unit":"%"}]},"dry_run":true}"#;
    type Input = Input;
    type Output = Output;

    async fn call(ctx: &ToolContext<'_>, input: Input) -> Result<Output, ToolError> {
        if input.mission.is_none() && input.objective.is_none() && input.check_in.is_none() {
            return Err(ToolError::refused("nothing to do: send mission, objective or check_in"));
        }
        let place = Place::open(ctx, input.workspace.as_deref()).await?;
        let mission = input.mission.map(|new| Mission { statement: new.statement, themes: new.themes });
        if let Some(mission) = mission.as_ref().filter(|_| !input.dry_run) {
            Strategy::put_mission(ctx.ports, place.at, mission).await?;
        }
        let mut all = Strategy::objectives(ctx.ports, place.at).await?;
        let mut touched = None;
        if let Some(wanted) = input.objective {
            touched = Some(put(ctx, &mut all, wanted)?);
        }
        if let Some(wanted) = input.check_in {
            touched = Some(check_in(ctx, &mut all, wanted)?);
        }
        let objective = touched.and_then(|index| all.get(index));
        if let Some(objective) = objective.filter(|_| !input.dry_run) {
            Strategy::put_objective(ctx.ports, place.at, objective).await?;
        }
        if !input.dry_run {
            place.strategy_changed(ctx);
        }
        Ok(Output {
            mission,
            objective: objective.map(ObjectiveView::of),
            dry_run: input.dry_run,
            note: objective.is_some().then(|| weights(&all)).flatten(),
        })
    }
}

fn find(all: &[Objective], asked: &str) -> Result<usize, ToolError> {
    let id = uuid::Uuid::parse_str(asked).ok().map(ObjectiveId::from_uuid);
    all.iter().position(|one| Some(one.id) == id || one.title.eq_ignore_ascii_case(asked)).ok_or_else(|| {
        let titles: Vec<_> = all.iter().map(|one| &*one.title).collect();
        ToolError::refused(format!("no objective {asked:?}; there are: {}", titles.join(", ")))
    })
}

/// Adds or changes an objective; its place in the list.
fn put(ctx: &ToolContext<'_>, all: &mut Vec<Objective>, wanted: ObjectiveInput) -> Result<usize, ToolError> {
    let index = if let Some(asked) = &wanted.objective {
        find(all, asked)?
    } else {
        let (Some(title), Some(period)) = (&wanted.title, &wanted.period) else {
            return Err(ToolError::refused(
                "a new objective needs title and period; to change one, name it in objective.objective",
            ));
        };
        if let Some(same) =
            all.iter().find(|one| one.title.eq_ignore_ascii_case(title) && one.period == *period)
        {
            return Err(ToolError::refused(format!(
                "there is an objective {:?} in {period} already; change it by naming it in objective.objective",
                same.title
            )));
        }
        all.push(Objective {
            id: ObjectiveId::new(ctx.now),
            title: title.as_str().into(),
            statement: String::new(),
            period: period.clone(),
            theme: None,
            weight: 1.0,
            status: ObjectiveStatus::Active,
            owner: None,
            key_results: Vec::new(),
        });
        all.len() - 1
    };
    let one = &mut all[index];
    if let Some(title) = wanted.title {
        one.title = title.trim().into();
    }
    one.statement = wanted.statement.unwrap_or_else(|| std::mem::take(&mut one.statement));
    one.period = wanted.period.unwrap_or_else(|| std::mem::take(&mut one.period));
    one.theme = wanted.theme.or_else(|| one.theme.take());
    one.weight = wanted.weight.unwrap_or(one.weight);
    one.status = wanted.status.unwrap_or(one.status);
    one.owner = wanted.owner.or_else(|| one.owner.take());
    for key in wanted.key_results {
        put_key_result(&mut one.key_results, key)?;
    }
    if one.key_results.len() > KEY_RESULTS {
        return Err(ToolError::refused(format!("an objective has at most {KEY_RESULTS} key results")));
    }
    Ok(index)
}

fn put_key_result(all: &mut Vec<KeyResult>, wanted: KeyResultInput) -> Result<(), ToolError> {
    if let Some(key) = all.iter_mut().find(|key| key.title.eq_ignore_ascii_case(&wanted.title)) {
        key.baseline = wanted.baseline.unwrap_or(key.baseline);
        key.target = wanted.target.unwrap_or(key.target);
        key.unit = wanted.unit.unwrap_or_else(|| std::mem::take(&mut key.unit));
        key.due = wanted.due.map(|day| day.0).or(key.due);
        return Ok(());
    }
    let (Some(baseline), Some(target)) = (wanted.baseline, wanted.target) else {
        return Err(ToolError::refused(format!(
            "the new key result {:?} needs baseline and target",
            wanted.title
        )));
    };
    all.push(KeyResult {
        title: wanted.title,
        baseline,
        target,
        current: baseline,
        unit: wanted.unit.unwrap_or_default(),
        due: wanted.due.map(|day| day.0),
        check_ins: Vec::new(),
    });
    Ok(())
}

fn check_in(ctx: &ToolContext<'_>, all: &mut [Objective], wanted: CheckInInput) -> Result<usize, ToolError> {
    let index = find(all, &wanted.objective)?;
    let titles: Vec<_> = all[index].key_results.iter().map(|key| key.title.clone()).collect();
    let key =
        all[index].key_results.iter_mut().find(|key| key.title.eq_ignore_ascii_case(&wanted.key_result));
    let key = key.ok_or_else(|| {
        ToolError::refused(format!(
            "the objective has no key result {:?}; it has: {}",
            wanted.key_result,
            if titles.is_empty() {
                "none, add one with objective.key_results".to_owned()
            } else {
                titles.join(", ")
            }
        ))
    })?;
    key.current = wanted.value;
    key.check_ins.push(CheckIn { at: ctx.now, value: wanted.value, note: wanted.note });
    let surplus = key.check_ins.len().saturating_sub(CHECK_INS);
    key.check_ins.drain(..surplus);
    Ok(index)
}

/// What to say of the active objectives' weights.
fn weights(all: &[Objective]) -> Option<String> {
    let active = all.iter().filter(|one| one.status == ObjectiveStatus::Active);
    let sum: f64 = active.map(|one| one.weight).sum();
    ((sum - 1.0).abs() > 0.005).then(|| {
        format!("the weights of the active objectives add up to {sum:.2}; shares are taken of that sum")
    })
}
