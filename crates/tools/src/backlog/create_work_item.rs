//! `pm33_create_work_item`: one item with everything that belongs to it, in one call.

use std::sync::Arc;

use pm33_auth::Scope;
use pm33_product::{
    Author, Backlog, External, ItemId, ItemPatch, ItemType, NewItem, Priority, ProductError, Scoring,
    Snapshot, Status, WorkItem, check_item, check_links,
};
use pm33_tenancy::WorkspaceRef;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    fields::{self, CustomInput, Day, DependencyInput, ExternalInput, ObjectiveInput, StatusWord, Word},
    names::{self, Titles},
    place::Place,
    view::{Columns, ItemView},
};
use crate::{Cost, Effect, Tool, ToolContext, ToolError, ToolSpec};

/// Titles that share so much (Dice's coefficient over rarity-weighted words) count as near-duplicates. `cargo xtask grade` grades
/// this very number: lower finds more, and is wrong more often than plain overlap of words.
const NEAR: f64 = 0.6;

/// Create, or update by external id.
pub(super) struct CreateWorkItem;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Workspace slug or id. Not needed when the key sees only one.
    pub(super) workspace: Option<String>,
    /// Type of work.
    #[serde(rename = "type")]
    item_type: Word<ItemType>,
    /// Title, 1 to 500 characters.
    #[schemars(length(min = 1, max = 500))]
    title: String,
    /// Description, Markdown, up to 65,536 characters.
    #[schemars(length(max = 65_536))]
    description: Option<String>,
    /// Status: backlog (when absent), planned, `in_progress`, `in_review`, blocked, done or cancelled. Words of trackers are
    /// understood too, and the workspace's own, which `pm33://backlog/{workspace}/summary` lists.
    status: Option<StatusWord>,
    /// Priority; `none` when absent.
    priority: Option<Word<Priority>>,
    /// Story points.
    #[schemars(range(min = 0, max = 1000))]
    story_points: Option<f64>,
    /// Estimate in working days.
    #[schemars(range(min = 0, max = 10_000))]
    estimate_days: Option<f64>,
    /// Key or id of the item that holds it.
    parent: Option<String>,
    /// Team, by name or id.
    team: Option<String>,
    /// Sprint, by name or id.
    sprint: Option<String>,
    /// Who does it.
    #[schemars(length(min = 1, max = 200))]
    assignee: Option<String>,
    /// Labels.
    #[schemars(length(max = 100))]
    labels: Option<Vec<String>>,
    /// Skills it needs.
    #[schemars(length(max = 100))]
    skills: Option<Vec<String>>,
    /// Objectives it serves.
    #[schemars(length(max = 50))]
    objectives: Option<Vec<ObjectiveInput>>,
    /// What must be finished before it.
    #[schemars(length(max = 100))]
    dependencies: Option<Vec<DependencyInput>>,
    /// Not to be started before this day.
    release_date: Option<Day>,
    /// To be finished by this day.
    due_date: Option<Day>,
    /// Inputs of the scoring methods.
    scoring: Option<Scoring>,
    /// Where it comes from. An item that has this external id already is updated instead.
    external: Option<ExternalInput>,
    /// Custom fields: texts, numbers, lists of texts. Those that the workspace gives a type hold it only;
    /// `pm33://backlog/{workspace}/summary` lists them.
    custom_fields: Option<CustomInput>,
    /// What to do when a similar item exists: `refuse` (the answer names it) or `create` all the same.
    #[serde(default)]
    on_duplicate: OnDuplicate,
    /// Show what would be written, and write nothing.
    #[serde(default)]
    pub(super) dry_run: bool,
    /// Any text of 1 to 128 visible characters. Repeating the call with the same key gives the first answer again
    /// instead of a second item.
    #[schemars(length(min = 1, max = 128))]
    pub(super) idempotency_key: Option<String>,
}

/// What to do about a near-duplicate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum OnDuplicate {
    /// Write nothing and name the similar items.
    #[default]
    Refuse,
    /// Create it all the same.
    Create,
}

impl Input {
    /// Puts the ids of a batch's earlier entries in the places of their names.
    pub(super) fn put_names(&mut self, made: &names::Made) -> Result<(), ToolError> {
        let needs = self.dependencies.iter_mut().flatten().map(|need| &mut need.on);
        self.parent.iter_mut().chain(needs).try_for_each(|asked| made.put(asked))
    }
}

