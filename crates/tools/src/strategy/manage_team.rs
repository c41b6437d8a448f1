//! `pm33_manage_team`: teams with capacity, calendar, skills and limits, and their sprints.

use pm33_auth::Scope;
use pm33_product::{Snapshot, Sprint, SprintId, Strategy, Team, TeamCalendar, TeamId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::views::TeamView;
use crate::{
    Cost, Effect, Tool, ToolContext, ToolError, ToolSpec,
    backlog::{
        fields::{Day, clearable},
        names,
        place::Place,
    },
};

/// Write a team.
pub(super) struct ManageTeam;

/// Arguments. A team that is not there yet is made; absent fields of one that is stay, null clears.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Workspace slug or id. Not needed when the key sees only one.
    workspace: Option<String>,
    /// Name (in any case) or id of the team.
    #[schemars(length(min = 1, max = 200))]
    team: String,
    /// New name.
    #[schemars(length(min = 1, max = 200))]
    name: Option<String>,
    /// Points per week (items, where the team does not estimate); null clears.
    #[serde(default, deserialize_with = "clearable")]
    #[schemars(range(min = 0, max = 10_000))]
    #[expect(clippy::option_option, reason = "three states are meant: leave, clear, set")]
    capacity_per_week: Option<Option<f64>>,
    /// Items that may be in progress at once; null clears.
    #[serde(default, deserialize_with = "clearable")]
    #[schemars(range(min = 1, max = 1_000))]
    #[expect(clippy::option_option, reason = "three states are meant: leave, clear, set")]
    wip_limit: Option<Option<u32>>,
    /// All skills; replaces the list.
    #[schemars(length(max = 100))]
    skills: Option<Vec<String>>,
    /// Time zone, days of the week, holidays and absences; replaces all of it; null means Monday to Friday in UTC.
    #[serde(default, deserialize_with = "clearable")]
    #[expect(clippy::option_option, reason = "three states are meant: leave, clear, set")]
    calendar: Option<Option<TeamCalendar>>,
    /// A sprint to make, or to change by its name.
    sprint: Option<SprintInput>,
    /// Show the result, and write nothing.
    #[serde(default)]
    dry_run: bool,
    /// Any text of 1 to 128 visible characters. Repeating the call with the same key gives the first answer again.
    #[schemars(length(min = 1, max = 128))]
    #[expect(dead_code, reason = "read by the server before the tool runs")]
    idempotency_key: Option<String>,
}

/// A sprint.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SprintInput {
    /// Name, unique in the team.
    #[schemars(length(min = 1, max = 200))]
    name: String,
    /// First day; needed for a new one.
    start: Option<Day>,
    /// Last day; needed for a new one.
    end: Option<Day>,
    /// Keys or ids of the items that the team commits to at its start; replaces the list. Kept for say/do, whatever
    /// happens to the items later.
    #[schemars(length(max = 500))]
    committed: Option<Vec<String>>,
}

/// Result.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// What was done with the team itself; its sprint tells its own.
    action: Action,
    /// In a dry run: what would be done with the team.
    #[serde(skip_serializing_if = "Option::is_none")]
    would_be: Option<Action>,
    /// The team after the call.
    team: TeamView,
    /// The sprint after the call, when one was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    sprint: Option<SprintView>,
}

/// A sprint as it is shown.
#[derive(Serialize, JsonSchema)]
struct SprintView {
    /// What was done with the sprint.
    action: Action,
    /// In a dry run: what would be done with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    would_be: Option<Action>,
    /// Name.
    name: String,
    /// First day.
    start: String,
    /// Last day.
    end: String,
    /// Keys of the items that were committed to.
    committed: Vec<String>,
}

/// What a write did.
#[derive(Clone, Copy, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Action {
    /// A new one.
    Created,
    /// A changed one.
    Updated,
    /// It said the same already.
    Unchanged,
    /// Nothing was written.
    DryRun,
}

impl Action {
    /// What a write does to what was there before.
    fn of<T: PartialEq>(before: Option<&T>, after: &T) -> Self {
        match before {
            None => Self::Created,
            Some(before) if before == after => Self::Unchanged,
            Some(_) => Self::Updated,
        }
    }

    /// What is told as done, and what would be done in a dry run.
    fn told(self, written: Written) -> (Self, Option<Self>) {
        match written {
            Written::Yes => (self, None),
            Written::No => (Self::DryRun, Some(self)),
        }
    }
}

/// Whether the call writes.
#[derive(Clone, Copy)]
enum Written {
    Yes,
    No,
}

