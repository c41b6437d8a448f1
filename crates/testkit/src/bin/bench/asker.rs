//! One connection that asks tools, one call after the other.

use anyhow::ensure;
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt, net::TcpStream};

use crate::{http_load, process::Process};

/// A connection that asks.
pub(crate) struct Asker<'a> {
    socket: TcpStream,
    address: &'a str,
    key: &'a str,
    buffer: Vec<u8>,
}

impl<'a> Asker<'a> {
    pub(crate) async fn new(server: &'a Process, key: &'a str) -> anyhow::Result<Self> {
        let socket = TcpStream::connect(&server.address).await?;
        socket.set_nodelay(true)?;
        Ok(Self { socket, address: &server.address, key, buffer: Vec::new() })
    }

    /// Asks a tool and waits for its answer, which must be one; its structured content.
    pub(crate) async fn ask(&mut self, tool: &str, arguments: &Value) -> anyhow::Result<Value> {
        let body = json!({
            "jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": { "name": tool, "arguments": arguments, "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": {},
            } },
        })
        .to_string();
        let head = format!(
            "POST /mcp HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
             Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\n\
             Mcp-Name: {tool}\r\nContent-Length: {}\r\n\r\n",
            self.address,
            self.key,
            body.len()
        );
        self.socket.write_all((head + &body).as_bytes()).await?;
        let begin = http_load::read(&mut self.socket, &mut self.buffer).await?;
        let mut answer: Value = serde_json::from_slice(&self.buffer[begin..])?;
        let structured = answer["result"]["structuredContent"].take();
        ensure!(structured.is_object(), "{tool}: {answer}");
        Ok(structured)
    }
}
