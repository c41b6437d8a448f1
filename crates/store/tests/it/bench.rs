//! What every test stands on: a fresh database, a store over it, and a tenant with one workspace.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use pm33_store::{Database, Session, Store, StoreOptions};
use pm33_tenancy::{
    Actor, ActorKind, Administration, AuditEvent, AuditKeys, ClientFacts, Clock, LimitVerdict, Plan, Tenant,
    TenantId, TenantState, Timestamp, User, UserId, Workspace, WorkspaceAccess, WorkspaceId, WorkspaceRef,
    open_workspace,
};
use sea_orm::{ConnectionTrait, Database as Orm, DatabaseConnection};
use secrecy::{SecretBox, SecretString};

/// Runs a contract on both engines.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {$(
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                super::$name(crate::bench::Bench::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(bench) = crate::bench::Bench::postgres().await {
                    super::$name(bench).await;
                }
            }
        }
    )*};
}
pub(crate) use on_both;

/// A clock that moves a little with every look.
#[derive(Default)]
pub(crate) struct Ticks(AtomicI64);

impl Ticks {
    /// Lets so much time pass for whoever asks how long something took.
    pub(crate) fn pass(&self, time: Duration) {
        self.0.fetch_add(i64::try_from(time.as_nanos()).unwrap(), Ordering::Relaxed);
    }
}

impl Clock for Ticks {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(1_767_225_600_000_000 + self.0.fetch_add(1_000, Ordering::Relaxed))
    }

    fn monotonic(&self) -> Duration {
        Duration::from_nanos(u64::try_from(self.0.fetch_add(1, Ordering::Relaxed)).unwrap_or(0))
    }
}

/// A fresh database.
pub(crate) struct Bench {
    pub(crate) database: Database,
    pub(crate) clock: Arc<Ticks>,
    /// A role that may look at everything, for what the store does not show; PostgreSQL only.
    pub(crate) superuser: Option<SecretString>,
    _folder: Option<tempfile::TempDir>,
}

static DATABASES: AtomicU64 = AtomicU64::new(0);

impl Bench {
    #[expect(clippy::unused_async, reason = "the same shape on both engines")]
    pub(crate) async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // The name has what a URL would read as something else.
        let path = folder.path().join("a place?with %41 odd#name").join("pm33.db");
        Self {
            database: Database::Sqlite { path },
            clock: Arc::default(),
            superuser: None,
            _folder: Some(folder),
        }
    }

    /// A database that lies somewhere.
    pub(crate) fn at(path: std::path::PathBuf) -> Self {
        Self { database: Database::Sqlite { path }, clock: Arc::default(), superuser: None, _folder: None }
    }

    /// A database of its own with its own roles, or none when there is no server.
    #[expect(
        clippy::print_stderr,
        clippy::disallowed_methods,
        reason = "the test's place; a skipped test is to be seen"
    )]
    pub(crate) async fn postgres() -> Option<Self> {
        let Ok(server) = std::env::var("PM33_TEST_POSTGRES_URL") else {
            assert!(
                std::env::var("CI").as_deref() != Ok("true"),
                "PM33_TEST_POSTGRES_URL must be set where CI=true"
            );
            eprintln!("SKIPPED: PostgreSQL; set PM33_TEST_POSTGRES_URL to a superuser's URL");
            return None;
        };
        let number = DATABASES.fetch_add(1, Ordering::Relaxed);
        let name = format!("pm33_test_{}_{number}_{}", std::process::id(), uuid::Uuid::new_v4().simple());
        let superuser = Orm::connect(&server).await.unwrap();
        for statement in [
            format!("CREATE ROLE {name}_o LOGIN PASSWORD 'own:er' CREATEROLE"),
            format!("CREATE DATABASE {name} OWNER {name}_o"),
        ] {
            superuser.execute_unprepared(&statement).await.unwrap();
        }
        superuser.close().await.unwrap();
        let url = |login: &str| {
            let (_, place) = server.split_once('@').unwrap();
            let host = place.split(['/', '?']).next().unwrap();
            format!("postgres://{login}@{host}/{name}")
        };
        let (login, _) = server.split_once("://").unwrap().1.split_once('@').unwrap();
        let database = Database::Postgres {
            app_url: url(&format!("{name}_a:p%40ss")).into(),
            owner_url: Some(url(&format!("{name}_o:own%3Aer")).into()),
        };
        Store::migrate(&database).await.unwrap();
        Some(Self { database, clock: Arc::default(), superuser: Some(url(login).into()), _folder: None })
    }

    pub(crate) fn options(&self) -> StoreOptions {
        let keys = AuditKeys::new(&SecretBox::new(Box::new([7; 32])));
        StoreOptions::new(self.database.clone(), Arc::new(keys), Arc::clone(&self.clock) as Arc<dyn Clock>)
    }

    pub(crate) async fn open(&self) -> Store {
        Store::open(self.options()).await.unwrap()
    }

    /// A store with a tenant, a user and a workspace.
    pub(crate) async fn settled(&self) -> Home {
        let store = self.open().await;
        settle(store, &self.clock, "acme").await
    }

    /// A connection that makes the SQLite file before any store does.
    pub(crate) async fn beside_new(&self) -> DatabaseConnection {
        let Database::Sqlite { path } = &self.database else { panic!("not SQLite") };
        file(path, "?mode=rwc").await
    }

    /// A connection beside the store that sees every row.
    pub(crate) async fn beside(&self) -> DatabaseConnection {
        use secrecy::ExposeSecret;
        match (&self.database, &self.superuser) {
            (Database::Sqlite { path }, _) => {
                until_drained(path).await;
                file(path, "").await
            }
            (_, Some(url)) => Orm::connect(url.expose_secret()).await.unwrap(),
            _ => panic!("no way in"),
        }
    }
}

