//! The store: connections, the writer, caches, and the doors to sessions of work.

use std::{collections::HashMap, sync::Arc};

use pm33_admission::{AdmissionError, Budget, IdempotencyStore, SessionStore, SharedBudget};
use pm33_auth::KeyStore;
use pm33_tenancy::{ChainHead, Digest, TenantId, Timestamp, UserId, WorkspaceRef};
use sea_orm::{
    AccessMode, ColumnTrait, DatabaseConnection, DatabaseExecutor, DatabaseTransaction, DbErr,
    IsolationLevel, QueryFilter, QuerySelect, TransactionTrait,
};
use tokio_util::task::TaskTracker;

use crate::{
    Database, Session, StoreError, StoreOptions, WriterLoad,
    budget::StoredBudget,
    caches::Caches,
    engine::{self, postgres, sqlite},
    entity::workspace,
    lane::{Lane, LaneParts},
    pool::Pool,
    reach::Reach,
    scope,
    sessions::StoredSessions,
    snapshots::Slot,
    statements,
    stored_keys::StoredKeys,
};

/// A store. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

/// What sessions share.
pub(crate) struct Inner {
    pub(crate) options: StoreOptions,
    /// Connections that read. They are never waited for by whoever holds one that writes and never wait for those.
    pub(crate) readers: DatabaseConnection,
    pub(crate) writer: Writer,
    pub(crate) caches: Caches,
    pub(crate) reach: Reach,
    /// The owner's connections on PostgreSQL, for operators.
    owner: Option<DatabaseConnection>,
    tasks: TaskTracker,
}

/// How units are written.
pub(crate) enum Writer {
    /// One at a time, in groups.
    Lane(Lane),
    /// Each in its own transaction.
    Pool(Pool),
}

/// What changed since the last look, by this process or another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// A workspace's data, by another process.
    Workspace(WorkspaceRef),
    /// Tenants, users, workspaces, memberships, settings or keys of some tenant.
    Access,
}

impl Inner {
    /// Runs a task that goes on whatever becomes of its caller; closing waits for it.
    pub(crate) fn beside(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(task);
    }

    /// Whether the store is being closed.
    pub(crate) fn is_closing(&self) -> bool {
        self.tasks.is_closed()
    }

