//! `pm33_query_backlog`: list and search work items.

use std::{
    fmt::{Debug, Write as _},
    sync::Arc,
};

use pm33_auth::Scope;
use pm33_product::{
    Backlog, BacklogFilter, Freshness, ItemType, Mode, Page, Position, Priority, Snapshot, Sort, SprintId,
    WorkItem,
};
use pm33_tenancy::{Timestamp, WorkspaceRef};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    fields::{StatusWord, Word, plain},
    names::{self, Titles},
    rows::Rows,
    view::{Columns, ItemView},
};
use crate::{
    Cost, Effect, Tool, ToolContext, ToolError, ToolSpec, Written,
    mirror::{Entries, Mirror, name},
};

/// Longest part of a description in a list, in characters; the item resource has the whole.
const DESCRIPTION_SHOWN: usize = 2_000;
/// Characters of one answer: well under 25,000 tokens at about four characters each.
const ANSWER_CHARS: usize = 60_000;
/// Matches that a text search looks at.
const SEARCHED: u32 = 1_000;

/// List and search.
pub(super) struct QueryBacklog;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Workspace slug or id. Not needed when the key sees only one.
    workspace: Option<String>,
    /// `active` hides finished and archived items; `full` shows everything.
    #[serde(default)]
    mode: Mode,
    /// Only these types.
    #[serde(default, rename = "type")]
    types: Vec<Word<ItemType>>,
    /// Only these statuses: backlog, planned, `in_progress`, `in_review`, blocked, done, cancelled, or the workspace's own
    /// words. Finished ones (done, cancelled) also need mode `full`.
    #[serde(default)]
    status: Vec<StatusWord>,
    /// Only these priorities.
    #[serde(default)]
    priority: Vec<Word<Priority>>,
    /// Only items of these teams, by name or id.
    #[serde(default)]
    team: Vec<String>,
    /// Only items of these sprints, by name or id.
    #[serde(default)]
    sprint: Vec<String>,
    /// Only items below this epic or other parent, at any depth: its key.
    epic: Option<String>,
    /// Only items linked to this objective: title or id.
    objective: Option<String>,
    /// Only items with one of these labels.
    #[serde(default)]
    label: Vec<String>,
    /// Only items of one of these assignees: the whole name, in any case.
    #[serde(default)]
    #[schemars(length(max = 200))]
    assignee: Vec<String>,
    /// Words that title or description must have, as beginnings of words; best matches come first.
    #[schemars(length(max = 500))]
    text: Option<String>,
    /// Only items changed at or after this time, such as 2026-03-01T00:00:00Z.
    updated_since: Option<Timestamp>,
    /// These items only, whatever their state: keys such as PAY-142, ids, or the ids that imported items have in their
    /// tracker, such as SHOP-2 or, with its source, jira:SHOP-2. A key of this workspace goes before a tracker's.
    #[serde(default)]
    #[schemars(length(max = 200))]
    ids: Vec<String>,
    /// How much of each item: `identity`, `summary` or `full`.
    #[serde(default)]
    columns: Columns,
    /// Order.
    #[serde(default)]
    sort: Sort,
    /// Where to go on: `next_cursor` of the page before, with the same other arguments.
    cursor: Option<String>,
    /// Items per page, 1 to 200.
    #[serde(default = "default_limit")]
    #[schemars(range(min = 1, max = 200))]
    limit: usize,
    /// `newest` also waits for other processes' latest writes; `usual` may be a second behind them.
    #[serde(default)]
    freshness: Wanted,
}

fn default_limit() -> usize {
    25
}

/// How new the answer must be.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Wanted {
    /// At most a second behind.
    #[default]
    Usual,
    /// Everything that is committed.
    Newest,
}

/// Result.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// `ok`, or `empty` when nothing matches: then `note` says what to loosen.
    state: State,
    /// Workspace slug.
    workspace: String,
    /// Matching items in all.
    total: usize,
    /// The items of this page.
    items: Rows,
    /// For the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    /// What to know about this answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    /// The time that the answer is true for.
    as_of: Timestamp,
}

