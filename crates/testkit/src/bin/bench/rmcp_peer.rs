//! The peer to compare with: the official Rust SDK with one trivial tool, over Streamable HTTP and on stdio.

use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use rmcp::{
    ServerHandler, ServiceExt,
    handler::server::{router::tool::ToolRouter, wrapper::Parameters},
    model::{ServerCapabilities, ServerConfig},
    tool, tool_handler, tool_router,
    transport::streamable_http_server::{
        StreamableHttpServerConfig, StreamableHttpService, session::local::LocalSessionManager,
    },
};
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;

/// Arguments of the tool, in the shape of ours.
#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Wanted {
    /// Keys.
    ids: Vec<String>,
    /// How much.
    #[expect(dead_code, reason = "the same arguments as the other servers get")]
    columns: Option<String>,
}

#[derive(Clone)]
struct Peer {
    tool_router: ToolRouter<Self>,
}

#[tool_router]
impl Peer {
    /// Returns what it was asked for.
    #[expect(clippy::unused_self, reason = "the macro's shape")]
    #[tool(name = "pm33_query_backlog", description = "Returns the keys that it was given")]
    fn keys(&self, Parameters(wanted): Parameters<Wanted>) -> String {
        wanted.ids.join(" ")
    }
}

#[tool_handler(router = self.tool_router)]
impl ServerHandler for Peer {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }
}

/// Serves over HTTP until the process is ended: modern, stateless, JSON answers.
pub(crate) async fn serve_http() -> anyhow::Result<()> {
    // Its router is built once; a request clones it, as the SDK's own examples do.
    let peer = Peer { tool_router: Peer::tool_router() };
    let service: StreamableHttpService<Peer, LocalSessionManager> = StreamableHttpService::new(
        move || Ok(peer.clone()),
        std::sync::Arc::default(),
        StreamableHttpServerConfig::default().with_legacy_session_mode(false).with_json_response(true),
    );
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}/mcp", listener.local_addr()?);
    let tasks = TaskTracker::new();
    loop {
        let (socket, _) = listener.accept().await?;
        socket.set_nodelay(true)?;
        let service = TowerToHyperService::new(service.clone());
        tasks.spawn(async move {
            // A connection that breaks is the load's to tell.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(socket), service).await;
        });
    }
}

/// Serves on stdin and stdout until the input ends.
pub(crate) async fn serve_stdio() -> anyhow::Result<()> {
    let peer = Peer { tool_router: Peer::tool_router() };
    peer.serve(rmcp::transport::stdio()).await?.waiting().await?;
    Ok(())
}
