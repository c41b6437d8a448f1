//! HTTP/1.1 by hand: what goes over the socket is what the test says.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::harness::{KEY, soon};

/// The smallest good message.
pub(crate) const DISCOVER: &str = r#"{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}"#;

/// Header lines that a good POST has, without `Host` and `Content-Length`.
pub(crate) const GOOD: &[(&str, &str)] = &[
    ("authorization", "Bearer good"),
    ("content-type", "application/json"),
    ("accept", "application/json, text/event-stream"),
    ("mcp-protocol-version", "2026-07-28"),
    ("mcp-method", "server/discover"),
];

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The JSON-RPC error's code; fails unless it is an error without an id.
    pub(crate) fn code(&self) -> i64 {
        let body = self.json();
        assert_eq!(body["jsonrpc"], "2.0");
        assert!(body.get("id").is_none(), "{body}");
        assert!(body["error"]["message"].as_str().is_some_and(|text| text.len() > 10), "{body}");
        body["error"]["code"].as_i64().unwrap()
    }
}

/// A connection.
pub(crate) struct Wire {
    pub(crate) socket: TcpStream,
    read: Vec<u8>,
}

impl Wire {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self { socket: soon(TcpStream::connect(address)).await.unwrap(), read: Vec::new() }
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        soon(self.socket.write_all(bytes)).await.unwrap();
    }

    /// Reads one answer with a `Content-Length` or without a body.
    pub(crate) async fn answer(&mut self) -> Answer {
        let head = self.until(b"\r\n\r\n").await;
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        let mut answer = Answer { status, headers, body: Vec::new() };
        let length = answer.header("content-length").map_or(0, |length| length.parse().unwrap());
        while self.read.len() < length {
            assert!(self.more().await, "the answer was cut off");
        }
        answer.body = self.read.drain(..length).collect();
        answer
    }

    /// Reads up to and with a mark.
    pub(crate) async fn until(&mut self, mark: &[u8]) -> String {
        loop {
            if let Some(at) = self.read.windows(mark.len()).position(|window| window == mark) {
                let text = self.read.drain(..at + mark.len()).collect();
                return String::from_utf8(text).unwrap();
            }
            assert!(self.more().await, "closed before {:?}: {:?}", mark, String::from_utf8_lossy(&self.read));
        }
    }

    async fn more(&mut self) -> bool {
        soon(self.socket.read_buf(&mut self.read)).await.is_ok_and(|count| count > 0)
    }

    /// Waits until the server closes; what came before.
    pub(crate) async fn closed(&mut self) -> Vec<u8> {
        while self.more().await {}
        std::mem::take(&mut self.read)
    }
}

/// A POST with these header lines instead of the good ones of the same name; an empty value leaves one out.
pub(crate) fn post(changes: &[(&str, &str)], body: &str) -> Vec<u8> {
    request("POST", "/mcp", changes, body)
}

/// As [`post`], with verb and target.
pub(crate) fn request(verb: &str, target: &str, changes: &[(&str, &str)], body: &str) -> Vec<u8> {
    let length = body.len().to_string();
    let mut text = format!("{verb} {target} HTTP/1.1\r\n");
    let base = [("host", "localhost"), ("content-length", length.as_str())];
    let kept = base.iter().chain(GOOD).filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    for (name, value) in kept.chain(changes.iter().filter(|(_, value)| !value.is_empty())) {
        text.extend([*name, ": ", *value, "\r\n"]);
    }
    text.push_str("\r\n");
    text.push_str(body);
    text.into_bytes()
}

/// One request on a connection of its own.
pub(crate) async fn ask(address: SocketAddr, bytes: &[u8]) -> Answer {
    let mut wire = Wire::connect(address).await;
    wire.send(bytes).await;
    wire.answer().await
}

/// Whether a connection serves a good request.
pub(crate) async fn serves(wire: &mut Wire) -> bool {
    wire.send(&post(&[("authorization", &format!("Bearer {KEY}"))], DISCOVER)).await;
    (200..300).contains(&wire.answer().await.status)
}
