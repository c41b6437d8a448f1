//! The price book: effective-dated rows from a readable file, with a deployment's own rows laid over them.

mod file;

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::{Price, PriceError, PriceKey};

/// The file that is shipped.
const SHIPPED: &str = include_str!("../prices.toml");

/// Prices by model and day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PriceBook {
    /// Rows of a key, by their first day.
    rows: BTreeMap<PriceKey, BTreeMap<Date, Price>>,
    /// Dated model by provider and alias.
    aliases: BTreeMap<(String, String), String>,
    /// The last day that a model is served, by provider and model.
    retired: BTreeMap<(String, String), Date>,
}

impl PriceBook {
    /// The book that is shipped.
    ///
    /// # Errors
    /// When the shipped file is broken; a test reads it, so it never reaches a user.
    pub fn shipped() -> Result<Self, PriceError> {
        Self::default().with_file("prices.toml (shipped)", SHIPPED)
    }

    /// This book with a file's rows, aliases and retirements laid over it. A row of the same key and day replaces the
    /// one that is there.
    ///
    /// # Errors
    /// [`PriceError::File`] names the place of the first defect.
    pub fn with_file(mut self, name: &str, text: &str) -> Result<Self, PriceError> {
        let file = file::read(name, text)?;
        for price in file.prices {
            self.rows.entry(price.key.clone()).or_default().insert(price.effective, price);
        }
        self.aliases.extend(file.aliases);
        self.retired.extend(file.retired);
        for ((provider, alias), model) in &self.aliases {
            if !self.has(provider, model) {
                let why = format!("alias {alias:?} of {provider} names {model:?}, which has no price");
                return Err(PriceError::File { file: name.to_owned(), why });
            }
        }
        Ok(self)
    }

    fn has(&self, provider: &str, model: &str) -> bool {
        self.rows.keys().any(|key| key.provider == provider && key.model == model)
    }

    /// The fixed name behind an alias; a name that is no alias is itself.
    pub fn resolve<'a>(&'a self, provider: &str, model: &'a str) -> &'a str {
        self.aliases.get(&(provider.to_owned(), model.to_owned())).map_or(model, String::as_str)
    }

    /// The row that prices a model on a day.
    ///
    /// # Errors
    /// [`PriceError::Unknown`] when there is none, with the models that have one; [`PriceError::Retired`].
    pub fn price(&self, key: &PriceKey, day: Date) -> Result<&Price, PriceError> {
        let retired = self.retired.get(&(key.provider.clone(), key.model.clone()));
        if let Some(&last) = retired.filter(|last| day > **last) {
            let (provider, model) = (key.provider.clone(), key.model.clone());
            return Err(PriceError::Retired { provider, model, day: last });
        }
        let rows = self.rows.get(key);
        if let Some((_, price)) = rows.and_then(|rows| rows.range(..=day).next_back()) {
            return Ok(price);
        }
        Err(PriceError::Unknown {
            provider: key.provider.clone(),
            model: key.model.clone(),
            when: rows.map(|_| day),
            known: self.models(&key.provider, day),
        })
    }

    /// Models of a provider that have a price on a day and are not retired.
    pub fn models(&self, provider: &str, day: Date) -> Vec<String> {
        let is_served = |key: &PriceKey| {
            let retired = self.retired.get(&(key.provider.clone(), key.model.clone()));
            retired.is_none_or(|last| day <= *last)
        };
        let mut models: Vec<_> = self
            .rows
            .iter()
            .filter(|(key, rows)| {
                key.provider == provider && is_served(key) && rows.range(..=day).next().is_some()
            })
            .map(|(key, _)| key.model.clone())
            .collect();
        models.dedup();
        models
    }

    /// Every row, by key and day.
    pub fn rows(&self) -> impl Iterator<Item = &Price> {
        self.rows.values().flat_map(BTreeMap::values)
    }
}
