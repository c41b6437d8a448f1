//! The audit log: what is recorded of a call, how rows are chained and signed, and the port that reads them.

mod chain;
mod event;
mod port;
mod row;
mod text;

pub use chain::{AuditKeys, Break, BreakKind, ChainHead, verify};
pub use event::{Actor, ActorKind, AuditEvent, ClientFacts, LimitVerdict, Outcome, Usage};
pub use port::{AuditFilter, AuditLog, AuditPage};
pub use row::{AuditRow, PersonalRow, prepare};
pub use text::AuditText;
