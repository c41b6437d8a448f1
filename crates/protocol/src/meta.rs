//! Metadata of a modern request (`_meta`), read with every defect told at once.

use serde_json::{Map, Value, value::RawValue};

/// Key of the protocol version.
pub const PROTOCOL_VERSION: &str = "io.modelcontextprotocol/protocolVersion";
/// Key of the client's capabilities.
pub const CLIENT_CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";
/// Key of the client's name and version.
pub const CLIENT_INFO: &str = "io.modelcontextprotocol/clientInfo";
/// Key of the wanted log level.
pub const LOG_LEVEL: &str = "io.modelcontextprotocol/logLevel";
/// Key of the server's name and version, on results.
pub const SERVER_INFO: &str = "io.modelcontextprotocol/serverInfo";
/// Key of the listen request that a notice belongs to.
pub const SUBSCRIPTION_ID: &str = "io.modelcontextprotocol/subscriptionId";

const LEVELS: [&str; 8] = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];

/// What a request said about itself.
#[derive(Clone, Debug, Default)]
pub struct RequestMeta {
    /// Protocol version; present on modern requests.
    pub protocol_version: Option<String>,
    /// Client capabilities; present on modern requests.
    pub capabilities: Option<Map<String, Value>>,
    /// Client name and version.
    pub client: Option<String>,
    /// Wanted log level.
    pub log_level: Option<String>,
    /// Where progress is to be reported.
    pub progress_token: Option<Value>,
    /// W3C trace parent.
    pub traceparent: Option<String>,
    /// Idempotency key.
    pub idempotency_key: Option<String>,
}

/// One defect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetaDefect {
    /// The key.
    pub key: &'static str,
    /// What is wrong and what is right.
    pub why: &'static str,
}

impl RequestMeta {
    /// Whether parameters carry the metadata of the modern era.
    pub fn is_modern(meta: Option<&Map<String, Value>>) -> bool {
        meta.is_some_and(|meta| meta.contains_key(PROTOCOL_VERSION))
    }

    /// Reads metadata; what is malformed is left out and told.
    pub fn read(meta: Option<&Map<String, Value>>) -> (Self, Vec<MetaDefect>) {
        let mut read = Self::default();
        let mut defects = Vec::new();
        let Some(meta) = meta else {
            defects.push(MetaDefect { key: PROTOCOL_VERSION, why: "is required: the protocol version, such as \"2026-07-28\"" });
            defects.push(MetaDefect { key: CLIENT_CAPABILITIES, why: "is required: an object, which may be empty" });
            return (read, defects);
        };
        match meta.get(PROTOCOL_VERSION) {
            Some(Value::String(version)) => read.protocol_version = Some(version.clone()),
            Some(_) => defects.push(MetaDefect { key: PROTOCOL_VERSION, why: "must be a text such as \"2026-07-28\"" }),
            None => defects.push(MetaDefect { key: PROTOCOL_VERSION, why: "is required: the protocol version, such as \"2026-07-28\"" }),
        }
        match meta.get(CLIENT_CAPABILITIES) {
            Some(Value::Object(capabilities)) => read.capabilities = Some(capabilities.clone()),
            Some(_) => defects.push(MetaDefect { key: CLIENT_CAPABILITIES, why: "must be an object, which may be empty" }),
            None => defects.push(MetaDefect { key: CLIENT_CAPABILITIES, why: "is required: an object, which may be empty" }),
        }
        match meta.get(CLIENT_INFO) {
            None => {}
            Some(info) => match (info.get("name").and_then(Value::as_str), info.get("version").and_then(Value::as_str)) {
                (Some(name), Some(version)) => read.client = Some(format!("{name}/{version}")),
                _ => defects.push(MetaDefect { key: CLIENT_INFO, why: "must be an object with the texts name and version" }),
            },
        }
        match meta.get(LOG_LEVEL) {
            None => {}
            Some(Value::String(level)) if LEVELS.contains(&level.as_str()) => read.log_level = Some(level.clone()),
            Some(_) => defects.push(MetaDefect {
                key: LOG_LEVEL,
                why: "must be debug, info, notice, warning, error, critical, alert or emergency",
            }),
        }
        read.common(meta, &mut defects);
        (read, defects)
    }

    /// Reads what both eras share: progress token, trace context, idempotency key.
    pub fn read_legacy(meta: Option<&Map<String, Value>>) -> (Self, Vec<MetaDefect>) {
        let mut read = Self::default();
        let mut defects = Vec::new();
        if let Some(meta) = meta {
            read.common(meta, &mut defects);
        }
        (read, defects)
    }

    fn common(&mut self, meta: &Map<String, Value>, defects: &mut Vec<MetaDefect>) {
        match meta.get("progressToken") {
            None => {}
            Some(token) if token.is_string() || token.is_i64() || token.is_u64() => self.progress_token = Some(token.clone()),
            Some(_) => defects.push(MetaDefect { key: "progressToken", why: "must be a text or a whole number" }),
        }
        self.traceparent = meta.get("traceparent").and_then(Value::as_str).map(str::to_owned);
        self.idempotency_key = meta.get("dev.pm33/idempotencyKey").and_then(Value::as_str).map(str::to_owned);
    }
}

/// The `_meta` object of raw parameters.
impl RequestMeta {
    /// Finds `_meta` in parameters without reading the rest; the text says what is wrong when it is not an object.
    ///
    /// # Errors
    /// When `_meta` is there but is not an object.
    pub fn find(params: Option<&RawValue>) -> Result<Option<Map<String, Value>>, &'static str> {
        #[derive(serde::Deserialize)]
        struct Only {
            #[serde(rename = "_meta", default)]
            meta: Option<Value>,
        }
        let Some(params) = params else { return Ok(None) };
        match serde_json::from_str::<Only>(params.get()) {
            Ok(Only { meta: None }) => Ok(None),
            Ok(Only { meta: Some(Value::Object(meta)) }) => Ok(Some(meta)),
            Ok(Only { meta: Some(_) }) => Err("_meta must be an object"),
            Err(_) => Err("_meta must be given once"),
        }
    }
}
