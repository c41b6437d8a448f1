//! What a request notes on its way for the audit row.

use std::{sync::Arc, time::Duration};

use pm33_auth::Caller;
use pm33_tenancy::{
    AuditEvent, AuditText, ClientFacts, CorrelationId, Digest, LimitVerdict, Outcome, Timestamp, Usage,
    WorkspaceId,
};

/// The audit row in the making.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) at: Timestamp,
    pub(crate) correlation: CorrelationId,
    pub(crate) traceparent: Option<Arc<str>>,
    pub(crate) method: &'static str,
    pub(crate) target: Option<AuditText>,
    pub(crate) scopes: AuditText,
    pub(crate) arguments: Option<Digest>,
    pub(crate) workspace: Option<WorkspaceId>,
    pub(crate) usage: Option<Box<Usage>>,
    pub(crate) removed: u32,
    /// Of these, characters of the TAG block.
    pub(crate) smuggled: u32,
    pub(crate) limit: LimitVerdict,
    pub(crate) client: ClientFacts,
}

impl Record {
    /// The row of an act that has just begun: what is not known of it yet is what a call is before its checks.
    pub(crate) fn begun(
        at: Timestamp,
        correlation: CorrelationId,
        method: &'static str,
        client: ClientFacts,
    ) -> Self {
        Self {
            at,
            correlation,
            traceparent: None,
            method,
            target: None,
            scopes: "mcp:enabled".into(),
            arguments: None,
            workspace: None,
            usage: None,
            removed: 0,
            smuggled: 0,
            limit: LimitVerdict::Unasked,
            client,
        }
    }

    /// The finished event.
    pub(crate) fn event(
        self,
        caller: &Caller,
        outcome: Outcome,
        code: &'static str,
        latency: Duration,
    ) -> Box<AuditEvent> {
        Box::new(AuditEvent {
            at: self.at,
            correlation: self.correlation,
            traceparent: self.traceparent,
            tenant: caller.tenant,
            actor: caller.actor(),
            key: caller.key,
            scopes: self.scopes,
            method: self.method.into(),
            target: self.target,
            arguments: self.arguments,
            workspace: self.workspace,
            outcome,
            code: code.into(),
            latency,
            usage: self.usage.map(|usage| *usage),
            removed_characters: self.removed,
            limit: self.limit,
            client: self.client,
        })
    }
}
