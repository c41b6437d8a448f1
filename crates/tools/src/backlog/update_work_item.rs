//! `pm33_update_work_item`: changes fields of one item.

use std::sync::Arc;

use pm33_auth::Scope;
use pm33_product::{
    Author, Backlog, ItemPatch, ItemType, Priority, ProductError, Scoring, WorkItem, check_links,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    fields::{
        self, CustomInput, Day, DependencyInput, ExternalInput, ObjectiveInput, StatusWord, Word, clearable,
    },
    names::{self, Titles},
    place::Place,
    view::{Columns, ItemView},
};
use crate::{Cost, Effect, Tool, ToolContext, ToolError, ToolSpec};

/// Change fields.
pub(super) struct UpdateWorkItem;

/// Arguments: absent fields stay as they are, `null` clears.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "three states are meant: leave, clear, set")]
pub(super) struct Input {
    /// Workspace slug or id. Not needed when the key sees only one.
    pub(super) workspace: Option<String>,
    /// The item: its key such as PAY-142, or its id. Not needed with `external`.
    item: Option<String>,
    /// The item by its external id, instead of `item`.
    external: Option<ExternalInput>,
    /// Only if the item still has this version; otherwise nothing is changed and the answer says so.
    #[schemars(range(max = 2_147_483_647))]
    if_version: Option<u32>,
    /// Type of work.
    #[serde(rename = "type")]
    item_type: Option<Word<ItemType>>,
    /// Title, 1 to 500 characters.
    #[schemars(length(min = 1, max = 500))]
    title: Option<String>,
    /// Description, Markdown, up to 65,536 characters; replaces the whole.
    #[schemars(length(max = 65_536))]
    description: Option<String>,
    /// Status: backlog, planned, `in_progress`, `in_review`, blocked, done or cancelled; a change is kept in the item's
    /// history. Words of trackers are understood too, and the workspace's own, which `pm33://backlog/{workspace}/summary`
    /// lists.
    status: Option<StatusWord>,
    /// Priority.
    priority: Option<Word<Priority>>,
    /// Story points; null clears.
    #[serde(default, deserialize_with = "clearable")]
    #[schemars(range(min = 0, max = 1000))]
    story_points: Option<Option<f64>>,
    /// Estimate in working days; null clears.
    #[serde(default, deserialize_with = "clearable")]
    #[schemars(range(min = 0, max = 10_000))]
    estimate_days: Option<Option<f64>>,
    /// Key or id of the item that holds it; null clears.
    #[serde(default, deserialize_with = "clearable")]
    parent: Option<Option<String>>,
    /// Team, by name or id; null clears.
    #[serde(default, deserialize_with = "clearable")]
    team: Option<Option<String>>,
    /// Sprint, by name or id; null clears.
    #[serde(default, deserialize_with = "clearable")]
    sprint: Option<Option<String>>,
    /// Who does it; null clears.
    #[serde(default, deserialize_with = "clearable")]
    #[schemars(length(min = 1, max = 200))]
    assignee: Option<Option<String>>,
    /// All labels; replaces the list.
    #[schemars(length(max = 100))]
    labels: Option<Vec<String>>,
    /// All skills; replaces the list.
    #[schemars(length(max = 100))]
    skills: Option<Vec<String>>,
    /// All objective links; replaces the list.
    #[schemars(length(max = 50))]
    objectives: Option<Vec<ObjectiveInput>>,
    /// All dependencies; replaces the list.
    #[schemars(length(max = 100))]
    dependencies: Option<Vec<DependencyInput>>,
    /// Not to be started before this day; null clears.
    #[serde(default, deserialize_with = "clearable")]
    release_date: Option<Option<Day>>,
    /// To be finished by this day; null clears.
    #[serde(default, deserialize_with = "clearable")]
    due_date: Option<Option<Day>>,
    /// Inputs of the scoring methods; replaces all; null clears.
    #[serde(default, deserialize_with = "clearable")]
    scoring: Option<Option<Scoring>>,
    /// Custom fields to set; others stay. Those that the workspace gives a type hold it only.
    custom_fields: Option<CustomInput>,
    /// Gives the item this external id; null takes it away. To find an item by its external id, use `external`.
    #[serde(default, deserialize_with = "clearable")]
    set_external: Option<Option<ExternalInput>>,
    /// true puts the item away, false brings it back.
    archived: Option<bool>,
    /// Show what would change, and change nothing.
    #[serde(default)]
    pub(super) dry_run: bool,
    /// Any text of 1 to 128 visible characters. Repeating the call with the same key gives the first answer again.
    #[schemars(length(min = 1, max = 128))]
    pub(super) idempotency_key: Option<String>,
}

impl Input {
    /// Puts the ids of a batch's earlier entries in the places of their names.
    pub(super) fn put_names(&mut self, made: &names::Made) -> Result<(), ToolError> {
        let needs = self.dependencies.iter_mut().flatten().map(|need| &mut need.on);
        let parent = self.parent.iter_mut().flatten();
        self.item.iter_mut().chain(parent).chain(needs).try_for_each(|asked| made.put(asked))
    }
}

/// Result.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// Whether anything was written: `updated`, `unchanged` or `dry_run`.
    pub(super) action: Action,
    /// Fields that changed, or would.
    changed: Vec<&'static str>,
    /// The item as it is now; of a dry run, as it would be.
    pub(super) item: ItemView,
}

