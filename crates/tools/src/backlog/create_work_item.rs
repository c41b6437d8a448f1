//! `pm33_create_work_item`: one item with everything that belongs to it, in one call.

use pm33_auth::Scope;
use pm33_product::{
    Author, Backlog, Freshness, ItemId, ItemPatch, ItemType, NewItem, Priority, Scoring, Snapshot, Status,
    check_item,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    fields::{self, CustomInput, Day, DependencyInput, ExternalInput, ObjectiveInput, Word},
    names,
    view::{Columns, ItemView},
};
use crate::{Cost, Effect, Tool, ToolContext, ToolError, ToolSpec};

/// Titles that share so much (Dice's coefficient over rarity-weighted words) count as near-duplicates.
const NEAR: f64 = 0.75;

/// Create, or update by external id.
pub(super) struct CreateWorkItem;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Workspace slug or id. Not needed when the key sees only one.
    workspace: Option<String>,
    /// Type of work.
    #[serde(rename = "type")]
    item_type: Word<ItemType>,
    /// Title, 1 to 500 characters.
    #[schemars(length(min = 1, max = 500))]
    title: String,
    /// Description, Markdown, up to 65,536 characters.
    #[serde(default)]
    #[schemars(length(max = 65_536))]
    description: String,
    /// Status; `backlog` when absent.
    status: Option<Word<Status>>,
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
    #[serde(default)]
    #[schemars(length(max = 100))]
    labels: Vec<String>,
    /// Skills it needs.
    #[serde(default)]
    #[schemars(length(max = 100))]
    skills: Vec<String>,
    /// Objectives it serves.
    #[serde(default)]
    #[schemars(length(max = 50))]
    objectives: Vec<ObjectiveInput>,
    /// What must be finished before it.
    #[serde(default)]
    #[schemars(length(max = 100))]
    dependencies: Vec<DependencyInput>,
    /// Not to be started before this day.
    release_date: Option<Day>,
    /// To be finished by this day.
    due_date: Option<Day>,
    /// Inputs of the scoring methods.
    scoring: Option<Scoring>,
    /// Where it comes from. An item that has this external id already is updated instead.
    external: Option<ExternalInput>,
    /// Custom fields: texts, numbers, lists of texts.
    #[serde(default)]
    custom_fields: CustomInput,
    /// What to do when a similar item exists: `refuse` (the answer names it) or `create` all the same.
    #[serde(default)]
    on_duplicate: OnDuplicate,
    /// Show what would be written, and write nothing.
    #[serde(default)]
    dry_run: bool,
    /// Any text of 1 to 128 visible characters. Repeating the call with the same key gives the first answer again
    /// instead of a second item.
    #[schemars(length(min = 1, max = 128))]
    #[expect(dead_code, reason = "read by the server before the tool runs")]
    idempotency_key: Option<String>,
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

/// Result.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// What was done.
    action: Action,
    /// The item as it is now; of a dry run, as it would be.
    item: ItemView,
    /// Items that are similar, most similar first.
    similar: Vec<SimilarView>,
}

