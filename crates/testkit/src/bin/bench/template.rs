//! A request that is written once and changed in place: its id, and the key of the item that it asks for.

use serde_json::{Value, json};

use crate::plan::Question;

/// Ids have ten digits, so that each lies where the last one lay.
const FIRST_ID: u64 = 1_000_000_000;
const ID_DIGITS: usize = 10;
/// Items with a number of four digits are asked for.
const FIRST_KEY: u64 = 1_000;
const KEY_DIGITS: usize = 4;
/// Prefix of the workspace's keys.
const PREFIX: &str = "PM-";

/// A request in the making.
#[derive(Clone)]
pub(crate) struct Template {
    bytes: Vec<u8>,
    id_at: usize,
    key_at: Option<usize>,
    /// Numbers of items that may be asked for.
    keys: u64,
}

impl Template {
    /// The message alone, on a line.
    pub(crate) fn line(question: Question, items: usize) -> anyhow::Result<Self> {
        Self::find(format!("{}\n", message(question)).into_bytes(), items)
    }

    /// The message in an HTTP request.
    pub(crate) fn http(question: Question, items: usize, address: &str, key: &str) -> anyhow::Result<Self> {
        let body = message(question).to_string();
        let head = format!(
            "POST /mcp HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {key}\r\nUser-Agent: pm33-bench/1\r\n\
             Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n\
             MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: pm33_query_backlog\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        Self::find(head.into_bytes(), items)
    }

    fn find(bytes: Vec<u8>, items: usize) -> anyhow::Result<Self> {
        let id = FIRST_ID.to_string();
        let id_at = memchr::memmem::find(&bytes, id.as_bytes());
        let key = format!("{PREFIX}{FIRST_KEY}");
        let key_at = memchr::memmem::find(&bytes, key.as_bytes()).map(|at| at + PREFIX.len());
        let keys = (items as u64).clamp(FIRST_KEY + 1, 10_000) - FIRST_KEY;
        Ok(Self {
            bytes,
            id_at: id_at.ok_or_else(|| anyhow::anyhow!("a request without an id"))?,
            key_at,
            keys,
        })
    }

    /// The request with a number of its own.
    pub(crate) fn number(&mut self, number: u64) -> &[u8] {
        put(&mut self.bytes, self.id_at, ID_DIGITS, id(number));
        if let Some(at) = self.key_at {
            put(&mut self.bytes, at, KEY_DIGITS, FIRST_KEY + number % self.keys);
        }
        &self.bytes
    }

    /// The key that a request of this number asks for.
    pub(crate) fn key(&self, number: u64) -> String {
        format!("{PREFIX}{}", FIRST_KEY + number % self.keys)
    }
}

/// The id of a request's number.
pub(crate) fn id(number: u64) -> u64 {
    FIRST_ID + number
}

/// The number of a request's id.
pub(crate) fn number(id: u64) -> u64 {
    id.saturating_sub(FIRST_ID)
}

fn put(bytes: &mut [u8], at: usize, digits: usize, mut value: u64) {
    for place in bytes[at..at + digits].iter_mut().rev() {
        // A remainder of ten is a digit.
        *place = b'0' + u8::try_from(value % 10).unwrap_or(0);
        value /= 10;
    }
}

fn message(question: Question) -> Value {
    let arguments = match question {
        Question::OneItem => json!({ "ids": [format!("{PREFIX}{FIRST_KEY}")], "columns": "summary" }),
        Question::FirstPage => json!({ "mode": "active", "limit": 25 }),
    };
    json!({
        "jsonrpc": "2.0",
        "id": FIRST_ID,
        "method": "tools/call",
        "params": {
            "name": "pm33_query_backlog",
            "arguments": arguments,
            "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": {},
                "io.modelcontextprotocol/clientInfo": { "name": "pm33-bench", "version": "1" },
            },
        },
    })
}
