//! What a forecast is asked, from the arguments of the tools that forecast, and what cannot be part of an answer.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::civil::Date;
use pm33_planning::{
    forecast::{
        Ask, Delivery, DeliveryQuestion, Growth, Recipe, TRIALS, Target, TeamWork, WaitsFor, deliver, ready,
    },
    workspace::{NO_TEAM, containers, epic_growth, teams_work},
};
use pm33_product::{BacklogFilter, ItemId, Mode, Snapshot, Sort, TeamId};
use pm33_tenancy::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    left_out::{self, LeftOut},
    scope::{Asked, ITEMS_MAX, open_items},
    waits,
};
use crate::{ToolContext, ToolError, backlog::names, compute::compute};

/// What is to be forecast.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Workspace slug or id. Not needed when the key sees only one.
    pub(super) workspace: Option<String>,
    /// When will everything open below this epic or other parent be finished? Its key.
    epic: Option<String>,
    /// Only these items: keys or ids.
    #[serde(default)]
    #[schemars(length(max = 200))]
    ids: Vec<String>,
    /// Only items with one of these labels.
    #[serde(default)]
    label: Vec<String>,
    /// Only these teams, by name or id.
    #[serde(default)]
    team: Vec<String>,
    /// Turns the question round: how many items will these teams finish until the end of this day, such as 2026-06-30?
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    until: Option<Date>,
    /// For "when": what is the chance that all is finished by the end of this day?
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    target_date: Option<Date>,
    /// For "how much": what is the chance of at least so many items?
    #[schemars(range(max = 1_000_000))]
    target_items: Option<u32>,
    /// Trials, 1,000 to 100,000.
    #[serde(default = "default_trials")]
    #[schemars(range(min = 1_000, max = 100_000))]
    trials: u32,
}

fn default_trials() -> u32 {
    TRIALS
}

/// A question with what it is about and what it leaves out.
struct Asking {
    question: DeliveryQuestion,
    about: About,
    left_out: Vec<LeftOut>,
    waits_for: Vec<String>,
}

/// What a question is about, so that one can see later how it went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct About {
    /// Everything below this item, also what is added later.
    pub(super) epic: Option<ItemId>,
    /// These items.
    pub(super) items: Vec<ItemId>,
    /// All that these teams finish; `None` is the items without a team.
    pub(super) teams: Vec<Option<TeamId>>,
}

impl Input {
    /// When everything below an item will be finished.
    pub(super) fn of_epic(key: String) -> Self {
        Self { epic: Some(key), ..Self::of_all() }
    }

    /// When an item itself will be finished.
    pub(super) fn of_item(key: String) -> Self {
        Self { ids: vec![key], ..Self::of_all() }
    }

    fn of_all() -> Self {
        Self {
            workspace: None,
            epic: None,
            ids: Vec::new(),
            label: Vec::new(),
            team: Vec::new(),
            until: None,
            target_date: None,
            target_items: None,
            trials: TRIALS,
        }
    }

    /// The same question without a target: asked again, a target date may have passed.
    pub(super) fn again(&self) -> Self {
        Self { target_date: None, target_items: None, ..self.clone() }
    }

    /// Whether both are about the same, whatever their targets and trials.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let plain = |one: &Self| Self { workspace: None, trials: 0, ..one.again() };
        plain(self) == plain(other)
    }
}

/// Reads the question. Asked about everything, it leaves out what nobody's past speaks for and says so; asked about
/// something in particular, an answer without a part of it would be wrong, so it is refused.
fn read(snapshot: &Snapshot, input: &Input, now: Timestamp) -> Result<Asking, ToolError> {
    let target = match (input.target_date, input.target_items) {
        (Some(_), Some(_)) => {
            return Err(ToolError::refused("target_date, target_items: send one of them, not both"));
        }
        (Some(day), None) => Some(Target::By(day)),
        (None, items) => items.map(Target::Items),
    };
    let (ask, growth, teams, scope) = if let Some(until) = input.until {
        let (teams, scope) = whole_teams(snapshot, input)?;
        (Ask::HowMuch { until }, Growth::default(), teams, scope)
    } else {
        let asked =
            Asked { epic: input.epic.as_deref(), ids: &input.ids, labels: &input.label, teams: &input.team };
        let mut scope = open_items(snapshot, &asked)?;
        scope.extend(held(snapshot, &scope));
        let growth = if input.epic.is_some() { epic_growth(snapshot) } else { Growth::default() };
        (Ask::When, growth, teams_work(snapshot, Some(&scope), None)?, scope)
    };
    if teams.is_empty() {
        return Err(ToolError::refused(if snapshot.is_empty() {
            "there are no items yet: import them with pm33_import_work_items, or create some with pm33_create_work_item"
        } else if input.until.is_some() {
            "no team has finished anything yet, so there is no pace to go by; import the tracker's history with \
             pm33_import_work_items, or set items to done with pm33_update_work_item as they are finished"
        } else {
            "nothing open matches: all of it is finished, or the epic has no children yet. \
             pm33_query_backlog shows what is there; break an epic down before forecasting it"
        }));
    }
    let particular =
        input.epic.is_some() || !(input.ids.is_empty() && input.label.is_empty() && input.team.is_empty());
    let mut keys = open_keys(snapshot, &scope);
    let (mut serving, mut left_out) = (Vec::new(), Vec::new());
    for team in teams {
        match ready(&team, now) {
            Ok(()) => serving.push(team),
            Err(error) => {
                let keys = keys.remove(&team.team).unwrap_or_default();
                left_out.push(LeftOut::of(team, keys, &error));
            }
        }
    }
    if !left_out.is_empty() && (particular || serving.is_empty()) {
        let told = left_out::sentences(&left_out).join(". ");
        return Err(ToolError::refused(format!("this cannot be forecast. {told}")));
    }
    let waits_for = WaitsFor::default();
    let mut question =
        DeliveryQuestion { ask, teams: serving, growth, as_of: now, target, trials: input.trials, waits_for };
    let about = about(snapshot, input, &question, &scope)?;
    let asked = about.items.iter().copied().collect();
    let (waits_for, named, left_out) = waits::work(snapshot, &asked, now, left_out)?;
    question.waits_for = waits_for;
    Ok(Asking { about, question, left_out, waits_for: named })
}

