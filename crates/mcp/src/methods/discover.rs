//! `server/discover`, and the capabilities that both eras tell.

use pm33_protocol::{
    Era, Revision, TASKS_EXTENSION, UI_EXTENSION, encode_result,
    wire::{Cache, DiscoverResult, ServerCapabilities},
};
use serde_json::{Map, Value, json};

use super::Answered;
use crate::{request::Request, server::Core};

/// How long a client may keep what was discovered.
const TTL_MS: u64 = 60_000;

pub(super) fn discover(core: &Core, request: &Request) -> Answered {
    let result = DiscoverResult {
        result_type: "complete",
        supported_versions: Revision::MODERN.iter().map(|one| one.as_str()).collect(),
        capabilities: capabilities(core, Era::Modern),
        instructions: Some(core.options.instructions.as_str()).filter(|text| !text.is_empty()),
        cache: Cache::private(TTL_MS),
        meta: &core.server_meta,
    };
    Answered::ok(encode_result(&request.id, &result))
}

/// What is offered, by what the catalogue holds.
pub(super) fn capabilities(core: &Core, era: Era) -> ServerCapabilities {
    let catalogue = core.catalogue.load();
    let mut all: Map<String, Value> = Map::new();
    if !catalogue.tools().is_empty() {
        all.insert("tools".to_owned(), json!({ "listChanged": true }));
    }
    if catalogue.resources().next().is_some() {
        all.insert("resources".to_owned(), json!({ "subscribe": true, "listChanged": true }));
    }
    if !catalogue.prompts().is_empty() {
        all.insert("prompts".to_owned(), json!({ "listChanged": true }));
    }
    if catalogue.resources().next().is_some() || !catalogue.prompts().is_empty() {
        all.insert("completions".to_owned(), json!({}));
    }
    let mut extensions = Map::new();
    if catalogue.tools().iter().any(|tool| tool.view.is_some()) {
        extensions.insert(UI_EXTENSION.to_owned(), json!({}));
    }
    // Older clients have no task that they could ask for.
    if era == Era::Modern && !catalogue.tools().is_empty() {
        extensions.insert(TASKS_EXTENSION.to_owned(), json!({}));
    }
    if !extensions.is_empty() {
        all.insert("extensions".to_owned(), Value::Object(extensions));
    }
    if core.options.offers_logging {
        all.insert("logging".to_owned(), json!({}));
    }
    ServerCapabilities(all)
}
