//! `pm33_find_similar`: near-duplicates of a text or an item.

use pm33_auth::Scope;
use pm33_product::Status;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{names, place::Place};
use crate::{Cost, Effect, Tool, ToolContext, ToolError, ToolSpec};

/// Find near-duplicates.
pub(super) struct FindSimilar;

/// Arguments: either `text` or `item`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Workspace slug or id. Not needed when the key sees only one.
    workspace: Option<String>,
    /// A title, as it would be filed.
    #[schemars(length(min = 1, max = 500))]
    text: Option<String>,
    /// Key or id of an item, instead of `text`.
    item: Option<String>,
    /// Least score: 0.75 finds what is almost surely the same, 0.4 what is worth a look.
    #[serde(default = "worth_a_look")]
    #[schemars(range(min = 0.1, max = 1))]
    least: f64,
    /// Items at most, 1 to 50.
    #[serde(default = "ten")]
    #[schemars(range(min = 1, max = 50))]
    limit: usize,
}

fn worth_a_look() -> f64 {
    0.4
}

fn ten() -> usize {
    10
}

/// Result.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// `ok`, or `empty` when nothing is that similar.
    state: State,
    /// Similar items, most similar first.
    items: Vec<SimilarItem>,
}

/// What an answer is.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum State {
    /// Similar items were found.
    Ok,
    /// None.
    Empty,
}

/// A similar item.
#[derive(Serialize, JsonSchema)]
struct SimilarItem {
    /// Key.
    key: String,
    /// Title.
    title: String,
    /// Status.
    status: Status,
    /// 0 to 1; 1 is the same title.
    score: f64,
    /// Words of its title that the other has too, or nearly: another ending, a slip.
    words: Vec<String>,
}

impl Tool for FindSimilar {
    const SPEC: ToolSpec = ToolSpec {
        name: "pm33_find_similar",
        title: "Find similar work items",
        description: "Finds items whose title says much the same as a text or as another item, finished ones too, each with a score \
            from 0 to 1 and the words in common. Use it before filing something, or to clean up duplicates. For a search by words \
            in titles and descriptions use pm33_query_backlog with `text`. pm33_create_work_item makes the same check by itself.",
        scopes: &[Scope::BacklogRead],
        effect: Effect::Read,
        cost: Cost::Light,
    };
    const EXAMPLE: &'static str = r#"{"text":"Statement import reads a file twice"}"#;
    type Input = Input;
    type Output = Output;

    async fn call(ctx: &ToolContext<'_>, input: Input) -> Result<Output, ToolError> {
        let place = Place::open(ctx, input.workspace.as_deref()).await?;
        let (text, own) = match (&input.text, &input.item) {
            (Some(text), None) => (text.as_str().into(), None),
            (None, Some(asked)) => {
                let item = names::item(&place.snapshot, asked)?;
                (std::sync::Arc::clone(&item.title), Some(item.id))
            }
            _ => return Err(ToolError::refused("say what to compare with: send either text or item")),
        };
        let mut found = place.snapshot.similar(&text, input.least, input.limit + 1);
        found.retain(|one| Some(one.item.id) != own);
        found.truncate(input.limit);
        let items: Vec<_> = found
            .into_iter()
            .map(|one| SimilarItem {
                key: place.snapshot.key(&one.item).to_string(),
                title: one.item.title.to_string(),
                status: one.item.status,
                score: (one.score * 100.0).round() / 100.0,
                words: one.words,
            })
            .collect();
        Ok(Output { state: if items.is_empty() { State::Empty } else { State::Ok }, items })
    }
}
