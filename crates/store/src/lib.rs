//! Every store port over sea-orm: entities, migrations, the unit of work, SQLite and PostgreSQL. Rows never leave this
//! crate.

mod administration;
mod audit;
mod backlog;
mod directory;
mod engine;
mod entity;
mod error;
mod idempotency;
mod items;
mod keys;
mod lane;
mod migration;
mod options;
mod scope;
mod search;
mod session;
mod sessions;
mod snapshots;
mod store;
mod strategy;

pub use error::StoreError;
pub use options::{AuditReads, Database, StoreOptions};
pub use session::{Committed, Session};
pub use store::{Changed, Store};
