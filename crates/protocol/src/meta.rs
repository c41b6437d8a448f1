//! Metadata of a request (`_meta`), read with every defect told at once.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, value::RawValue};

use crate::wire::CallParams;

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
/// Ours: key of what a call cost in credits, on results.
pub const CREDITS: &str = "dev.pm33/credits";

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

/// What parameters say of their request, found in one pass, each value as it was written.
#[derive(Debug, Default, Deserialize)]
pub struct ParamsHead<'a> {
    #[serde(rename = "_meta", borrow, default, deserialize_with = "given")]
    meta: Option<&'a RawValue>,
    /// `name` of a tool or a prompt.
    #[serde(borrow, default, deserialize_with = "given")]
    pub name: Option<&'a RawValue>,
    /// `uri` of a resource.
    #[serde(borrow, default, deserialize_with = "given")]
    pub uri: Option<&'a RawValue>,
    /// `taskId` of a task.
    #[serde(rename = "taskId", borrow, default, deserialize_with = "given")]
    pub task_id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    arguments: Option<&'a RawValue>,
    #[serde(rename = "inputResponses", borrow, default)]
    input_responses: Option<&'a RawValue>,
    #[serde(rename = "requestState", borrow, default)]
    request_state: Option<&'a RawValue>,
}

impl<'a> ParamsHead<'a> {
    /// Finds the head of parameters without reading the rest.
    ///
    /// # Errors
    /// When one of its keys comes twice.
    pub fn find(params: Option<&'a RawValue>) -> Result<Self, &'static str> {
        let Some(params) = params else { return Ok(Self::default()) };
        serde_json::from_str(params.get())
            .map_err(|_| {
                "_meta, name, uri, taskId, arguments, inputResponses and requestState must each be given once in params"
            })
    }

    /// The parameters of `tools/call`; `None` when a value is not of its type.
    pub fn call(&self) -> Option<CallParams> {
        Some(CallParams {
            name: as_text(self.name?)?.into_owned(),
            arguments: self.arguments.map(ToOwned::to_owned),
            input_responses: self.input_responses.map_or(Some(None), as_value)?,
            request_state: self.request_state.map_or(Some(None), as_value)?,
        })
    }

    /// The metadata as it was written.
    pub fn meta_text(&self) -> Option<&'a str> {
        self.meta.map(RawValue::get)
    }

    /// The metadata, not read yet; the text says what is wrong when it is no object.
    ///
    /// # Errors
    /// When `_meta` is no object, or gives a key of the protocol twice.
    pub fn meta(&self) -> Result<Option<RawMeta<'a>>, &'static str> {
        match self.meta {
            None => Ok(None),
            Some(meta) if meta.get() == "null" => Ok(None),
            Some(meta) if !meta.get().starts_with('{') => Err("_meta must be an object"),
            Some(meta) => {
                serde_json::from_str(meta.get()).map(Some).map_err(|_| "_meta must give each key once")
            }
        }
    }
}

/// The metadata's keys that mean something here, each value as it was written; an explicit `null` is there.
#[derive(Debug, Default, Deserialize)]
pub struct RawMeta<'a> {
    #[serde(rename = "io.modelcontextprotocol/protocolVersion", borrow, default, deserialize_with = "given")]
    version: Option<&'a RawValue>,
    #[serde(
        rename = "io.modelcontextprotocol/clientCapabilities",
        borrow,
        default,
        deserialize_with = "given"
    )]
    capabilities: Option<&'a RawValue>,
    #[serde(rename = "io.modelcontextprotocol/clientInfo", borrow, default, deserialize_with = "given")]
    client: Option<&'a RawValue>,
    #[serde(rename = "io.modelcontextprotocol/logLevel", borrow, default, deserialize_with = "given")]
    log_level: Option<&'a RawValue>,
    #[serde(rename = "io.modelcontextprotocol/related-task", borrow, default, deserialize_with = "given")]
    related_task: Option<&'a RawValue>,
    #[serde(rename = "progressToken", borrow, default, deserialize_with = "given")]
    progress_token: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "given")]
    traceparent: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "given")]
    tracestate: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "given")]
    baggage: Option<&'a RawValue>,
    #[serde(rename = "dev.pm33/idempotencyKey", borrow, default, deserialize_with = "given")]
    idempotency_key: Option<&'a RawValue>,
}

