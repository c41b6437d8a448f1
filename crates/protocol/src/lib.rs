//! JSON-RPC 2.0 and the MCP wire: messages, codes, method and header names, metadata, and the types of every revision
//! that the server speaks (2026-07-28, 2025-11-25, 2025-06-18). serde only.
//!
//! Two families of types: [`wire`] borrows, holds what this server reads and writes, and is what the hot path uses;
//! [`schema`] owns, holds every field of the published schemas under its published names, and is for the rare
//! messages, for clients, and for holding the first against.
//!
//! ```
//! use pm33_protocol::{Incoming, decode, encode_result};
//!
//! let bytes = br#"{"jsonrpc":"2.0","id":7,"method":"ping"}"#;
//! let Ok(Incoming::Request { id, method, .. }) = decode(bytes, 64) else { panic!("not a request") };
//! assert_eq!(method, "ping");
//! assert_eq!(encode_result(&id, &serde_json::json!({})), br#"{"jsonrpc":"2.0","id":7,"result":{}}"#);
//! ```

pub mod codes;
pub mod headers;
mod jsonrpc;
pub mod meta;
pub mod methods;
mod projection;
mod revision;
pub mod schema;
mod tasks;
mod ui;
pub mod wire;

pub use jsonrpc::{
    DecodeError, ErrorObject, Incoming, MirroredResult, RequestId, Unreadable, decode, encode_error,
    encode_large_result, encode_mirrored_result, encode_notification, encode_request, encode_result,
};
pub use meta::{
    CLIENT_CAPABILITIES, CLIENT_INFO, CREDITS, LOG_LEVEL, MetaDefect, PROTOCOL_VERSION, ParamsHead, RawMeta,
    RequestMeta, SERVER_INFO, SUBSCRIPTION_ID,
};
pub use projection::{MODERN_FIELDS, project};
pub use revision::{Era, Revision};
pub use tasks::{TASKS_EXTENSION, TaskResult};
pub use ui::{UI_EXTENSION, UI_RESOURCE_URI};
