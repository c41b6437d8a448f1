//! Section `server`: the HTTP listener and its bounds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Broken, in_range};

/// The HTTP listener and its bounds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ServerSettings {
    /// Address and port; port 0 takes a free one.
    pub listen: String,
    /// Path of the endpoint.
    pub path: String,
    /// URL under which clients reach the endpoint, when it is not the listening address.
    pub public_url: Option<String>,
    /// When plain HTTP is served: `loopback` only on a loopback address, `behind_proxy` also elsewhere because a
    /// proxy in `trusted_proxies` ends TLS. With TLS set, plain HTTP is never served.
    pub plain_http: PlainHttp,
    /// Networks (CIDR) of proxies whose `Forwarded` or `X-Forwarded-For` tells the client's address.
    pub trusted_proxies: Vec<String>,
    /// Origins that browsers may call from, exact (`https://app.example.com`). None by default.
    pub allowed_origins: Vec<String>,
    /// Host names that the server answers to; on a loopback address the loopback names by default.
    pub allowed_hosts: Vec<String>,
    /// Address of the Prometheus listener (`/metrics`); absent: none.
    pub metrics_listen: Option<String>,
    /// Seconds in which all headers of a request must arrive: 1 to 60.
    pub header_seconds: u32,
    /// Seconds in which a request's body must arrive: 1 to 600.
    pub body_seconds: u32,
    /// Seconds after which an idle connection is closed: 1 to 3,600.
    pub idle_seconds: u32,
    /// Seconds after which a client that reads nothing is dropped: 1 to 3,600.
    pub write_stall_seconds: u32,
    /// Largest request header in bytes, request line included: 1,024 to 1,048,576.
    pub header_bytes: u32,
    /// Most fields of a request header: 16 to 1,000.
    pub header_fields: u32,
    /// Largest request body in bytes: 1,024 to 67,108,864.
    pub body_bytes: u32,
    /// Deepest nesting of a message: 8 to 120.
    pub json_depth: u32,
    /// Open connections: 1 to 1,000,000.
    pub connections: u32,
    /// Requests in flight on one HTTP/2 connection: 1 to 1,000.
    pub streams_per_connection: u32,
    /// HTTP/2 requests that a client opened and reset before they were looked at; above, the connection ends: 1 to
    /// 10,000.
    pub pending_resets: u32,
    /// Sessions of older clients that are kept in memory, of all tenants; others are read from the database when they
    /// are used: 16 to 10,000,000.
    pub sessions_in_memory: u32,
    /// Requests without a valid key that are looked at in a minute from one network (an IPv4 address, a /56 of IPv6); keys that
    /// are known good are served beyond it, and this machine's own programs are not counted: 0 to 1,000,000; 0: any number.
    /// Servers on one PostgreSQL each admit their part (`limits.replicas`): counting together would put the database into the
    /// way of who has no key.
    pub failed_auths: u32,
    /// Requests that need no key (health, policy, what is not there) in a minute from one network: 0 to 1,000,000; 0: any
    /// number. Servers on one PostgreSQL each admit their part.
    pub open_requests: u32,
    /// Open change subscriptions in all: 1 to 1,000,000.
    pub listens: u32,
    /// Open change subscriptions per key: 1 to 1,000.
    pub listens_per_key: u32,
    /// Messages that may wait in one stream: 8 to 65,536.
    pub queued_messages: u32,
    /// Seconds at shutdown between `/readyz` saying no and the first refused call, for a load balancer to notice: 0 to
    /// 120.
    pub unready_seconds: u32,
    /// Seconds that running calls have to finish at shutdown; the last two of them are for telling the clients of those
    /// that did not: 0 to 600.
    pub drain_seconds: u32,
}

/// When plain HTTP is served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlainHttp {
    /// Only on a loopback address.
    #[default]
    Loopback,
    /// A declared proxy ends TLS.
    BehindProxy,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8033".to_owned(),
            path: "/mcp".to_owned(),
            public_url: None,
            plain_http: PlainHttp::Loopback,
            trusted_proxies: Vec::new(),
            allowed_origins: Vec::new(),
            allowed_hosts: Vec::new(),
            metrics_listen: None,
            header_seconds: 10,
            body_seconds: 30,
            idle_seconds: 75,
            write_stall_seconds: 60,
            header_bytes: 32_768,
            header_fields: 64,
            body_bytes: 2_097_152,
            json_depth: 64,
            connections: 10_000,
            streams_per_connection: 100,
            pending_resets: 20,
            sessions_in_memory: 100_000,
            failed_auths: 60,
            open_requests: 600,
            listens: 10_000,
            listens_per_key: 16,
            queued_messages: 256,
            unready_seconds: 0,
            drain_seconds: 25,
        }
    }
}

impl ServerSettings {
    pub(super) fn validate(&self) -> Result<(), Broken> {
        if self.listen.parse::<std::net::SocketAddr>().is_err() {
            return Err(Broken::new(
                "listen",
                &self.listen,
                "must be an address and port such as 127.0.0.1:8033",
            ));
        }
        if !self.path.starts_with('/') || self.path.contains(['?', '#', ' ']) {
            return Err(Broken::new("path", &self.path, "must be an absolute path such as /mcp"));
        }
        if let Some(address) = &self.metrics_listen
            && address.parse::<std::net::SocketAddr>().is_err()
        {
            return Err(Broken::new(
                "metrics_listen",
                address,
                "must be an address and port such as 127.0.0.1:9033",
            ));
        }
        if self.plain_http == PlainHttp::BehindProxy && self.trusted_proxies.is_empty() {
            return Err(Broken::new(
                "plain_http",
                "behind_proxy",
                "needs server.trusted_proxies: the networks that the proxy connects from",
            ));
        }
        let ranges = [
            ("header_seconds", self.header_seconds, 1, 60),
            ("body_seconds", self.body_seconds, 1, 600),
            ("idle_seconds", self.idle_seconds, 1, 3_600),
            ("write_stall_seconds", self.write_stall_seconds, 1, 3_600),
            ("header_bytes", self.header_bytes, 1_024, 1_048_576),
            ("header_fields", self.header_fields, 16, 1_000),
            ("body_bytes", self.body_bytes, 1_024, 67_108_864),
            ("json_depth", self.json_depth, 8, 120),
            ("connections", self.connections, 1, 1_000_000),
            ("failed_auths", self.failed_auths, 0, 1_000_000),
            ("open_requests", self.open_requests, 0, 1_000_000),
            ("streams_per_connection", self.streams_per_connection, 1, 1_000),
            ("pending_resets", self.pending_resets, 1, 10_000),
            ("sessions_in_memory", self.sessions_in_memory, 16, 10_000_000),
            ("listens", self.listens, 1, 1_000_000),
            ("listens_per_key", self.listens_per_key, 1, 1_000),
            ("queued_messages", self.queued_messages, 8, 65_536),
            ("unready_seconds", self.unready_seconds, 0, 120),
            ("drain_seconds", self.drain_seconds, 0, 600),
        ];
        ranges.into_iter().try_for_each(|(key, value, least, most)| in_range(key, value.into(), least, most))
    }
}
