//! The deployment's providers, and why a call has none.

use std::{fmt, sync::Arc};

use pm33_ai::{AiError, LanguageModel};
use pm33_billing::PriceError;
use pm33_tenancy::{ProviderChoice, ProviderKey};
use secrecy::SecretString;

use crate::{ToolContext, ToolError};

/// A provider of the deployment's.
#[derive(Clone)]
pub struct Provider {
    /// As tenants choose it.
    pub choice: ProviderChoice,
    /// The way to it.
    pub client: Arc<dyn LanguageModel>,
    /// The fixed name of the model that is asked and billed.
    pub model: String,
    /// The deployment's key.
    pub key: SecretString,
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("choice", &self.choice)
            .field("model", &self.model)
            .finish_non_exhaustive()
    }
}

/// Why a call asks no model. The tools do what they can without and tell these words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoModel {
    /// The tenant has switched AI off.
    #[error("this organisation has switched AI off; an administrator can switch it on (the setting ai)")]
    Off,
    /// The deployment has no provider.
    #[error(
        "no AI provider is configured; the operator can name one in ai.providers, and on a machine of one's own a key \
        in ANTHROPIC_API_KEY or OPENAI_API_KEY is enough"
    )]
    None,
    /// The tenant chose a provider that the deployment does not have.
    #[error(
        "this organisation has chosen an AI provider that this server does not have; an administrator can choose \
        another (the setting ai_provider)"
    )]
    Elsewhere,
    /// A member or the organisation has restricted the processing of their data, or objected to it.
    #[error("{0}")]
    Stopped(String),
    /// Whether the tenant allows it cannot be known now.
    #[error(
        "this organisation's settings cannot be read now, so nothing is sent to an AI provider; call again shortly"
    )]
    Unread,
    /// The tenant's own key does not open here. Another's is not used in its place.
    #[error(
        "this organisation's own key of {0} cannot be used on this server; an administrator can set it again \
        (pm33-admin provider-key set)"
    )]
    Sealed(&'static str),
    /// The model has no price, so nobody could be billed for it.
    #[error(transparent)]
    Unpriced(#[from] PriceError),
}

impl From<NoModel> for ToolError {
    fn from(why: NoModel) -> Self {
        Self::refused(why.to_string())
    }
}

/// The provider that a tenant's calls go to.
pub(super) fn chosen(all: &[Provider], choice: ProviderChoice) -> Result<&Provider, NoModel> {
    let Some(first) = all.first() else { return Err(NoModel::None) };
    match choice {
        ProviderChoice::Deployment => Ok(first),
        own => all.iter().find(|provider| provider.choice == own).ok_or(NoModel::Elsewhere),
    }
}

/// The key that a tenant's calls go with: its own where it has one, else the deployment's.
pub(super) fn key(
    ctx: &ToolContext<'_>,
    provider: &Provider,
    own: &[ProviderKey],
) -> Result<SecretString, NoModel> {
    let Some(own) = own.iter().find(|own| own.provider == provider.choice) else {
        return Ok(provider.key.clone());
    };
    let opened = ctx.desk.vault.as_ref().map(|vault| vault.open_provider_key(ctx.caller.tenant, own));
    opened.and_then(Result::ok).ok_or(NoModel::Sealed(provider.choice.as_str()))
}

/// A failed question in words for the model.
pub(super) fn refusal(error: AiError) -> ToolError {
    match error {
        AiError::Cancelled { .. } => ToolError::Cancelled,
        // Only the operator can mend these: his log has them too.
        AiError::Unauthorised | AiError::SpendLimit | AiError::BadRequest { .. } => {
            ToolError::Unavailable { message: error.to_string(), cause: error.into() }
        }
        other => ToolError::refused(other.to_string()),
    }
}