    /// One read for a tenant, of what is committed.
    pub(crate) async fn read<T>(
        &self,
        tenant: TenantId,
        query: impl AsyncFnOnce(&DatabaseExecutor<'_>) -> Result<T, DbErr>,
    ) -> Result<T, StoreError> {
        match &self.writer {
            // A single statement is its own transaction.
            Writer::Lane(_) => Ok(query(&DatabaseExecutor::Connection(&self.readers)).await?),
            Writer::Pool(_) => {
                let read = async {
                    let transaction = self.readers.begin().await?;
                    let query = async |db: &_| query(&DatabaseExecutor::Transaction(db)).await;
                    Self::read_in(transaction, tenant, query).await
                };
                self.reach.on(Box::pin(read)).await
            }
        }
    }

    /// Several reads of what is committed at one moment.
    pub(crate) async fn read_together<T>(
        &self,
        tenant: TenantId,
        query: impl AsyncFnOnce(&DatabaseTransaction) -> Result<T, DbErr>,
    ) -> Result<T, StoreError> {
        let read = async {
            let transaction = match &self.writer {
                Writer::Lane(_) => self.readers.begin().await?,
                Writer::Pool(_) => {
                    let level = Some(IsolationLevel::RepeatableRead);
                    self.readers.begin_with_config(level, Some(AccessMode::ReadOnly)).await?
                }
            };
            Self::read_in(transaction, tenant, query).await
        };
        self.reach.on(Box::pin(read)).await
    }

    async fn read_in<T>(
        transaction: DatabaseTransaction,
        tenant: TenantId,
        query: impl AsyncFnOnce(&DatabaseTransaction) -> Result<T, DbErr>,
    ) -> Result<T, StoreError> {
        engine::set_tenant(&transaction, tenant.uuid()).await?;
        let found = query(&transaction).await;
        // A transaction that only read ends the same either way; a failure to end it is the connection's, not ours.
        let ended = transaction.rollback().await;
        let found = found?;
        ended?;
        Ok(found)
    }

    /// Connections that see all tenants.
    pub(crate) fn operators(&self) -> Result<&DatabaseConnection, StoreError> {
        match (&self.writer, &self.owner) {
            (Writer::Lane(_), _) => Ok(&self.readers),
            (Writer::Pool(_), Some(owner)) => Ok(owner),
            (Writer::Pool(_), None) => Err(StoreError::Unusable {
                why: "operators work as the owner of the PostgreSQL database; configure the owner's URL"
                    .to_owned(),
            }),
        }
    }
}

impl Store {
    /// Opens a store. The embedded database is made and migrated; a PostgreSQL one must be migrated before.
    ///
    /// # Errors
    /// [`StoreError::Unusable`] says why it will not serve.
    pub async fn open(options: StoreOptions) -> Result<Self, StoreError> {
        let caches = Caches::new(options.snapshot_bytes);
        let tasks = TaskTracker::new();
        let mut reach = Reach::embedded();
        let (readers, writer, owner) = match &options.database {
            Database::Sqlite { path } => {
                let connection = sqlite::open_writer(path).await?;
                engine::migrate(&connection).await?;
                sqlite::check(&connection).await?;
                let readers = sqlite::open_readers(path, options.connections).await?;
                let parts = LaneParts {
                    path: path.clone(),
                    keys: Arc::clone(&options.audit_keys),
                    caches: caches.clone(),
                    clock: Arc::clone(&options.clock),
                    audit_reads: options.audit_reads,
                    longest_unit: options.longest_unit,
                };
                (readers, Writer::Lane(Lane::start(connection, parts, &tasks)?), None)
            }
            Database::Postgres { app_url, owner_url } => {
                let half = options.connections.div_ceil(2);
                let writers = postgres::open(app_url, half).await?;
                postgres::check(&writers).await?;
                let readers = postgres::open(app_url, half).await?;
                let owner = match owner_url {
                    Some(url) => Some(postgres::open(url, 2).await?),
                    None => None,
                };
                reach = Reach::watch(app_url, &tasks);
                let pool = Pool::start(writers, reach.clone(), &options, &tasks);
                (readers, Writer::Pool(pool), owner)
            }
        };
        let store = Self { inner: Arc::new(Inner { options, readers, writer, caches, reach, owner, tasks }) };
        let epoch = store.operator().access_epoch().await?;
        store.inner.caches.directory.heard(epoch);
        Ok(store)
    }

    /// Brings a database's schema up to date. On PostgreSQL this needs the owner's URL; the application's login is made
    /// if it is not there and the owner may.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn migrate(database: &Database) -> Result<(), StoreError> {
        let connection = match database {
            Database::Sqlite { path } => sqlite::open_writer(path).await?,
            Database::Postgres { owner_url: None, .. } => {
                return Err(StoreError::Unusable { why: "migrations need the owner's URL".to_owned() });
            }
            Database::Postgres { owner_url: Some(url), .. } => postgres::open(url, 1).await?,
        };
        engine::migrate(&connection).await?;
        if let Database::Postgres { app_url, .. } = database {
            postgres::adopt(&connection).await?;
            postgres::admit(&connection, app_url).await?;
        }
        connection.close().await?;
        Ok(())
    }

    /// A unit of work for a tenant.
    pub fn session(&self, tenant: TenantId) -> Session {
        Session::new(Arc::clone(&self.inner), Some(tenant))
    }

    /// A unit of work for an operator, who may see all tenants. On PostgreSQL it works as the owner.
    pub fn operator(&self) -> Session {
        Session::new(Arc::clone(&self.inner), None)
    }