impl RawMeta<'_> {
    /// Whether the metadata is of the modern era.
    pub fn is_modern(&self) -> bool {
        self.version.is_some()
    }
}

/// A value that is there, `null` included.
fn given<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'a RawValue>, D::Error> {
    Deserialize::deserialize(deserializer).map(Some)
}

/// JSON text as a value of a type, when it is one.
fn as_value<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Option<T> {
    serde_json::from_str(raw.get()).ok()
}

/// JSON text as a text, without a copy where it has no escapes.
pub fn as_text(raw: &RawValue) -> Option<Cow<'_, str>> {
    #[derive(Deserialize)]
    struct Text<'a>(#[serde(borrow)] Cow<'a, str>);
    as_value(raw).map(|Text(text)| text)
}

#[derive(Deserialize)]
struct Info<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    version: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Task {
    task_id: String,
}

impl RequestMeta {
    /// Reads the metadata of a modern request; what is malformed is left out and told.
    pub fn read(meta: Option<&RawMeta<'_>>) -> (Self, Vec<MetaDefect>) {
        let mut read = Self::default();
        let mut defects = Vec::new();
        let Some(meta) = meta else {
            defects.push(MetaDefect { key: PROTOCOL_VERSION, why: VERSION_REQUIRED });
            defects.push(MetaDefect { key: CLIENT_CAPABILITIES, why: CAPABILITIES_REQUIRED });
            return (read, defects);
        };
        let mut defect = |key, why| defects.push(MetaDefect { key, why });
        match meta.version.map(as_text) {
            Some(Some(version)) => read.protocol_version = Some(version.into_owned()),
            Some(None) => defect(PROTOCOL_VERSION, "must be a text such as \"2026-07-28\""),
            None => defect(PROTOCOL_VERSION, VERSION_REQUIRED),
        }
        match meta.capabilities.map(as_value::<Map<String, Value>>) {
            Some(Some(all)) if all.iter().any(is_malformed_capability) => defect(
                CLIENT_CAPABILITIES,
                "elicitation, experimental, extensions, roots and sampling must be objects in it",
            ),
            Some(Some(all)) => read.capabilities = Some(all),
            Some(None) => defect(CLIENT_CAPABILITIES, "must be an object, which may be empty"),
            None => defect(CLIENT_CAPABILITIES, CAPABILITIES_REQUIRED),
        }
        match meta.client.map(as_value::<Info<'_>>) {
            None => {}
            Some(Some(Info { name, version })) => read.client = Some([&*name, "/", &*version].concat()),
            Some(None) => defect(CLIENT_INFO, "must be an object with the texts name and version"),
        }
        match meta.log_level.map(as_text) {
            None => {}
            Some(Some(level)) if LEVELS.contains(&&*level) => read.log_level = Some(level.into_owned()),
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
    pub fn read_legacy(meta: Option<&RawMeta<'_>>) -> (Self, Vec<MetaDefect>) {
        let mut read = Self::default();
        let mut defects = Vec::new();
        if let Some(meta) = meta {
            read.common(meta, &mut defects);
        }
        (read, defects)
    }

    fn common(&mut self, meta: &RawMeta<'_>, defects: &mut Vec<MetaDefect>) {
        match meta.progress_token.map(as_value::<Value>) {
            None => {}
            Some(Some(token)) if token.is_string() || token.is_i64() || token.is_u64() => {
                self.progress_token = Some(token);
            }
            Some(_) => {
                defects.push(MetaDefect { key: PROGRESS_TOKEN, why: "must be a text or a whole number" });
            }
        }
        // Trace context never refuses a request: what is no text is left out.
        let text = |raw: Option<&RawValue>| raw.and_then(as_text).map(Cow::into_owned);
        self.traceparent = text(meta.traceparent);
        self.tracestate = text(meta.tracestate);
        self.baggage = text(meta.baggage);
        self.idempotency_key = text(meta.idempotency_key);
        self.related_task = meta.related_task.and_then(as_value).map(|Task { task_id }| task_id);
    }
}

fn is_malformed_capability((name, value): (&String, &Value)) -> bool {
    CAPABILITIES.contains(&name.as_str()) && !value.is_object()
}
