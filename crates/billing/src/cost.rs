//! What a usage costs: the sum over the classes of tokens times rate, in exact whole numbers, rounded up once per call.

use crate::{BillingError, MicroCredits, Price, Rates, TokenClass, Tokens};

/// Tokens that a rate is for.
const MILLION: i128 = 1_000_000;

/// What a usage costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cost {
    /// The amount.
    pub amount: MicroCredits,
    /// Classes that the provider reported and the row has no price for; they were charged at the row's dearest rate for
    /// input, never at zero.
    pub unpriced: Vec<TokenClass>,
}

/// Prices a usage. The whole request is priced at the long-context rates when it read more than the threshold. The
/// products are summed exactly and the sum is divided once, rounding up to the next micro-credit.
///
/// # Errors
/// [`BillingError::Overflow`] when the amount cannot be counted.
pub fn cost(price: &Price, used: &Tokens) -> Result<Cost, BillingError> {
    let rates = price.rates_for(used.read());
    let mut unpriced = Vec::new();
    let mut sum = 0_i128;
    for class in TokenClass::ALL {
        let tokens = used.of(class);
        if tokens == 0 {
            continue;
        }
        let rate = rates.of(class).unwrap_or_else(|| {
            unpriced.push(class);
            rates.dearest_read()
        });
        sum = add(sum, tokens, rate)?;
    }
    Ok(Cost { amount: round_up(sum)?, unpriced })
}

/// The dearest cost of so many tokens read and written under some rates.
pub(crate) fn dearest(rates: &Rates, read: u64, written: u64) -> Result<MicroCredits, BillingError> {
    let sum = add(0, read, rates.dearest_read())?;
    round_up(add(sum, written, rates.dearest_written())?)
}

fn add(sum: i128, tokens: u64, rate: MicroCredits) -> Result<i128, BillingError> {
    i128::from(tokens)
        .checked_mul(i128::from(rate.micros()))
        .and_then(|product| sum.checked_add(product))
        .ok_or(BillingError::Overflow)
}

fn round_up(sum: i128) -> Result<MicroCredits, BillingError> {
    let whole = sum.div_euclid(MILLION) + i128::from(sum.rem_euclid(MILLION) > 0);
    i64::try_from(whole).map(MicroCredits::new).map_err(|_| BillingError::Overflow)
}
