//! `pm33_link_objective`: an item to an objective, with a weight; also removes it.

use std::sync::Arc;

use pm33_auth::Scope;
use pm33_product::{Author, Backlog, ItemPatch, ObjectiveLink};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    link_items::{LinkAction, LinkState},
    names::{self, Titles},
    place::Place,
};
use crate::{Cost, Effect, Tool, ToolContext, ToolError, ToolSpec};

/// Link an item to an objective.
pub(super) struct LinkObjective;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Workspace slug or id. Not needed when the key sees only one.
    workspace: Option<String>,
    /// Key or id of the item.
    item: String,
    /// Title or id of the objective.
    objective: String,
    /// Share of the item's effect that goes to the objective, 0 to 1.
    #[serde(default = "whole")]
    #[schemars(range(min = 0, max = 1))]
    weight: f64,
    /// `add` (also changes the weight) or `remove`.
    #[serde(default)]
    action: LinkAction,
    /// Show what would change, and change nothing.
    #[serde(default)]
    dry_run: bool,
    /// Any text of 1 to 128 visible characters. Repeating the call with the same key gives the first answer again.
    #[schemars(length(min = 1, max = 128))]
    #[expect(dead_code, reason = "read by the server before the tool runs")]
    idempotency_key: Option<String>,
}

fn whole() -> f64 {
    1.0
}

/// Result.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// Whether the link was made, removed, or was so already; of a dry run, what would be.
    state: LinkState,
    /// Key of the item.
    item: String,
    /// Every objective that the item serves after the change.
    objectives: Vec<Served>,
    /// Whether nothing was written because `dry_run` was set.
    dry_run: bool,
}

/// An objective that an item serves.
#[derive(Serialize, JsonSchema)]
struct Served {
    /// Title.
    objective: String,
    /// Share of the item's effect, 0 to 1.
    weight: f64,
}

impl Tool for LinkObjective {
    const SPEC: ToolSpec = ToolSpec {
        name: "pm33_link_objective",
        title: "Link an item to an objective",
        description: "Says that a work item serves an objective, with the share of its effect, or takes that back. Alignment and \
            priorities are computed from these links, so link what you create. Find objectives with pm33_strategic_context and \
            items with pm33_query_backlog. For links between items use pm33_link_items.",
        scopes: &[Scope::BacklogWrite],
        effect: Effect::Update,
        cost: Cost::Light,
    };
    const EXAMPLE: &'static str =
        r#"{"item":"HAR-1","objective":"Close the books in one day","weight":0.5,"dry_run":true}"#;
    type Input = Input;
    type Output = Output;

    async fn call(ctx: &ToolContext<'_>, input: Input) -> Result<Output, ToolError> {
        let place = Place::open(ctx, input.workspace.as_deref()).await?;
        let item = Arc::clone(names::item(&place.snapshot, &input.item)?);
        let link = ObjectiveLink {
            objective: names::objective(&place.snapshot, &input.objective, Titles::of(ctx, place.at))?,
            weight: input.weight,
        };
        let mut links: Vec<_> =
            item.objectives.iter().copied().filter(|one| one.objective != link.objective).collect();
        if input.action == LinkAction::Add {
            links.push(link);
        }
        let unchanged = match input.action {
            LinkAction::Add => item.objectives.contains(&link),
            LinkAction::Remove => links.len() == item.objectives.len(),
        };
        let served = links.iter().filter_map(|link| {
            let objective = place.snapshot.objective(link.objective)?.title.to_string();
            Some(Served { objective, weight: link.weight })
        });
        let objectives = served.collect();
        if !unchanged && !input.dry_run {
            let patch = ItemPatch { objectives: Some(links), ..ItemPatch::default() };
            let author = Author { user: Some(ctx.caller.user), at: ctx.now };
            Backlog::update(ctx.ports, place.at, item.id, patch, author).await?;
            place.changed(ctx, &item);
        }
        let state = match (unchanged, input.action) {
            (true, _) => LinkState::Unchanged,
            (false, LinkAction::Add) => LinkState::Linked,
            (false, LinkAction::Remove) => LinkState::Removed,
        };
        let item = place.snapshot.key(&item).to_string();
        Ok(Output { state, item, objectives, dry_run: input.dry_run })
    }
}
