//! Every published example message survives the way through its type.

use std::fs;

use pm33_protocol::{
    ErrorObject, Incoming, decode, encode_error, encode_notification, encode_request, encode_result,
    schema::{
        capabilities::{ClientCapabilities, ServerCapabilities},
        content::{ContentBlock, ResourceContents},
        elicitation::{ElicitFormParams, ElicitResult, ElicitUrlParams},
        elicitation_schema::PrimitiveSchema,
        errors::{MissingCapabilityData, UnsupportedVersionData},
        input::{InputRequest, InputRequests, InputRequiredResult, InputResponses},
        lifecycle::DiscoverResult,
        notifications::{
            CancelledParams, LoggingMessageParams, NotificationParams, ProgressParams, ResourceUpdatedParams,
        },
        prompts::{CompleteParams, CompleteResult, GetPromptParams, GetPromptResult, ListPromptsResult},
        resources::{
            ListResourceTemplatesResult, ListResourcesResult, ReadResourceParams, ReadResourceResult,
            Resource,
        },
        roots::{ListRootsRequest, ListRootsResult, Root},
        sampling::{
            CreateMessageParams, CreateMessageResult, ModelPreferences, SamplingBlock, SamplingMessage,
        },
        shapes::RequestParams,
        subscriptions::{AcknowledgedParams, ListenParams, ListenResult, PaginatedParams},
        tools::{CallToolParams, CallToolResult, ListToolsResult, Tool},
    },
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, value::RawValue};

use crate::data;

/// Examples that the published data holds.
const COUNT: usize = 129;

fn typed<T: DeserializeOwned>(raw: &RawValue) -> T {
    serde_json::from_str(raw.get()).unwrap_or_else(|error| panic!("{}: {error}", raw.get()))
}

