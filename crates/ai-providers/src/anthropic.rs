//! Anthropic's Messages over HTTP.

use async_trait::async_trait;
use futures_util::StreamExt;
use pm33_ai::{AiError, Call, Completion, CompletionEvents, LanguageModel, StopReason};
use reqwest::{Method, Request, Url, header::HeaderValue};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::{
    Delivery, Endpoint, EndpointError, SseDecoder, figures, status,
    told::Told,
    wire::{Bounds, Opened, Stopped, Wire, whole},
};

/// Version of the interface.
const VERSION: &str = "2023-06-01";

/// Anthropic's models.
#[derive(Debug)]
pub struct Anthropic(Wire);

impl Anthropic {
    /// The provider at an endpoint, such as `https://api.anthropic.com`.
    ///
    /// # Errors
    /// When no client can be made.
    pub fn new(endpoint: Endpoint) -> Result<Self, EndpointError> {
        Wire::new(endpoint).map(Self)
    }

    fn body(&self, call: &Call<'_>) -> Value {
        let mut body = json!({
            "model": call.model,
            "max_tokens": call.prompt.max_output_tokens,
            "system": call.prompt.system,
            "messages": [{ "role": "user", "content": call.prompt.user }],
            "stream": self.0.endpoint.delivery == Delivery::Streamed,
        });
        if let (Some(schema), Some(body)) = (&call.prompt.schema, body.as_object_mut()) {
            // Never a forced tool: some models refuse those.
            let format = json!({ "format": { "type": "json_schema", "schema": schema } });
            body.insert("output_config".to_owned(), format);
        }
        body
    }

    async fn once(&self, call: &Call<'_>, events: &dyn CompletionEvents) -> Result<Completion, AiError> {
        let bounds = self.0.bounds(&call.cancelled);
        let url: Url =
            self.0.endpoint.url("/v1/messages").parse().map_err(|_| bad("the base URL has no path"))?;
        let mut key = HeaderValue::from_str(call.key.expose_secret())
            .map_err(|_| bad("the configured key has characters that no key has"))?;
        key.set_sensitive(true);
        let body = bytes::Bytes::from(self.body(call).to_string());
        let sent_bytes = body.len() as u64;
        let opened = self
            .0
            .open(&bounds, &move || {
                let mut request = Request::new(Method::POST, url.clone());
                let headers = request.headers_mut();
                headers.insert("x-api-key", key.clone());
                headers.insert("anthropic-version", HeaderValue::from_static(VERSION));
                headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
                *request.body_mut() = Some(body.clone().into());
                Box::pin(std::future::ready(Ok(request)))
            })
            .await?;
        let mut told = Told::new(events, figures::anthropic);
        match self.0.endpoint.delivery {
            Delivery::Streamed => self.read_stream(opened, &mut told, &bounds).await?,
            Delivery::Whole => read_whole(opened, &mut told).await?,
        }
        told.finish(call.model, sent_bytes)
    }

    async fn read_stream(&self, opened: Opened, told: &mut Told<'_>, bounds: &Bounds) -> Result<(), AiError> {
        let mut decoder = SseDecoder::new(self.0.endpoint.limits.answer_bytes);
        let mut body = opened.body;
        let mut stop = None;
        while let Some(part) = body.next().await {
            let part = part.map_err(|stopped| told.stopped(stopped))?;
            let events = decoder.push(&part).map_err(|error| malformed(&error.to_string(), told))?;
            for event in events {
                // An event that is no JSON is none of ours.
                let Ok(data) = serde_json::from_str::<Value>(&event.data) else { continue };
                match data.get("type").and_then(Value::as_str).unwrap_or(&event.name) {
                    "message_start" => {
                        told.model = text(&data, "/message/model").or(told.model.take());
                        told.figures(data.pointer("/message/usage"));
                    }
                    "content_block_delta" => told.add(&text(&data, "/delta/text").unwrap_or_default()),
                    "message_delta" => {
                        told.figures(data.get("usage"));
                        stop = text(&data, "/delta/stop_reason").or(stop);
                    }
                    "message_stop" => {
                        told.stop = Some(stop.as_deref().map_or(StopReason::Done, reason));
                        return Ok(());
                    }
                    "error" => {
                        let worked = told.used().is_some() || !told.text.is_empty();
                        let error = status::error_of_event(&data).filter(|_| !worked);
                        return Err(error.unwrap_or_else(|| told.stopped(Stopped::Broken)));
                    }
                    _ => {}
                }
            }
        }
        let stopped = if bounds.cancelled.is_cancelled() { Stopped::Cancelled } else { Stopped::Broken };
        Err(told.stopped(stopped))
    }
}

async fn read_whole(opened: Opened, told: &mut Told<'_>) -> Result<(), AiError> {
    let body = whole(opened.body).await.map_err(|stopped| told.stopped(stopped))?;
    let answer: Value = serde_json::from_slice(&body).map_err(|_| malformed("it is no JSON", told))?;
    told.figures(answer.get("usage"));
    told.model = text(&answer, "/model");
    for block in answer.get("content").and_then(Value::as_array).into_iter().flatten() {
        told.add(&text(block, "/text").unwrap_or_default());
    }
    let stop = text(&answer, "/stop_reason").ok_or_else(|| malformed("it has no stop reason", told))?;
    told.stop = Some(reason(&stop));
    Ok(())
}

fn reason(word: &str) -> StopReason {
    match word {
        "end_turn" | "stop_sequence" => StopReason::Done,
        "max_tokens" => StopReason::OutputLimit,
        "refusal" => StopReason::Refused,
        "model_context_window_exceeded" => StopReason::ContextFull,
        other => StopReason::Other(other.chars().take(64).collect()),
    }
}

fn text(value: &Value, path: &str) -> Option<String> {
    value.pointer(path).and_then(Value::as_str).map(str::to_owned)
}

fn bad(why: &str) -> AiError {
    AiError::BadRequest { why: why.to_owned() }
}

fn malformed(why: &str, told: &Told<'_>) -> AiError {
    AiError::Malformed { why: why.to_owned(), usage: told.used().map(Box::new) }
}

#[async_trait]
impl LanguageModel for Anthropic {
    fn provider(&self) -> &str {
        &self.0.endpoint.provider
    }

    async fn complete(&self, call: &Call<'_>, events: &dyn CompletionEvents) -> Result<Completion, AiError> {
        self.0.breakers.enter(call.partition)?;
        let ended = self.once(call, events).await;
        self.0.breakers.note(call.partition, &ended);
        ended
    }
}
