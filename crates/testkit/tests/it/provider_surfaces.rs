//! The providers' surfaces as our adapters ask them, for tests against foreign peers.

use std::{sync::Mutex, time::Duration};

use pm33_ai::{
    AiError, Call, Completion, CompletionEvents, LanguageModel, Prompt, Redactor, Template, Untrusted,
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
    Compatible,
}

/// The key of every call.
pub(crate) const KEY: &str = "sk-very-secret-0123456789";
/// The limit of output that is asked for.
pub(crate) const MOST: u32 = 321;
pub(crate) const DELIVERIES: [Delivery; 2] = [Delivery::Streamed, Delivery::Whole];

impl Spoken {
    pub(crate) const ALL: [Self; 4] = [Self::Messages, Self::Responses, Self::Chat, Self::Compatible];

    /// Below a peer's URL; `versioned` is where it has OpenAI's surfaces.
    pub(crate) fn model(
        self,
        url: &str,
        versioned: &str,
        delivery: Delivery,
        limits: Limits,
    ) -> Box<dyn LanguageModel> {
        let base = if self == Self::Messages { url.to_owned() } else { format!("{url}{versioned}") };
        let mut endpoint = Endpoint::new("house", &base).unwrap();
        endpoint.delivery = delivery;
        endpoint.limits = limits;
        let openai = |surface| Box::new(OpenAi::new(endpoint.clone(), surface).unwrap());
        match self {
            Self::Messages => Box::new(Anthropic::new(endpoint).unwrap()),
            Self::Responses => openai(Surface::Responses),
            Self::Chat => openai(Surface::Chat),
            Self::Compatible => openai(Surface::CompatibleChat),
        }
    }
}

/// Limits that a test can wait for.
pub(crate) fn brisk() -> Limits {
    Limits {
        first_byte: Duration::from_secs(2),
        idle: Duration::from_secs(2),
        waiting: Duration::from_secs(3),
        ..Limits::default()
    }
}

#[derive(Default)]
struct Heard(Mutex<String>);

impl CompletionEvents for Heard {
    fn text(&self, delta: &str) {
        self.0.lock().unwrap().push_str(delta);
    }
}

/// Asks for a model's answer; the peers go by the model's name. What was heard until the end comes too.
pub(crate) async fn ask(model: &dyn LanguageModel, name: &str) -> (Result<Completion, AiError>, String) {
    let template = Template { name: "test/t", system: "Say hello." };
    let prompt = Prompt::new(template, MOST)
        .with(Untrusted::new("work_item", "PAY-1", "title", "Refunds"))
        .answering_in(serde_json::json!({ "type": "object" }))
        .render([1; 16], &mut Redactor::default());
    let (key, heard) = (SecretString::from(KEY), Heard::default());
    // A partition for each name: failures in a row open a circuit.
    let call = Call {
        prompt: &prompt,
        model: name,
        key: &key,
        partition: name,
        cancelled: CancellationToken::new(),
    };
    let ended = model.complete(&call, &heard).await;
    (ended, heard.0.into_inner().unwrap())
}
