//! The audit log: what is recorded of a call, how rows are chained and signed, how a log is checked, shortened and
//! exported, and the ports to it.

mod anchor;
mod chain;
mod check;
mod defect;
mod event;
mod export;
mod head_line;
mod lines;
mod ocsf;
mod port;
mod remembered;
mod row;
mod text;
mod walk;

pub use anchor::Anchor;
pub use chain::{AuditKeys, ChainHead};
pub use check::{Checked, ExportCheck};
pub use defect::{Break, BreakKind};
pub use event::{Actor, ActorKind, AuditEvent, ClientFacts, LimitVerdict, Outcome, Usage};
pub use export::{ExportLine, ExportStart, read_line, write_line};
pub use head_line::HeadLine;
pub use lines::check_lines;
pub use port::{AuditFilter, AuditLog, AuditPage, AuditReach, ChainState};
pub use row::{AuditRow, PersonalRow, prepare};
pub use text::AuditText;
pub use walk::{ChainedRow, StoredRow, Walk};