/// Result.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// What was done.
    pub(super) action: Action,
    /// The item as it is now; of a dry run, as it would be.
    pub(super) item: ItemView,
    /// Items that are similar, most similar first.
    similar: Vec<SimilarView>,
    /// What to know about this answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

/// What a write did.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Action {
    /// A new item.
    Created,
    /// The item with this external id was changed.
    Updated,
    /// The item with this external id said the same already.
    Unchanged,
    /// Nothing was written.
    DryRun,
}

/// A similar item.
#[derive(Serialize, JsonSchema)]
pub(super) struct SimilarView {
    /// Key.
    key: String,
    /// Title.
    title: String,
    /// Status.
    status: Status,
    /// 0 to 1; 1 is the same set of words.
    score: f64,
    /// Words of its title that the other has too, or nearly: another ending, a slip.
    words: Vec<String>,
}

impl Tool for CreateWorkItem {
    const SPEC: ToolSpec = ToolSpec {
        name: "pm33_create_work_item",
        title: "Create a work item",
        description: "Creates one work item with all its fields, links and custom fields in one step; key and number are \
            assigned. Call pm33_query_backlog with `text` first to see whether it exists; near-duplicates are refused and named \
            unless on_duplicate is `create`. With `external`, an item that has that external id already is updated instead, so \
            a sync can repeat it. Send an idempotency_key, so that a lost answer can be asked for again; use dry_run to see the \
            result first. To change an item later, use pm33_update_work_item.",
        scopes: &[Scope::BacklogWrite],
        effect: Effect::Create,
        cost: Cost::Light,
    };
    const EXAMPLE: &'static str = r#"{"type":"story","title":"Remember the buyer's last bank","priority":"medium","team":"Checkout","story_points":3,"dry_run":true}"#;
    type Input = Input;
    type Output = Output;

    async fn call(ctx: &ToolContext<'_>, input: Input) -> Result<Output, ToolError> {
        let place = Place::open(ctx, input.workspace.as_deref()).await?;
        create(ctx, &place, input).await
    }
}

/// Creates an item, or updates the one that has its external id.
pub(super) async fn create(ctx: &ToolContext<'_>, place: &Place, input: Input) -> Result<Output, ToolError> {
    let (at, snapshot) = (place.at, Arc::clone(&place.snapshot));
    let author = Author { user: Some(ctx.caller.user), at: ctx.now };
    let external = input.external.as_ref().map(ExternalInput::external);
    let known = match &external {
        Some(external) => Backlog::find_external(ctx.ports, at, external).await?,
        None => None,
    };
    let similar = similar(&snapshot, &input.title, known.as_ref().map(|known| known.id));
    let is_refused = known.is_none() && !similar.is_empty() && input.on_duplicate == OnDuplicate::Refuse;
    if is_refused && !input.dry_run {
        return Err(refusal(&similar));
    }
    let dry_run = input.dry_run;
    let given = given(&snapshot, input, Titles::of(ctx, at))?;
    let new = new_item(ItemId::new(ctx.now), given.clone(), external.clone());
    check_item(&new)?;
    snapshot.vocabulary().check_custom(&new.custom)?;
    let (action, item) = match known {
        Some(known) if dry_run => {
            let mut item = known.as_ref().clone();
            given.apply(&mut item, author);
            check_links(&snapshot, &item)?;
            (Action::DryRun, Arc::new(item))
        }
        None if dry_run => {
            let (item, _) = new.into_item(snapshot.next_number(), author);
            (Action::DryRun, Arc::new(item))
        }
        Some(known) => update(ctx, at, &known, given, author).await?,
        None => match (Backlog::create(ctx.ports, at, new, author).await, external) {
            // Another caller brought the same external id meanwhile: then this is a change of that item.
            (Err(ProductError::ExternalTaken { .. }), Some(external)) => {
                let known = Backlog::find_external(ctx.ports, at, &external).await?;
                let known = known.ok_or_else(|| ToolError::refused("the item went away; repeat the call"))?;
                update(ctx, at, &known, given, author).await?
            }
            (created, _) => (Action::Created, created?),
        },
    };
    if matches!(action, Action::Created | Action::Updated) {
        place.changed(ctx, &item);
    }
    let note = (dry_run && is_refused).then(|| {
            "without dry_run this call would be refused, because similar items exist: update one of them, or set on_duplicate to \"create\""
                .to_owned()
        });
    let item = ItemView { snapshot, item, columns: Columns::Full, description: None };
    Ok(Output { action, item, similar, note })
}

