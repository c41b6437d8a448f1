//! `pm33://backlog/{workspace}/summary`: the backlog in numbers.

use std::collections::BTreeMap;

use async_trait::async_trait;
use pm33_auth::Scope;
use pm33_product::{Backlog, Freshness, Priority, Status};
use serde_json::json;

use super::{JSON, complete_workspace, json, visible};
use crate::{
    Completion, Resource, ResourceBody, ResourceEntry, ResourceSpec, ToolContext, ToolError, Variables,
};

/// Days after which an open item that nobody touched counts as stale.
const STALE_DAYS: u64 = 90;

/// The backlog in numbers.
pub(crate) struct BacklogSummary;

const SPEC: ResourceSpec = ResourceSpec {
    uri: "pm33://backlog/{workspace}/summary",
    name: "backlog_summary",
    title: "Backlog summary",
    description: "How many items there are by status, type, priority and team; how many open ones are unestimated, blocked, untriaged or stale.",
    mime: JSON,
    scopes: &[Scope::BacklogRead],
    ttl_ms: 60_000,
};

#[async_trait]
impl Resource for BacklogSummary {
    fn spec(&self) -> &ResourceSpec {
        &SPEC
    }

    async fn list(&self, ctx: &ToolContext<'_>) -> Result<Vec<ResourceEntry>, ToolError> {
        let entry = |slug: &str, name: &str| ResourceEntry {
            uri: format!("pm33://backlog/{slug}/summary"),
            name: format!("backlog_summary_{slug}"),
            title: format!("Backlog summary of {name}"),
        };
        Ok(visible(ctx).await?.iter().map(|one| entry(&one.slug, &one.name)).collect())
    }

    async fn read(
        &self,
        ctx: &ToolContext<'_>,
        uri: &str,
        variables: &Variables,
    ) -> Result<Option<Vec<ResourceBody>>, ToolError> {
        let (at, workspace) = ctx.workspace(variables.get("workspace").map(String::as_str)).await?;
        let snapshot = Backlog::snapshot(ctx.ports, at, Freshness::Usual).await?;
        let stale = ctx.now.minus(std::time::Duration::from_secs(STALE_DAYS * 86_400));
        let mut counts: [BTreeMap<String, usize>; 4] = Default::default();
        let mut open = [0_usize; 5];
        let mut archived = 0;
        for item in snapshot.items() {
            if item.archived.is_some() {
                archived += 1;
                continue;
            }
            let [by_status, by_type, by_priority, by_team] = &mut counts;
            *by_status.entry(item.status.to_string()).or_default() += 1;
            if !item.status.is_open() {
                continue;
            }
            let team = item.team.and_then(|id| snapshot.team(id)).map_or("(no team)", |team| &*team.name);
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
        let state = if snapshot.is_empty() { "empty" } else { "ok" };
        let summary = json!({
            "state": state,
            "workspace": workspace.slug,
            "items": snapshot.len(),
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
            "as_of": ctx.now,
        });
        json(uri, &summary)
    }

    async fn complete(
        &self,
        ctx: &ToolContext<'_>,
        _: &str,
        typed: &str,
        _: &BTreeMap<String, String>,
    ) -> Result<Completion, ToolError> {
        complete_workspace(ctx, typed).await
    }
}
