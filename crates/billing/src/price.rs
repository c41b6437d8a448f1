//! One row of the price book: what a model's tokens cost from a day on.

use std::fmt;

use jiff::civil::Date;

use crate::{MicroCredits, TokenClass};

/// What is priced: a model of a provider, in a service tier and a region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PriceKey {
    /// Provider.
    pub provider: String,
    /// Dated or otherwise fixed name of the model.
    pub model: String,
    /// Service tier; `standard` unless the row says otherwise.
    pub tier: String,
    /// Region; `global` unless the row says otherwise.
    pub region: String,
}

impl PriceKey {
    /// A model in the standard tier and everywhere.
    pub fn standard(provider: &str, model: &str) -> Self {
        Self {
            provider: provider.to_owned(),
            model: model.to_owned(),
            tier: "standard".to_owned(),
            region: "global".to_owned(),
        }
    }
}

impl fmt::Display for PriceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.provider, self.model)?;
        for (part, usual) in [(&self.tier, "standard"), (&self.region, "global")] {
            if part != usual {
                write!(f, "/{part}")?;
            }
        }
        Ok(())
    }
}

/// Micro-credits per million tokens of each class; an absent class has no price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// Input.
    pub input: MicroCredits,
    /// Reads from a cache.
    pub cached_read: Option<MicroCredits>,
    /// Writes to a cache of five minutes.
    pub cache_write_5m: Option<MicroCredits>,
    /// Writes to a cache of thirty minutes.
    pub cache_write_30m: Option<MicroCredits>,
    /// Writes to a cache of an hour.
    pub cache_write_1h: Option<MicroCredits>,
    /// Output.
    pub output: MicroCredits,
    /// Reasoning, where it costs something else than output.
    pub reasoning: Option<MicroCredits>,
}

impl Rates {
    /// The rate of a class; `None` when it has no price.
    pub fn of(&self, class: TokenClass) -> Option<MicroCredits> {
        match class {
            TokenClass::Input => Some(self.input),
            TokenClass::CachedRead => self.cached_read,
            TokenClass::CacheWrite5m => self.cache_write_5m,
            TokenClass::CacheWrite30m => self.cache_write_30m,
            TokenClass::CacheWrite1h => self.cache_write_1h,
            TokenClass::Output => Some(self.output),
            TokenClass::Reasoning => Some(self.reasoning.unwrap_or(self.output)),
        }
    }

    /// The dearest rate of what the model reads.
    pub fn dearest_read(&self) -> MicroCredits {
        [self.cached_read, self.cache_write_5m, self.cache_write_30m, self.cache_write_1h]
            .into_iter()
            .flatten()
            .fold(self.input, MicroCredits::max)
    }

    /// The dearest rate of what the model writes.
    pub fn dearest_written(&self) -> MicroCredits {
        self.reasoning.map_or(self.output, |reasoning| reasoning.max(self.output))
    }
}

/// Rates of a request whose input is longer than a threshold; they price the whole request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LongContext {
    /// Input tokens of every class above which these rates hold.
    pub above: u64,
    /// The rates.
    pub rates: Rates,
}

/// One row of the price book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// Names the row and its content; kept with every settled usage, so that a change never reprices the past.
    pub id: String,
    /// What is priced.
    pub key: PriceKey,
    /// First day, UTC.
    pub effective: Date,
    /// Rates of ordinary requests.
    pub rates: Rates,
    /// Rates of long ones.
    pub long: Option<LongContext>,
    /// Where the prices are from.
    pub source: String,
    /// When that was looked at.
    pub noted: Date,
}

impl Price {
    /// The rates of a request that read so many tokens.
    pub fn rates_for(&self, read: u64) -> &Rates {
        match &self.long {
            Some(long) if read > long.above => &long.rates,
            _ => &self.rates,
        }
    }
}
