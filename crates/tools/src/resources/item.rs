//! `pm33://item/{workspace}/{key}`: one item, whole.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use pm33_auth::Scope;
use pm33_product::{Backlog, BacklogFilter, Freshness, ItemKey, Mode, Sort};
use serde_json::json;

use super::{JSON, complete_workspace, json};
use crate::{
    Completion, Numbers, Resource, ResourceBody, ResourceEntry, ResourceSpec, ToolContext, ToolError,
    Variables,
    backlog::view::{Columns, ItemView},
};

/// Children that are shown.
const CHILDREN: usize = 100;

/// One item, whole.
pub(crate) struct Item;

const SPEC: ResourceSpec = ResourceSpec {
    uri: "pm33://item/{workspace}/{key}",
    name: "item",
    title: "Work item",
    description: "One work item with its whole description, links, state history and children.",
    mime: JSON,
    scopes: &[Scope::BacklogRead],
    ttl_ms: 30_000,
};

#[async_trait]
impl Resource for Item {
    fn spec(&self) -> &ResourceSpec {
        &SPEC
    }

    async fn list(&self, _: &ToolContext<'_>) -> Result<Vec<ResourceEntry>, ToolError> {
        // There are too many to list; the template and its completion find them.
        Ok(Vec::new())
    }

    async fn read(
        &self,
        ctx: &ToolContext<'_>,
        uri: &str,
        variables: &Variables,
    ) -> Result<Option<Vec<ResourceBody>>, ToolError> {
        let (at, _) = ctx.workspace(variables.get("workspace").map(String::as_str)).await?;
        let snapshot = Backlog::snapshot(ctx.ports, at, Freshness::Usual).await?;
        let key = variables.get("key").and_then(|key| key.parse::<ItemKey>().ok());
        let Some(item) = key.and_then(|key| snapshot.by_key(&key).cloned()) else { return Ok(None) };
        let mut description = Backlog::descriptions(ctx.ports, at, &[item.id]).await?;
        let history = Backlog::history(ctx.ports, at, item.id).await?;
        let below = BacklogFilter { mode: Mode::Full, under: vec![item.id], ..BacklogFilter::default() };
        let page = snapshot.page(&below, Sort::Key, None, CHILDREN);
        let view = |item, columns, description| ItemView {
            snapshot: Arc::clone(&snapshot),
            item,
            columns,
            description,
        };
        let children: Vec<_> =
            page.items.into_iter().map(|child| view(child, Columns::Identity, None)).collect();
        let history: Vec<_> = history
            .iter()
            .map(|change| json!({ "from": change.from, "to": change.to, "at": change.at }))
            .collect();
        let whole = json!({
            "item": view(item, Columns::Full, description.pop()),
            "history": history,
            "children": children,
            "children_in_all": page.total,
            "as_of": ctx.now,
        });
        json(uri, &whole, Numbers::Kept)
    }

    async fn exists(&self, ctx: &ToolContext<'_>, _: &str, variables: &Variables) -> Result<bool, ToolError> {
        let (at, _) = ctx.workspace(variables.get("workspace").map(String::as_str)).await?;
        let snapshot = Backlog::snapshot(ctx.ports, at, Freshness::Usual).await?;
        let key = variables.get("key").and_then(|key| key.parse::<ItemKey>().ok());
        Ok(key.is_some_and(|key| snapshot.by_key(&key).is_some()))
    }

    async fn complete(
        &self,
        ctx: &ToolContext<'_>,
        variable: &str,
        typed: &str,
        known: &BTreeMap<String, String>,
    ) -> Result<Completion, ToolError> {
        if variable == "workspace" {
            return complete_workspace(ctx, typed).await;
        }
        let (at, _) = ctx.workspace(known.get("workspace").map(String::as_str)).await?;
        let snapshot = Backlog::snapshot(ctx.ports, at, Freshness::Usual).await?;
        let page = snapshot.page(&BacklogFilter::default(), Sort::Key, None, 10_000);
        Ok(Completion::of(page.items.iter().map(|item| snapshot.key(item).to_string()), typed))
    }
}
