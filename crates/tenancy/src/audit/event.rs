//! What one audited act was: who, what, with which outcome. Never argument texts, prompts or names.

use std::{net::IpAddr, sync::Arc, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::AuditText;
use crate::{CorrelationId, Digest, KeyId, TenantId, Timestamp, UserId, WorkspaceId};

/// One act to be recorded (governance A2).
#[derive(Clone, Debug)]
pub struct AuditEvent {
    /// When it began.
    pub at: Timestamp,
    /// The call.
    pub correlation: CorrelationId,
    /// W3C trace context, when the client sent one.
    pub traceparent: Option<Arc<str>>,
    /// Whose log it goes to.
    pub tenant: TenantId,
    /// Who acted.
    pub actor: Actor,
    /// The key that authenticated, if one did.
    pub key: Option<KeyId>,
    /// Scopes that the act needed, space separated.
    pub scopes: AuditText,
    /// Protocol method or administrative act (`tools/call`, `admin/key.create`).
    pub method: AuditText,
    /// The tool, resource template or prompt.
    pub target: Option<AuditText>,
    /// Keyed digest of the arguments; never their text.
    pub arguments: Option<Digest>,
    /// The workspace, once it was opened.
    pub workspace: Option<WorkspaceId>,
    /// How it ended.
    pub outcome: Outcome,
    /// A short machine word for the reason (`ok`, `rate_limited`, `scope_missing`, …).
    pub code: AuditText,
    /// From arrival to the commit of this row.
    pub latency: Duration,
    /// What an AI call used.
    pub usage: Option<Usage>,
    /// Characters that the ingestion boundary removed from the arguments.
    pub removed_characters: u32,
    /// What the limiter said.
    pub limit: LimitVerdict,
    /// Where it came from.
    pub client: ClientFacts,
}

impl AuditEvent {
    /// An administrative act that is done and was nobody's call: nothing but its tenant, actor, name and time.
    pub fn done(tenant: TenantId, kind: ActorKind, act: &'static str, at: Timestamp) -> Self {
        Self {
            at,
            correlation: CorrelationId::new(at),
            traceparent: None,
            tenant,
            actor: Actor { kind, user: None },
            key: None,
            scopes: "".into(),
            method: act.into(),
            target: None,
            arguments: None,
            workspace: None,
            outcome: Outcome::Done,
            code: "ok".into(),
            latency: Duration::ZERO,
            usage: None,
            removed_characters: 0,
            limit: LimitVerdict::Unasked,
            client: ClientFacts::default(),
        }
    }
}

/// Who acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    /// What sort of actor.
    pub kind: ActorKind,
    /// The user that the credential belongs to.
    pub user: Option<UserId>,
}

/// What sort of actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A person or agent with an API key.
    Key,
    /// The owner of a local installation.
    Local,
    /// An operator at the command line.
    Operator,
    /// The server itself (sweeps).
    System,
}

impl ActorKind {
    /// The word in the row.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Local => "local",
            Self::Operator => "operator",
            Self::System => "system",
        }
    }
}

/// How an act ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Done.
    Done,
    /// Answered from an earlier call with the same idempotency key.
    Replayed,
    /// Refused before it ran: limit, scope, arguments.
    Refused,
    /// Ran and failed for a business reason.
    Failed,
    /// The client cancelled it.
    Cancelled,
    /// An internal error.
    Error,
}

impl Outcome {
    /// The word in the row.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Replayed => "replayed",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Error => "error",
        }
    }
}

/// What an AI call used and cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    /// All tokens that were billed.
    pub tokens: u64,
    /// Micro-credits.
    pub micro_credits: u64,
    /// The hold that paid.
    pub hold: Option<uuid::Uuid>,
    /// Provider name.
    pub provider: Arc<str>,
    /// Model name with its date.
    pub model: Arc<str>,
}

/// What the limiter said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitVerdict {
    /// Not asked.
    Unasked,
    /// Let through.
    Admitted,
    /// Refused for the key.
    KeyExceeded,
    /// Refused for the tenant.
    TenantExceeded,
}

impl LimitVerdict {
    /// The word in the row.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unasked => "unasked",
            Self::Admitted => "admitted",
            Self::KeyExceeded => "key_exceeded",
            Self::TenantExceeded => "tenant_exceeded",
        }
    }
}

/// Where a call came from; kept apart from the hashed row, as keyed pseudonyms (governance G9).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientFacts {
    /// Address of the client, as a trusted proxy or the socket told it.
    pub ip: Option<IpAddr>,
    /// `User-Agent`, or the client's declared name and version.
    pub agent: Option<Arc<str>>,
}
