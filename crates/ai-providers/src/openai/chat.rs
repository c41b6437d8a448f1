//! The surface `/chat/completions`.

use pm33_ai::{AiError, Call, StopReason};
use serde_json::{Value, json};

use crate::{Delivery, status, told::Told, wire::Stopped};

/// What an endpoint may be asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// All that OpenAI knows.
    OpenAi,
    /// What others know too.
    Compatible,
}

/// A request.
pub(super) fn body(call: &Call<'_>, delivery: Delivery, dialect: Dialect) -> Value {
    let (limit, system) = match dialect {
        Dialect::OpenAi => ("max_completion_tokens", "developer"),
        Dialect::Compatible => ("max_tokens", "system"),
    };
    let mut body = json!({
        "model": call.model,
        "messages": [
            { "role": system, "content": call.prompt.system },
            { "role": "user", "content": call.prompt.user },
        ],
        "stream": delivery == Delivery::Streamed,
    });
    let Some(fields) = body.as_object_mut() else { return body };
    fields.insert(limit.to_owned(), call.prompt.max_output_tokens.into());
    if dialect == Dialect::OpenAi {
        // Nothing is kept at the provider's.
        fields.insert("store".to_owned(), false.into());
    }
    if delivery == Delivery::Streamed {
        // Without it a stream never tells what it used.
        fields.insert("stream_options".to_owned(), json!({ "include_usage": true }));
    }
    if let Some(schema) = &call.prompt.schema {
        let schema = json!({ "name": "answer", "schema": schema, "strict": true });
        fields.insert("response_format".to_owned(), json!({ "type": "json_schema", "json_schema": schema }));
    }
    body
}

/// A chunk of a stream. Figures come after the end, in a chunk without choices.
pub(super) fn read(chunk: &Value, told: &mut Told<'_>) -> Result<(), AiError> {
    if chunk.get("error").is_some_and(|error| !error.is_null()) {
        let worked = told.used().is_some() || !told.text.is_empty();
        let error = status::error_of_event(chunk).filter(|_| !worked);
        return Err(error.unwrap_or_else(|| told.stopped(Stopped::Broken)));
    }
    told.figures(chunk.get("usage"));
    if let Some(model) = chunk.get("model").and_then(Value::as_str).filter(|model| !model.is_empty()) {
        told.model = Some(model.to_owned());
    }
    let Some(choice) = chunk.pointer("/choices/0") else { return Ok(()) };
    take(choice, choice.get("delta"), told);
    Ok(())
}

/// A whole answer.
pub(super) fn read_whole(answer: &Value, told: &mut Told<'_>) -> Result<(), AiError> {
    told.figures(answer.get("usage"));
    told.model = answer.get("model").and_then(Value::as_str).map(str::to_owned);
    let no_choice =
        || AiError::Malformed { why: "it has no choice".to_owned(), usage: told.used().map(Box::new) };
    let choice = answer.pointer("/choices/0").ok_or_else(no_choice)?;
    take(choice, choice.get("message"), told);
    if told.stop.is_none() {
        return Err(told.stopped(Stopped::Broken));
    }
    Ok(())
}

fn take(choice: &Value, part: Option<&Value>, told: &mut Told<'_>) {
    let text = |field| part.and_then(|part| part.get(field)).and_then(Value::as_str).unwrap_or_default();
    told.add(text("content"));
    if !text("refusal").is_empty() {
        told.stop_later(StopReason::Refused);
    }
    // Some endpoints send an empty reason with every chunk.
    let Some(word) = choice.get("finish_reason").and_then(Value::as_str).filter(|word| !word.is_empty())
    else {
        return;
    };
    told.stop = Some(match word {
        "stop" => told.refused().unwrap_or(StopReason::Done),
        "length" => StopReason::OutputLimit,
        "content_filter" => StopReason::Refused,
        other => StopReason::Other(other.chars().take(64).collect()),
    });
}
