//! Providers of language models. Outbound connections of the product are made here and nowhere else but for telemetry: to
//! the configured host only, without redirects or proxies, with a limit on every phase.
//!
//! ```
//! use pm33_ai_providers::SseDecoder;
//!
//! let mut decoder = SseDecoder::new(1 << 20);
//! assert!(decoder.push(b"event: delta\ndata: {\"te")?.is_empty());
//! let events = decoder.push(b"xt\":1}\n\n")?;
//! assert_eq!((&*events[0].name, &*events[0].data), ("delta", "{\"text\":1}"));
//! # Ok::<(), pm33_ai_providers::SseError>(())
//! ```

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
