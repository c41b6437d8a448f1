//! A tool of one's own beside the product's: how many items of a workspace are open, by type.
#![expect(clippy::print_stdout, reason = "a program tells its person where it listens")]

use std::{collections::BTreeMap, sync::Arc};

use pm33_app::{bind_server, catalogue, mint_local_key, serve};
use pm33_auth::Scope;
use pm33_examples::{Trial, trial, until_input_ends};
use pm33_product::{Backlog, Freshness};
use pm33_tools::{Cost, Effect, Tool, ToolContext, ToolEntry, ToolError, ToolSpec};
use schemars::JsonSchema;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

/// Counts open items.
struct CountOpen;

/// Arguments. Their comments are what a model reads.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {
    /// Workspace slug or id. Not needed when the key sees only one.
    workspace: Option<String>,
}

/// Result.
#[derive(Serialize, JsonSchema)]
struct Output {
    /// Open items by type.
    open: BTreeMap<String, u64>,
}

impl Tool for CountOpen {
    const SPEC: ToolSpec = ToolSpec {
        name: "acme_count_open",
        title: "Count open items",
        description: "Counts a workspace's open items by type. Use it for a first look; for the items themselves use \
            pm33_query_backlog.",
        scopes: &[Scope::BacklogRead],
        effect: Effect::Read,
        cost: Cost::Light,
    };
    const EXAMPLE: &'static str = "{}";
    type Input = Input;
    type Output = Output;

    async fn call(ctx: &ToolContext<'_>, input: Input) -> Result<Output, ToolError> {
        // The only way to a workspace's data, and it is the caller's or it does not open.
        let (at, _) = ctx.workspace(input.workspace.as_deref()).await?;
        let snapshot = Backlog::snapshot(ctx.ports, at, Freshness::Usual).await?;
        let mut open = BTreeMap::new();
        for item in snapshot.items().filter(|item| item.finished.is_none()) {
            *open.entry(item.item_type.as_str().to_owned()).or_default() += 1;
        }
        Ok(Output { open })
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Trial { mut settings, foundation, local } = trial().await?;
    "127.0.0.1:0".clone_into(&mut settings.server.listen);
    let tool = ToolEntry::of::<CountOpen>().map_err(anyhow::Error::msg)?;
    let server =
        serve(&settings, &foundation, Arc::clone(&foundation.keys) as _, catalogue()?.with_tool(tool))?;
    let bound = bind_server(&settings, server).await?;
    let key = mint_local_key(&foundation, &local).await?;
    println!("listening on {}", bound.url);
    println!("key: {}", key.expose_secret());
    let stop = CancellationToken::new();
    let stopping = stop.clone();
    let (served, ()) = tokio::join!(bound.run(&foundation, stop), async {
        until_input_ends().await;
        stopping.cancel();
    });
    Ok(served?)
}
