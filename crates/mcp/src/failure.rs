//! How a request fails: one file from reasons to JSON-RPC errors and to the classes that transports know.

use std::time::Duration;

use pm33_admission::Budget;
use pm33_auth::ScopeSet;
use pm33_protocol::{ErrorObject, codes};
use pm33_tenancy::Outcome;
use pm33_tools::ToolError;
use serde_json::{Value, json};

use crate::{Class, boundary};

/// Why a request gets an error, or a question, instead of a result.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Metadata or headers are wrong; the class says which came first.
    Defects { class: Class, code: i32, message: String, defects: Vec<Value> },
    /// The version is not served.
    Version { requested: String },
    /// The method is unknown in this era.
    UnknownMethod(String),
    /// Parameters are wrong.
    Params { message: String, data: Option<Value> },
    /// A resource is missing; eras have different codes.
    NoResource { uri: String, code: i32 },
    /// Scopes are missing.
    Scopes(ScopeSet),
    /// A client capability is missing.
    Capability(&'static str),
    /// An extension of the protocol is missing.
    Extension(&'static str),
    /// Too many calls.
    Limited { budget: Budget, scope: &'static str, limit: u32, retry_after: Duration },
    /// A legacy session is needed.
    SessionNeeded,
    /// The legacy session is unknown.
    SessionUnknown,
    /// The client would have to answer first, where nobody can be asked.
    Input,
    /// The client went away.
    Cancelled,
    /// The time was up.
    TimedOut(Duration),
    /// Part of us is down, or we are going down.
    Unavailable(String),
    /// Ours.
    Internal,
}

impl Failure {
    /// Wrong parameters.
    pub(crate) fn params(message: impl Into<String>) -> Self {
        Self::Params { message: message.into(), data: None }
    }

    /// The error as it travels.
    pub(crate) fn object(&self) -> ErrorObject {
        boundary::clean_error(self.words())
    }

    fn words(&self) -> ErrorObject {
        match self {
            Self::Defects { code, message, defects, .. } => {
                ErrorObject::new(*code, message.clone()).with(json!({ "defects": defects }))
            }
            Self::Version { requested } => {
                let supported: Vec<_> =
                    pm33_protocol::Revision::MODERN.iter().map(|one| one.as_str()).collect();
                ErrorObject::new(
                    codes::UNSUPPORTED_VERSION,
                    format!("protocol version {requested:?} is not served"),
                )
                .with(json!({ "supported": supported, "requested": requested }))
            }
            Self::UnknownMethod(method) => {
                ErrorObject::new(codes::METHOD_NOT_FOUND, format!("method {method:?} does not exist here"))
            }
            Self::Params { message, data } => {
                let error = ErrorObject::new(codes::INVALID_PARAMS, message.clone());
                match data {
                    Some(data) => error.with(data.clone()),
                    None => error,
                }
            }
            Self::NoResource { uri, code } => ErrorObject::new(
                *code,
                "no such resource; resources/list and resources/templates/list tell what there is",
            )
            .with(json!({ "uri": uri })),
            Self::Scopes(needed) => ErrorObject::new(
                codes::SCOPES_MISSING,
                format!("this key lacks a scope; the call needs: {needed}"),
            )
            .with(json!({ "requiredScopes": needed })),
            Self::Capability(capability) => {
                let message =
                    format!("this call needs the client capability {capability:?}, which was not declared");
                ErrorObject::new(codes::MISSING_CAPABILITY, message)
                    .with(json!({ "requiredCapabilities": { *capability: {} } }))
            }
            Self::Extension(name) => {
                let message =
                    format!("this call needs the extension {name:?}, which the client did not declare");
                ErrorObject::new(codes::MISSING_CAPABILITY, message)
                    .with(json!({ "requiredCapabilities": { "extensions": { *name: {} } } }))
            }
            Self::Limited { budget, scope, limit, retry_after } => {
                let millis = u64::try_from(retry_after.as_millis()).unwrap_or(u64::MAX);
                let seconds = millis.div_ceil(1_000);
                let message = format!(
                    "more than {limit} {} in 60 seconds for this {scope}; retry in {seconds} s",
                    budget.words()
                );
                ErrorObject::new(codes::RATE_LIMITED, message)
                    .with(json!({
                        "scope": scope, "budget": budget.as_str(), "limit": limit, "remaining": 0, "retryAfterMs": millis
                    }))
            }
            Self::SessionNeeded => ErrorObject::new(
                codes::SESSION,
                "send the Mcp-Session-Id of this session, or initialize first",
            ),
            Self::SessionUnknown => ErrorObject::new(codes::SESSION, "no such session; initialize again"),
            Self::Cancelled => ErrorObject::new(codes::INTERNAL, "cancelled by the client"),
            Self::TimedOut(limit) => ErrorObject::new(
                codes::INTERNAL,
                format!("not done within {} s, and nothing was changed; ask for less", limit.as_secs()),
            ),
            Self::Unavailable(message) => ErrorObject::new(codes::UNAVAILABLE, message.clone()),
            Self::Input | Self::Internal => ErrorObject::new(
                codes::INTERNAL,
                "internal error; the log has it under this call's correlation id",
            ),
        }
    }

    /// What transports know it as.
    pub(crate) fn class(&self) -> Class {
        match self {
            Self::Defects { class, .. } => class.clone(),
            Self::Version { .. } => Class::Version,
            Self::UnknownMethod(_) => Class::UnknownMethod,
            Self::Scopes(needed) => Class::ScopesMissing { needed: needed.to_string() },
            Self::Capability(_) | Self::Extension(_) => Class::Capability,
            Self::Limited { retry_after, .. } => Class::RateLimited { retry_after: *retry_after },
            Self::SessionNeeded => Class::SessionNeeded,
            Self::SessionUnknown => Class::SessionUnknown,
            Self::Unavailable(_) => Class::Unavailable { retry_after: Duration::from_secs(1) },
            Self::Params { .. }
            | Self::NoResource { .. }
            | Self::Input
            | Self::Cancelled
            | Self::TimedOut(_)
            | Self::Internal => Class::Answer,
        }
    }

    /// What the audit row says: outcome and reason word.
    pub(crate) fn audit(&self) -> (Outcome, &'static str) {
        match self {
            Self::Defects { .. } => (Outcome::Refused, "bad_metadata"),
            Self::Version { .. } => (Outcome::Refused, "unsupported_version"),
            Self::UnknownMethod(_) => (Outcome::Refused, "unknown_method"),
            Self::Params { .. } => (Outcome::Refused, "bad_params"),
            Self::NoResource { .. } => (Outcome::Refused, "no_resource"),
            Self::Scopes(_) => (Outcome::Refused, "scope_missing"),
            Self::Capability(_) | Self::Extension(_) => (Outcome::Refused, "capability_missing"),
            Self::Limited { .. } => (Outcome::Refused, "rate_limited"),
            Self::SessionNeeded | Self::SessionUnknown => (Outcome::Refused, "no_session"),
            Self::Input => (Outcome::Done, "input_required"),
            Self::Cancelled => (Outcome::Cancelled, "cancelled"),
            Self::TimedOut(_) => (Outcome::Failed, "timed_out"),
            Self::Unavailable(_) => (Outcome::Error, "unavailable"),
            Self::Internal => (Outcome::Error, "internal"),
        }
    }
}

impl From<ToolError> for Failure {
    /// For methods other than `tools/call`, where a refusal is a protocol error.
    fn from(error: ToolError) -> Self {
        match error {
            ToolError::Refused(message) | ToolError::BadHandle(message) => Self::params(message),
            ToolError::Missing { what, asked } => Self::params(format!("no such {what}: {asked}")),
            ToolError::Scopes(needed) => Self::Scopes(needed),
            ToolError::NeedsInput { .. } => Self::Input,
            ToolError::Capability { capability } => Self::Capability(capability),
            ToolError::Cancelled => Self::Cancelled,
            ToolError::Unavailable { message, cause } => {
                tracing::error!(error = &*cause as &dyn std::error::Error, "a call could not be served");
                Self::Unavailable(message)
            }
        }
    }
}