/// What the teams of a question have to do with it.
fn about(
    snapshot: &Snapshot,
    input: &Input,
    question: &DeliveryQuestion,
    scope: &BTreeSet<ItemId>,
) -> Result<About, ToolError> {
    let serves = |name: &str| question.teams.iter().any(|team| team.team == name);
    let epic = input.epic.as_deref().map(|epic| names::item(snapshot, epic)).transpose()?;
    if question.ask != Ask::When {
        let named = snapshot.teams().iter().filter(|team| serves(&team.name)).map(|team| Some(team.id));
        let teams = named.chain(serves(NO_TEAM).then_some(None)).collect();
        return Ok(About { epic: None, items: Vec::new(), teams });
    }
    let holds = containers(snapshot);
    let name = |id: Option<TeamId>| id.and_then(|id| snapshot.team(id)).map_or(NO_TEAM, |team| &*team.name);
    let items = scope.iter().filter(|id| !holds.contains(id)).filter_map(|id| snapshot.get(*id));
    let items = items.filter(|item| serves(name(item.team))).map(|item| item.id).collect();
    Ok(About { epic: epic.map(|epic| epic.id), items, teams: Vec::new() })
}

/// A question that was answered.
pub(super) struct Answered {
    pub(super) asked: Input,
    pub(super) about: About,
    pub(super) left_out: Vec<LeftOut>,
    /// Keys of the open items outside it that must be finished first.
    pub(super) waits_for: Vec<String>,
    pub(super) said: Delivery,
    pub(super) recipe: Recipe,
}

/// Reads and answers a question off the threads that serve calls.
pub(super) async fn answer(
    ctx: &ToolContext<'_>,
    snapshot: Arc<Snapshot>,
    asked: Input,
) -> Result<Answered, ToolError> {
    let now = ctx.now;
    compute(ctx, "forecasting", move |watch| {
        let Asking { question, about, left_out, waits_for } = read(&snapshot, &asked, now)?;
        let (said, recipe) = deliver(&question, &mut |done| watch.tell(done))?;
        Ok(Answered { asked, about, left_out, waits_for, said, recipe })
    })
    .await?
}

/// The teams that are asked how much they finish: the named ones, or all that have finished something.
fn whole_teams(snapshot: &Snapshot, input: &Input) -> Result<(Vec<TeamWork>, BTreeSet<ItemId>), ToolError> {
    if input.epic.is_some() || !input.ids.is_empty() || !input.label.is_empty() {
        return Err(ToolError::refused(
            "until: asks how much whole teams finish; leave out epic, ids and label, or leave out until to ask when",
        ));
    }
    let named: Result<BTreeSet<_>, _> =
        input.team.iter().map(|team| names::team(snapshot, team).map(Some)).collect();
    let named = named?;
    let teams = teams_work(snapshot, None, Some(&named).filter(|named| !named.is_empty()))?;
    for team in named.iter().flatten().filter_map(|id| snapshot.team(*id)) {
        if !teams.iter().any(|one| one.team == *team.name) {
            return Err(ToolError::refused(format!(
                "{} has finished nothing yet, so there is no pace to go by; import its history with \
                 pm33_import_work_items, or leave it out of team",
                team.name
            )));
        }
    }
    Ok((teams, BTreeSet::new()))
}

/// Open items at any depth below those of the set that hold others: an epic's date is that of its work.
fn held(snapshot: &Snapshot, scope: &BTreeSet<ItemId>) -> Vec<ItemId> {
    let holds = containers(snapshot);
    let under: Vec<ItemId> = scope.iter().copied().filter(|id| holds.contains(id)).collect();
    if under.is_empty() {
        return Vec::new();
    }
    let filter = BacklogFilter { mode: Mode::Active, under, ..BacklogFilter::default() };
    snapshot.page(&filter, Sort::Key, None, ITEMS_MAX).items.iter().map(|item| item.id).collect()
}

/// Keys of the asked items by their team's name; what holds others is not counted.
pub(super) fn open_keys(snapshot: &Snapshot, scope: &BTreeSet<ItemId>) -> BTreeMap<String, Vec<String>> {
    let holds = containers(snapshot);
    let mut keys: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let items = scope.iter().filter(|id| !holds.contains(id)).filter_map(|id| snapshot.get(*id));
    let mut items: Vec<_> = items.collect();
    items.sort_by_key(|item| item.number);
    for item in items {
        let team = item.team.and_then(|id| snapshot.team(id));
        let name = team.map_or_else(|| NO_TEAM.to_owned(), |team| team.name.to_string());
        keys.entry(name).or_default().push(snapshot.key(item).to_string());
    }
    keys
}
