//! Tenants, plans, users, workspaces and their settings; the audit chain; the data map; and [`WorkspaceRef`], the
//! proof of tenancy that every data port asks for. No SQL, no HTTP, no clock.
//!
//! ```
//! use pm33_tenancy::{Contribution, MetricRules, data_map, summed};
//!
//! // Of everything that is kept it is known why, and until when.
//! assert!(data_map::columns().any(|one| one.table == "app_user" && one.column == "handle"));
//! // A sum over nine organisations tells of too few.
//! let calls = |of: usize| {
//!     let one = |from| Contribution { from: format!("o{from}"), cell: "pm33_query_backlog done".into(), value: 5 };
//!     (0..of).map(one).collect::<Vec<_>>()
//! };
//! assert!(summed(MetricRules::PUBLISHED, "2026-11-25", &calls(9), None).release.sums.is_empty());
//! assert_eq!(summed(MetricRules::PUBLISHED, "2026-11-25", &calls(10), None).release.sums.len(), 1);
//! ```

mod audit;
mod clock;
pub mod data_map;
mod digest;
mod directory;
mod error;
mod hex;
mod id_map;
mod ids;
mod name;
mod provider_key;
mod retention;
mod rights;
mod settings;
mod tenant;
mod time;
mod usage_metrics;
mod user;
mod workspace;

pub use audit::{
    Actor, ActorKind, Anchor, AuditEvent, AuditFilter, AuditKeys, AuditLog, AuditPage, AuditReach, AuditRow,
    AuditText, Break, BreakKind, ChainHead, ChainState, ChainedRow, Checked, ClientFacts, ExportCheck,
    ExportLine, ExportStart, HeadLine, LimitVerdict, Outcome, PersonalRow, StoredRow, Usage, Walk,
    check_lines, prepare, read_line, write_line,
};
pub use clock::Clock;
pub use digest::Digest;
pub use directory::{Administration, Directory};
pub use error::TenancyError;
pub use id_map::IdMap;
pub use ids::{CorrelationId, KeyId, TenantId, UserId, WorkspaceId};
pub use name::{check_name, check_prefix, check_slug};
pub use provider_key::{ProviderKey, ProviderKeys};
pub use retention::{AuditDays, AuditRetention, LegalHold, Overdue, PurgeRule, Subject};
pub use rights::{
    Closing, DataSubject, Deadlines, ErasedMark, Extension, IdentityCheck, Law, PrivacyRequest,
    PrivacyRequests, Processing, ProcessingLimit, ProcessingRules, RequestId, RequestKind, RequestState,
    RequestSubject, Stopped, erased_member, erased_name, erased_organisation, may_use_model,
};
pub use settings::{
    AiLimits, AiUse, EffectiveSettings, InjectionAction, ProviderChoice, Switch, TenantSettings,
};
pub use tenant::{Plan, Tenant, TenantState};
pub use time::Timestamp;
pub use usage_metrics::{Contribution, Kept, MetricRules, Release, summed};
pub use user::{Membership, Role, User};
pub use workspace::{Workspace, WorkspaceAccess, WorkspaceRef, open_workspace};