    /// The member's keyed pseudonym, by which the audit log's hashed part names them.
    pub fn pseudonym(&self, member: UserId) -> Digest {
        self.inner.options.audit_keys.actor(member)
    }

    /// An organisation's keyed pseudonym, for sums that are kept apart from it.
    pub fn pseudonym_of(&self, tenant: TenantId) -> Digest {
        self.inner.options.audit_keys.pseudonym(b"organisation", tenant.uuid().as_bytes())
    }

    /// Stored API keys, each write in a short unit of its own, without an audit row.
    pub fn keys(&self) -> Arc<dyn KeyStore> {
        Arc::new(StoredKeys(Arc::clone(&self.inner)))
    }

    /// Stored legacy sessions.
    pub fn sessions(&self) -> Arc<dyn SessionStore> {
        Arc::new(StoredSessions(Arc::clone(&self.inner)))
    }

    /// A budget that servers on one PostgreSQL share; `None` on the embedded database, which one server
    /// serves.
    pub fn budget(&self, of: Budget) -> Option<Arc<dyn SharedBudget>> {
        match &self.inner.writer {
            Writer::Lane(_) => None,
            Writer::Pool(_) => Some(Arc::new(StoredBudget { inner: Arc::clone(&self.inner), of })),
        }
    }

    /// Forgets up to `most` finished calls of a tenant whose idempotency keys are past their life; how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget_calls(
        &self,
        tenant: TenantId,
        now: Timestamp,
        most: u64,
    ) -> Result<u64, AdmissionError> {
        let session = self.session(tenant);
        // Mostly there is none, and then nobody has to wait for the writer.
        if !session.has_expired_calls(tenant, now).await? {
            return Ok(0);
        }
        let forgotten = session.forget_expired(tenant, now, most).await?;
        session.keep().await?;
        Ok(forgotten)
    }

    /// Forgets counts of a tenant's calls that are out of every window; how many. There are none on the embedded database.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget_windows(&self, tenant: TenantId) -> Result<u64, StoreError> {
        let Writer::Pool(_) = &self.inner.writer else { return Ok(0) };
        let stale =
            self.inner.read(tenant, async |db| statements::has_stale_windows(db, tenant).await).await?;
        if !stale {
            return Ok(0);
        }
        let session = self.session(tenant);
        let unit = session.write(tenant).await?;
        let forgotten = statements::forget_windows(unit.db()?, tenant).await?;
        drop(unit);
        session.keep().await?;
        Ok(forgotten)
    }

    /// Forgets the members whose pseudonyms were worked out. To be called every hour.
    pub fn forget_pseudonyms(&self) {
        self.inner.options.audit_keys.forget_pseudonyms();
    }

    /// Whether a head is signed with the deployment's key.
    pub fn is_signed(&self, head: &ChainHead, signature: &Digest) -> bool {
        self.inner.options.audit_keys.is_signed(head, signature)
    }

    /// Looks for other processes' writes; to be called at least twice a second.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn poll(&self) -> Result<Vec<Changed>, StoreError> {
        let mut changed = Vec::new();
        let now = self.inner.options.clock.monotonic();
        for (at, slot, version) in self.committed(self.inner.caches.snapshots.watched(now)).await? {
            slot.checked(now);
            if slot.heard(version) {
                changed.push(Changed::Workspace(at));
            }
        }
        let epoch = self.operator().access_epoch().await?;
        if self.inner.caches.directory.heard(epoch) {
            changed.push(Changed::Access);
        }
        Ok(changed)
    }

    /// Forgets workspaces that nobody asked for in a while and that another process changed or removed since: what was
    /// erased there is not to live on here. To be called every half minute; how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget_outdated(&self) -> Result<usize, StoreError> {
        let snapshots = &self.inner.caches.snapshots;
        let (held, now) = (snapshots.count(), self.inner.options.clock.monotonic());
        for (_, slot, version) in self.committed(snapshots.unwatched(now)).await? {
            slot.drop_before(version);
        }
        Ok(held.saturating_sub(snapshots.count()))
    }

    /// The committed versions of workspaces; those that are not there any more are forgotten.
    async fn committed(
        &self,
        held: Vec<(WorkspaceRef, Arc<Slot>)>,
    ) -> Result<Vec<(WorkspaceRef, Arc<Slot>, i64)>, StoreError> {
        let mut by_tenant: HashMap<TenantId, HashMap<uuid::Uuid, (WorkspaceRef, Arc<Slot>)>> = HashMap::new();
        for (at, slot) in held {
            by_tenant.entry(at.tenant()).or_default().insert(at.workspace().uuid(), (at, slot));
        }
        let mut found = Vec::new();
        for (tenant, mut places) in by_tenant {
            let query = scope::of_tenant::<workspace::Entity>(tenant)
                .select_only()
                .columns([workspace::Column::WorkspaceId, workspace::Column::Version])
                .filter(workspace::Column::WorkspaceId.is_in(places.keys().copied()));
            let versions: Vec<(uuid::Uuid, i64)> =
                self.inner.read(tenant, async |db| query.into_tuple().all(db).await).await?;
            for (id, version) in versions {
                found.extend(places.remove(&id).map(|(at, slot)| (at, slot, version)));
            }
            for (at, _) in places.into_values() {
                self.inner.caches.snapshots.forget(at);
            }
        }
        Ok(found)
    }

    /// How busy the embedded database's writer is; `None` on PostgreSQL, where each unit has its own transaction.
    pub fn writer_load(&self) -> Option<WriterLoad> {
        match &self.inner.writer {
            Writer::Lane(lane) => Some(lane.load()),
            Writer::Pool(_) => None,
        }
    }

    /// Workspaces whose snapshot is in memory.
    pub fn snapshots(&self) -> usize {
        self.inner.caches.snapshots.count()
    }

    /// Whether the database answers and takes writes.
    ///
    /// # Errors
    /// When it does not.
    pub async fn health(&self) -> Result<(), StoreError> {
        let open = match &self.inner.writer {
            Writer::Lane(lane) => lane.is_open(),
            Writer::Pool(pool) => pool.is_open(),
        };
        if !open {
            return Err(StoreError::Closed);
        }
        self.inner.reach.on(self.inner.readers.ping()).await?;
        Ok(())
    }

    /// How commits are kept, by what the database itself says now.
    ///
    /// # Errors
    /// [`StoreError::Unusable`] where an answered write could be lost.
    pub async fn durability(&self) -> Result<String, StoreError> {
        match &self.inner.writer {
            // Its connections are our own: what they were opened with holds, and was checked.
            Writer::Lane(_) => Ok(sqlite::DURABILITY.to_owned()),
            Writer::Pool(pool) => self.inner.reach.on(postgres::durability(&pool.connections)).await,
        }
    }

    /// Looks through the whole database for damage; what was found. PostgreSQL keeps its own checksums and is not looked
    /// through here.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn integrity(&self) -> Result<Vec<String>, StoreError> {
        match &self.inner.writer {
            Writer::Lane(_) => engine::sqlite::integrity(&self.inner.readers).await,
            Writer::Pool(_) => Ok(Vec::new()),
        }
    }

    /// Waits until everything queued is written and the writer has ended; later writes are refused.
    pub async fn close(&self) {
        match &self.inner.writer {
            Writer::Lane(lane) => lane.stop().await,
            Writer::Pool(pool) => pool.stop().await,
        }
        self.inner.reach.end();
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
        let mut pools = vec![&self.inner.readers];
        if let Writer::Pool(pool) = &self.inner.writer {
            pools.push(&pool.connections);
        }
        pools.extend(&self.inner.owner);
        for pool in pools {
            if let Err(error) = pool.close_by_ref().await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "a connection did not close cleanly"
                );
            }
        }
    }
}