/// What a write did.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Action {
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
    /// Words that both titles have.
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
        let (at, workspace) = ctx.workspace(input.workspace.as_deref()).await?;
        let snapshot = Backlog::snapshot(ctx.ports, at, Freshness::Usual).await?;
        let author = Author { user: Some(ctx.caller.user), at: ctx.now };
        let known = match &input.external {
            Some(external) => Backlog::find_external(ctx.ports, at, &external.external()).await?,
            None => None,
        };
        let mut similar = snapshot.similar(&input.title, NEAR, 5);
        if let Some(known) = &known {
            similar.retain(|one| one.item.id != known.id);
        }
        let similar: Vec<_> = similar
            .into_iter()
            .map(|one| SimilarView {
                key: snapshot.key(&one.item).to_string(),
                title: one.item.title.to_string(),
                status: one.item.status,
                score: (one.score * 100.0).round() / 100.0,
                words: one.words,
            })
            .collect();
        if known.is_none()
            && !similar.is_empty()
            && input.on_duplicate == OnDuplicate::Refuse
            && !input.dry_run
        {
            return Err(refusal(&similar));
        }
        let (dry_run, new) = (input.dry_run, new_item(ctx, &snapshot, input)?);
        check_item(&new)?;
        let (action, item) = if dry_run {
            let (item, _) = match &known {
                Some(known) => {
                    let mut item = known.as_ref().clone();
                    patch(new).apply(&mut item, author);
                    (item, String::new())
                }
                None => new.into_item(0, author),
            };
            (Action::DryRun, std::sync::Arc::new(item))
        } else if let Some(known) = known {
            let item = Backlog::update(ctx.ports, at, known.id, patch(new), author).await?;
            (if item.version == known.version { Action::Unchanged } else { Action::Updated }, item)
        } else {
            (Action::Created, Backlog::create(ctx.ports, at, new, author).await?)
        };
        if !dry_run {
            ctx.changed(format!("pm33://backlog/{}/summary", workspace.slug));
            ctx.changed(format!("pm33://item/{}/{}", workspace.slug, snapshot.key(&item)));
        }
        let item = ItemView { snapshot, item, columns: Columns::Full, description: None };
        Ok(Output { action, item, similar })
    }
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

fn new_item(ctx: &ToolContext<'_>, snapshot: &Snapshot, input: Input) -> Result<NewItem, ToolError> {
    let named =
        |name: &Option<String>| name.as_deref().map(|name| names::item(snapshot, name).map(|item| item.id));
    let parent = named(&input.parent).transpose()?;
    let mut new = NewItem::titled(ItemId::new(ctx.now), input.item_type.0, input.title);
    new.description = input.description;
    new.status = input.status.map_or(Status::Backlog, |word| word.0);
    new.priority = input.priority.map_or(Priority::None, |word| word.0);
    new.points = input.story_points;
    new.estimate_days = input.estimate_days;
    new.parent = parent;
    new.team = input.team.as_deref().map(|name| names::team(snapshot, name)).transpose()?;
    new.sprint = input.sprint.as_deref().map(|name| names::sprint(snapshot, name)).transpose()?;
    new.assignee = input.assignee;
    new.labels = input.labels;
    new.skills = input.skills;
    new.objectives = fields::objectives(snapshot, &input.objectives)?;
    new.dependencies = fields::dependencies(snapshot, &input.dependencies)?;
    new.release = input.release_date.map(|day| day.0);
    new.due = input.due_date.map(|day| day.0);
    new.scoring = input.scoring;
    new.external = input.external.map(|external| external.external());
    new.custom = input.custom_fields;
    Ok(new)
}

/// What an upsert changes: every field that was given.
fn patch(new: NewItem) -> ItemPatch {
    let given = |list: Vec<String>| (!list.is_empty()).then_some(list);
    ItemPatch {
        item_type: Some(new.item_type),
        title: Some(new.title),
        description: (!new.description.is_empty()).then_some(new.description),
        status: (new.status != Status::Backlog).then_some(new.status),
        priority: (new.priority != Priority::None).then_some(new.priority),
        points: new.points.map(Some),
        estimate_days: new.estimate_days.map(Some),
        parent: new.parent.map(Some),
        team: new.team.map(Some),
        sprint: new.sprint.map(Some),
        assignee: new.assignee.map(Some),
        labels: given(new.labels),
        skills: given(new.skills),
        objectives: (!new.objectives.is_empty()).then_some(new.objectives),
        dependencies: (!new.dependencies.is_empty()).then_some(new.dependencies),
        release: new.release.map(Some),
        due: new.due.map(Some),
        scoring: new.scoring.map(Some),
        custom: (!new.custom.is_empty()).then_some(new.custom),
        ..ItemPatch::default()
    }
}
