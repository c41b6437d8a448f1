//! Providers of language models. Outbound connections of the product are made here and nowhere else but for telemetry: to
//! the configured host only, without redirects or proxies, with a limit on every phase.

mod anthropic;
mod breaker;
mod endpoint;
mod error;
mod figures;
mod openai;
mod retry;
mod sse;
mod status;
mod told;
mod wire;

pub use anthropic::Anthropic;
pub use endpoint::{Delivery, Endpoint, Limits};
pub use error::EndpointError;
pub use openai::{OpenAi, Surface};
pub use sse::{Event, SseDecoder, SseError};
