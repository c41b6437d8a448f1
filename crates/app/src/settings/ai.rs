//! Section `ai`: which providers of language models are asked, and what their calls cost.

use std::path::PathBuf;

use pm33_tenancy::{AiUse, ProviderChoice, Switch};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Broken;

/// Providers of language models. Without one nothing leaves the house: the AI tools do what they can without a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AiSettings {
    /// Providers that may be asked: `anthropic`, `openai`, `compatible` (any endpoint with OpenAI's chat completions, also
    /// a local one). The first is asked unless a tenant chose another. Empty: none; a local installation (stdio, demo) then
    /// takes those whose keys stand in its environment.
    pub providers: Vec<AiProvider>,
    /// Whether another of the providers is asked when a tenant's own fails before it has begun to answer, for tenants that
    /// have not set `ai_fallback`.
    pub fallback: bool,
    /// Base URL of Anthropic: `https`, or `http` on loopback.
    pub anthropic_url: String,
    /// Model or alias of the price book.
    pub anthropic_model: String,
    /// File with the key; without it `ANTHROPIC_API_KEY` is taken from the environment.
    pub anthropic_key_file: Option<PathBuf>,
    /// Base URL of OpenAI.
    pub openai_url: String,
    /// Model or alias of the price book.
    pub openai_model: String,
    /// File with the key; without it `OPENAI_API_KEY` is taken from the environment.
    pub openai_key_file: Option<PathBuf>,
    /// Base URL of the compatible endpoint, such as `http://127.0.0.1:11434/v1`.
    pub compatible_url: Option<String>,
    /// Its model. The price file must have a row for it with `provider = "compatible"`; zero is a price.
    pub compatible_model: Option<String>,
    /// File with its key, where it wants one; without it `PM33_COMPATIBLE_API_KEY` is taken from the environment.
    pub compatible_key_file: Option<PathBuf>,
    /// File with prices of one's own (TOML, as the shipped `crates/billing/prices.toml`); its rows go over the shipped ones.
    pub prices_file: Option<PathBuf>,
}

/// A provider of language models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AiProvider {
    /// Anthropic's Messages.
    Anthropic,
    /// OpenAI's Responses.
    Openai,
    /// An endpoint with OpenAI's chat completions.
    Compatible,
}

impl AiProvider {
    /// As a tenant chooses it.
    pub const fn choice(self) -> ProviderChoice {
        match self {
            Self::Anthropic => ProviderChoice::Anthropic,
            Self::Openai => ProviderChoice::Openai,
            Self::Compatible => ProviderChoice::Compatible,
        }
    }

    /// Its name in the price book.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Anthropic => "anthropic",
            Self::Openai => "openai",
            Self::Compatible => "compatible",
        }
    }

    /// The environment variable that its key may stand in.
    pub const fn variable(self) -> &'static str {
        match self {
            Self::Anthropic => "ANTHROPIC_API_KEY",
            Self::Openai => "OPENAI_API_KEY",
            Self::Compatible => "PM33_COMPATIBLE_API_KEY",
        }
    }
}

impl Default for AiSettings {
    fn default() -> Self {
        Self {
            providers: Vec::new(),
            fallback: false,
            anthropic_url: "https://api.anthropic.com".to_owned(),
            anthropic_model: "sonnet".to_owned(),
            anthropic_key_file: None,
            openai_url: "https://api.openai.com/v1".to_owned(),
            openai_model: "gpt-6.1-sol".to_owned(),
            openai_key_file: None,
            compatible_url: None,
            compatible_model: None,
            compatible_key_file: None,
            prices_file: None,
        }
    }
}

impl AiSettings {
    pub(super) fn validate(&self) -> Result<(), Broken> {
        for (place, provider) in self.providers.iter().enumerate() {
            if self.providers.iter().take(place).any(|before| before == provider) {
                return Err(Broken::new("providers", provider.as_str(), "names each provider once"));
            }
        }
        if self.providers.contains(&AiProvider::Compatible) {
            for (key, value) in
                [("compatible_url", &self.compatible_url), ("compatible_model", &self.compatible_model)]
            {
                if value.as_deref().is_none_or(|value| value.trim().is_empty()) {
                    return Err(Broken::new(key, "none", "is needed when compatible is among ai.providers"));
                }
            }
        }
        Ok(())
    }

    /// Whether and to whom a tenant's data may go that has set nothing for itself.
    pub(super) fn defaults(&self) -> AiUse {
        let fallback = if self.fallback { Switch::On } else { Switch::Off };
        AiUse { fallback, ..AiUse::default() }
    }

    /// These settings on a person's own machine: where no provider is named, those are asked whose keys stand in the
    /// environment.
    pub fn on_own_machine(&mut self, environment: &[(String, String)]) {
        if !self.providers.is_empty() {
            return;
        }
        let has = |provider: &AiProvider| {
            environment.iter().any(|(name, key)| name == provider.variable() && !key.trim().is_empty())
        };
        self.providers = [AiProvider::Anthropic, AiProvider::Openai].into_iter().filter(has).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_own_machine_takes_what_has_a_key_and_a_named_provider_stands() {
        let key = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let environment = [key("OPENAI_API_KEY", "k"), key("ANTHROPIC_API_KEY", " ")];
        let mut settings = AiSettings::default();
        settings.on_own_machine(&[]);
        assert!(settings.providers.is_empty());
        settings.on_own_machine(&environment);
        assert_eq!(settings.providers, [AiProvider::Openai]);
        let mut named = AiSettings { providers: vec![AiProvider::Anthropic], ..AiSettings::default() };
        named.on_own_machine(&environment);
        assert_eq!(named.providers, [AiProvider::Anthropic]);
    }

    #[test]
    fn a_compatible_endpoint_needs_its_url_and_model_and_names_stand_once() {
        let mut settings = AiSettings { providers: vec![AiProvider::Compatible], ..AiSettings::default() };
        assert_eq!(settings.validate().unwrap_err().key, "compatible_url");
        settings.compatible_url = Some("http://127.0.0.1:1/v1".to_owned());
        assert_eq!(settings.validate().unwrap_err().key, "compatible_model");
        settings.compatible_model = Some("m".to_owned());
        assert!(settings.validate().is_ok());
        settings.providers.push(AiProvider::Compatible);
        assert_eq!(settings.validate().unwrap_err().key, "providers");
    }
}
