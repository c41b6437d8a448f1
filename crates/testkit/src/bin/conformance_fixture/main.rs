//! A server with what the protocol's conformance suite asks for, on the product's own engine and transport. For tests
//! only: everybody is let in.
#![expect(clippy::print_stdout, reason = "the one who starts the fixture reads its address")]

mod asking;
mod changing;
mod content;
mod prompts;
mod resources;
mod schemas;
mod tasks;

use std::sync::{Arc, OnceLock};

use anyhow::Context;
use async_trait::async_trait;
use pm33_admission::Sessions;
use pm33_app::{Settings, Start, found, open_local, stop_signal};
use pm33_auth::{AuthError, Caller, Credential, ScopeSet, Verifier};
use pm33_mcp::{Server, ServerOptions, ServerParts};
use pm33_tenancy::{ActorKind, EffectiveSettings, WorkspaceAccess};
use pm33_tools::{Catalogue, Cost, Effect, ToolSpec};
use pm33_transport::{HttpOptions, serve};
use tokio::net::TcpListener;

/// The server, for the tools that change what it offers.
static SERVER: OnceLock<Server> = OnceLock::new();

/// Lets everybody in as one caller.
struct Everybody(Caller);

#[async_trait]
impl Verifier for Everybody {
    async fn verify(&self, _: &Credential, _: pm33_auth::Origin<'_>) -> Result<Caller, AuthError> {
        Ok(self.0.clone())
    }
}

/// A fixture tool's specification.
const fn spec(name: &'static str, description: &'static str) -> ToolSpec {
    ToolSpec { name, title: name, description, scopes: &[], effect: Effect::Read, cost: Cost::Light }
}

fn catalogue() -> Result<Catalogue, String> {
    let mut all = Catalogue::default();
    let tools = [content::tools()?, asking::tools()?, changing::tools()?, schemas::tools()?, tasks::tools()?];
    for tool in tools.into_iter().flatten() {
        all = all.with_tool(tool);
    }
    for resource in resources::all() {
        all = all.with_resource(resource);
    }
    for prompt in prompts::all() {
        all = all.with_prompt(prompt);
    }
    Ok(all)
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let mut settings = Settings::default();
    settings.data.dir = folder.path().to_owned();
    let foundation = found(&settings).await?;
    let local = open_local(&foundation, Start::Empty).await?;
    let caller = Caller {
        tenant: local.tenant,
        user: local.user,
        key: None,
        kind: ActorKind::Local,
        scopes: ScopeSet::all(),
        workspaces: WorkspaceAccess::All,
        roles: Arc::new([]),
        expires: None,
        settings: Arc::new(EffectiveSettings {
            calls_per_minute_key: 1_000_000,
            calls_per_minute_tenant: 1_000_000,
            ..EffectiveSettings::default()
        }),
    };
    let server = Server::new(ServerParts {
        verifier: Arc::new(Everybody(caller)),
        stores: pm33_app::stores(&foundation),
        sessions: Sessions::new(foundation.store.sessions(), Arc::clone(&foundation.clock), 10_000),
        sealer: foundation.secrets.sealer().context("a key of handles")?,
        clock: Arc::clone(&foundation.clock),
        catalogue: catalogue().map_err(anyhow::Error::msg)?,
        desk: Arc::default(),
        options: ServerOptions { offers_logging: true, ..ServerOptions::default() },
        watcher: None,
        shared_limits: None,
    });
    SERVER.get_or_init(|| server.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}/mcp", listener.local_addr()?);
    serve(listener, Arc::new(server), HttpOptions::default(), stop_signal()?).await?;
    foundation.store.close().await;
    Ok(())
}
