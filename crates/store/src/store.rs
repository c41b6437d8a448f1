//! The store: connections, the writer, caches, and the doors to sessions of work.

use std::sync::Arc;

use pm33_admission::SessionStore;
use pm33_auth::KeyStore;
use pm33_tenancy::{TenantId, WorkspaceRef};
use sea_orm::{ColumnTrait, DatabaseConnection, DatabaseTransaction, DbErr, QueryFilter, QuerySelect, TransactionTrait};
use sea_orm_migration::MigratorTrait;
use tokio_util::task::TaskTracker;

use crate::{
    Database, Session, StoreError, StoreOptions,
    directory::DirectoryCache,
    engine,
    entity::workspace,
    lane::Lane,
    migration::Migrator,
    scope,
    sessions::StoredSessions,
    snapshots::Snapshots,
};

/// A store. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

/// What sessions share.
pub(crate) struct Inner {
    pub(crate) options: StoreOptions,
    pub(crate) readers: DatabaseConnection,
    pub(crate) writer: Writer,
    pub(crate) snapshots: Arc<Snapshots>,
    pub(crate) directory: DirectoryCache,
    tasks: TaskTracker,
}

/// How units are written.
pub(crate) enum Writer {
    /// One at a time, in groups.
    Lane(Lane),
    /// Each in its own transaction.
    Pool(DatabaseConnection),
}

/// What another process changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// A workspace's data.
    Workspace(WorkspaceRef),
}

impl Inner {
    /// Reads for a tenant in a transaction of its own.
    pub(crate) async fn read<T>(
        &self,
        tenant: TenantId,
        query: impl AsyncFnOnce(&DatabaseTransaction) -> Result<T, DbErr>,
    ) -> Result<T, StoreError> {
        let transaction = self.readers.begin().await?;
        engine::set_tenant(&transaction, tenant.uuid()).await?;
        let found = query(&transaction).await;
        // A transaction that only read ends the same either way; a failure to end it is the connection's, not ours.
        let ended = transaction.rollback().await;
        let found = found?;
        ended?;
        Ok(found)
    }
}

impl Store {
    /// Opens a store. The embedded database is made and migrated; a PostgreSQL one must be migrated before.
    ///
    /// # Errors
    /// [`StoreError::Unusable`] says why it will not serve.
    pub async fn open(options: StoreOptions) -> Result<Self, StoreError> {
        let snapshots = Arc::new(Snapshots::new(options.snapshot_bytes));
        let tasks = TaskTracker::new();
        let (readers, writer) = match &options.database {
            Database::Sqlite { path } => {
                let writer = engine::open_sqlite(path, 1).await?;
                Migrator::up(&writer, None).await?;
                engine::assert_sqlite(&writer).await?;
                let readers = engine::open_sqlite(path, options.connections).await?;
                let keys = Arc::clone(&options.audit_keys);
                let lane = Lane::start(writer, keys, Arc::clone(&snapshots), &tasks);
                (readers, Writer::Lane(lane))
            }
            Database::Postgres { url } => {
                let pool = engine::open_postgres(url, options.connections).await?;
                engine::assert_postgres(&pool).await?;
                (pool.clone(), Writer::Pool(pool))
            }
        };
        let inner = Inner { options, readers, writer, snapshots, directory: DirectoryCache::new(), tasks };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Brings a database's schema up to date; on PostgreSQL with the owner's URL.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn migrate(database: &Database) -> Result<(), StoreError> {
        let connection = match database {
            Database::Sqlite { path } => engine::open_sqlite(path, 1).await?,
            Database::Postgres { url } => engine::open_postgres(url, 1).await?,
        };
        Migrator::up(&connection, None).await?;
        connection.close().await?;
        Ok(())
    }

    /// A unit of work for a tenant.
    pub fn session(&self, tenant: TenantId) -> Session {
        Session::new(Arc::clone(&self.inner), Some(tenant))
    }

    /// A unit of work for an operator, who may see all tenants.
    pub fn operator(&self) -> Session {
        Session::new(Arc::clone(&self.inner), None)
    }

    /// Stored API keys, each call in a unit of its own.
    pub fn keys(&self) -> Arc<dyn KeyStore> {
        Arc::new(self.operator())
    }

    /// Stored legacy sessions.
    pub fn sessions(&self) -> Arc<dyn SessionStore> {
        Arc::new(StoredSessions(Arc::clone(&self.inner)))
    }

    /// Looks for other processes' writes; to be called at least twice a second.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn poll(&self) -> Result<Vec<Changed>, StoreError> {
        let mut changed = Vec::new();
        for at in self.inner.snapshots.known() {
            let query = scope::of_workspace::<workspace::Entity>(at)
                .select_only()
                .column(workspace::Column::Version)
                .filter(workspace::Column::Version.gt(0));
            let version: Option<i64> =
                self.inner.read(at.tenant(), async |db| query.into_tuple().one(db).await).await?;
            if version.is_some_and(|version| self.inner.snapshots.slot(at).heard(version)) {
                changed.push(Changed::Workspace(at));
            }
        }
        let epoch = self.operator().access_epoch().await?;
        self.inner.directory.heard(epoch);
        Ok(changed)
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn health(&self) -> Result<(), StoreError> {
        self.inner.readers.ping().await?;
        Ok(())
    }

    /// Waits until everything queued is written and the writer has ended; later writes are refused.
    pub async fn close(&self) {
        if let Writer::Lane(lane) = &self.inner.writer {
            lane.stop().await;
        }
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
    }
}
