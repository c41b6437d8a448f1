//! `pm33://backlog/{workspace}/summary`: the backlog in numbers.

use std::collections::BTreeMap;

use async_trait::async_trait;
use pm33_auth::Scope;
use pm33_product::{Priority, Status};
use serde_json::{Value, json};

use super::{JSON, each_workspace::Picture};
use crate::{ResourceSpec, ToolContext, ToolError, backlog::place::Place};

/// Days after which an open item that nobody touched counts as stale.
const STALE_DAYS: u64 = 90;

/// The backlog in numbers.
pub(super) struct BacklogSummary;

#[async_trait]
impl Picture for BacklogSummary {
    const SPEC: ResourceSpec = ResourceSpec {
        uri: "pm33://backlog/{workspace}/summary",
        name: "backlog_summary",
        title: "Backlog summary",
        description: "How many items there are by status, type, priority and team; how many open ones are unestimated, blocked, untriaged or stale; the workspace's own status words and the types of its custom fields.",
        mime: JSON,
        scopes: &[Scope::BacklogRead],
        ttl_ms: 60_000,
    };

    async fn show(ctx: &ToolContext<'_>, place: &Place) -> Result<Value, ToolError> {
        let stale = ctx.now.minus(std::time::Duration::from_secs(STALE_DAYS * 86_400));
        let mut counts: [BTreeMap<String, usize>; 4] = Default::default();
        let mut open = [0_usize; 5];
        let mut archived = 0;
        for item in place.snapshot.items() {
            if item.archived.is_some() {
                archived += 1;
                continue;
            }
            let [by_status, by_type, by_priority, by_team] = &mut counts;
            *by_status.entry(item.status.to_string()).or_default() += 1;
            if !item.status.is_open() {
                continue;
            }
            let team =
                item.team.and_then(|id| place.snapshot.team(id)).map_or("(no team)", |team| &*team.name);
            *by_type.entry(item.item_type.to_string()).or_default() += 1;
            *by_priority.entry(item.priority.to_string()).or_default() += 1;
            *by_team.entry(team.to_owned()).or_default() += 1;
            let facts = [
                true,
                item.points.is_none() && item.estimate_days.is_none(),
                item.status == Status::Blocked,
                item.priority == Priority::None,
                item.updated < stale,
            ];
            open.iter_mut().zip(facts).for_each(|(count, fact)| *count += usize::from(fact));
        }
        let [by_status, by_type, by_priority, by_team] = counts;
        let [all_open, unestimated, blocked, untriaged, old] = open;
        let state = if place.snapshot.is_empty() { "empty" } else { "ok" };
        Ok(json!({
            "state": state,
            "workspace": place.workspace.slug,
            "items": place.snapshot.len(),
            "archived": archived,
            "by_status": by_status,
            "open": {
                "items": all_open,
                "by_type": by_type,
                "by_priority": by_priority,
                "by_team": by_team,
                "unestimated": unestimated,
                "blocked": blocked,
                "without_priority": untriaged,
                "untouched_for_90_days": old,
            },
            "status_words": place.snapshot.vocabulary().statuses,
            "custom_fields": place.snapshot.vocabulary().fields,
            "as_of": ctx.now,
        }))
    }
}
