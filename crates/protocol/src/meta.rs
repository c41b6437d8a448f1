//! Metadata of a request (`_meta`), read with every defect told at once.

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
/// Key of the task that a message of 2025-11-25 belongs to.
pub const RELATED_TASK: &str = "io.modelcontextprotocol/related-task";
/// Key of the token under which progress is reported.
pub const PROGRESS_TOKEN: &str = "progressToken";
/// Key of the W3C trace parent.
pub const TRACEPARENT: &str = "traceparent";
/// Key of the W3C trace state.
pub const TRACESTATE: &str = "tracestate";
/// Key of the W3C baggage.
pub const BAGGAGE: &str = "baggage";
/// Ours: key of the idempotency key.
pub const IDEMPOTENCY_KEY: &str = "dev.pm33/idempotencyKey";

const LEVELS: [&str; 8] = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];
const CAPABILITIES: [&str; 5] = ["elicitation", "experimental", "extensions", "roots", "sampling"];
const VERSION_REQUIRED: &str = "is required: the protocol version, such as \"2026-07-28\"";
const CAPABILITIES_REQUIRED: &str = "is required: an object, which may be empty";

/// What a request said about itself.
#[derive(Clone, Debug, Default)]
pub struct RequestMeta {
    /// Protocol version; present on modern requests.
    pub protocol_version: Option<String>,
    /// Client capabilities; present on modern requests.
    pub capabilities: Option<Map<String, Value>>,
    /// Client name and version, joined by a slash.
    pub client: Option<String>,
    /// Wanted log level.
    pub log_level: Option<String>,
    /// Where progress is to be reported: a text or a whole number.
    pub progress_token: Option<Value>,
    /// W3C trace parent, not checked.
    pub traceparent: Option<String>,
    /// W3C trace state, not checked.
    pub tracestate: Option<String>,
    /// W3C baggage, not checked.
    pub baggage: Option<String>,
    /// Task that the request belongs to (2025-11-25).
    pub related_task: Option<String>,
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

    /// Finds `_meta` in parameters without building the rest; the text says what is wrong when it is not an object.
    ///
    /// # Errors
    /// When `_meta` is there but is not an object that can be read.
    pub fn find(params: Option<&RawValue>) -> Result<Option<Map<String, Value>>, &'static str> {
        #[derive(serde::Deserialize)]
        struct Only<'a> {
            #[serde(rename = "_meta", borrow)]
            meta: Option<&'a RawValue>,
        }
        let Some(params) = params else { return Ok(None) };
        let Only { meta } = serde_json::from_str(params.get()).map_err(|_| "_meta must be given once")?;
        let Some(meta) = meta else { return Ok(None) };
        if !meta.get().starts_with('{') {
            return Err("_meta must be an object");
        }
        serde_json::from_str(meta.get()).map(Some).map_err(|_| "_meta must not hold numbers beyond 64 bits")
    }

    /// Reads the metadata of a modern request; what is malformed is left out and told.
    pub fn read(meta: Option<&Map<String, Value>>) -> (Self, Vec<MetaDefect>) {
        let mut read = Self::default();
        let mut defects = Vec::new();
        let Some(meta) = meta else {
            defects.push(MetaDefect { key: PROTOCOL_VERSION, why: VERSION_REQUIRED });
            defects.push(MetaDefect { key: CLIENT_CAPABILITIES, why: CAPABILITIES_REQUIRED });
            return (read, defects);
        };
        let mut defect = |key, why| defects.push(MetaDefect { key, why });
        match meta.get(PROTOCOL_VERSION) {
            Some(Value::String(version)) => read.protocol_version = Some(version.clone()),
            Some(_) => defect(PROTOCOL_VERSION, "must be a text such as \"2026-07-28\""),
            None => defect(PROTOCOL_VERSION, VERSION_REQUIRED),
        }
        match meta.get(CLIENT_CAPABILITIES) {
            Some(Value::Object(all)) if all.iter().any(is_malformed_capability) => defect(
                CLIENT_CAPABILITIES,
                "elicitation, experimental, extensions, roots and sampling must be objects in it",
            ),
            Some(Value::Object(all)) => read.capabilities = Some(all.clone()),
            Some(_) => defect(CLIENT_CAPABILITIES, "must be an object, which may be empty"),
            None => defect(CLIENT_CAPABILITIES, CAPABILITIES_REQUIRED),
        }
        if let Some(info) = meta.get(CLIENT_INFO) {
            match (info.get("name").and_then(Value::as_str), info.get("version").and_then(Value::as_str)) {
                (Some(name), Some(version)) => read.client = Some(format!("{name}/{version}")),
                _ => defect(CLIENT_INFO, "must be an object with the texts name and version"),
            }
        }
        match meta.get(LOG_LEVEL) {
            None => {}
            Some(Value::String(level)) if LEVELS.contains(&level.as_str()) => {
                read.log_level = Some(level.clone());
            }
            Some(_) => {
                defect(
                    LOG_LEVEL,
                    "must be debug, info, notice, warning, error, critical, alert or emergency",
                );
            }
        }
        read.common(meta, &mut defects);
        (read, defects)
    }

    /// Reads what both eras share: progress token, trace context, related task, idempotency key.
    pub fn read_legacy(meta: Option<&Map<String, Value>>) -> (Self, Vec<MetaDefect>) {
        let mut read = Self::default();
        let mut defects = Vec::new();
        if let Some(meta) = meta {
            read.common(meta, &mut defects);
        }
        (read, defects)
    }

    fn common(&mut self, meta: &Map<String, Value>, defects: &mut Vec<MetaDefect>) {
        match meta.get(PROGRESS_TOKEN) {
            None => {}
            Some(token) if token.is_string() || token.is_i64() || token.is_u64() => {
                self.progress_token = Some(token.clone());
            }
            Some(_) => {
                defects.push(MetaDefect { key: PROGRESS_TOKEN, why: "must be a text or a whole number" });
            }
        }
        // Trace context never refuses a request: what is no text is left out.
        let text = |key| meta.get(key).and_then(Value::as_str).map(str::to_owned);
        self.traceparent = text(TRACEPARENT);
        self.tracestate = text(TRACESTATE);
        self.baggage = text(BAGGAGE);
        self.idempotency_key = text(IDEMPOTENCY_KEY);
        let task = meta.get(RELATED_TASK).and_then(|task| task.get("taskId"));
        self.related_task = task.and_then(Value::as_str).map(str::to_owned);
    }
}

fn is_malformed_capability((name, value): (&String, &Value)) -> bool {
    CAPABILITIES.contains(&name.as_str()) && !value.is_object()
}
