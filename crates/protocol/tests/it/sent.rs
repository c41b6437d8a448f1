//! One of each message that is sent, as each revision gets it, beside the name of its definition in the schemas.

use std::collections::BTreeMap;

use pm33_protocol::{
    Era, ErrorObject, RequestId, Revision, SERVER_INFO, SUBSCRIPTION_ID, codes, encode_error,
    encode_notification, encode_request, encode_result, methods,
    wire::{
        Block, Cache, CallResult, CompleteResult, CompletionValues, Contents, DiscoverResult, Filter,
        GetPromptResult, Implementation, InitializeResult, InputRequest, InputRequired, ListResult,
        PromptArgumentEntry, PromptEntry, PromptMessage, ReadResult, ResourceEntry, ServerCapabilities,
        TemplateEntry, ToolAnnotations, ToolEntry,
    },
};
use serde::Serialize;
use serde_json::{
    Value, json,
    value::{RawValue, to_raw_value},
};

/// A message and the definition that it must meet: of its result, or of the whole message for everything else.
pub(crate) struct Sent {
    pub(crate) definition: &'static str,
    pub(crate) bytes: Vec<u8>,
}

fn id() -> RequestId {
    RequestId::Text("call-1".to_owned())
}

fn result(definition: &'static str, result: &impl Serialize) -> Sent {
    Sent { definition, bytes: encode_result(&id(), result) }
}

fn blocks() -> Vec<Block<'static>> {
    let meta: &'static Value = Box::leak(Box::new(json!({ "ui": { "prefersBorder": true } })));
    let resource =
        Contents { uri: "pm33://a", mime_type: "text/plain", text: Some("t"), blob: None, meta: None };
    let blob = Contents {
        uri: "pm33://b",
        mime_type: "image/png",
        text: None,
        blob: Some("AA=="),
        meta: Some(meta),
    };
    vec![
        Block::Text { text: "t" },
        Block::Image { data: "AA==", mime_type: "image/png" },
        Block::Audio { data: "AA==", mime_type: "audio/wav" },
        Block::ResourceLink { uri: "pm33://a", name: "a" },
        Block::Resource { resource },
        Block::Resource { resource: blob },
    ]
}

