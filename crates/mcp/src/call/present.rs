//! Stage: an outcome becomes the result of the peer's era.

use std::borrow::Cow;

use pm33_auth::hide_keys;
use pm33_protocol::{
    CREDITS, Era, MirroredResult, encode_large_result, encode_mirrored_result,
    wire::{Block, CallResult, Contents},
};
use pm33_tenancy::Outcome;
use pm33_tools::{Answer, Content, ResourceBody};
use serde_json::{Map, Value, json, value::RawValue};

use crate::{CallStore, methods::Answered, request::Request, server::Core};

/// A tool's answer.
pub(crate) fn done(
    core: &Core,
    request: &Request,
    answer: &Answer,
    store: Box<dyn CallStore>,
    changed: Vec<String>,
) -> Answered {
    let structured = answer.structured.as_deref().map(|json| (json, answer.escaped.as_deref()));
    let content = answer.content.iter().map(block).collect();
    let ending = if answer.failed { Ending::Error } else { Ending::Result };
    let body = encode(core, request, content, structured, ending);
    let (outcome, code) = if answer.failed { (Outcome::Failed, "refused") } else { (Outcome::Done, "ok") };
    Answered { store: Some(store), changed, ..Answered::new(body, outcome, code) }
}

/// A refusal that the model can act on; nothing was changed.
pub(crate) fn refused(
    core: &Core,
    request: &Request,
    text: &str,
    code: &'static str,
    outcome: Outcome,
) -> Answered {
    // What was sent is repeated often, and a key may have been sent by mistake.
    let text = &hide_keys(text);
    let body = encode(core, request, vec![Block::Text { text }], None, Ending::Error);
    Answered::new(body, outcome, code)
}

/// The first answer again.
pub(crate) fn replayed(core: &Core, request: &Request, answer: &str) -> Answered {
    let structured = serde_json::from_str::<&RawValue>(answer).ok();
    // What is no JSON any more is still told.
    let content = if structured.is_some() { Vec::new() } else { vec![Block::Text { text: answer }] };
    let body = encode(core, request, content, structured.map(|json| (json, None)), Ending::Result);
    Answered::new(body, Outcome::Replayed, "replayed")
}

/// What a tool's answer is to the model.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// What was asked for.
    Result,
    /// Why not, and what to do.
    Error,
}

/// The result's bytes; without blocks, its structured content is its text too, escaped already or not.
fn encode(
    core: &Core,
    request: &Request,
    content: Vec<Block<'_>>,
    structured: Option<(&RawValue, Option<&str>)>,
    ending: Ending,
) -> Vec<u8> {
    let modern = request.era() == Era::Modern;
    let result_type = modern.then_some("complete");
    let meta = meta(core, request);
    let (is_error, meta) = (ending == Ending::Error, meta.as_deref());
    if let (Some((structured, escaped)), []) = (structured, &content[..]) {
        let result = MirroredResult { result_type, structured, escaped, is_error, meta };
        return encode_mirrored_result(&request.id, result);
    }
    let structured = structured.map(|(json, _)| json);
    let room = structured.map_or(0, |raw| raw.get().len());
    let result = CallResult { result_type, content, structured_content: structured, is_error, meta };
    encode_large_result(&request.id, &result, room)
}

/// Our name and version where the era has them, what the call cost where it cost something, and what the client is to know
/// of what became of its texts.
fn meta<'a>(core: &'a Core, request: &Request) -> Option<Cow<'a, Value>> {
    let own = (request.era() == Era::Modern).then_some(&core.server_meta);
    let (charged, removed) = (request.owed.told(), request.record.removed);
    if charged.is_none() && removed == 0 && request.flagged.is_none() {
        return own.map(Cow::Borrowed);
    }
    let mut meta = own.cloned().unwrap_or_else(|| Value::Object(Map::new()));
    if let Some(fields) = meta.as_object_mut() {
        if let Some(charged) = charged {
            fields.insert(CREDITS.to_owned(), charged.clone());
        }
        if removed > 0 {
            fields.insert("dev.pm33/removedCharacters".to_owned(), removed.into());
        }
        if let Some(found) = &request.flagged {
            fields
                .insert("dev.pm33/flagged".to_owned(), json!({ "score": found.score, "rules": found.rules }));
        }
    }
    Some(Cow::Owned(meta))
}

/// A neutral block as the wire's.
pub(crate) fn block(content: &Content) -> Block<'_> {
    match content {
        Content::Text(text) => Block::Text { text },
        Content::Image { data, mime } => Block::Image { data, mime_type: mime },
        Content::Audio { data, mime } => Block::Audio { data, mime_type: mime },
        Content::Link { uri, name } => Block::ResourceLink { uri, name },
        Content::Embedded(body) => Block::Resource { resource: contents(body) },
    }
}

/// A neutral resource body as the wire's.
pub(crate) fn contents(body: &ResourceBody) -> Contents<'_> {
    let data = body.data.as_str();
    Contents {
        uri: &body.uri,
        mime_type: &body.mime,
        text: (!body.is_base64).then_some(data),
        blob: body.is_base64.then_some(data),
        meta: body.meta.as_ref(),
    }
}
