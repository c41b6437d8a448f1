//! What an idle legacy session costs: many are opened, and the server's own memory is read on the way.

use anyhow::{Context, ensure};
use memchr::memmem;
use tokio::{io::AsyncWriteExt, net::TcpStream, task::JoinSet};

use crate::{
    http_load,
    process::{self, Process},
};

/// Connections that open them.
const CONNECTIONS: usize = 16;

/// Opens sessions and tells bytes of memory per session: the slope over the second half, so that what is allocated once
/// does not count.
pub(crate) async fn bytes_per_session(server: &Process, key: &str, sessions: usize) -> anyhow::Result<f64> {
    open(&server.address, key, sessions / 2).await?;
    let half = process::memory(&server.child)?;
    open(&server.address, key, sessions - sessions / 2).await?;
    let whole = process::memory(&server.child)?;
    let grown = whole.own.saturating_sub(half.own) * 1_024;
    // Both are far below 2^52.
    #[expect(clippy::cast_precision_loss, reason = "kilobytes and thousands")]
    Ok(grown as f64 / (sessions - sessions / 2) as f64)
}

/// Opens sessions that nobody uses.
pub(crate) async fn open(address: &str, key: &str, sessions: usize) -> anyhow::Result<()> {
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"roots":{"listChanged":true}},"clientInfo":{"name":"pm33-bench","version":"1"}}}"#;
    let request = format!(
        "POST /mcp HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n\
         Accept: application/json, text/event-stream\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut clients = JoinSet::new();
    for client in 0..CONNECTIONS {
        let mut socket = TcpStream::connect(address).await?;
        socket.set_nodelay(true)?;
        let request = request.clone();
        let share = (sessions + client) / CONNECTIONS;
        clients.spawn_local(async move {
            let mut buffer = Vec::new();
            for _ in 0..share {
                socket.write_all(request.as_bytes()).await?;
                http_load::read(&mut socket, &mut buffer).await?;
                ensure!(memmem::find(&buffer, b"mcp-session-id: ").is_some(), "no session was opened");
            }
            anyhow::Ok(())
        });
    }
    while let Some(client) = clients.join_next().await {
        client.context("a client")??;
    }
    Ok(())
}
