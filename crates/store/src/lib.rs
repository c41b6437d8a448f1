//! Every store port over sea-orm: entities, migrations, the unit of work, SQLite and PostgreSQL. Rows never leave this
//! crate.
//!
//! ```no_run
//! # use pm33_product::{Author, Backlog, ItemId, ItemType, NewItem};
//! # use pm33_store::{Store, StoreOptions};
//! # use pm33_tenancy::{AuditEvent, TenantId, WorkspaceAccess, open_workspace};
//! # async fn example(options: StoreOptions, tenant: TenantId, author: Author, event: AuditEvent) -> Result<(), Box<dyn std::error::Error>> {
//! let store = Store::open(options).await?;
//! let session = store.session(tenant);
//! // The proof that the workspace is the tenant's; nothing is read or written without it.
//! let (at, _) = open_workspace(&session, tenant, &WorkspaceAccess::All, Some("main")).await?;
//! let item = NewItem::titled(ItemId::new(author.at), ItemType::Story, "Pay by card");
//! session.create(at, item, author).await?;
//! // The item and its audit row, together or not at all.
//! session.commit(event).await?;
//! # Ok(())
//! # }
//! ```

mod administration;
mod audit;
mod backlog;
mod batch;
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
#[cfg(feature = "sqlite")]
mod spool;
#[cfg(not(feature = "sqlite"))]
#[path = "spool_absent.rs"]
mod spool;
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
