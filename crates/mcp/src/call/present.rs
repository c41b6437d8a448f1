//! Stage: an outcome becomes the result of the peer's era.

use std::borrow::Cow;

use pm33_auth::hide_keys;
use pm33_protocol::{
    CREDITS, Era, MirroredResult, encode_large_result, encode_mirrored_result,
    wire::{Block, CallResult, Contents},
};
use pm33_tenancy::Outcome;
use pm33_tools::{Answer, Content, ResourceBody};
use serde_json::{
    Map, json,
    value::{RawValue, to_raw_value},
};

use crate::{CallStore, methods::Answered, request::Request, server::Core};

/// A tool's answer.
pub(crate) fn done(
    core: &Core,
    request: &Request,
    answer: &Answer,
    store: Box<dyn CallStore>,
    changed: Vec<String>,
) -> Answered {
    let ending = if answer.failed { Ending::Error } else { Ending::Result };
    let body = match &answer.structured {
        Some(written) if answer.content.is_empty() => {
            mirrored(core, request, written.json(), written.escaped(), ending)
        }
        written => {
            let structured = written.as_ref().and_then(|written| serde_json::from_str(written.json()).ok());
            blocks(core, request, answer.content.iter().map(block).collect(), structured, ending)
        }
    };
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
    let body = blocks(core, request, vec![Block::Text { text }], None, Ending::Error);
    Answered::new(body, outcome, code)
}

/// The first answer again.
pub(crate) fn replayed(core: &Core, request: &Request, answer: &str) -> Answered {
    let text = vec![Block::Text { text: answer }];
    // What is no JSON any more is still told.
    let structured = serde_json::from_str(answer).ok();
    let body = blocks(core, request, text, structured, Ending::Result);
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

/// The bytes of a result whose only block is its structured content as text.
fn mirrored(core: &Core, request: &Request, structured: &str, escaped: &str, ending: Ending) -> Vec<u8> {
    let meta = meta(core, request);
    let result = MirroredResult {
        result_type: result_type(request),
        structured,
        escaped,
        is_error: ending == Ending::Error,
        meta: meta.as_deref(),
    };
    encode_mirrored_result(&request.id, result)
}

/// The bytes of a result with blocks of its own.
fn blocks(
    core: &Core,
    request: &Request,
    content: Vec<Block<'_>>,
    structured_content: Option<&RawValue>,
    ending: Ending,
) -> Vec<u8> {
    let room = structured_content.map_or(0, |raw| raw.get().len());
    let meta = meta(core, request);
    let result = CallResult {
        result_type: result_type(request),
        content,
        structured_content,
        is_error: ending == Ending::Error,
        meta: meta.as_deref(),
    };
    encode_large_result(&request.id, &result, room)
}

fn result_type(request: &Request) -> Option<&'static str> {
    (request.era() == Era::Modern).then_some("complete")
}

/// Our name and version where the era has them, what the call cost where it cost something, and what the client is to know
/// of what became of its texts.
fn meta<'a>(core: &'a Core, request: &Request) -> Option<Cow<'a, RawValue>> {
    let is_modern = request.era() == Era::Modern;
    let (charged, removed) = (request.owed.told(), request.record.removed);
    if charged.is_none() && removed == 0 && request.flagged.is_none() {
        return is_modern.then_some(Cow::Borrowed(&*core.server_meta_json));
    }
    let mut meta = Map::new();
    if is_modern {
        meta.extend(core.server_meta.as_object().cloned().unwrap_or_default());
    }
    if let Some(charged) = charged {
        meta.insert(CREDITS.to_owned(), charged.clone());
    }
    if removed > 0 {
        meta.insert("dev.pm33/removedCharacters".to_owned(), removed.into());
    }
    if let Some(found) = &request.flagged {
        meta.insert("dev.pm33/flagged".to_owned(), json!({ "score": found.score, "rules": found.rules }));
    }
    // Texts and numbers always serialise.
    Some(Cow::Owned(to_raw_value(&meta).unwrap_or_default()))
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