/// What a write did.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Action {
    /// Changed.
    Updated,
    /// It said the same already.
    Unchanged,
    /// Nothing was written.
    DryRun,
}

impl Tool for UpdateWorkItem {
    const SPEC: ToolSpec = ToolSpec {
        name: "pm33_update_work_item",
        title: "Update a work item",
        description: "Changes fields of one work item: status, priority, estimate, team, links, text and so on. Fields that are not \
            sent stay as they are; null clears one. Find the item's key with pm33_query_backlog first. Send if_version (from \
            columns `full`) to be sure that nobody changed it meanwhile, and an idempotency_key, so that a lost answer can be \
            asked for again. dry_run shows the result without writing. Use pm33_create_work_item for new items.",
        scopes: &[Scope::BacklogWrite],
        effect: Effect::Update,
        cost: Cost::Light,
    };
    const EXAMPLE: &'static str = r#"{"item":"HAR-1","priority":"high","dry_run":true}"#;
    type Input = Input;
    type Output = Output;

    async fn call(ctx: &ToolContext<'_>, input: Input) -> Result<Output, ToolError> {
        let place = Place::open(ctx, input.workspace.as_deref()).await?;
        update(ctx, &place, input).await
    }
}

/// Changes an item.
pub(super) async fn update(ctx: &ToolContext<'_>, place: &Place, input: Input) -> Result<Output, ToolError> {
    let (at, snapshot) = (place.at, Arc::clone(&place.snapshot));
    let before = match (&input.item, &input.external) {
        (Some(asked), None) => Arc::clone(names::item(&snapshot, asked)?),
        (None, Some(external)) => Arc::clone(names::external(&snapshot, &external.external())?),
        _ => return Err(ToolError::refused("name the item: send either item or external")),
    };
    let author = Author { user: Some(ctx.caller.user), at: ctx.now };
    let dry_run = input.dry_run;
    let patch = patch(ctx, place, &before, input)?;
    patch.check()?;
    if let Some(custom) = &patch.custom {
        snapshot.vocabulary().check_custom(custom)?;
    }
    let mut preview = before.as_ref().clone();
    let mut changed = patch.clone().apply(&mut preview, author).fields;
    if let Some(text) = &patch.description {
        let old = Backlog::descriptions(ctx.ports, at, &[before.id]).await?;
        if old.first() != Some(text) {
            changed.push("description");
        }
    }
    if dry_run {
        if let Some(expected) = patch.if_version.filter(|expected| *expected != before.version) {
            let key = snapshot.key(&before).to_string();
            return Err(ProductError::Changed { key, current: before.version, expected }.into());
        }
        check_links(&snapshot, &preview)?;
        let item = ItemView { snapshot, item: Arc::new(preview), columns: Columns::Full, description: None };
        return Ok(Output { action: Action::DryRun, changed, item });
    }
    let item = Backlog::update(ctx.ports, at, before.id, patch, author).await?;
    let action = if item.version == before.version { Action::Unchanged } else { Action::Updated };
    if matches!(action, Action::Unchanged) {
        changed.clear();
    } else {
        place.changed(ctx, &item);
    }
    let item = ItemView { snapshot, item, columns: Columns::Full, description: None };
    Ok(Output { action, changed, item })
}

fn patch(
    ctx: &ToolContext<'_>,
    place: &Place,
    before: &WorkItem,
    input: Input,
) -> Result<ItemPatch, ToolError> {
    #[expect(clippy::option_option, reason = "in a patch absent, null and a value are three things")]
    fn resolve<T>(
        value: Option<Option<String>>,
        find: impl Fn(&str) -> Result<T, ToolError>,
    ) -> Result<Option<Option<T>>, ToolError> {
        value.map(|name| name.map(|name| find(&name)).transpose()).transpose()
    }
    let (snapshot, titles) = (&*place.snapshot, Titles::of(ctx, place.at));
    let team = resolve(input.team, |name| names::team(snapshot, name))?;
    let team_then = team.unwrap_or(before.team);
    Ok(ItemPatch {
        if_version: input.if_version,
        item_type: input.item_type.map(|word| word.0),
        title: input.title,
        description: input.description,
        status: input.status.map(|word| names::status(snapshot, &word)).transpose()?,
        priority: input.priority.map(|word| word.0),
        points: input.story_points,
        estimate_days: input.estimate_days,
        parent: resolve(input.parent, |name| Ok(names::item(snapshot, name)?.id))?,
        team,
        sprint: resolve(input.sprint, |name| names::sprint(snapshot, name, team_then))?,
        assignee: input.assignee,
        labels: input.labels,
        skills: input.skills,
        objectives: input.objectives.map(|links| fields::objectives(snapshot, &links, titles)).transpose()?,
        dependencies: input.dependencies.map(|needs| fields::dependencies(snapshot, &needs)).transpose()?,
        related: None,
        release: input.release_date.map(|day| day.map(|day| day.0)),
        due: input.due_date.map(|day| day.map(|day| day.0)),
        scoring: input.scoring,
        external: input.set_external.map(|external| external.map(|external| external.external())),
        custom: input.custom_fields,
        archived: input.archived.map(|put_away| put_away.then_some(ctx.now)),
        created: None,
        started: None,
        finished: None,
    })
}
