//! `pm33://document/{workspace}/{document}`: a document as Markdown.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use pm33_auth::Scope;
use pm33_product::{Backlog, Documents, Freshness, write_markdown};

use super::{complete_workspace, visible};
use crate::{
    Completion, Resource, ResourceBody, ResourceEntry, ResourceSpec, ToolContext, ToolError, Variables,
    documents::views::uri,
};

/// Documents of a workspace that are listed, the last changed.
const LISTED: u64 = 50;

/// A document.
pub(crate) struct Document;

const SPEC: ResourceSpec = ResourceSpec {
    uri: "pm33://document/{workspace}/{document}",
    name: "document",
    title: "Document",
    description: "A document's newest version as Markdown, with its sources; by id or by title. pm33_get_document has sections, versions and differences.",
    mime: "text/markdown",
    scopes: &[Scope::DocumentsRead],
    ttl_ms: 30_000,
};

#[async_trait]
impl Resource for Document {
    fn spec(&self) -> &ResourceSpec {
        &SPEC
    }

    async fn list(&self, ctx: &ToolContext<'_>) -> Result<Vec<ResourceEntry>, ToolError> {
        let mut entries = Vec::new();
        for workspace in &visible(ctx).await? {
            let (at, _) = match ctx.workspace(Some(&workspace.slug)).await {
                Ok(opened) => opened,
                // A workspace in which the caller's role allows no documents has none to list.
                Err(ToolError::Refused(_)) => continue,
                Err(other) => return Err(other),
            };
            let heads = Documents::documents(ctx.ports, at, None, 0, LISTED).await?;
            entries.extend(heads.into_iter().map(|head| ResourceEntry {
                uri: uri(&workspace.slug, head.id),
                name: format!("document_{}", head.id),
                title: head.title,
            }));
        }
        Ok(entries)
    }

    async fn read(
        &self,
        ctx: &ToolContext<'_>,
        uri: &str,
        variables: &Variables,
    ) -> Result<Option<Vec<ResourceBody>>, ToolError> {
        let (at, _) = ctx.workspace(variables.get("workspace").map(String::as_str)).await?;
        let asked = variables.get("document").map(String::as_str).unwrap_or_default();
        let Some(document) = Documents::document(ctx.ports, at, asked, None).await? else { return Ok(None) };
        let snapshot = Backlog::snapshot(ctx.ports, at, Freshness::Usual).await?;
        let about = document.about.and_then(|id| snapshot.get(id)).map(|item| snapshot.key(item).to_string());
        let text = write_markdown(&document, about.as_deref());
        Ok(Some(vec![ResourceBody::text(uri, SPEC.mime, text)]))
    }

    async fn exists(&self, ctx: &ToolContext<'_>, _: &str, variables: &Variables) -> Result<bool, ToolError> {
        let (at, _) = ctx.workspace(variables.get("workspace").map(String::as_str)).await?;
        let asked = variables.get("document").map(String::as_str).unwrap_or_default();
        Ok(Documents::document(ctx.ports, at, asked, None).await?.is_some())
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
        let heads = Documents::documents(ctx.ports, at, None, 0, 1_000).await?;
        let typed = typed.to_lowercase();
        // People type titles; what completes the template is the id.
        let fits = |head: &&pm33_product::DocumentHead| {
            head.title.to_lowercase().starts_with(&typed) || head.id.to_string().starts_with(&typed)
        };
        let ids: Arc<[String]> = heads.iter().filter(fits).map(|head| head.id.to_string()).collect();
        Ok(Completion::of(ids.iter().cloned(), ""))
    }
}
