//! What admission can refuse or fail at.

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum AdmissionError {
    /// The idempotency key was used before with other arguments.
    #[error(
        "idempotency_key was used before with other arguments; repeat the first arguments to get the first answer, or send a new key"
    )]
    OtherArguments,
    /// Another call recorded the same idempotency key first; its answer is to be replayed.
    #[error("a call with the same idempotency_key finished first")]
    RecordedMeanwhile,
    /// The idempotency key breaks its form.
    #[error("idempotency_key must be 1 to 128 visible ASCII characters")]
    MalformedKey,
    /// No more sessions for this tenant.
    #[error("too many open sessions ({limit}); end one, or wait until an idle one expires")]
    TooManySessions {
        /// The bound.
        limit: u32,
    },
    /// The store could not do its part.
    #[error("the data store is unavailable; try again shortly")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}
