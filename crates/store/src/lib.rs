//! Every store port over sea-orm: entities, migrations, the unit of work, SQLite and PostgreSQL. Rows never leave this
//! crate.

mod administration;
mod audit;
mod backlog;
mod budget;
mod caches;
mod copy;
mod directory;
mod document_ends;
mod documents;
mod engine;
mod entity;
mod error;
mod forecasts;
mod grant;
mod idempotency;
mod items;
mod judgements;
mod keys;
mod lane;
mod ledger;
mod load;
mod migration;
mod options;
mod pool;
mod provider_keys;
mod reach;
mod retention;
mod rights;
mod schema;
mod scope;
mod search;
mod session;
mod sessions;
mod snapshots;
mod statements;
mod steps;
mod store;
mod stored_keys;
mod strategy;

pub use error::StoreError;
pub use load::WriterLoad;
pub use options::{AuditReads, Database, StoreOptions};
pub use rights::{Erased, Gathered, Shredded};
pub use session::{Committed, Session};
pub use store::{Changed, Store};
