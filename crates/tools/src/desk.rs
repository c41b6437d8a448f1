//! What a deployment has for AI calls: prices, providers, and limits as billing's values.

use std::sync::Arc;

use pm33_auth::Vault;
use pm33_billing::{Ceilings, MicroCredits, PriceBook, Room};
use pm33_tenancy::AiLimits;

use crate::Provider;

/// Tokens that providers add around messages and schemas, as a bound.
pub(crate) const FRAMING_TOKENS: u64 = 2_000;

/// What a deployment has for AI calls.
#[derive(Clone, Debug, Default)]
pub struct Desk {
    /// Prices of models.
    pub prices: PriceBook,
    /// Providers of models, the deployment's first choice first. None: the AI tools work without a model.
    pub providers: Vec<Provider>,
    /// Opens tenants' own keys of providers.
    pub(crate) vault: Option<Arc<Vault>>,
}

impl Desk {
    /// A desk with these.
    pub fn new(prices: PriceBook, providers: Vec<Provider>, vault: Vault) -> Self {
        Self { prices, providers, vault: Some(Arc::new(vault)) }
    }
}

/// Ceilings of spending, from a tenant's settings.
pub(crate) fn ceilings(limits: &AiLimits) -> Ceilings {
    let credits = |credits: u32| {
        (credits > 0).then(|| MicroCredits::new(i64::from(credits) * MicroCredits::PER_CREDIT))
    };
    Ceilings {
        tenant_day: credits(limits.credits_per_day),
        tenant_month: credits(limits.credits_per_month),
        key_day: credits(limits.credits_per_key_day),
        key_month: credits(limits.credits_per_key_month),
        call: credits(limits.credits_per_call),
    }
}

/// Calls at the same time, from a tenant's settings.
pub fn room(limits: &AiLimits, tool: &str) -> Room {
    let of_tool = if tool == "pm33_generate_prd" { limits.prd_calls } else { limits.ai_calls };
    Room { tenant: limits.ai_calls, key: limits.ai_calls_key, tool: of_tool }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_no_ceiling_and_the_prd_has_a_limit_of_its_own() {
        let limits = AiLimits { credits_per_day: 7, ..AiLimits::default() };
        let found = ceilings(&limits);
        assert_eq!((found.tenant_day, found.call), (Some(MicroCredits::new(7_000_000)), None));
        assert_eq!(room(&limits, "pm33_generate_prd"), Room { tenant: 8, key: 2, tool: 2 });
        assert_eq!(room(&limits, "pm33_score_alignment"), Room { tenant: 8, key: 2, tool: 8 });
    }
}