/// What an answer is.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum State {
    /// Items were found.
    Ok,
    /// Nothing matches.
    Empty,
}

impl Tool for QueryBacklog {
    const SPEC: ToolSpec = ToolSpec {
        name: "pm33_query_backlog",
        title: "Query the backlog",
        description: "Lists and searches work items (epics, features, stories, tasks, bugs, ideas) of a workspace. Use it to see \
            what is open, find items by words, look items up by key, or page through everything. Not for counts alone: \
            the resource pm33://backlog/{workspace}/summary is smaller. Before creating an item, search here for one like it. \
            To change an item, take its key from here to pm33_update_work_item. Answers are pages: pass next_cursor back as \
            cursor to go on. A shown state of `empty` means that nothing matches, not that something failed.",
        scopes: &[Scope::BacklogRead],
        effect: Effect::Read,
        cost: Cost::Light,
    };
    const EXAMPLE: &'static str = r#"{"priority":["critical","high"],"columns":"summary","limit":10}"#;
    type Input = Input;
    type Output = Output;

    async fn call(ctx: &ToolContext<'_>, input: Input) -> Result<Output, ToolError> {
        let (at, workspace) = ctx.workspace(input.workspace.as_deref()).await?;
        let freshness = match input.freshness {
            Wanted::Usual => Freshness::Usual,
            Wanted::Newest => Freshness::Newest,
        };
        let snapshot = Backlog::snapshot(ctx.ports, at, freshness).await?;
        let filter = filter(&snapshot, &input, Titles::of(ctx, at))?;
        // Written out only where a cursor comes in or goes out.
        let binding = || binding(at, &input);
        let after = match &input.cursor {
            None => None,
            Some(cursor) => {
                let bytes = ctx.handles.open("backlog", &binding(), cursor).map_err(|error| match error {
                    ToolError::BadHandle(why) if why.contains("expired") => {
                        ToolError::refused("cursor has expired; start again without it")
                    }
                    _ => ToolError::refused(
                        "cursor does not belong to these arguments, or is too old; start again without it",
                    ),
                })?;
                Some(
                    serde_json::from_slice::<Cursor>(&bytes)
                        .map_err(|_| ToolError::refused("cursor is malformed"))?,
                )
            }
        };
        let Found { page, mut next, mut note } = match &input.text {
            None => {
                let position = match after {
                    Some(Cursor::After(position)) => Some(position),
                    _ => None,
                };
                let page = snapshot.page(&filter, input.sort, position, input.limit);
                let next = page.next.map(Cursor::After);
                Found { page, next, note: None }
            }
            Some(text) => search(ctx, at, &snapshot, &filter, text, after, input.limit).await?,
        };
        let total = page.total;
        let all = page.items.len();
        let mut items = rows(ctx, at, &snapshot, &page.items, input.columns).await?;
        items.fit(ANSWER_CHARS);
        let cut = items.len();
        if cut < all {
            next = match input.text {
                Some(_) => Some(skip_after_cut(after, cut)),
                None => position_after_cut(&page.items[..cut], input.sort).or(next),
            };
            note = Some(format!(
                "only {cut} items fit into one answer; go on with next_cursor, or ask for fewer columns"
            ));
        }
        if total == 0 {
            note = Some(loosen(&snapshot, &input, &filter));
        }
        let next_cursor = match next {
            None => None,
            Some(cursor) => {
                let bytes =
                    serde_json::to_vec(&cursor).map_err(|_| ToolError::refused("the page has no end"))?;
                Some(ctx.handles.seal("backlog", &binding(), &bytes))
            }
        };
        Ok(Output {
            state: if total == 0 { State::Empty } else { State::Ok },
            workspace: workspace.slug.clone(),
            total,
            items,
            next_cursor,
            note,
            as_of: ctx.now,
        })
    }