fn tree(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

/// A part of a message, as it stands.
fn part<T: DeserializeOwned + Serialize>(text: &str) -> Value {
    let read: T = serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    serde_json::to_value(read).unwrap()
}

fn request<P: DeserializeOwned + Serialize>(text: &str) -> Value {
    match decode(text.as_bytes(), 64) {
        Ok(Incoming::Request { id, method, params: Some(params) }) => {
            tree(&encode_request(&id, &method, &typed::<P>(params)))
        }
        other => panic!("{other:?}"),
    }
}

fn notification<P: DeserializeOwned + Serialize>(text: &str) -> Value {
    match decode(text.as_bytes(), 64) {
        Ok(Incoming::Notification { method, params: Some(params) }) => {
            tree(&encode_notification(&method, &typed::<P>(params)))
        }
        other => panic!("{other:?}"),
    }
}

fn response<R: DeserializeOwned + Serialize>(text: &str) -> Value {
    match decode(text.as_bytes(), 64) {
        Ok(Incoming::Response { id, outcome: Ok(result) }) => tree(&encode_result(&id, &typed::<R>(result))),
        other => panic!("{other:?}"),
    }
}

fn error<D: DeserializeOwned + Serialize>(text: &str) -> Value {
    match decode(text.as_bytes(), 64) {
        Ok(Incoming::Response { id, outcome: Err(mut error) }) => {
            error.data = error.data.map(|data| part::<D>(&data.to_string()));
            tree(&encode_error(Some(&id), &error))
        }
        other => panic!("{other:?}"),
    }
}

/// The way through the type that a folder's examples belong to.
fn way(folder: &str) -> fn(&str) -> Value {
    match folder {
        "AudioContent" | "EmbeddedResource" | "ImageContent" | "ResourceLink" | "TextContent" => {
            part::<ContentBlock>
        }
        "BlobResourceContents" | "TextResourceContents" => part::<ResourceContents>,
        "BooleanSchema"
        | "NumberSchema"
        | "StringSchema"
        | "TitledMultiSelectEnumSchema"
        | "TitledSingleSelectEnumSchema"
        | "UntitledMultiSelectEnumSchema"
        | "UntitledSingleSelectEnumSchema" => part::<PrimitiveSchema>,
        "CallToolRequest" => request::<CallToolParams>,
        "CallToolRequestParams" => part::<CallToolParams>,
        "CallToolResult" => part::<CallToolResult>,
        "CallToolResultResponse" => response::<CallToolResult>,
        "CancelledNotification" => notification::<CancelledParams>,
        "CancelledNotificationParams" => part::<CancelledParams>,
        "ClientCapabilities" => part::<ClientCapabilities>,
        "CompleteRequest" => request::<CompleteParams>,
        "CompleteRequestParams" => part::<CompleteParams>,
        "CompleteResult" => part::<CompleteResult>,
        "CompleteResultResponse" => response::<CompleteResult>,
        "CreateMessageRequest" | "ElicitRequest" => part::<InputRequest>,
        "CreateMessageRequestParams" => part::<CreateMessageParams>,
        "CreateMessageResult" => part::<CreateMessageResult>,
        "DiscoverRequest" => request::<RequestParams>,
        "DiscoverResult" => part::<DiscoverResult>,
        "DiscoverResultResponse" => response::<DiscoverResult>,
        "ElicitRequestFormParams" => part::<ElicitFormParams>,
        "ElicitRequestURLParams" => part::<ElicitUrlParams>,
        "ElicitResult" => part::<ElicitResult>,
        "GetPromptRequest" => request::<GetPromptParams>,
        "GetPromptRequestParams" => part::<GetPromptParams>,
        "GetPromptResult" => part::<GetPromptResult>,
        "GetPromptResultResponse" => response::<GetPromptResult>,
        "HeaderMismatchError" => error::<Value>,
        "InputRequests" => part::<InputRequests>,
        "InputRequiredResult" => part::<InputRequiredResult>,
        "InputResponses" => part::<InputResponses>,
        "InternalError"
        | "InvalidParamsError"
        | "InvalidRequestError"
        | "MethodNotFoundError"
        | "ParseError" => part::<ErrorObject>,
        "ListPromptsRequest"
        | "ListResourceTemplatesRequest"
        | "ListResourcesRequest"
        | "ListToolsRequest" => request::<PaginatedParams>,
        "ListPromptsResult" => part::<ListPromptsResult>,
        "ListPromptsResultResponse" => response::<ListPromptsResult>,
        "ListResourceTemplatesResult" => part::<ListResourceTemplatesResult>,
        "ListResourceTemplatesResultResponse" => response::<ListResourceTemplatesResult>,
        "ListResourcesResult" => part::<ListResourcesResult>,
        "ListResourcesResultResponse" => response::<ListResourcesResult>,
        "ListRootsRequest" => part::<ListRootsRequest>,
        "ListRootsResult" => part::<ListRootsResult>,
        "ListToolsResult" => part::<ListToolsResult>,
        "ListToolsResultResponse" => response::<ListToolsResult>,
        "LoggingMessageNotification" => notification::<LoggingMessageParams>,
        "LoggingMessageNotificationParams" => part::<LoggingMessageParams>,
        "MissingRequiredClientCapabilityError" => error::<MissingCapabilityData>,
        "ModelPreferences" => part::<ModelPreferences>,
        "PaginatedRequestParams" => part::<PaginatedParams>,
        "ProgressNotification" => notification::<ProgressParams>,
        "ProgressNotificationParams" => part::<ProgressParams>,
        "PromptListChangedNotification"
        | "ResourceListChangedNotification"
        | "ToolListChangedNotification" => notification::<NotificationParams>,
        "ReadResourceRequest" => request::<ReadResourceParams>,
        "ReadResourceResult" => part::<ReadResourceResult>,
        "ReadResourceResultResponse" => response::<ReadResourceResult>,
        "Resource" => part::<Resource>,
        "ResourceUpdatedNotification" => notification::<ResourceUpdatedParams>,
        "ResourceUpdatedNotificationParams" => part::<ResourceUpdatedParams>,
        "Root" => part::<Root>,
        "SamplingMessage" => part::<SamplingMessage>,
        "ServerCapabilities" => part::<ServerCapabilities>,
        "SubscriptionsAcknowledgedNotification" => notification::<AcknowledgedParams>,
        "SubscriptionsListenRequest" => request::<ListenParams>,
        "SubscriptionsListenResult" => part::<ListenResult>,
        "SubscriptionsListenResultResponse" => response::<ListenResult>,
        "Tool" => part::<Tool>,
        "ToolResultContent" | "ToolUseContent" => part::<SamplingBlock>,
        "UnsupportedProtocolVersionError" => error::<UnsupportedVersionData>,
        other => panic!("examples in {other} have no type here"),
    }
}

#[test]
fn every_example_survives_its_type() {
    let Some(folder) = data::folder("2026-07-28/examples") else { return };
    let mut count = 0;
    for group in fs::read_dir(folder).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_dir()) {
        let name = group.file_name().into_string().unwrap();
        let way = way(&name);
        for example in fs::read_dir(group.path()).unwrap().map(|entry| entry.unwrap().path()) {
            let text = fs::read_to_string(&example).unwrap();
            assert_eq!(way(&text), data::json(&example), "{name}: {}", example.display());
            count += 1;
        }
    }
    assert_eq!(count, COUNT);
}
