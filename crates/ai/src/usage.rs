//! What a call used, in one shape for all providers: every class counts what no other counts.

use serde_json::Value;

/// Where the figures are from, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Figures {
    /// The provider's last word, even when it is zero.
    Final,
    /// The last cumulative figures of a stream that was cut.
    Stream,
    /// Our own estimate.
    Estimated,
}

/// Tokens of a call. Cached and written tokens are apart from `input`; reasoning is part of `output`.
#[derive(Clone, Debug, PartialEq)]
pub struct Usage {
    /// Input that was neither read from nor written to a cache.
    pub input: u64,
    /// Input read from a cache.
    pub cached_read: u64,
    /// Input written to a cache of five minutes.
    pub cache_write_5m: u64,
    /// Input written to a cache of thirty minutes.
    pub cache_write_30m: u64,
    /// Input written to a cache of an hour.
    pub cache_write_1h: u64,
    /// All output that is billed.
    pub output: u64,
    /// The part of it that was reasoning.
    pub reasoning: u64,
    /// Where the figures are from.
    pub figures: Figures,
    /// The provider's own figures.
    pub raw: Value,
}

impl Usage {
    /// No figures yet.
    pub const fn none() -> Self {
        Self {
            input: 0,
            cached_read: 0,
            cache_write_5m: 0,
            cache_write_30m: 0,
            cache_write_1h: 0,
            output: 0,
            reasoning: 0,
            figures: Figures::Estimated,
            raw: Value::Null,
        }
    }

    /// An estimate for a call of which no figures came back: all that was sent as input and what was read of the answer,
    /// a token for every four bytes begun.
    pub fn estimate(sent_bytes: u64, answer_bytes: u64) -> Self {
        Self { input: sent_bytes.div_ceil(4), output: answer_bytes.div_ceil(4), ..Self::none() }
    }
}