    fn write(output: &Output) -> Result<Written, serde_json::Error> {
        let rows = output.items.all();
        let mut to = Mirror::object(rows);
        to.value(name!("state"), &output.state)?;
        to.text(name!("workspace"), &output.workspace)?;
        to.value(name!("total"), &output.total)?;
        to.rows(name!("items"), rows);
        if let Some(cursor) = &output.next_cursor {
            to.text(name!("next_cursor"), cursor)?;
        }
        if let Some(note) = &output.note {
            to.text(name!("note"), note)?;
        }
        to.value(name!("as_of"), &output.as_of)?;
        Ok(to.done())
    }
}

/// A page with what belongs to it.
struct Found {
    page: Page,
    next: Option<Cursor>,
    note: Option<String>,
}

/// Where a page ended.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum Cursor {
    After(Position),
    Skip(usize),
}

/// What a cursor belongs to: everything but the cursor and the page size. What was not asked is not written.
fn binding(at: WorkspaceRef, input: &Input) -> Vec<u8> {
    let types = plain(&input.types);
    let priorities = plain(&input.priority);
    let named: [(&str, bool, &dyn Debug); 12] = [
        ("types", !types.is_empty(), &types),
        ("statuses", !input.status.is_empty(), &input.status),
        ("priorities", !priorities.is_empty(), &priorities),
        ("teams", !input.team.is_empty(), &input.team),
        ("sprints", !input.sprint.is_empty(), &input.sprint),
        ("epic", input.epic.is_some(), &input.epic),
        ("objective", input.objective.is_some(), &input.objective),
        ("labels", !input.label.is_empty(), &input.label),
        ("assignees", !input.assignee.is_empty(), &input.assignee),
        ("text", input.text.is_some(), &input.text),
        ("since", input.updated_since.is_some(), &input.updated_since),
        ("ids", !input.ids.is_empty(), &input.ids),
    ];
    let mut binding = format!("{}|{:?}|{:?}", at.workspace(), input.mode, input.sort);
    for (name, _, value) in named.iter().filter(|(_, is_asked, _)| *is_asked) {
        // Debug quotes what texts hold, so that none reads like another field.
        let _ = write!(binding, "|{name}:{value:?}");
    }
    binding.into_bytes()
}

fn filter(snapshot: &Snapshot, input: &Input, titles: Titles) -> Result<BacklogFilter, ToolError> {
    let mut ids = Vec::with_capacity(input.ids.len());
    for asked in &input.ids {
        ids.extend(names::items(snapshot, asked)?.iter().map(|item| item.id));
    }
    Ok(BacklogFilter {
        mode: input.mode,
        types: plain(&input.types),
        statuses: input.status.iter().map(|word| names::status(snapshot, word)).collect::<Result<_, _>>()?,
        priorities: plain(&input.priority),
        teams: input.team.iter().map(|name| names::team(snapshot, name)).collect::<Result<_, _>>()?,
        sprints: sprints(snapshot, &input.sprint)?,
        under: input
            .epic
            .iter()
            .map(|key| Ok(names::item(snapshot, key)?.id))
            .collect::<Result<_, ToolError>>()?,
        objectives: input
            .objective
            .iter()
            .map(|name| names::objective(snapshot, name, titles))
            .collect::<Result<_, _>>()?,
        labels: input.label.clone(),
        assignees: input.assignee.clone(),
        updated_since: input.updated_since,
        ids,
    })
}

/// Every sprint of each name: teams may have sprints of the same name.
fn sprints(snapshot: &Snapshot, asked: &[String]) -> Result<Vec<SprintId>, ToolError> {
    let mut ids = Vec::new();
    for name in asked {
        ids.extend(names::sprints(snapshot, name)?.iter().map(|sprint| sprint.id));
    }
    Ok(ids)
}

