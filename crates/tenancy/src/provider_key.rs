//! A tenant's own keys of providers of language models. They are kept sealed: whoever reads the store cannot use them.

use std::fmt;

use async_trait::async_trait;

use crate::{ProviderChoice, TenancyError, TenantId, Timestamp};

impl ProviderChoice {
    /// Providers, the deployment's first aside.
    pub const NAMED: [Self; 3] = [Self::Anthropic, Self::Openai, Self::Compatible];

    /// The word in settings, the store and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deployment => "deployment",
            Self::Anthropic => "anthropic",
            Self::Openai => "openai",
            Self::Compatible => "compatible",
        }
    }

    /// Reads the word of a named provider.
    pub fn parse(word: &str) -> Option<Self> {
        Self::NAMED.into_iter().find(|choice| choice.as_str() == word)
    }
}

/// A key of a tenant's own.
#[derive(Clone, PartialEq, Eq)]
pub struct ProviderKey {
    /// Whose provider's; never [`ProviderChoice::Deployment`].
    pub provider: ProviderChoice,
    /// The key, sealed for this tenant and provider.
    pub sealed: Vec<u8>,
    /// Since when it is used.
    pub since: Timestamp,
}

impl fmt::Debug for ProviderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderKey")
            .field("provider", &self.provider)
            .field("since", &self.since)
            .finish_non_exhaustive()
    }
}

/// Keys of providers by tenant. Changes join the session's unit of work.
#[async_trait]
pub trait ProviderKeys: Send + Sync {
    /// All keys of a tenant, by provider.
    async fn provider_keys(&self, tenant: TenantId) -> Result<Vec<ProviderKey>, TenancyError>;
    /// Keeps a key in place of the one before.
    async fn put_provider_key(&self, tenant: TenantId, key: &ProviderKey) -> Result<(), TenancyError>;
    /// Forgets a key; whether there was one.
    async fn remove_provider_key(
        &self,
        tenant: TenantId,
        provider: ProviderChoice,
    ) -> Result<bool, TenancyError>;
}
