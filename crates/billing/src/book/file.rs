//! The price file: TOML with amounts written as texts, so that no price ever passes through a floating-point number.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use pm33_tenancy::Digest;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::{LongContext, MicroCredits, Price, PriceError, PriceKey, Rates};

/// What a file says.
pub(super) struct File {
    pub(super) prices: Vec<Price>,
    pub(super) aliases: BTreeMap<(String, String), String>,
    pub(super) retired: BTreeMap<(String, String), Date>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Document {
    price: Vec<Row>,
    alias: Vec<Nickname>,
    retired: Vec<Retired>,
}

/// A table with the amounts of one context tier beside fields of its own; unknown keys are refused, which a flattened
/// struct could not do.
macro_rules! with_amounts {
    ($name:ident { $($(#[$more:meta])* $field:ident: $kind:ty),* $(,)? }) => {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct $name {
            $($(#[$more])* $field: $kind,)*
            input: String,
            cached_read: Option<String>,
            cache_write_5m: Option<String>,
            cache_write_30m: Option<String>,
            cache_write_1h: Option<String>,
            output: String,
            reasoning: Option<String>,
        }

        impl $name {
            fn rates(&self, key: &PriceKey) -> Result<Rates, String> {
                let some = |class: &str, text: &Option<String>| {
                    text.as_deref().map(|text| amount(key, class, text)).transpose()
                };
                Ok(Rates {
                    input: amount(key, "input", &self.input)?,
                    cached_read: some("cached_read", &self.cached_read)?,
                    cache_write_5m: some("cache_write_5m", &self.cache_write_5m)?,
                    cache_write_30m: some("cache_write_30m", &self.cache_write_30m)?,
                    cache_write_1h: some("cache_write_1h", &self.cache_write_1h)?,
                    output: amount(key, "output", &self.output)?,
                    reasoning: some("reasoning", &self.reasoning)?,
                })
            }
        }
    };
}

with_amounts!(Row {
    provider: String,
    model: String,
    #[serde(default = "standard")]
    tier: String,
    #[serde(default = "global")]
    region: String,
    effective: Date,
    long_context: Option<Long>,
    source: String,
    noted: Date,
});

with_amounts!(Long { above: u64 });

fn standard() -> String {
    "standard".to_owned()
}

fn global() -> String {
    "global".to_owned()
}

fn amount(key: &PriceKey, class: &str, text: &str) -> Result<MicroCredits, String> {
    let amount: MicroCredits = text.parse().map_err(|error| format!("{key}: {class}: {error}"))?;
    if amount.is_negative() {
        return Err(format!("{key}: {class}: a price is never below zero"));
    }
    Ok(amount)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nickname {
    provider: String,
    alias: String,
    model: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Retired {
    provider: String,
    model: String,
    last_day: Date,
}

/// Reads a file.
pub(super) fn read(name: &str, text: &str) -> Result<File, PriceError> {
    let broken = |why: String| PriceError::File { file: name.to_owned(), why };
    let document: Document = toml::from_str(text).map_err(|error| broken(error.to_string()))?;
    let mut seen = BTreeSet::new();
    let mut prices = Vec::new();
    for row in document.price {
        let price = row.price().map_err(&broken)?;
        if !seen.insert((price.key.clone(), price.effective)) {
            return Err(broken(format!("{} has two rows that begin on {}", price.key, price.effective)));
        }
        prices.push(price);
    }
    let aliases = document.alias.into_iter().map(|one| ((one.provider, one.alias), one.model)).collect();
    let retired = document.retired.into_iter().map(|one| ((one.provider, one.model), one.last_day)).collect();
    Ok(File { prices, aliases, retired })
}

impl Row {
    fn price(self) -> Result<Price, String> {
        let key = PriceKey {
            provider: self.provider.clone(),
            model: self.model.clone(),
            tier: self.tier.clone(),
            region: self.region.clone(),
        };
        if [&key.provider, &key.model, &key.tier, &key.region].into_iter().any(|part| part.trim().is_empty())
        {
            return Err(format!("{key}: provider, model, tier and region must not be empty"));
        }
        if self.source.trim().is_empty() {
            return Err(format!("{key}: say in `source` where the price is from"));
        }
        let rates = self.rates(&key)?;
        let long = match &self.long_context {
            None => None,
            Some(long) => Some(LongContext { above: long.above, rates: long.rates(&key)? }),
        };
        let id = id(&key, self.effective, &rates, long.as_ref());
        let (effective, source, noted) = (self.effective, self.source, self.noted);
        Ok(Price { id, key, effective, rates, long, source, noted })
    }
}

/// Key, day and a digest of the amounts: rows of different content never share a name.
fn id(key: &PriceKey, effective: Date, rates: &Rates, long: Option<&LongContext>) -> String {
    let content = format!("{rates:?}{long:?}");
    let digest = Digest(Sha256::digest(content.as_bytes()).into()).to_string();
    let short = digest.get(..8).unwrap_or_default();
    format!("{key}@{effective}#{short}")
}
