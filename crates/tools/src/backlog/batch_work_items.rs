//! `pm33_batch_work_items`: up to 100 creates and updates in one call, all or nothing or item by item.

use pm33_auth::Scope;
use pm33_product::Steps;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{create_work_item, names::Made, place::Place, update_work_item};
use crate::{Cost, Effect, Tool, ToolContext, ToolError, ToolSpec};

/// Entries of one call at most.
const ENTRIES: usize = 100;

/// Create and update many.
pub(super) struct BatchWorkItems;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Workspace slug or id, for all entries. Not needed when the key sees only one.
    workspace: Option<String>,
    /// What to do, in this order.
    #[schemars(length(min = 1, max = 100))]
    entries: Vec<Entry>,
    /// `all_or_nothing` writes nothing if one entry fails; `each` writes what it can.
    #[serde(default)]
    mode: BatchMode,
    /// Do everything, tell the results, and write nothing.
    #[serde(default)]
    dry_run: bool,
    /// Any text of 1 to 128 visible characters, for the whole batch. Repeating the call with the same key gives the first
    /// answer again.
    #[schemars(length(min = 1, max = 128))]
    #[expect(dead_code, reason = "read by the server before the tool runs")]
    idempotency_key: Option<String>,
}

/// One create or one update.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// A name for the item, for this call only: later entries may say `@name` where they name an item (parent,
    /// dependencies, item).
    #[schemars(length(min = 1, max = 50))]
    name: Option<String>,
    /// The fields of `pm33_create_work_item`, without workspace, `dry_run` and `idempotency_key`.
    create: Option<create_work_item::Input>,
    /// The fields of `pm33_update_work_item`, without workspace, `dry_run` and `idempotency_key`.
    update: Option<update_work_item::Input>,
}

/// What a failure of one entry does to the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum BatchMode {
    /// Nothing is written.
    #[default]
    AllOrNothing,
    /// The others are written.
    Each,
}

/// Result.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// Entries that were written, or would be.
    succeeded: usize,
    /// Entries that failed; only with mode `each`.
    failed: usize,
    /// Whether nothing was written because `dry_run` was set.
    dry_run: bool,
    /// One result per entry, in order.
    results: Vec<EntryResult>,
}

/// What became of an entry.
#[derive(Serialize, JsonSchema)]
struct EntryResult {
    /// Its place in `entries`, from 0.
    index: usize,
    /// `created`, `updated`, `unchanged` or `failed`.
    action: EntryAction,
    /// Key of the item; of a dry run, as far as it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// What was wrong and what to do, for a failed one.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// What an entry did.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum EntryAction {
    /// A new item.
    Created,
    /// A changed item.
    Updated,
    /// It said the same already.
    Unchanged,
    /// Nothing was written for it.
    Failed,
}

impl Tool for BatchWorkItems {
    const SPEC: ToolSpec = ToolSpec {
        name: "pm33_batch_work_items",
        title: "Create and update many work items",
        description: "Creates and updates up to 100 items in one call and one transaction: all or nothing, or item by item with one \
            result each. Use it to file an epic with its stories (give the epic a name and let the stories say parent \"@name\") or \
            to change many items alike, instead of many single calls. Each entry takes the fields of pm33_create_work_item or \
            pm33_update_work_item. Try it with dry_run first; send an idempotency_key, so that a lost answer can be asked for \
            again. For a whole export file use pm33_import_work_items.",
        scopes: &[Scope::BacklogWrite],
        effect: Effect::Create,
        cost: Cost::Light,
    };
    const EXAMPLE: &'static str = r#"{"entries":[{"name":"epic","create":{"type":"epic","title":"Refunds without phone calls"}},{"create":{"type":"story","title":"Refund a part of a payment","parent":"@epic"}}],"dry_run":true}"#;
    type Input = Input;
    type Output = Output;

    async fn call(ctx: &ToolContext<'_>, input: Input) -> Result<Output, ToolError> {
        if input.entries.len() > ENTRIES {
            return Err(ToolError::refused(format!(
                "{} entries; at most {ENTRIES} fit in one call",
                input.entries.len()
            )));
        }
        let mut place = Place::open(ctx, input.workspace.as_deref()).await?;
        let whole = Steps::begin_step(ctx.ports, place.at).await?;
        let mut made = Made::default();
        let mut results = Vec::with_capacity(input.entries.len());
        for (index, entry) in input.entries.into_iter().enumerate() {
            let step = Steps::begin_step(ctx.ports, place.at).await?;
            let done = one(ctx, &mut place, entry, &mut made).await;
            match done {
                Ok((action, key)) => {
                    Steps::keep_step(ctx.ports, place.at, step).await?;
                    results.push(EntryResult { index, action, key: Some(key), error: None });
                }
                Err(ToolError::Refused(text)) => {
                    Steps::undo_step(ctx.ports, place.at, step).await?;
                    results.push(EntryResult {
                        index,
                        action: EntryAction::Failed,
                        key: None,
                        error: Some(text),
                    });
                }
                Err(other) => return Err(other),
            }
        }
        let failed = results.iter().filter(|one| one.error.is_some()).count();
        if failed > 0 && input.mode == BatchMode::AllOrNothing {
            return Err(refusal(&results));
        }
        if input.dry_run {
            Steps::undo_step(ctx.ports, place.at, whole).await?;
        } else {
            Steps::keep_step(ctx.ports, place.at, whole).await?;
        }
        Ok(Output { succeeded: results.len() - failed, failed, dry_run: input.dry_run, results })
    }
}

/// Does one entry inside its step.
async fn one(
    ctx: &ToolContext<'_>,
    place: &mut Place,
    entry: Entry,
    made: &mut Made,
) -> Result<(EntryAction, String), ToolError> {
    let (action, item) = match (entry.create, entry.update) {
        (Some(mut create), None) => {
            if create.workspace.is_some() || create.dry_run || create.idempotency_key.is_some() {
                return Err(envelope());
            }
            create.put_names(made)?;
            let output = create_work_item::create(ctx, place, create).await?;
            let action = match output.action {
                create_work_item::Action::Created => EntryAction::Created,
                create_work_item::Action::Updated => EntryAction::Updated,
                _ => EntryAction::Unchanged,
            };
            (action, output.item.item)
        }
        (None, Some(mut update)) => {
            if update.workspace.is_some() || update.dry_run || update.idempotency_key.is_some() {
                return Err(envelope());
            }
            update.put_names(made)?;
            let output = update_work_item::update(ctx, place, update).await?;
            let action = match output.action {
                update_work_item::Action::Updated => EntryAction::Updated,
                _ => EntryAction::Unchanged,
            };
            (action, output.item.item)
        }
        _ => return Err(ToolError::refused("an entry holds either create or update")),
    };
    place.sees(&item);
    if let Some(name) = entry.name {
        made.insert(name, item.id)?;
    }
    Ok((action, place.snapshot.key(&item).to_string()))
}

/// What belongs to the batch may not stand in an entry.
fn envelope() -> ToolError {
    ToolError::refused(
        "workspace, dry_run and idempotency_key belong to the whole batch; take them out of the entry",
    )
}

fn refusal(results: &[EntryResult]) -> ToolError {
    let failed: Vec<_> = results
        .iter()
        .filter_map(|one| Some(format!("entry {}: {}", one.index, one.error.as_deref()?)))
        .collect();
    ToolError::refused(format!(
        "Nothing was written. {}. Mend these entries and repeat, or send mode \"each\" to write the others.",
        failed.join("; ")
    ))
}