/// Results that every revision has.
pub(crate) fn results(revision: Revision) -> Vec<Sent> {
    let modern = revision.era() == Era::Modern;
    let server = json!({ SERVER_INFO: { "name": "pm33", "version": "0.1.0" } });
    let (result_type, meta) = (modern.then_some("complete"), modern.then_some(&server));
    let cache = modern.then_some(Cache::private(1_000));
    let schema: &RawValue =
        serde_json::from_str(r#"{"type":"object","properties":{"a":{"type":"string"}}}"#).unwrap();
    let annotations = ToolAnnotations {
        title: "T",
        read_only_hint: true,
        destructive_hint: false,
        idempotent_hint: true,
        open_world_hint: false,
    };
    let tool = ToolEntry {
        name: "pm33_t",
        title: "T",
        description: "d",
        input_schema: schema,
        output_schema: Some(schema),
        annotations,
        meta: Some(json!({ "ui": { "resourceUri": "ui://a" } })),
    };
    let resource = ResourceEntry {
        uri: "pm33://a".to_owned(),
        name: "a".to_owned(),
        title: "A".to_owned(),
        description: "d",
        mime_type: "application/json",
        meta: Some(json!({ "ui": { "prefersBorder": true } })),
    };
    let template = TemplateEntry {
        uri_template: "pm33://{a}",
        name: "a",
        title: "A",
        description: "d",
        mime_type: "text/plain",
    };
    let arguments = vec![PromptArgumentEntry { name: "a", description: "d", required: true }];
    let prompt = PromptEntry { name: "p", title: "P", description: "d", arguments };
    let structured: &RawValue = serde_json::from_str(r#"{"a":"x"}"#).unwrap();
    let contents =
        vec![Contents { uri: "pm33://a", mime_type: "text/plain", text: Some("t"), blob: None, meta: None }];
    let messages = blocks().into_iter().map(|content| PromptMessage { role: "user", content }).collect();
    let completion = CompletionValues { values: vec!["v".to_owned()], total: 3, has_more: true };
    let next = || Some("cursor".to_owned());
    let written = meta.map(|meta| to_raw_value(meta).unwrap());
    vec![
        result(
            "ListToolsResult",
            &ListResult { key: "tools", entries: vec![tool], next: next(), cache, meta },
        ),
        result(
            "ListResourcesResult",
            &ListResult { key: "resources", entries: vec![resource], next: None, cache, meta },
        ),
        result(
            "ListResourceTemplatesResult",
            &ListResult { key: "resourceTemplates", entries: vec![template], next: next(), cache, meta },
        ),
        result(
            "ListPromptsResult",
            &ListResult { key: "prompts", entries: vec![prompt], next: None, cache, meta },
        ),
        result(
            "CallToolResult",
            &CallResult {
                result_type,
                content: blocks(),
                structured_content: Some(structured),
                is_error: false,
                meta: written.as_deref(),
            },
        ),
        result(
            "CallToolResult",
            &CallResult {
                result_type,
                content: blocks(),
                structured_content: None,
                is_error: true,
                meta: written.as_deref(),
            },
        ),
        result(
            "ReadResourceResult",
            &ReadResult {
                result_type,
                ttl_ms: cache.map(|cache| cache.ttl_ms),
                cache_scope: cache.map(|cache| cache.cache_scope),
                contents,
                meta,
            },
        ),
        result("GetPromptResult", &GetPromptResult { result_type, description: "d", messages, meta }),
        result("CompleteResult", &CompleteResult { result_type, completion, meta }),
    ]
}

fn capabilities() -> ServerCapabilities {
    let all = json!({
        "tools": { "listChanged": true }, "resources": { "subscribe": true, "listChanged": true },
        "prompts": { "listChanged": true }, "completions": {}, "logging": {},
    });
    ServerCapabilities(all.as_object().unwrap().clone())
}

/// Results that one era alone has.
pub(crate) fn results_of_era(revision: Revision) -> Vec<Sent> {
    let server = json!({ SERVER_INFO: { "name": "pm33", "version": "0.1.0" } });
    if revision.era() == Era::Legacy {
        let server_info = Implementation {
            name: "pm33".to_owned(),
            title: Some("PM33".to_owned()),
            version: "0.1.0".to_owned(),
        };
        let initialized = InitializeResult {
            protocol_version: revision.as_str(),
            capabilities: capabilities(),
            server_info,
            instructions: Some("Read first."),
        };
        return vec![result("InitializeResult", &initialized), result("EmptyResult", &json!({}))];
    }
    let discovered = DiscoverResult {
        result_type: "complete",
        supported_versions: vec![revision.as_str()],
        capabilities: capabilities(),
        instructions: Some("Read first."),
        cache: Cache::private(60_000),
        meta: &server,
    };
    let questions = questions();
    let input_requests: BTreeMap<_, _> = questions
        .iter()
        .map(|(method, params)| ((*method).to_owned(), InputRequest { method, params }))
        .collect();
    let request_state = Some("s".to_owned());
    let asked =
        InputRequired { result_type: "input_required", input_requests, request_state, meta: Some(&server) };
    let ended = json!({ "resultType": "complete", "_meta": { SUBSCRIPTION_ID: id() } });
    vec![
        result("DiscoverResult", &discovered),
        result("InputRequiredResult", &asked),
        result("SubscriptionsListenResult", &ended),
    ]
}

/// Questions to a client.
fn questions() -> Vec<(&'static str, Value)> {
    let form = json!({
        "message": "Which team?",
        "requestedSchema": {
            "type": "object", "required": ["team"],
            "properties": {
                "team": { "type": "string", "enum": ["a", "b"] }, "size": { "type": "integer", "minimum": 1 },
                "sure": { "type": "boolean", "default": false }, "mail": { "type": "string", "format": "email" },
            },
        },
    });
    let sample = json!({
        "maxTokens": 100, "messages": [{ "role": "user", "content": { "type": "text", "text": "Sum up." } }],
    });
    vec![(methods::ELICIT, form), (methods::SAMPLE, sample), (methods::ROOTS, json!({}))]
}

/// Requests of the server, which legacy clients alone get.
pub(crate) fn requests(revision: Revision) -> Vec<Sent> {
    if revision.era() == Era::Modern {
        return Vec::new();
    }
    let definition = |method| match method {
        methods::ELICIT => "ElicitRequest",
        methods::SAMPLE => "CreateMessageRequest",
        _ => "ListRootsRequest",
    };
    questions()
        .into_iter()
        .map(|(method, params)| Sent {
            definition: definition(method),
            bytes: encode_request(&RequestId::Number(1), method, &params),
        })
        .collect()
}

/// Notifications.
pub(crate) fn notifications(revision: Revision) -> Vec<Sent> {
    let modern = revision.era() == Era::Modern;
    let tagged = |mut params: Value| {
        if modern {
            params["_meta"] = json!({ SUBSCRIPTION_ID: id() });
        }
        params
    };
    let mut all = vec![
        (
            "ProgressNotification",
            methods::PROGRESS,
            json!({ "progressToken": 7, "progress": 0.5, "total": 1.0 }),
        ),
        (
            "LoggingMessageNotification",
            methods::MESSAGE,
            json!({ "level": "info", "logger": "pm33", "data": "d" }),
        ),
        ("CancelledNotification", methods::CANCELLED, json!({ "requestId": "call-1", "reason": "r" })),
        ("ToolListChangedNotification", methods::TOOLS_CHANGED, tagged(json!({}))),
        ("PromptListChangedNotification", methods::PROMPTS_CHANGED, tagged(json!({}))),
        ("ResourceListChangedNotification", methods::RESOURCES_CHANGED, tagged(json!({}))),
        ("ResourceUpdatedNotification", methods::RESOURCE_UPDATED, tagged(json!({ "uri": "pm33://a" }))),
    ];
    if modern {
        let filter = Filter {
            tools_list_changed: true,
            resource_subscriptions: vec!["pm33://a".to_owned()],
            ..Filter::default()
        };
        let params = tagged(json!({ "notifications": filter }));
        all.push(("SubscriptionsAcknowledgedNotification", methods::ACKNOWLEDGED, params));
    }
    all.into_iter()
        .map(|(definition, method, params)| Sent { definition, bytes: encode_notification(method, &params) })
        .collect()
}

/// Errors: any, and those whose data a definition fixes.
pub(crate) fn errors(revision: Revision) -> Vec<Sent> {
    let any = match revision {
        Revision::V2025_06_18 => "JSONRPCError",
        Revision::V2025_11_25 | Revision::V2026_07_28 => "JSONRPCErrorResponse",
    };
    let mut all = vec![
        (any, Some(id()), ErrorObject::new(codes::RATE_LIMITED, "slower").with(json!({ "limit": 60 }))),
        (any, Some(id()), ErrorObject::new(codes::INTERNAL, "internal error")),
    ];
    if revision > Revision::V2025_06_18 {
        all.push((any, None, ErrorObject::new(codes::PARSE, "not JSON")));
    }
    if revision.era() == Era::Modern {
        let required = json!({ "requiredCapabilities": { "elicitation": {} } });
        let supported = json!({ "supported": [revision.as_str()], "requested": "1900-01-01" });
        all.extend([
            ("HeaderMismatchError", Some(id()), ErrorObject::new(codes::HEADER_MISMATCH, "m")),
            (
                "MissingRequiredClientCapabilityError",
                Some(id()),
                ErrorObject::new(codes::MISSING_CAPABILITY, "m").with(required),
            ),
            (
                "UnsupportedProtocolVersionError",
                Some(id()),
                ErrorObject::new(codes::UNSUPPORTED_VERSION, "m").with(supported),
            ),
        ]);
    }
    all.into_iter()
        .map(|(definition, id, error)| Sent { definition, bytes: encode_error(id.as_ref(), &error) })
        .collect()
}
