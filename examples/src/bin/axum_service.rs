//! The server inside an axum service: one route of a router among others.
#![expect(clippy::print_stdout, reason = "a program tells its person where it listens")]

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request, State},
    response::Response,
    routing::{any, get},
};
use pm33_app::{catalogue, mint_local_key, run_background, serve};
use pm33_examples::{Trial, trial, until_input_ends};
use pm33_transport::{HttpEndpoint, HttpOptions, Way};
use secrecy::ExposeSecret;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

async fn mcp(
    State(endpoint): State<HttpEndpoint>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    endpoint.answer(from, request).await.map(Body::new)
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Trial { settings, foundation, local } = trial().await?;
    let server = serve(&settings, &foundation, Arc::clone(&foundation.keys) as _, catalogue()?)?;
    let key = mint_local_key(&foundation, &local).await?;

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let endpoint =
        HttpEndpoint::new(Arc::new(server.clone()), HttpOptions::default(), address.ip(), Way::Plain);
    println!("listening on http://{address}/mcp");
    println!("key: {}", key.expose_secret());

    // Revocations and other processes' writes are noticed here, and idle sessions end.
    let stop = CancellationToken::new();
    let mut tasks = JoinSet::new();
    tasks.spawn(run_background(
        foundation.store.clone(),
        Arc::clone(&foundation.keys),
        server,
        Arc::clone(&foundation.clock),
        stop.clone(),
    ));
    let app = Router::new()
        .route("/mcp", any(mcp))
        .route("/", get(async || "the service's own page"))
        .with_state(endpoint.clone());
    axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(async move {
            until_input_ends().await;
            endpoint.drain().await;
        })
        .await?;
    stop.cancel();
    while tasks.join_next().await.is_some() {}
    foundation.store.close().await;
    Ok(())
}
