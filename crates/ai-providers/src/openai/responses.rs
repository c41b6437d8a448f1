//! The surface `/responses`.

use pm33_ai::{AiError, Call, StopReason};
use serde_json::{Value, json};

use crate::{Delivery, status, told::Told, wire::Stopped};

/// A request.
pub(super) fn body(call: &Call<'_>, delivery: Delivery) -> Value {
    let mut body = json!({
        "model": call.model,
        "instructions": call.prompt.system,
        "input": [{ "role": "user", "content": call.prompt.user }],
        "max_output_tokens": call.prompt.max_output_tokens,
        // Nothing is kept at the provider's.
        "store": false,
        "stream": delivery == Delivery::Streamed,
    });
    if let (Some(schema), Some(body)) = (&call.prompt.schema, body.as_object_mut()) {
        let format = json!({ "type": "json_schema", "name": "answer", "schema": schema, "strict": true });
        body.insert("text".to_owned(), json!({ "format": format }));
    }
    body
}

/// An event of a stream.
pub(super) fn read(event: &Value, told: &mut Told<'_>) -> Result<(), AiError> {
    match event.get("type").and_then(Value::as_str).unwrap_or_default() {
        "response.output_text.delta" => {
            told.add(event.get("delta").and_then(Value::as_str).unwrap_or_default());
        }
        "response.refusal.delta" | "response.refusal.done" => told.stop_later(StopReason::Refused),
        "response.created" | "response.in_progress" => told.figures(event.pointer("/response/usage")),
        "response.completed" | "response.incomplete" | "response.failed" => {
            let response = event.get("response").unwrap_or(&Value::Null);
            told.figures(response.get("usage"));
            return end(response, told);
        }
        "error" => return Err(failed(event, told)),
        _ => {}
    }
    Ok(())
}

/// A whole answer.
pub(super) fn read_whole(answer: &Value, told: &mut Told<'_>) -> Result<(), AiError> {
    told.figures(answer.get("usage"));
    for item in answer.get("output").and_then(Value::as_array).into_iter().flatten() {
        for part in item.get("content").and_then(Value::as_array).into_iter().flatten() {
            match part.get("type").and_then(Value::as_str) {
                Some("refusal") => told.stop_later(StopReason::Refused),
                _ => told.add(part.get("text").and_then(Value::as_str).unwrap_or_default()),
            }
        }
    }
    end(answer, told)
}

fn end(response: &Value, told: &mut Told<'_>) -> Result<(), AiError> {
    told.model = response.get("model").and_then(Value::as_str).map(str::to_owned);
    let refused = told.refused();
    let stop = match response.get("status").and_then(Value::as_str) {
        Some("failed") => return Err(failed(response, told)),
        Some("completed") => refused.unwrap_or(StopReason::Done),
        Some("incomplete") => match response.pointer("/incomplete_details/reason").and_then(Value::as_str) {
            Some("max_output_tokens") => StopReason::OutputLimit,
            Some("content_filter") => StopReason::Refused,
            other => StopReason::Other(other.unwrap_or("incomplete").chars().take(64).collect()),
        },
        _ => return Err(told.stopped(Stopped::Broken)),
    };
    told.stop = Some(stop);
    Ok(())
}

fn failed(event: &Value, told: &Told<'_>) -> AiError {
    let worked = told.used().is_some() || !told.text.is_empty();
    let error = status::error_of_event(event).filter(|_| !worked);
    error.unwrap_or_else(|| told.stopped(Stopped::Broken))
}
