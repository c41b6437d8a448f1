//! Tokens by the classes that have prices of their own. Every class counts what no other counts, so that a sum never
//! counts a token twice: OpenAI's cached tokens are taken out of its input by the adapter, Anthropic's come apart.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A class of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenClass {
    /// Read by the model and neither from nor into a cache.
    Input,
    /// Read from a cache.
    CachedRead,
    /// Written to a cache that lives five minutes.
    CacheWrite5m,
    /// Written to a cache that lives thirty minutes.
    CacheWrite30m,
    /// Written to a cache that lives an hour.
    CacheWrite1h,
    /// Written by the model, other than reasoning.
    Output,
    /// Thought by the model; part of its output.
    Reasoning,
}

impl TokenClass {
    /// Every class.
    pub const ALL: [Self; 7] = [
        Self::Input,
        Self::CachedRead,
        Self::CacheWrite5m,
        Self::CacheWrite30m,
        Self::CacheWrite1h,
        Self::Output,
        Self::Reasoning,
    ];

    /// The word in price files and errors.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::CachedRead => "cached_read",
            Self::CacheWrite5m => "cache_write_5m",
            Self::CacheWrite30m => "cache_write_30m",
            Self::CacheWrite1h => "cache_write_1h",
            Self::Output => "output",
            Self::Reasoning => "reasoning",
        }
    }
}

/// What a call used. `output` is the billed total and includes `reasoning`; all other fields exclude each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Tokens {
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
    /// All output, reasoning included.
    pub output: u64,
    /// The part of the output that was reasoning.
    pub reasoning: u64,
}

impl Tokens {
    /// Tokens of a class; `Output` is the output without its reasoning.
    pub const fn of(&self, class: TokenClass) -> u64 {
        match class {
            TokenClass::Input => self.input,
            TokenClass::CachedRead => self.cached_read,
            TokenClass::CacheWrite5m => self.cache_write_5m,
            TokenClass::CacheWrite30m => self.cache_write_30m,
            TokenClass::CacheWrite1h => self.cache_write_1h,
            // A provider that reports more reasoning than output is taken at its larger word.
            TokenClass::Output => self.output.saturating_sub(self.reasoning),
            TokenClass::Reasoning => self.reasoning,
        }
    }

    /// All tokens that the model read: what long-context thresholds look at.
    pub fn read(&self) -> u64 {
        [self.input, self.cached_read, self.cache_write_5m, self.cache_write_30m, self.cache_write_1h]
            .into_iter()
            .fold(0, u64::saturating_add)
    }

    /// All tokens.
    pub fn total(&self) -> u64 {
        self.read().saturating_add(self.output.max(self.reasoning))
    }

    /// The sum of two usages, class by class.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            input: self.input.saturating_add(other.input),
            cached_read: self.cached_read.saturating_add(other.cached_read),
            cache_write_5m: self.cache_write_5m.saturating_add(other.cache_write_5m),
            cache_write_30m: self.cache_write_30m.saturating_add(other.cache_write_30m),
            cache_write_1h: self.cache_write_1h.saturating_add(other.cache_write_1h),
            output: self.output.saturating_add(other.output),
            reasoning: self.reasoning.saturating_add(other.reasoning),
        }
    }
}
