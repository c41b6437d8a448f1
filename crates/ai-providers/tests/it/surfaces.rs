//! The surfaces under test, each with a stream and a body that say the same.

use std::{sync::Mutex, time::Duration};

use pm33_ai::{
    AiError, Call, Completion, CompletionEvents, LanguageModel, Prompt, Redactor, Rendered, Template,
    Untrusted,
};
use pm33_ai_providers::{Anthropic, Delivery, Endpoint, Limits, OpenAi, Surface};
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

/// A surface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spoken {
    Messages,
    Responses,
    Chat,
}

impl Spoken {
    pub(crate) const ALL: [Self; 3] = [Self::Messages, Self::Responses, Self::Chat];

    /// A stream that says `Grüße 🦀`, with what nobody knows in between, and its figures: 70 new and 30 cached tokens of
    /// input, 9 of output.
    pub(crate) fn stream(self) -> &'static str {
        match self {
            Self::Messages => concat!(
                "event: message_start\r\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"model\":\"claude-x-1\",\"usage\":{\"input_tokens\":70,\"cache_read_input_tokens\":30,\"output_tokens\":1,\"service_tier\":\"new\"}}}\r\n\r\n",
                ": keep-alive\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\n",
                "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
                "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}}\n\n",
                "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\n",
                "data: \"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Grüße \"}}\n\n",
                "event: brand_new\ndata: {\"type\":\"brand_new\",\"x\":[1,2]}\n\nevent: odd\ndata: not json\n\n",
                "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"🦀\"},\"new_field\":null}\n\n",
                "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n",
                "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":9}}\n\n",
                "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
            ),
            Self::Responses => concat!(
                "event: response.created\r\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"r\",\"status\":\"in_progress\",\"usage\":null}}\r\n\r\n",
                ": keep-alive\n\nevent: keepalive\ndata: {\"type\":\"keepalive\"}\n\n",
                "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\n",
                "data: \"delta\":\"Grüße \"}\n\n",
                "event: response.brand_new\ndata: {\"type\":\"response.brand_new\",\"service_tier\":\"new\"}\n\nevent: odd\ndata: not json\n\n",
                "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"sequence_number\":null,\"delta\":\"🦀\"}\n\n",
                "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"model\":\"gpt-x-1\",\"status\":\"completed\",\"usage\":{\"input_tokens\":100,\"input_tokens_details\":{\"cached_tokens\":30},\"output_tokens\":9}}}\n\n",
            ),
            Self::Chat => concat!(
                "data: {\"id\":\"c\",\"model\":\"gpt-x-1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":\"\"}]}\r\n\r\n",
                ": keep-alive\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Grüße \"},\n",
                "data: \"finish_reason\":null}]}\n\ndata: not json\n\n",
                "data: {\"service_tier\":\"new\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"🦀\"},\"finish_reason\":null}]}\n\n",
                "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":null}\n\n",
                "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":100,\"prompt_tokens_details\":{\"cached_tokens\":30},\"completion_tokens\":9}}\n\n",
                "data: [DONE]\n\n",
            ),
        }
    }

    /// The same in one body.
    pub(crate) fn body(self) -> &'static str {
        match self {
            Self::Messages => {
                r#"{"model":"claude-x-1","content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"Grüße 🦀"}],"stop_reason":"end_turn","usage":{"input_tokens":70,"cache_read_input_tokens":30,"output_tokens":9},"new":1}"#
            }
            Self::Responses => {
                r#"{"model":"gpt-x-1","status":"completed","output":[{"type":"reasoning"},{"type":"message","content":[{"type":"output_text","text":"Grüße 🦀"}]}],"usage":{"input_tokens":100,"input_tokens_details":{"cached_tokens":30},"output_tokens":9}}"#
            }
            Self::Chat => {
                r#"{"model":"gpt-x-1","choices":[{"message":{"content":"Grüße 🦀"},"finish_reason":"stop"}],"usage":{"prompt_tokens":100,"prompt_tokens_details":{"cached_tokens":30},"completion_tokens":9}}"#
            }
        }
    }

    pub(crate) fn model(self, url: &str, delivery: Delivery, limits: Limits) -> Box<dyn LanguageModel> {
        let mut endpoint = Endpoint::new("house", url).unwrap();
        endpoint.delivery = delivery;
        endpoint.limits = limits;
        match self {
            Self::Messages => Box::new(Anthropic::new(endpoint).unwrap()),
            Self::Responses => Box::new(OpenAi::new(endpoint, Surface::Responses).unwrap()),
            Self::Chat => Box::new(OpenAi::new(endpoint, Surface::Chat).unwrap()),
        }
    }
}

/// Limits that a test can wait for.
pub(crate) fn brisk() -> Limits {
    Limits {
        connect: Duration::from_millis(400),
        first_byte: Duration::from_millis(400),
        idle: Duration::from_millis(400),
        total: Duration::from_secs(3),
        waiting: Duration::from_secs(2),
        ..Limits::default()
    }
}

pub(crate) fn prompt() -> Rendered {
    let template = Template { name: "test/t", system: "Say hello." };
    Prompt::new(template, 321)
        .with(Untrusted::new("work_item", "PAY-1", "title", "Refunds"))
        .answering_in(serde_json::json!({ "type": "object" }))
        .render([1; 16], &mut Redactor::default())
}

/// Keeps what was told.
#[derive(Default)]
pub(crate) struct Heard(pub(crate) Mutex<String>);

impl CompletionEvents for Heard {
    fn text(&self, delta: &str) {
        self.0.lock().unwrap().push_str(delta);
    }
}

/// The key of every call; it must never be seen but by the peer.
pub(crate) const KEY: &str = "sk-very-secret-0123456789";

pub(crate) async fn ask(model: &dyn LanguageModel) -> (Result<Completion, AiError>, String) {
    ask_until(model, &CancellationToken::new()).await
}

pub(crate) async fn ask_until(
    model: &dyn LanguageModel,
    cancelled: &CancellationToken,
) -> (Result<Completion, AiError>, String) {
    ask_as(model, "acme", cancelled).await
}

/// Asks for a partition.
pub(crate) async fn ask_as(
    model: &dyn LanguageModel,
    partition: &str,
    cancelled: &CancellationToken,
) -> (Result<Completion, AiError>, String) {
    let (prompt, key, heard) = (prompt(), SecretString::from(KEY), Heard::default());
    let call =
        Call { prompt: &prompt, model: "asked-model", key: &key, partition, cancelled: cancelled.clone() };
    let ended = model.complete(&call, &heard).await;
    let heard = heard.0.into_inner().unwrap();
    (ended, heard)
}
