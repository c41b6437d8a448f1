//! Resources that every workspace has one of: what they share is here, a picture is data plus one function.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use serde_json::Value;

use super::{complete_workspace, json, visible};
use crate::{
    Completion, Numbers, Resource, ResourceBody, ResourceEntry, ResourceSpec, ToolContext, ToolError,
    Variables, backlog::place::Place,
};

/// What a workspace shows under one URI.
#[async_trait]
pub(super) trait Picture: Send + Sync {
    /// What it is; its URI has the one variable `{workspace}`.
    const SPEC: ResourceSpec;
    /// How its numbers are written.
    const NUMBERS: Numbers = Numbers::Kept;
    /// The picture now.
    async fn show(ctx: &ToolContext<'_>, place: &Place) -> Result<Value, ToolError>;
}

struct EachWorkspace<T> {
    spec: ResourceSpec,
    picture: std::marker::PhantomData<fn() -> T>,
}

/// The resource of every workspace's picture.
pub(super) fn each_workspace<T: Picture + 'static>() -> Arc<dyn Resource> {
    Arc::new(EachWorkspace::<T> { spec: T::SPEC, picture: std::marker::PhantomData })
}

#[async_trait]
impl<T: Picture + 'static> Resource for EachWorkspace<T> {
    fn spec(&self) -> &ResourceSpec {
        &self.spec
    }

    async fn list(&self, ctx: &ToolContext<'_>) -> Result<Vec<ResourceEntry>, ToolError> {
        let entry = |slug: &str, name: &str| ResourceEntry {
            uri: self.spec.uri.replace("{workspace}", slug),
            name: format!("{}_{slug}", self.spec.name),
            title: format!("{} of {name}", self.spec.title),
        };
        Ok(visible(ctx).await?.iter().map(|one| entry(&one.slug, &one.name)).collect())
    }

    async fn read(
        &self,
        ctx: &ToolContext<'_>,
        uri: &str,
        variables: &Variables,
    ) -> Result<Option<Vec<ResourceBody>>, ToolError> {
        let place = Place::open(ctx, variables.get("workspace").map(String::as_str)).await?;
        json(uri, &T::show(ctx, &place).await?, T::NUMBERS)
    }

    async fn exists(&self, ctx: &ToolContext<'_>, _: &str, variables: &Variables) -> Result<bool, ToolError> {
        ctx.workspace(variables.get("workspace").map(String::as_str)).await?;
        Ok(true)
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
