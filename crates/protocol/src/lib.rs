//! JSON-RPC 2.0 and the MCP wire: messages, codes, method and header names, metadata, and the types of every revision
//! that the server speaks (2026-07-28, 2025-11-25, 2025-06-18). serde only.

pub mod codes;
pub mod headers;
mod jsonrpc;
mod meta;
pub mod methods;
mod revision;
pub mod wire;

pub use jsonrpc::{
    DecodeError, ErrorObject, Incoming, RequestId, decode, encode_error, encode_notification, encode_request,
    encode_result,
};
pub use meta::{CLIENT_CAPABILITIES, CLIENT_INFO, LOG_LEVEL, MetaDefect, PROTOCOL_VERSION, RequestMeta, SERVER_INFO, SUBSCRIPTION_ID};
pub use revision::{Era, Revision};
