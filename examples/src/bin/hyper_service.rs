//! The server inside a hyper service: `/mcp` is the MCP endpoint, `/` is the service's own page.
#![expect(clippy::print_stdout, reason = "a program tells its person where it listens")]

use std::{convert::Infallible, net::SocketAddr, sync::Arc};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use pm33_app::{catalogue, mint_local_key, run_background, serve};
use pm33_examples::{Trial, trial, until_input_ends};
use pm33_transport::{HttpEndpoint, HttpOptions, Way};
use secrecy::ExposeSecret;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

type Page = Response<UnsyncBoxBody<Bytes, Infallible>>;

async fn route(
    endpoint: HttpEndpoint,
    from: SocketAddr,
    request: Request<Incoming>,
) -> Result<Page, Infallible> {
    Ok(match request.uri().path() {
        "/mcp" => endpoint.answer(from, request).await.map(BodyExt::boxed_unsync),
        _ => Response::new(Full::new(Bytes::from_static(b"the service's own page")).boxed_unsync()),
    })
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
    let mut connections = JoinSet::new();
    let mut input = std::pin::pin!(until_input_ends());
    loop {
        let (socket, from) = tokio::select! {
            () = &mut input => break,
            accepted = listener.accept() => accepted?,
        };
        let endpoint = endpoint.clone();
        connections.spawn(async move {
            let service = service_fn(move |request| route(endpoint.clone(), from, request));
            let mut http = http1::Builder::new();
            // A connection that breaks is its client's business.
            let _ = http.timer(TokioTimer::new()).serve_connection(TokioIo::new(socket), service).await;
        });
    }
    endpoint.drain().await;
    connections.shutdown().await;
    stop.cancel();
    while tasks.join_next().await.is_some() {}
    foundation.store.close().await;
    Ok(())
}
