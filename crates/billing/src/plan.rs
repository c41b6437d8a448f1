//! The most that a planned call can cost: a bound that the provider's own figures cannot beat.

use crate::{BillingError, MicroCredits, Price, PriceError, TokenClass, cost::dearest};

/// A call that is planned and not made yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedCall {
    /// UTF-8 bytes of everything that is sent: a token is never less than a byte.
    pub input_bytes: u64,
    /// Tokens that the provider adds around messages, schemas and tools; a generous bound.
    pub framing_tokens: u64,
    /// The output limit that is sent to the provider; reasoning counts as output.
    pub max_output_tokens: u64,
    /// How often the call may be made: retries and one repair.
    pub times: u32,
    /// Whether the call asks the provider to write its cache.
    pub cache: CachePlan,
}

/// What a planned call does with the provider's cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CachePlan {
    /// Nothing that is asked for; the provider may still read or write one on its own.
    #[default]
    Unasked,
    /// Writes a cache of this class.
    Writes(TokenClass),
}

/// The most that a planned call can cost: all its bytes as tokens at the dearest class of input, the whole output limit
/// at the dearest class of output, in whichever of the context tiers is dearer, as often as the call may be made.
///
/// # Errors
/// [`PriceError::Unpriced`] when it plans to use a class that has no price; [`BillingError::Overflow`].
pub fn most(price: &Price, planned: &PlannedCall) -> Result<MicroCredits, BillingError> {
    let read = planned.input_bytes.checked_add(planned.framing_tokens).ok_or(BillingError::Overflow)?;
    let mut tiers = vec![&price.rates];
    // A long-context tier that the bound does not reach cannot be reached by the call either.
    tiers.extend(price.long.as_ref().filter(|long| read > long.above).map(|long| &long.rates));
    let mut once = MicroCredits::ZERO;
    for rates in tiers {
        if let CachePlan::Writes(class) = planned.cache
            && rates.of(class).is_none()
        {
            let unpriced = PriceError::Unpriced { row: price.id.clone(), class: class.as_str() };
            return Err(unpriced.into());
        }
        once = once.max(dearest(rates, read, planned.max_output_tokens)?);
    }
    let times = i64::from(planned.times.max(1));
    once.micros().checked_mul(times).map(MicroCredits::new).ok_or(BillingError::Overflow)
}
