//! Bounds and rules of the HTTP transport, each with a sane default.

use std::{sync::Arc, time::Duration};

use crate::{Certificates, Cidr, HttpCounts, SideRoutes};

/// Bounds and rules that a deployment may change.
#[derive(Clone)]
pub struct HttpOptions {
    /// Path of the endpoint, with a leading slash.
    pub path: String,
    /// Origins that a browser may come from, as `scheme://host[:port]`. Besides these, a loopback bind accepts loopback
    /// origins. Requests without `Origin` are no browser's and pass.
    pub allowed_origins: Vec<String>,
    /// Names that a request's `Host` may carry, with or without port. Empty: loopback names on a loopback bind, any name
    /// elsewhere.
    pub allowed_hosts: Vec<String>,
    /// Proxies in front of this server: only their word on a client's address and scheme is believed.
    pub trusted_proxies: Vec<Cidr>,
    /// Certificate and key; without, HTTP is plain and only allowed on loopback or behind a proxy.
    pub tls: Option<Arc<Certificates>>,
    /// How often the certificate's files are looked at for a change.
    pub tls_reload_every: Duration,
    /// Longest wait for a connection's handshake and for a request's header, from its first byte.
    pub header_time: Duration,
    /// Longest wait for a request's body.
    pub body_time: Duration,
    /// Longest time in which a client takes not one byte of an answer.
    pub write_stall: Duration,
    /// Longest quiet time of a connection between requests.
    pub idle: Duration,
    /// Largest request header in bytes, request line included; at least 1,024.
    pub header_bytes: usize,
    /// Most header fields of a request.
    pub header_count: usize,
    /// Largest request body in bytes.
    pub body_bytes: usize,
    /// Open connections at most; at the bound no more are accepted until one ends.
    pub connections: usize,
    /// Open HTTP/2 streams of one connection at most.
    pub streams_per_connection: u32,
    /// HTTP/2 streams that a client opened and reset before they were looked at, at most.
    pub pending_resets: usize,
    /// How often a quiet HTTP/2 connection is pinged.
    pub ping_every: Duration,
    /// Longest wait for the answer to a ping.
    pub ping_time: Duration,
    /// Requests of one network (/32, /56) without a valid credential that are looked at in a minute; 0: any number. From this
    /// machine any number are.
    pub failed_auths: u32,
    /// Requests of one network that need no credential and are answered in a minute; 0: any number.
    pub open_requests: u32,
    /// How long running requests may go on when the server stops.
    pub drain_deadline: Duration,
    /// How often a comment is sent on a quiet event stream.
    pub keep_alive_comment: Duration,
    /// A sentence that tells a person where to get a key; ends the text of every 401.
    pub key_help: String,
    /// Other paths on this listener.
    pub side: Option<Arc<dyn SideRoutes>>,
    /// Where the listener counts.
    pub counts: Arc<HttpCounts>,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            path: "/mcp".to_owned(),
            allowed_origins: Vec::new(),
            allowed_hosts: Vec::new(),
            trusted_proxies: Vec::new(),
            tls: None,
            tls_reload_every: Duration::from_secs(5),
            header_time: Duration::from_secs(10),
            body_time: Duration::from_secs(30),
            write_stall: Duration::from_mins(1),
            idle: Duration::from_secs(75),
            header_bytes: 32 * 1024,
            header_count: 64,
            body_bytes: 1024 * 1024,
            connections: 10_000,
            streams_per_connection: 100,
            pending_resets: 20,
            ping_every: Duration::from_secs(30),
            ping_time: Duration::from_secs(20),
            failed_auths: 60,
            open_requests: 600,
            drain_deadline: Duration::from_secs(25),
            keep_alive_comment: Duration::from_secs(15),
            key_help: "Keys are made by an administrator of your organisation: `pm33-admin key create`."
                .to_owned(),
            side: None,
            counts: Arc::default(),
        }
    }
}
