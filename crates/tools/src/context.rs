//! What a running tool may use.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use pm33_auth::{Caller, Scope, ScopeSet};
use pm33_billing::Ledger;
use pm33_product::{Backlog, Documents, Forecasts, KeptJudgements, Steps, Strategy};
use pm33_tenancy::{
    AuditLog, Directory, PrivacyRequests, Processing, ProviderKeys, Timestamp, Workspace, WorkspaceId,
    WorkspaceRef, open_workspace,
};
use tokio_util::sync::CancellationToken;

use crate::{Desk, Interaction, Models, NoModel, Till, ToolError, meter::LIFE};

/// The data ports that tools need; a call's session of the store implements them all.
pub trait Ports:
    Directory
    + Backlog
    + Steps
    + Strategy
    + Forecasts
    + KeptJudgements
    + Documents
    + AuditLog
    + Ledger
    + PrivacyRequests
    + Processing
    + ProviderKeys
{
    /// This session as the directory port.
    fn directory(&self) -> &dyn Directory;
}

impl<T> Ports for T
where
    T: Directory
        + Backlog
        + Steps
        + Strategy
        + Forecasts
        + KeptJudgements
        + Documents
        + AuditLog
        + Ledger
        + PrivacyRequests
        + Processing
        + ProviderKeys,
{
    fn directory(&self) -> &dyn Directory {
        self
    }
}

/// Seals positions and states into opaque handles that only this caller can use again, for this purpose.
pub trait Handles: Send + Sync {
    /// Seals `payload` for `purpose`, bound to the caller and to `binding` (a digest of filter and order, say).
    fn seal(&self, purpose: &'static str, binding: &[u8], payload: &[u8]) -> String;
    /// Opens a handle again.
    ///
    /// # Errors
    /// [`ToolError::BadHandle`] when it is foreign, changed, too old or was sealed for something else.
    fn open(&self, purpose: &'static str, binding: &[u8], handle: &str) -> Result<Vec<u8>, ToolError>;
}

/// One call.
pub struct ToolContext<'a> {
    /// Who calls.
    pub caller: &'a Caller,
    /// Data.
    pub ports: &'a dyn Ports,
    /// The client.
    pub client: &'a dyn Interaction,
    /// Opaque handles.
    pub handles: &'a dyn Handles,
    /// What the deployment has for AI calls.
    pub desk: &'a Desk,
    /// When the call began.
    pub now: Timestamp,
    /// Fires when the client went away or the time is up.
    pub cancelled: CancellationToken,
    pub(crate) till: Till,
    needed: ScopeSet,
    notes: Notes,
}

/// What a call notes for the audit row and for subscribers.
#[derive(Debug, Default)]
struct Notes {
    workspace: OnceLock<WorkspaceId>,
    changed: Mutex<Vec<String>>,
}

impl<'a> ToolContext<'a> {
    /// A context for one call.
    pub fn new(
        caller: &'a Caller,
        ports: &'a dyn Ports,
        client: &'a dyn Interaction,
        handles: &'a dyn Handles,
        now: Timestamp,
        cancelled: CancellationToken,
        desk: &'a Desk,
    ) -> Self {
        Self {
            caller,
            ports,
            client,
            handles,
            desk,
            now,
            cancelled,
            till: Till::default(),
            needed: ScopeSet::EMPTY,
            notes: Notes::default(),
        }
    }

    /// The same context for a use that needs these scopes: the caller's role in the workspace must allow them too.
    #[must_use]
    pub fn needing(mut self, needed: ScopeSet) -> Self {
        self.needed = needed;
        self
    }

    /// Opens a workspace of the caller's by slug or id, or the only one.
    ///
    /// # Errors
    /// As [`open_workspace`]; [`ToolError::Refused`] when the caller's role there does not allow this use.
    pub async fn workspace(&self, asked: Option<&str>) -> Result<(WorkspaceRef, Arc<Workspace>), ToolError> {
        let opened =
            open_workspace(self.ports.directory(), self.caller.tenant, &self.caller.workspaces, asked)
                .await?;
        let beyond = self.caller.beyond_role(opened.0.workspace(), self.needed);
        if !beyond.is_empty() {
            return Err(ToolError::refused(format!(
                "your role in the workspace {} does not allow {beyond}; ask an administrator for another role there",
                opened.1.slug
            )));
        }
        // The first one is the call's, for the audit row.
        let _ = self.notes.workspace.set(opened.0.workspace());
        Ok(opened)
    }

    /// Whether the caller holds this scope, and their role in the workspace allows it.
    pub(crate) fn may(&self, at: WorkspaceRef, scope: Scope) -> bool {
        let needed: ScopeSet = [scope].into_iter().collect();
        self.caller.scopes.contains(needed) && self.caller.beyond_role(at.workspace(), needed).is_empty()
    }

    /// The language models that this call may ask, or why there are none: a tool does what it can without then, and
    /// tells these words.
    ///
    /// # Errors
    /// [`NoModel`].
    pub async fn models(&self) -> Result<Models<'_>, NoModel> {
        Models::of(self).await
    }

    /// What the call's questions to models cost; closed by the engine when the tool has ended.
    pub fn till(&self) -> &Till {
        &self.till
    }

    /// Lengthens the life of the call's hold; to be called every [`crate::SIGN`] while the tool runs.
    ///
    /// # Errors
    /// When the store does not answer. The hold has room for another try.
    pub async fn renew_hold(&self, now: Timestamp) -> Result<(), ToolError> {
        let Some((tenant, hold)) = self.till.held() else { return Ok(()) };
        Ok(Ledger::renew(self.ports, tenant, hold, now.plus(LIFE)).await?)
    }

    /// Notes that a resource changed; subscribers hear of it after the commit.
    pub fn changed(&self, uri: String) {
        self.notes.changed.lock().unwrap_or_else(PoisonError::into_inner).push(uri);
    }

    /// The workspace that the call opened.
    pub fn opened_workspace(&self) -> Option<WorkspaceId> {
        self.notes.workspace.get().copied()
    }

    /// The changed resources so far.
    pub fn take_changed(&self) -> Vec<String> {
        std::mem::take(&mut *self.notes.changed.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
