//! How a tool fails, in words that a model can act on: what was wrong, what is allowed, what to call next.

use pm33_auth::{AuthError, ScopeSet};
use pm33_billing::BillingError;
use pm33_planning::PlanningError;
use pm33_product::ProductError;
use pm33_tenancy::TenancyError;

use crate::Question;

/// A tool's failure.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// Bad arguments or a business rule; the text goes to the model.
    #[error("{0}")]
    Refused(String),
    /// A resource, prompt or completion that does not exist for this caller.
    #[error("no such {what}: {asked}")]
    Missing {
        /// The kind of thing.
        what: &'static str,
        /// What was asked for.
        asked: String,
    },
    /// The caller lacks scopes that this use of the tool needs.
    #[error("this needs the scopes {0}")]
    Scopes(ScopeSet),
    /// The person must answer first; the client calls again with the answers.
    #[error("answers are needed first")]
    NeedsInput {
        /// What is asked.
        questions: Vec<Question>,
        /// What the next round needs to know; sealed before it leaves.
        state: Option<Vec<u8>>,
    },
    /// The client has not declared what the tool needs (`elicitation`, `sampling`, `roots`).
    #[error("the client must declare the capability {capability}")]
    Capability {
        /// The capability.
        capability: &'static str,
    },
    /// The handle (cursor, request state) is foreign, changed or too old.
    #[error("{0}")]
    BadHandle(String),
    /// The client went away.
    #[error("cancelled")]
    Cancelled,
    /// Something of ours is broken or unreachable; the cause goes to the log only.
    #[error("{message}")]
    Unavailable {
        /// For the client.
        message: String,
        /// For the log.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl ToolError {
    /// A refusal.
    pub fn refused(text: impl Into<String>) -> Self {
        Self::Refused(text.into())
    }
}

impl From<ProductError> for ToolError {
    fn from(error: ProductError) -> Self {
        match error {
            ProductError::Unavailable(_) | ProductError::Busy => {
                Self::Unavailable { message: error.to_string(), cause: error.into() }
            }
            other => Self::Refused(other.to_string()),
        }
    }
}

impl From<BillingError> for ToolError {
    fn from(error: BillingError) -> Self {
        match error {
            BillingError::Unavailable(_) => {
                Self::Unavailable { message: error.to_string(), cause: error.into() }
            }
            other => Self::Refused(other.to_string()),
        }
    }
}

impl From<PlanningError> for ToolError {
    fn from(error: PlanningError) -> Self {
        match error {
            PlanningError::Stopped => Self::Cancelled,
            other => Self::Refused(other.to_string()),
        }
    }
}

impl From<TenancyError> for ToolError {
    fn from(error: TenancyError) -> Self {
        match error {
            TenancyError::Unavailable(_) => {
                Self::Unavailable { message: error.to_string(), cause: error.into() }
            }
            other => Self::Refused(other.to_string()),
        }
    }
}

impl From<AuthError> for ToolError {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Unavailable(_) => {
                Self::Unavailable { message: error.to_string(), cause: error.into() }
            }
            AuthError::BadHandle | AuthError::ExpiredHandle => Self::BadHandle(error.to_string()),
            other => Self::Refused(other.to_string()),
        }
    }
}
