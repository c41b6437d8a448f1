//! How a call of a model fails. What was used before it failed goes along: it is paid for.

use std::time::Duration;

use crate::Usage;

/// The part of a call that took too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Reaching the provider.
    Connect,
    /// Waiting for the first byte of the answer.
    FirstByte,
    /// Waiting for the next part of it.
    Idle,
    /// All of it.
    Total,
}

impl std::fmt::Display for Phase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Connect => "to be reached",
            Self::FirstByte => "to begin its answer",
            Self::Idle => "between two parts of its answer",
            Self::Total => "to finish its answer",
        })
    }
}

/// A failed call.
#[derive(Debug, thiserror::Error)]
pub enum AiError {
    /// The provider takes no more calls for now.
    #[error("the AI provider limits the rate of calls; try again later")]
    RateLimited {
        /// What the provider asks to wait.
        retry_after: Option<Duration>,
    },
    /// The provider is overloaded or broken.
    #[error("the AI provider is overloaded or failing (status {status}); try again later")]
    Overloaded {
        /// Its HTTP status.
        status: u16,
        /// What the provider asks to wait.
        retry_after: Option<Duration>,
    },
    /// The account at the provider is out of money or over its limit: waiting does not help.
    #[error("the account at the AI provider has reached its spending limit; its owner must raise it")]
    SpendLimit,
    /// The key is wrong or may not do this.
    #[error("the AI provider refuses the configured key")]
    Unauthorised,
    /// The provider refuses the request as it is.
    #[error("the AI provider refuses the request: {why}")]
    BadRequest {
        /// Its words, shortened.
        why: String,
    },
    /// The call took too long.
    #[error("the AI provider took too long {phase}")]
    TimedOut {
        /// Which part.
        phase: Phase,
        /// What was used until then, when the provider had said anything.
        usage: Option<Box<Usage>>,
    },
    /// The call was cancelled.
    #[error("the call was cancelled")]
    Cancelled {
        /// What was used until then, when the provider had said anything.
        usage: Option<Box<Usage>>,
    },
    /// The connection broke or the stream ended without its last event, whatever text had arrived.
    #[error("the AI provider's answer was cut off")]
    Cut {
        /// What was used until then, when the provider had said anything.
        usage: Option<Box<Usage>>,
    },
    /// The provider could not be reached.
    #[error("the AI provider cannot be reached")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The answer is not in the provider's form.
    #[error("the AI provider's answer cannot be read: {why}")]
    Malformed {
        /// What is wrong with it.
        why: String,
        /// What was used, when that much could be read.
        usage: Option<Box<Usage>>,
    },
    /// Too many failures of late; calls are not tried for a while.
    #[error("the AI provider has failed repeatedly; calls are tried again in {} s", again_in.as_secs().max(1))]
    CircuitOpen {
        /// When one is tried again.
        again_in: Duration,
    },
}

impl AiError {
    /// What was used before it failed.
    pub fn usage(&self) -> Option<&Usage> {
        match self {
            Self::TimedOut { usage, .. }
            | Self::Cancelled { usage }
            | Self::Cut { usage }
            | Self::Malformed { usage, .. } => usage.as_deref(),
            _ => None,
        }
    }

    /// Whether the provider may have worked for this call, so that it may cost something.
    pub fn may_have_cost(&self) -> bool {
        matches!(
            self,
            Self::Cancelled { .. }
                | Self::Cut { .. }
                | Self::Malformed { .. }
                | Self::TimedOut { phase: Phase::FirstByte | Phase::Idle | Phase::Total, .. }
        )
    }

    /// Whether the same call may be made again, or by another provider: nothing of an answer had begun.
    pub fn may_be_repeated(&self) -> bool {
        matches!(
            self,
            Self::RateLimited { .. }
                | Self::Overloaded { .. }
                | Self::Unreachable(_)
                | Self::TimedOut { phase: Phase::Connect, .. }
        )
    }

    /// Whether it tells against the provider's health, not against this request.
    pub fn is_outage(&self) -> bool {
        matches!(
            self,
            Self::Overloaded { .. } | Self::Unreachable(_) | Self::TimedOut { .. } | Self::Cut { .. }
        )
    }
}
