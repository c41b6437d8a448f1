//! What a store is opened with.

use std::{path::PathBuf, sync::Arc, time::Duration};

use pm33_tenancy::{AuditKeys, Clock, EffectiveSettings};
use secrecy::SecretString;

/// Where data lives.
#[derive(Clone, Debug)]
pub enum Database {
    /// An embedded file; made on first use.
    Sqlite {
        /// The file.
        path: PathBuf,
    },
    /// A PostgreSQL server.
    Postgres {
        /// URL of the application role, which serves.
        app_url: SecretString,
        /// URL of the owner, for migrations and operators; a server that only serves does not need it.
        owner_url: Option<SecretString>,
    },
}

/// When the audit rows of calls that wrote nothing are durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditReads {
    /// Before the call's answer leaves.
    EachCall,
    /// In the embedded database's log before the call's answer leaves, and on its disk with the next copy of the log, about
    /// a second later: the end of the process loses nothing, a loss of power may lose the newest. On PostgreSQL like
    /// [`Self::EachCall`].
    Committed,
    /// Together, within a time; a crash may lose the newest.
    Batched {
        /// Longest wait.
        within: Duration,
    },
}

/// What a store is opened with.
#[derive(Clone)]
pub struct StoreOptions {
    /// Where data lives.
    pub database: Database,
    /// Secrets of the audit log.
    pub audit_keys: Arc<AuditKeys>,
    /// Settings that tenants inherit.
    pub deployment: EffectiveSettings,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Connections for reading at most.
    pub connections: u32,
    /// When audit rows of reads are durable.
    pub audit_reads: AuditReads,
    /// Bytes of memory for workspace snapshots, by estimate.
    pub snapshot_bytes: u64,
    /// How long one unit may hold the embedded database's writer; after it the unit is rolled back.
    pub longest_unit: Duration,
}

impl StoreOptions {
    /// Options with defaults for all but the place, the secrets and the clock.
    pub fn new(database: Database, audit_keys: Arc<AuditKeys>, clock: Arc<dyn Clock>) -> Self {
        Self {
            database,
            audit_keys,
            deployment: EffectiveSettings::default(),
            clock,
            connections: 8,
            audit_reads: AuditReads::EachCall,
            snapshot_bytes: 512 << 20,
            longest_unit: Duration::from_secs(30),
        }
    }
}