/// Where audit rows of calls that only read lie first.
pub(crate) fn spool(database: &std::path::Path) -> Vec<std::path::PathBuf> {
    let folder = format!("{}-audit", database.display());
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "rows"));
    files
}

/// Waits until no audit row lies there: what was drained is overwritten.
pub(crate) async fn until_drained(database: &std::path::Path) {
    for _ in 0..1_000 {
        let holds_rows =
            |path| std::fs::read(path).is_ok_and(|bytes| bytes.first().is_some_and(|byte| *byte != 0));
        if !spool(database).into_iter().any(holds_rows) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("audit rows are not drained");
}

/// Takes the guards of the audit log's rows away: whoever owns a database owns its triggers.
pub(crate) async fn unguard(db: &DatabaseConnection) {
    let statements: &[&str] = if db.get_database_backend() == sea_orm::DbBackend::Sqlite {
        &[
            "DROP TRIGGER audit_row_unchanged",
            "DROP TRIGGER audit_row_kept",
            "DROP TRIGGER audit_anchor_fits",
            "DROP TRIGGER audit_anchor_unchanged",
            "DROP TRIGGER audit_anchor_kept",
        ]
    } else {
        &["ALTER TABLE audit_row DISABLE TRIGGER USER", "ALTER TABLE audit_anchor DISABLE TRIGGER USER"]
    };
    for statement in statements {
        db.execute_unprepared(statement).await.unwrap();
    }
}

/// A connection to an SQLite file.
async fn file(path: &std::path::Path, more: &str) -> DatabaseConnection {
    let path = path.to_str().unwrap().replace('%', "%25").replace('?', "%3F").replace('#', "%23");
    Orm::connect(format!("sqlite://{path}{more}")).await.unwrap()
}

/// Runs a task beside the others.
#[expect(clippy::disallowed_methods, reason = "a test waits for its tasks itself")]
pub(crate) fn spawn<T: Send + 'static>(
    task: impl Future<Output = T> + Send + 'static,
) -> tokio::task::JoinHandle<T> {
    tokio::spawn(task)
}

/// A tenant at home in a store.
pub(crate) struct Home {
    pub(crate) store: Store,
    pub(crate) tenant: TenantId,
    pub(crate) user: UserId,
    pub(crate) at: WorkspaceRef,
    pub(crate) now: Timestamp,
}

/// Makes a tenant with a user and a workspace `main` with prefix `PAY`.
pub(crate) async fn settle(store: Store, clock: &Ticks, slug: &str) -> Home {
    let now = clock.now();
    let (tenant, user) = (TenantId::new(now), UserId::new(now));
    let session = store.operator();
    let row = Tenant {
        id: tenant,
        slug: slug.to_owned(),
        name: slug.to_owned(),
        plan: Plan::Team,
        state: TenantState::Active,
        created: now,
    };
    session.create_tenant(&row).await.unwrap();
    let handle = "ada".to_owned();
    session
        .create_user(&User { tenant, id: user, handle, name: "Ada".to_owned(), created: now })
        .await
        .unwrap();
    session.create_workspace(&workspace(tenant, "main", "PAY", now)).await.unwrap();
    session.commit(event(tenant, now)).await.unwrap();
    let session = store.session(tenant);
    let (at, _) = open_workspace(&session, tenant, &WorkspaceAccess::All, Some("main")).await.unwrap();
    Home { store, tenant, user, at, now }
}

pub(crate) fn workspace(tenant: TenantId, slug: &str, prefix: &str, now: Timestamp) -> Workspace {
    let id = WorkspaceId::new(now);
    Workspace {
        tenant,
        id,
        slug: slug.to_owned(),
        prefix: prefix.to_owned(),
        name: slug.to_owned(),
        created: now,
    }
}

impl Home {
    pub(crate) fn session(&self) -> Session {
        self.store.session(self.tenant)
    }

    pub(crate) fn event(&self) -> AuditEvent {
        event(self.tenant, self.now)
    }

    pub(crate) fn author(&self) -> pm33_product::Author {
        pm33_product::Author { user: Some(self.user), at: self.now }
    }
}

pub(crate) fn event(tenant: TenantId, at: Timestamp) -> AuditEvent {
    AuditEvent {
        actor: Actor { kind: ActorKind::Operator, user: Some(UserId::new(at)) },
        scopes: "backlog:read".into(),
        target: Some("pm33_query_backlog".into()),
        latency: Duration::from_micros(250),
        limit: LimitVerdict::Admitted,
        client: ClientFacts { ip: "203.0.113.9".parse().ok(), agent: Some("probe/1".into()) },
        ..AuditEvent::done(tenant, ActorKind::Operator, "tools/call", at)
    }
}
