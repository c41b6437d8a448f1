//! `pm33_link_items`: dependency, parent or relation between two items; also removes them.

use std::sync::Arc;

use pm33_auth::Scope;
use pm33_product::{Author, Backlog, Dependency, ItemPatch, WorkItem, check_links};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{names, place::Place};
use crate::{Cost, Effect, Tool, ToolContext, ToolError, ToolSpec};

/// Link or unlink two items.
pub(super) struct LinkItems;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Workspace slug or id. Not needed when the key sees only one.
    workspace: Option<String>,
    /// Key or id of the item that the link starts at.
    item: String,
    /// `depends_on`: `to` must be finished before `item` starts. `parent`: `to` holds `item`. `related`: they have to do
    /// with each other.
    link: LinkKind,
    /// Key or id of the other item.
    to: String,
    /// For `depends_on`: working days between that finish and this start; negative is a lead.
    #[serde(default)]
    #[schemars(range(min = -1000, max = 1000))]
    lag_days: i32,
    /// `add` (also changes a lag) or `remove`.
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

/// Sort of link.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum LinkKind {
    /// Finish to start.
    DependsOn,
    /// Containment.
    Parent,
    /// Both ways, without order.
    Related,
}

/// What to do with a link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum LinkAction {
    /// Make it.
    #[default]
    Add,
    /// Take it away.
    Remove,
}

/// Result.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// Whether the link was made, removed, or was so already; of a dry run, what would be.
    state: LinkState,
    /// Key of the item.
    item: String,
    /// Sort of link.
    link: LinkKind,
    /// Key of the other item.
    to: String,
    /// Whether nothing was written because `dry_run` was set.
    dry_run: bool,
}

/// What became of a link.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum LinkState {
    /// It is there now.
    Linked,
    /// It is gone now.
    Removed,
    /// It was so already.
    Unchanged,
}

impl Tool for LinkItems {
    const SPEC: ToolSpec = ToolSpec {
        name: "pm33_link_items",
        title: "Link work items",
        description: "Makes or removes a link between two existing items: a dependency (with a lag in working days), a parent, or a \
            plain relation. Use it when both items exist; pm33_create_work_item takes links of a new item in the same call. \
            Circles are refused and shown. Dependencies and parents steer schedules and forecasts. For objectives use \
            pm33_link_objective.",
        scopes: &[Scope::BacklogWrite],
        effect: Effect::Update,
        cost: Cost::Light,
    };
    const EXAMPLE: &'static str =
        r#"{"item":"HAR-3","link":"depends_on","to":"HAR-2","lag_days":2,"dry_run":true}"#;
    type Input = Input;
    type Output = Output;

    async fn call(ctx: &ToolContext<'_>, input: Input) -> Result<Output, ToolError> {
        let place = Place::open(ctx, input.workspace.as_deref()).await?;
        let item = Arc::clone(names::item(&place.snapshot, &input.item)?);
        let to = Arc::clone(names::item(&place.snapshot, &input.to)?);
        if item.id == to.id {
            return Err(ToolError::refused("an item cannot be linked to itself; name two items"));
        }
        let mut written = false;
        let both_ways = matches!(input.link, LinkKind::Related);
        let ends = if both_ways { vec![(&item, &to), (&to, &item)] } else { vec![(&item, &to)] };
        for (one, other) in ends {
            let Some(patch) = patch(one, other, &input) else { continue };
            written = true;
            let author = Author { user: Some(ctx.caller.user), at: ctx.now };
            if input.dry_run {
                let mut preview = one.as_ref().clone();
                patch.apply(&mut preview, author);
                check_links(&place.snapshot, &preview)?;
            } else {
                Backlog::update(ctx.ports, place.at, one.id, patch, author).await?;
                place.changed(ctx, one);
            }
        }
        let state = match (written, input.action) {
            (false, _) => LinkState::Unchanged,
            (true, LinkAction::Add) => LinkState::Linked,
            (true, LinkAction::Remove) => LinkState::Removed,
        };
        let key = |item: &WorkItem| place.snapshot.key(item).to_string();
        Ok(Output { state, item: key(&item), link: input.link, to: key(&to), dry_run: input.dry_run })
    }
}

/// What changes at one end; `None` when it says so already.
fn patch(item: &WorkItem, to: &WorkItem, input: &Input) -> Option<ItemPatch> {
    let adds = input.action == LinkAction::Add;
    match input.link {
        LinkKind::Parent => {
            let parent = adds.then_some(to.id);
            // Removing names the parent, so that another one is not taken away by mistake.
            let differs = if adds { item.parent != parent } else { item.parent == Some(to.id) };
            differs.then(|| ItemPatch { parent: Some(parent), ..ItemPatch::default() })
        }
        LinkKind::DependsOn => {
            let need = Dependency { on: to.id, lag_days: input.lag_days };
            let mut all: Vec<_> = item.dependencies.iter().copied().filter(|one| one.on != to.id).collect();
            if adds {
                all.push(need);
            }
            let differs =
                if adds { !item.dependencies.contains(&need) } else { all.len() < item.dependencies.len() };
            differs.then(|| ItemPatch { dependencies: Some(all), ..ItemPatch::default() })
        }
        LinkKind::Related => {
            let mut all: Vec<_> = item.related.iter().copied().filter(|one| *one != to.id).collect();
            if adds {
                all.push(to.id);
            }
            let differs = item.related.contains(&to.id) != adds;
            differs.then(|| ItemPatch { related: Some(all), ..ItemPatch::default() })
        }
    }
}