impl Tool for ManageTeam {
    const SPEC: ToolSpec = ToolSpec {
        name: "pm33_manage_team",
        title: "Manage a team",
        description: "Makes or changes a team: capacity per week, working calendar with holidays and absences, skills, \
            work-in-progress limit, and its sprints with what was committed to. Forecasts and schedules go by this, so tell absences \
            before asking when something ships. Items name their team themselves: set it with pm33_update_work_item.",
        scopes: &[Scope::PlanningWrite],
        effect: Effect::Update,
        cost: Cost::Light,
    };
    const EXAMPLE: &'static str = r#"{"team":"Checkout","capacity_per_week":21,"calendar":{"time_zone":"Europe/Berlin","weekdays":["monday","tuesday","wednesday","thursday","friday"],"holidays":["2026-12-25"],"absences":[{"from":"2026-12-28","to":"2026-12-31","share":0.5}]},"dry_run":true}"#;
    type Input = Input;
    type Output = Output;

    async fn call(ctx: &ToolContext<'_>, input: Input) -> Result<Output, ToolError> {
        let place = Place::open(ctx, input.workspace.as_deref()).await?;
        let id = uuid::Uuid::parse_str(&input.team).ok().map(TeamId::from_uuid);
        let folded = input.team.to_lowercase();
        let mut all = place.snapshot.teams().iter();
        let known = all.find(|one| Some(one.id) == id || one.name.to_lowercase() == folded);
        if known.is_none() && id.is_some() {
            return Err(ToolError::refused(format!("no team with the id {}", input.team)));
        }
        let mut team = known.cloned().unwrap_or_else(|| Team {
            id: TeamId::new(ctx.now),
            name: input.team.trim().into(),
            capacity_per_week: None,
            wip_limit: None,
            skills: Vec::new(),
            calendar: None,
        });
        for calendar in input.calendar.iter().flatten() {
            calendar.check()?;
        }
        if let Some(name) = input.name {
            team.name = name.trim().into();
        }
        team.capacity_per_week = input.capacity_per_week.unwrap_or(team.capacity_per_week);
        team.wip_limit = input.wip_limit.unwrap_or(team.wip_limit);
        team.skills = input.skills.unwrap_or(team.skills);
        team.calendar = input.calendar.unwrap_or(team.calendar);
        let written = if input.dry_run { Written::No } else { Written::Yes };
        let (action, would_be) = Action::of(known, &team).told(written);
        let sprint = input.sprint.map(|wanted| sprint(ctx, &place.snapshot, &team, wanted)).transpose()?;
        if matches!(action, Action::Created | Action::Updated) {
            Strategy::put_team(ctx.ports, place.at, &team).await?;
        }
        if let Some(sprint) = sprint.as_ref().filter(|_| !input.dry_run) {
            Strategy::put_sprint(ctx.ports, place.at, sprint).await?;
        }
        if !input.dry_run {
            place.strategy_changed(ctx);
        }
        let of_sprint = |one: &Sprint| {
            let before = place.snapshot.sprints().iter().find(|known| known.id == one.id);
            Action::of(before, one).told(written)
        };
        let key = |id| Some(place.snapshot.key(place.snapshot.get(id)?).to_string());
        let sprint = sprint.map(|one| {
            let (action, would_be) = of_sprint(&one);
            SprintView {
                action,
                would_be,
                name: one.name.to_string(),
                start: one.start.to_string(),
                end: one.end.to_string(),
                committed: one.committed.iter().filter_map(|id| key(*id)).collect(),
            }
        });
        Ok(Output { action, would_be, team: TeamView::of(&team), sprint })
    }
}

fn sprint(
    ctx: &ToolContext<'_>,
    snapshot: &Snapshot,
    team: &Team,
    wanted: SprintInput,
) -> Result<Sprint, ToolError> {
    let known = snapshot.sprints().iter().find(|one| one.team == team.id && *one.name == *wanted.name);
    let start = wanted.start.map(|day| day.0).or(known.map(|one| one.start));
    let end = wanted.end.map(|day| day.0).or(known.map(|one| one.end));
    let (Some(start), Some(end)) = (start, end) else {
        return Err(ToolError::refused(format!("the new sprint {:?} needs start and end", wanted.name)));
    };
    if end < start {
        return Err(ToolError::refused(format!("sprint.end {end} is before sprint.start {start}")));
    }
    let committed = match wanted.committed {
        Some(keys) => {
            keys.iter().map(|key| Ok(names::item(snapshot, key)?.id)).collect::<Result<_, ToolError>>()?
        }
        None => known.map(|one| one.committed.clone()).unwrap_or_default(),
    };
    Ok(Sprint {
        id: known.map_or_else(|| SprintId::new(ctx.now), |one| one.id),
        team: team.id,
        name: wanted.name.into(),
        start,
        end,
        committed,
    })
}
