//! What can go wrong with a workspace's data, in words that say what is allowed and what to do next.

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum ProductError {
    /// A value breaks a rule of its field.
    #[error("{field}: {rule}")]
    Invalid {
        /// The field, as the caller named it.
        field: &'static str,
        /// The rule, in words.
        rule: String,
    },
    /// There is no such thing in this workspace; one of another workspace or tenant reads the same.
    #[error("no {what} {asked:?} in this workspace{hint}")]
    Missing {
        /// The kind of thing.
        what: &'static str,
        /// What was asked for.
        asked: String,
        /// What to do next, with its punctuation, or nothing.
        hint: String,
    },
    /// The item changed since it was read.
    #[error(
        "{key} is at version {current}, not {expected}: read it again and repeat the change on what it says now"
    )]
    Changed {
        /// The item.
        key: String,
        /// The version now.
        current: u32,
        /// The version that the change was made for.
        expected: u32,
    },
    /// The external id belongs to another item already.
    #[error(
        "external id {id:?} of {source_name:?} belongs to {key} already; update that item, or send another id"
    )]
    ExternalTaken {
        /// The tracker.
        source_name: String,
        /// The id.
        id: String,
        /// Who has it.
        key: String,
    },
    /// A link would close a circle.
    #[error("{what} would make a circle: {path}")]
    Circle {
        /// The kind of link.
        what: &'static str,
        /// The keys along the circle.
        path: String,
    },
    /// Other writers hold the store for longer than a call may wait.
    #[error("the data store is busy; repeat the call with the same idempotency_key")]
    Busy,
    /// The store could not do its part.
    #[error("the data store is unavailable; try again shortly")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl ProductError {
    /// A broken rule.
    pub fn invalid(field: &'static str, rule: impl Into<String>) -> Self {
        Self::Invalid { field, rule: rule.into() }
    }

    /// A missing thing without a hint.
    pub fn missing(what: &'static str, asked: impl Into<String>) -> Self {
        Self::Missing { what, asked: asked.into(), hint: String::new() }
    }
}
