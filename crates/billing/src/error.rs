//! What a billing rule refuses, in words for whoever must act on it.

use crate::{MicroCredits, Subject};

/// An error of billing.
#[derive(Debug, thiserror::Error)]
pub enum BillingError {
    /// Not enough credits for the most that the call may cost.
    #[error(
        "this call may cost up to {needed} credits and {available} are available, {} short; \
         ask an administrator for credits or a smaller call",
        needed.minus(*available).unwrap_or(*needed)
    )]
    Short {
        /// What the call may cost.
        needed: MicroCredits,
        /// What there is.
        available: MicroCredits,
    },
    /// A ceiling of spending is reached.
    #[error(
        "the {period} ceiling of {ceiling} credits for {subject} is reached: {committed} are spent or held and this \
         call may cost up to {needed}; it opens again at the next {period}"
    )]
    Ceiling {
        /// `day` or `month`.
        period: &'static str,
        /// Whose ceiling.
        subject: Subject,
        /// The ceiling.
        ceiling: MicroCredits,
        /// What is spent or held in the period.
        committed: MicroCredits,
        /// What the call may cost.
        needed: MicroCredits,
    },
    /// One call may not cost that much.
    #[error(
        "this call may cost up to {needed} credits, and one call may cost {ceiling}; ask for less output or a smaller model"
    )]
    CallTooDear {
        /// What the call may cost.
        needed: MicroCredits,
        /// What one call may cost.
        ceiling: MicroCredits,
    },
    /// Too many calls of this kind at the same time.
    #[error("{subject} may run {most} {what} at the same time; wait for one to finish and call again")]
    TooMany {
        /// Whose limit.
        subject: Subject,
        /// What is counted.
        what: String,
        /// The limit.
        most: u32,
    },
    /// The tenant's accounts do not agree with its ledger; AI calls wait until an operator has looked.
    #[error("AI calls of this tenant are stopped while its account is examined; an operator has been told")]
    Frozen,
    /// A hold was asked for after the call had begun to write.
    #[error("a hold must be taken before the call writes anything")]
    HoldAfterWrite,
    /// There is no such hold, or it belongs to somebody else.
    #[error("no such hold")]
    NoSuchHold,
    /// The hold is resolved already; a hold is resolved once.
    #[error("the hold is {state} already")]
    Resolved {
        /// How.
        state: &'static str,
    },
    /// An amount that is no amount.
    #[error("{text:?} is no amount of credits; write it like 12.5, with at most six decimals")]
    Malformed {
        /// What was written.
        text: String,
    },
    /// An amount that this act may not have.
    #[error("{what}: {rule}")]
    Invalid {
        /// Which.
        what: &'static str,
        /// What is allowed.
        rule: &'static str,
    },
    /// More than can be counted.
    #[error("the amount is beyond what can be counted")]
    Overflow,
    /// Prices.
    #[error(transparent)]
    Price(#[from] PriceError),
    /// The store could not do its part; try again later.
    #[error("the data store is unavailable; try again shortly")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Why a call has no price. It is refused before it is made: nothing is ever priced at zero because it is unknown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PriceError {
    /// No row for the model.
    #[error("{provider} {model} has no price{}; add a row to the price file or choose one of: {}",
        when.as_ref().map(|day| format!(" on {day}")).unwrap_or_default(), known.join(", "))]
    Unknown {
        /// Provider.
        provider: String,
        /// Model.
        model: String,
        /// The day asked for, when the model has rows for other days.
        when: Option<jiff::civil::Date>,
        /// What has a price.
        known: Vec<String>,
    },
    /// The model is no longer served.
    #[error("{provider} {model} is retired since {day}; choose another model")]
    Retired {
        /// Provider.
        provider: String,
        /// Model.
        model: String,
        /// Since when.
        day: jiff::civil::Date,
    },
    /// The row has no price for a class of tokens that the call will use.
    #[error("{row} has no price for {class} tokens; add it to the row or plan the call without them")]
    Unpriced {
        /// The row.
        row: String,
        /// The class.
        class: &'static str,
    },
    /// A price file that cannot be used.
    #[error("price file {file}: {why}")]
    File {
        /// Which.
        file: String,
        /// Why, with the place.
        why: String,
    },
}
