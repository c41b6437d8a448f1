//! OpenAI and endpoints that speak like it, over async-openai with requests and answers of our own types: its typed enums
//! refuse what they do not know, its streams end silently when they are cut, and its retries obey any `Retry-After`.

mod chat;
mod responses;
mod service;

use std::sync::Arc;

use async_openai::{Client, config::Config, error::OpenAIError, types::stream::StreamResponse};
use async_trait::async_trait;
use futures_util::StreamExt;
use http::{HeaderMap, HeaderValue, header::AUTHORIZATION};
use pm33_ai::{AiError, Call, Completion, CompletionEvents, LanguageModel};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use self::service::{Service, Slot};
use crate::{
    Delivery, Endpoint, EndpointError, figures,
    told::Told,
    wire::{Stopped, Wire},
};

/// Which of OpenAI's surfaces an endpoint has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Surface {
    /// `/responses`.
    #[default]
    Responses,
    /// `/chat/completions`, as OpenAI has it.
    Chat,
    /// `/chat/completions` of an endpoint that speaks like OpenAI and may know less.
    CompatibleChat,
}

/// OpenAI's models, or those of an endpoint that speaks like it.
#[derive(Debug)]
pub struct OpenAi {
    wire: Arc<Wire>,
    surface: Surface,
}

impl OpenAi {
    /// The provider at an endpoint, such as `https://api.openai.com/v1`.
    ///
    /// # Errors
    /// When no client can be made.
    pub fn new(endpoint: Endpoint, surface: Surface) -> Result<Self, EndpointError> {
        Ok(Self { wire: Arc::new(Wire::new(endpoint)?), surface })
    }

    async fn once(&self, call: &Call<'_>, events: &dyn CompletionEvents) -> Result<Completion, AiError> {
        let bounds = self.wire.bounds(&call.cancelled);
        let slot = Slot::default();
        let service = Service { wire: Arc::clone(&self.wire), bounds, slot: slot.clone() };
        let config = Place { wire: Arc::clone(&self.wire), key: call.key.clone() };
        let client = Client::build(self.wire.client.clone(), config).with_http_service(service);
        let (body, is_stream) = (self.body(call), self.wire.endpoint.delivery == Delivery::Streamed);
        let sent_bytes = body.to_string().len() as u64;
        let mut told = Told::new(events, figures::openai);
        if is_stream {
            let opened: Result<StreamResponse<Value>, OpenAIError> = match self.surface {
                Surface::Responses => client.responses().create_stream_byot(&body).await,
                Surface::Chat | Surface::CompatibleChat => client.chat().create_stream_byot(&body).await,
            };
            let mut stream = opened.map_err(|error| slot.error(error, &told))?;
            while told.stop.is_none() || self.surface != Surface::Responses {
                let Some(event) = stream.next().await else { break };
                match event {
                    Ok(event) => self.read(&event, &mut told)?,
                    // An event that is no JSON is none of ours; what broke the stream lies in the slot.
                    Err(OpenAIError::JSONDeserialize(..)) => {}
                    Err(error) => return Err(slot.error(error, &told)),
                }
            }
            if told.stop.is_none() {
                // The stream ends the same way whether it was finished or cut: only its last event tells.
                return Err(told.stopped(slot.stopped().unwrap_or(Stopped::Broken)));
            }
        } else {
            let answer: Value = match self.surface {
                Surface::Responses => client.responses().create_byot(&body).await,
                Surface::Chat | Surface::CompatibleChat => client.chat().create_byot(&body).await,
            }
            .map_err(|error| slot.error(error, &told))?;
            match self.surface {
                Surface::Responses => responses::read_whole(&answer, &mut told)?,
                Surface::Chat | Surface::CompatibleChat => chat::read_whole(&answer, &mut told)?,
            }
        }
        told.finish(call.model, sent_bytes)
    }

    fn body(&self, call: &Call<'_>) -> Value {
        let delivery = self.wire.endpoint.delivery;
        match self.surface {
            Surface::Responses => responses::body(call, delivery),
            Surface::Chat => chat::body(call, delivery, chat::Dialect::OpenAi),
            Surface::CompatibleChat => chat::body(call, delivery, chat::Dialect::Compatible),
        }
    }

    fn read(&self, event: &Value, told: &mut Told<'_>) -> Result<(), AiError> {
        match self.surface {
            Surface::Responses => responses::read(event, told),
            Surface::Chat | Surface::CompatibleChat => chat::read(event, told),
        }
    }
}

/// Where async-openai sends to. Its own configuration would ask the environment for keys and hosts.
struct Place {
    wire: Arc<Wire>,
    key: SecretString,
}

impl Config for Place {
    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        // A key that is no header value is refused by the provider as a missing one.
        if let Ok(mut value) = HeaderValue::from_str(&format!("Bearer {}", self.key.expose_secret())) {
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        headers
    }

    fn url(&self, path: &str) -> String {
        self.wire.endpoint.url(path)
    }

    fn query(&self) -> Vec<(&str, &str)> {
        Vec::new()
    }

    fn api_base(&self) -> &str {
        self.wire.endpoint.base.as_str()
    }

    fn api_key(&self) -> &SecretString {
        &self.key
    }
}

#[async_trait]
impl LanguageModel for OpenAi {
    fn provider(&self) -> &str {
        &self.wire.endpoint.provider
    }

    async fn complete(&self, call: &Call<'_>, events: &dyn CompletionEvents) -> Result<Completion, AiError> {
        self.wire.breakers.enter(call.partition)?;
        let ended = self.once(call, events).await;
        self.wire.breakers.note(call.partition, &ended);
        ended
    }
}
