//! What can go wrong with tenants, workspaces and their records.

use crate::WorkspaceId;

/// An error of this crate. Messages are for the caller; causes stay in `source`.
#[derive(Debug, thiserror::Error)]
pub enum TenancyError {
    /// An identifier or a time does not have its form.
    #[error("not {expected}")]
    MalformedId {
        /// What would have been right.
        expected: &'static str,
    },
    /// The workspace is not one that this caller can see; another tenant's reads the same as a missing one.
    #[error("no workspace {asked:?} here; {}", allowed_list(allowed))]
    UnknownWorkspace {
        /// What was asked for.
        asked: String,
        /// What the caller may ask for: slugs.
        allowed: Vec<String>,
    },
    /// Several workspaces are visible and the call named none.
    #[error("say which workspace; {}", allowed_list(allowed))]
    WorkspaceNeeded {
        /// What the caller may ask for: slugs.
        allowed: Vec<String>,
    },
    /// A value breaks a rule of its field.
    #[error("{field}: {rule}")]
    Invalid {
        /// The field.
        field: &'static str,
        /// The rule, in words.
        rule: String,
    },
    /// The name is already taken inside the tenant (or, for a tenant, in the deployment).
    #[error("{what} {name:?} exists already; choose another name")]
    Taken {
        /// The kind of thing.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// There is no such thing for this caller.
    #[error("no such {what}")]
    Missing {
        /// The kind of thing.
        what: &'static str,
    },
    /// A limit of processing keeps data from language models.
    #[error(
        "no language model may be used: the processing of {whose} data {why}. Reading, changing and exporting go on; an \
         administrator sees the privacy request and can lift it"
    )]
    Restricted {
        /// Whose data.
        whose: &'static str,
        /// Why, as the end of a sentence.
        why: &'static str,
    },
    /// The member was erased; nothing is written in their name.
    #[error("this member was erased: nothing more is written in their name")]
    Erased,
    /// The beginning of an audit log does not verify.
    #[error("the audit log does not verify, and what does not is evidence: nothing was removed ({first})")]
    Evidence {
        /// The first defect, in words.
        first: String,
    },
    /// The store could not do its part; try again later.
    #[error("the data store is unavailable; try again shortly")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

fn allowed_list(allowed: &[String]) -> String {
    if allowed.is_empty() {
        "this key sees no workspace".to_owned()
    } else {
        format!("this key sees: {}", allowed.join(", "))
    }
}

impl TenancyError {
    /// An unknown workspace named by its id.
    pub fn unknown_workspace(id: WorkspaceId, allowed: Vec<String>) -> Self {
        Self::UnknownWorkspace { asked: id.to_string(), allowed }
    }
}