async fn update(
    ctx: &ToolContext<'_>,
    at: WorkspaceRef,
    known: &WorkItem,
    given: ItemPatch,
    author: Author,
) -> Result<(Action, Arc<WorkItem>), ToolError> {
    let item = Backlog::update(ctx.ports, at, known.id, given, author).await?;
    Ok((if item.version == known.version { Action::Unchanged } else { Action::Updated }, item))
}

/// Items like the one to be created, but for the one that it would change.
fn similar(snapshot: &Snapshot, title: &str, known: Option<ItemId>) -> Vec<SimilarView> {
    let all = snapshot.similar(title, NEAR, 6).into_iter().filter(|one| Some(one.item.id) != known);
    let view = |one: pm33_product::Similar| SimilarView {
        key: snapshot.key(&one.item).to_string(),
        title: one.item.title.to_string(),
        status: one.item.status,
        score: (one.score * 100.0).round() / 100.0,
        words: one.words,
    };
    all.take(5).map(view).collect()
}

fn refusal(similar: &[SimilarView]) -> ToolError {
    let list: Vec<_> = similar
        .iter()
        .map(|one| {
            format!(
                "{} {:?} ({}, score {}, shares: {})",
                one.key,
                one.title,
                one.status,
                one.score,
                one.words.join(" ")
            )
        })
        .collect();
    ToolError::refused(format!(
        "Nothing was created: similar items exist: {}. Update one of them with pm33_update_work_item, or repeat the call with \
         on_duplicate set to \"create\".",
        list.join("; ")
    ))
}

/// Every field that was given, resolved: what an upsert changes, and what a new item begins with.
fn given(snapshot: &Snapshot, input: Input, titles: Titles) -> Result<ItemPatch, ToolError> {
    let parent = input.parent.map(|name| names::item(snapshot, &name).map(|item| item.id)).transpose()?;
    let team = input.team.map(|name| names::team(snapshot, &name)).transpose()?;
    Ok(ItemPatch {
        item_type: Some(input.item_type.0),
        title: Some(input.title),
        description: input.description,
        status: input.status.map(|word| names::status(snapshot, &word)).transpose()?,
        priority: input.priority.map(|word| word.0),
        points: input.story_points.map(Some),
        estimate_days: input.estimate_days.map(Some),
        parent: parent.map(Some),
        team: team.map(Some),
        sprint: input.sprint.map(|name| names::sprint(snapshot, &name, team)).transpose()?.map(Some),
        assignee: input.assignee.map(Some),
        labels: input.labels,
        skills: input.skills,
        objectives: input.objectives.map(|links| fields::objectives(snapshot, &links, titles)).transpose()?,
        dependencies: input.dependencies.map(|needs| fields::dependencies(snapshot, &needs)).transpose()?,
        release: input.release_date.map(|day| Some(day.0)),
        due: input.due_date.map(|day| Some(day.0)),
        scoring: input.scoring.map(Some),
        custom: input.custom_fields,
        ..ItemPatch::default()
    })
}

fn new_item(id: ItemId, given: ItemPatch, external: Option<External>) -> NewItem {
    let kind = given.item_type.unwrap_or(ItemType::Task);
    NewItem {
        description: given.description.unwrap_or_default(),
        status: given.status.unwrap_or(Status::Backlog),
        priority: given.priority.unwrap_or(Priority::None),
        points: given.points.flatten(),
        estimate_days: given.estimate_days.flatten(),
        parent: given.parent.flatten(),
        team: given.team.flatten(),
        sprint: given.sprint.flatten(),
        assignee: given.assignee.flatten(),
        labels: given.labels.unwrap_or_default(),
        skills: given.skills.unwrap_or_default(),
        objectives: given.objectives.unwrap_or_default(),
        dependencies: given.dependencies.unwrap_or_default(),
        release: given.release.flatten(),
        due: given.due.flatten(),
        scoring: given.scoring.flatten(),
        external,
        custom: given.custom.unwrap_or_default(),
        ..NewItem::titled(id, kind, given.title.unwrap_or_default())
    }
}
