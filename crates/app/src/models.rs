//! The deployment's providers of language models, from settings and secrets. Nothing is asked here: an endpoint is first
//! reached when a tool calls it.

use std::sync::Arc;

use pm33_ai::LanguageModel;
use pm33_ai_providers::{Anthropic, Endpoint, EndpointError, OpenAi, Surface};
use pm33_billing::{PriceBook, PriceKey};
use pm33_tenancy::{Clock, Timestamp};
use pm33_tools::Provider;
use secrecy::SecretString;

use crate::{AiProvider, AiSettings, ComposeError, environment};

/// The providers, in the settings' order. A model without a price, or one that is retired, is refused here.
///
/// # Errors
/// With words for the person who starts the program.
pub(crate) fn providers(
    settings: &AiSettings,
    prices: &PriceBook,
    clock: &dyn Clock,
) -> Result<Vec<Provider>, ComposeError> {
    settings.providers.iter().map(|kind| provider(settings, *kind, prices, clock.now())).collect()
}

fn provider(
    settings: &AiSettings,
    kind: AiProvider,
    prices: &PriceBook,
    now: Timestamp,
) -> Result<Provider, ComposeError> {
    let (url, model, key_file) = match kind {
        AiProvider::Anthropic => (
            settings.anthropic_url.as_str(),
            settings.anthropic_model.as_str(),
            settings.anthropic_key_file.as_ref(),
        ),
        AiProvider::Openai => {
            (settings.openai_url.as_str(), settings.openai_model.as_str(), settings.openai_key_file.as_ref())
        }
        AiProvider::Compatible => (
            settings.compatible_url.as_deref().unwrap_or_default(),
            settings.compatible_model.as_deref().unwrap_or_default(),
            settings.compatible_key_file.as_ref(),
        ),
    };
    let key = match key_file {
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|error| ComposeError::Provider {
                provider: kind.as_str(),
                why: format!("its key file {} cannot be read: {error}", path.display()),
            })?;
            SecretString::from(text.trim())
        }
        None => from_environment(kind)?,
    };
    let fixed = prices.resolve(kind.as_str(), model).to_owned();
    let day = jiff::tz::TimeZone::UTC.to_datetime(now.instant()).date();
    prices.price(&PriceKey::standard(kind.as_str(), &fixed), day)?;
    let unusable =
        |error: EndpointError| ComposeError::Provider { provider: kind.as_str(), why: error.to_string() };
    let endpoint = Endpoint::new(kind.as_str(), url).map_err(unusable)?;
    let client: Arc<dyn LanguageModel> = match kind {
        AiProvider::Anthropic => Arc::new(Anthropic::new(endpoint).map_err(unusable)?),
        AiProvider::Openai => Arc::new(OpenAi::new(endpoint, Surface::Responses).map_err(unusable)?),
        AiProvider::Compatible => Arc::new(OpenAi::new(endpoint, Surface::CompatibleChat).map_err(unusable)?),
    };
    Ok(Provider { choice: kind.choice(), client, model: fixed, key })
}

fn from_environment(kind: AiProvider) -> Result<SecretString, ComposeError> {
    let found =
        environment().into_iter().find(|(name, key)| name == kind.variable() && !key.trim().is_empty());
    match (found, kind) {
        (Some((_, key)), _) => Ok(SecretString::from(key.trim())),
        // A local endpoint may want none.
        (None, AiProvider::Compatible) => Ok(SecretString::from("none")),
        (None, _) => Err(ComposeError::Provider {
            provider: kind.as_str(),
            why: format!("it has no key: set ai.{}_key_file or {}", kind.as_str(), kind.variable()),
        }),
    }
}
