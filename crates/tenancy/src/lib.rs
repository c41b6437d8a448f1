//! Tenants, plans, users, workspaces and their settings; the audit chain; the data map; and [`WorkspaceRef`], the
//! proof of tenancy that every data port asks for. No SQL, no HTTP, no clock.

mod audit;
mod clock;
pub mod data_map;
mod digest;
mod directory;
mod error;
mod ids;
mod name;
mod rights;
mod settings;
mod tenant;
mod time;
mod usage_metrics;
mod user;
mod workspace;

pub use audit::{
    Actor, ActorKind, AuditEvent, AuditFilter, AuditKeys, AuditLog, AuditPage, AuditRow, AuditText, Break,
    BreakKind, ChainHead, ClientFacts, LimitVerdict, Outcome, PersonalRow, Usage, prepare, verify,
};
pub use clock::Clock;
pub use digest::Digest;
pub use directory::{Administration, Directory};
pub use error::TenancyError;
pub use ids::{CorrelationId, KeyId, TenantId, UserId, WorkspaceId};
pub use name::{check_name, check_prefix, check_slug};
pub use rights::{
    Closing, DataSubject, Deadlines, ErasedMark, Extension, IdentityCheck, Law, PrivacyRequest,
    PrivacyRequests, Processing, ProcessingLimit, ProcessingRules, RequestId, RequestKind, RequestState,
    RequestSubject, Stopped, erased_member, erased_name, erased_organisation, may_use_model,
};
pub use settings::{AiLimits, AiUse, EffectiveSettings, ProviderChoice, Switch, TenantSettings};
pub use tenant::{Plan, Tenant, TenantState};
pub use time::Timestamp;
pub use usage_metrics::{Contribution, Kept, MetricRules, Release, summed};
pub use user::{Membership, Role, User};
pub use workspace::{Workspace, WorkspaceAccess, WorkspaceRef, open_workspace};