async fn search(
    ctx: &ToolContext<'_>,
    at: WorkspaceRef,
    snapshot: &Snapshot,
    filter: &BacklogFilter,
    text: &str,
    after: Option<Cursor>,
    limit: usize,
) -> Result<Found, ToolError> {
    let hits = Backlog::search(ctx.ports, at, text, SEARCHED).await?;
    let found: Vec<_> = hits
        .iter()
        .filter_map(|hit| snapshot.get(hit.item))
        .filter(|item| snapshot.selects(filter, item))
        .cloned()
        .collect();
    let start = match after {
        Some(Cursor::Skip(count)) => count.min(found.len()),
        _ => 0,
    };
    let end = (start + limit).min(found.len());
    let next = (end < found.len()).then_some(Cursor::Skip(end));
    let page = Page { total: found.len(), items: found[start..end].to_vec(), next: None };
    let note = (hits.len() >= SEARCHED as usize).then(|| {
        format!("very many items have these words: the best {SEARCHED} were looked at; add a word to be sure of all")
    });
    Ok(Found { page, next, note })
}

/// The items as they are shown.
async fn rows(
    ctx: &ToolContext<'_>,
    at: WorkspaceRef,
    snapshot: &Arc<Snapshot>,
    items: &[Arc<WorkItem>],
    columns: Columns,
) -> Result<Rows, ToolError> {
    if columns == Columns::Summary {
        return Rows::kept(snapshot, items);
    }
    let descriptions = if columns == Columns::Full {
        let ids: Vec<_> = items.iter().map(|item| item.id).collect();
        Backlog::descriptions(ctx.ports, at, &ids).await?
    } else {
        Vec::new()
    };
    let mut descriptions = descriptions.into_iter();
    let views = items.iter().map(|item| ItemView {
        snapshot: Arc::clone(snapshot),
        item: Arc::clone(item),
        columns,
        description: descriptions.next().map(|text| text.chars().take(DESCRIPTION_SHOWN).collect()),
    });
    Rows::made(views)
}

/// Where a search goes on after its page was cut.
fn skip_after_cut(after: Option<Cursor>, cut: usize) -> Cursor {
    let start = match after {
        Some(Cursor::Skip(count)) => count,
        _ => 0,
    };
    Cursor::Skip(start + cut)
}

/// Where a list goes on after its page was cut.
fn position_after_cut(items: &[Arc<WorkItem>], sort: Sort) -> Option<Cursor> {
    items.last().map(|item| Cursor::After(Position { sort, after: pm33_product::sort_key(item, sort) }))
}

fn loosen(snapshot: &Snapshot, input: &Input, filter: &BacklogFilter) -> String {
    let finished = filter.statuses.iter().any(|status| !status.is_open());
    if finished && input.mode == Mode::Active {
        "nothing matches: mode `active` hides finished items; ask with mode `full`".to_owned()
    } else if let Some(text) = input.text.as_deref().filter(|text| names::items(snapshot, text).is_ok()) {
        format!(
            "nothing matches: no title or description has these words; {text} is an item's key: send it in `ids`"
        )
    } else if input.text.is_some() {
        "nothing matches: every word must begin a word of title or description; try fewer words or mode `full`".to_owned()
    } else {
        "nothing matches these filters; drop one, or ask with mode `full`".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::iter;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_written_as_its_serialisation_says(words in any::<[Option<String>; 3]>(), total in any::<usize>()) {
            let [workspace, next_cursor, note] = words;
            let items = Rows::made(iter::empty()).map_err(|error| TestCaseError::fail(error.to_string()))?;
            let output = Output {
                state: if total == 0 { State::Empty } else { State::Ok },
                workspace: workspace.unwrap_or_default(),
                total,
                items,
                next_cursor,
                note,
                as_of: Timestamp::from_micros(1_772_357_400_000_001),
            };
            let written = QueryBacklog::write(&output)?;
            prop_assert_eq!(written, Written::of(&output, QueryBacklog::NUMBERS)?);
        }
    }
}
