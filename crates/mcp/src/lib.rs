//! The MCP server without sockets: methods, both protocol eras, and the path of a `tools/call`. It owns the order of
//! things; bytes come from a transport, data from a store, time from a clock, all through ports.
//!
//! ```no_run
//! # use pm33_mcp::{Caller, Carrier, ClientFacts, CorrelationId, Inbound, Reply, Server};
//! # async fn example(server: Server, caller: Caller, correlation: CorrelationId) {
//! let inbound = Inbound {
//!     body: br#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#.as_slice().into(),
//!     carrier: Carrier::Stdio { session: None },
//!     caller,
//!     client: ClientFacts::default(),
//!     correlation,
//! };
//! if let Reply::One(message) = server.handle(inbound).await {
//!     println!("{}", String::from_utf8_lossy(&message.body));
//! }
//! # }
//! ```

mod admit;
mod boundary;
mod call;
mod dispatch;
mod era;
mod extensions;
mod failure;
mod fields;
mod handles;
mod hub;
mod inbound;
mod known_meta;
mod lease;
mod link;
mod methods;
mod options;
mod outbox;
mod pending;
mod ports;
mod record;
mod reply;
mod request;
mod running;
mod server;
mod streams;
mod tasks;
mod tended;
mod warden;
mod watch;

pub use inbound::{Carrier, HttpFields, Inbound};
pub use options::ServerOptions;
pub use ports::{CallStore, CommitError, Stores};
pub use reply::{Class, Event, EventStream, Message, Reply};
pub use server::{Server, ServerParts};
pub use watch::{Finished, Watcher};

// What a transport has to say about a caller, so that it needs no domain crate.
pub use pm33_admission::AddressGate;
pub use pm33_auth::{AuthError, Caller, Credential, Origin};
pub use pm33_tenancy::{ClientFacts, Clock, CorrelationId};
