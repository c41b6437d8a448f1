//! A deployment for tests that need more than the demo: an engine, several tenants with a key each, no server yet.

use std::{path::Path, process::Command, sync::Arc, time::Duration};

use pm33_app::{Foundation, Settings, act, found, migrate};
use pm33_auth::{KeyEnvironment, KeyRequest, KeyStore, ScopeSet, issue_key};
use pm33_tenancy::{
    Administration, Clock, Plan, Tenant, TenantId, TenantState, Timestamp, User, UserId, Workspace,
    WorkspaceAccess, WorkspaceId,
};
use secrecy::ExposeSecret;

/// A deployment.
pub(crate) struct Home {
    folder: tempfile::TempDir,
    pub(crate) settings: Settings,
    /// Where the settings are told to the server.
    pub(crate) environment: Vec<(&'static str, String)>,
    /// Tenants with a key that may do everything.
    pub(crate) keys: Vec<(TenantId, String)>,
}

impl Home {
    /// On the embedded database.
    pub(crate) fn sqlite(tenants: usize) -> Self {
        Self::aged(tenants, Duration::ZERO)
    }

    /// On the embedded database, with tenants that were made a while ago.
    pub(crate) fn aged(tenants: usize, age: Duration) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut settings = Settings::default();
        settings.data.dir = folder.path().join("data");
        Self { folder, settings, environment: Vec::new(), keys: Vec::new() }.settled(tenants, age)
    }

    /// On a database of its own in the test run's PostgreSQL, or none where there is no server.
    #[expect(
        clippy::print_stderr,
        clippy::disallowed_methods,
        reason = "the test's place; a skipped test is to be seen"
    )]
    pub(crate) fn postgres(tenants: usize) -> Option<Self> {
        let Ok(server) = std::env::var("PM33_TEST_POSTGRES_URL") else {
            assert!(
                std::env::var("CI").as_deref() != Ok("true"),
                "PM33_TEST_POSTGRES_URL must be set where CI=true"
            );
            eprintln!("SKIPPED: PostgreSQL; set PM33_TEST_POSTGRES_URL to a superuser's URL");
            return None;
        };
        let folder = tempfile::tempdir().expect("a folder");
        let unique = folder.path().file_name().and_then(|name| name.to_str()).expect("a name");
        let unique: String = unique.chars().filter(char::is_ascii_alphanumeric).collect();
        let name = format!("pm33_server_{}_{}", std::process::id(), unique.to_lowercase());
        for statement in [
            format!("CREATE ROLE {name}_o LOGIN PASSWORD 'owner' CREATEROLE"),
            format!("CREATE DATABASE {name} OWNER {name}_o"),
        ] {
            let ran = Command::new("psql").args(["-q", "-d", &server, "-c", &statement]).status();
            assert!(ran.is_ok_and(|status| status.success()), "{statement}");
        }
        let host = server.split_once('@').and_then(|(_, place)| place.split('/').next()).expect("a host");
        let mut settings = Settings::default();
        settings.data.dir = folder.path().join("data");
        let mut environment = Vec::new();
        for (role, word, slot, variable) in [
            ("a", "app", &mut settings.database.url_file, "PM33_DATABASE_URL_FILE"),
            ("o", "owner", &mut settings.database.owner_url_file, "PM33_DATABASE_OWNER_URL_FILE"),
        ] {
            let path = folder.path().join(word);
            std::fs::write(&path, format!("postgres://{name}_{role}:{word}@{host}/{name}")).expect("a file");
            environment.push((variable, path.display().to_string()));
            *slot = Some(path);
        }
        Some(Self { folder, settings, environment, keys: Vec::new() }.settled(tenants, Duration::ZERO))
    }

    fn settled(mut self, tenants: usize, age: Duration) -> Self {
        let database = pm33_app::database(&self.settings).expect("a database");
        self.keys = wait(async {
            // The embedded database is made with its secrets when it is opened.
            if self.settings.database.url_file.is_some() {
                migrate(&database).await.expect("migrated");
            }
            let foundation = found(&self.settings).await.expect("the store opens");
            let mut keys = Vec::new();
            for number in 0..tenants {
                keys.push(tenant(&foundation, number, age).await);
            }
            foundation.store.close().await;
            keys
        });
        self
    }

    /// The data folder.
    pub(crate) fn data(&self) -> &Path {
        &self.settings.data.dir
    }

    /// A path beside the data.
    pub(crate) fn file(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// Another key of a tenant's only user, with a life of its own; it ends earlier where it was rotated.
    pub(crate) fn key(
        &self,
        tenant: TenantId,
        life: Duration,
        rotated: Option<Duration>,
    ) -> (String, Timestamp) {
        self.look(async |foundation| {
            let now = foundation.clock.now();
            let session = foundation.store.session(tenant);
            let user = session.users(tenant).await.expect("users")[0].id;
            let minted =
                issue_key(request(tenant, user, life), None, foundation.keys.peppers(), now).expect("a key");
            session.insert(&minted.stored).await.expect("stored");
            let mut ends = minted.stored.expires;
            if let Some(overlap) = rotated {
                ends = now.plus(overlap);
                session.set_rotated(tenant, minted.stored.id, ends).await.expect("rotated");
            }
            session.commit(act(tenant, "admin/key.create", None, now)).await.expect("committed");
            (minted.shown.expose_secret().to_owned(), ends)
        })
    }

    /// Another member of a tenant, with a key that may do everything.
    pub(crate) fn member(&self, tenant: TenantId, handle: &str) -> (UserId, String) {
        self.look(async |foundation| {
            let now = foundation.clock.now();
            let (id, session) = (UserId::new(now), foundation.store.operator());
            let member = User { tenant, id, handle: handle.into(), name: handle.into(), created: now };
            session.create_user(&member).await.expect("user");
            let request = request(tenant, id, Duration::from_hours(24));
            let minted = issue_key(request, None, foundation.keys.peppers(), now).expect("a key");
            session.insert(&minted.stored).await.expect("stored");
            session.commit(act(tenant, "admin/user.create", None, now)).await.expect("committed");
            (id, minted.shown.expose_secret().to_owned())
        })
    }

    /// Looks into the store beside the server, or without one.
    pub(crate) fn look<T>(&self, look: impl AsyncFnOnce(&Foundation) -> T) -> T {
        self.look_after(Duration::ZERO, look)
    }

    /// As [`Home::look`], when so much time will have passed.
    pub(crate) fn look_after<T>(&self, span: Duration, look: impl AsyncFnOnce(&Foundation) -> T) -> T {
        wait(async {
            let mut foundation = found(&self.settings).await.expect("the store opens");
            foundation.clock = Arc::new(Later(Arc::clone(&foundation.clock), span));
            let seen = look(&foundation).await;
            foundation.store.close().await;
            seen
        })
    }
}

/// A clock that is ahead.
struct Later(Arc<dyn Clock>, Duration);

impl Clock for Later {
    fn now(&self) -> Timestamp {
        self.0.now().plus(self.1)
    }
    fn monotonic(&self) -> Duration {
        self.0.monotonic()
    }
}

fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().expect("a runtime").block_on(work)
}

fn request(tenant: TenantId, user: UserId, life: Duration) -> KeyRequest {
    KeyRequest {
        tenant,
        user,
        name: "k".to_owned(),
        environment: KeyEnvironment::Test,
        scopes: ScopeSet::all(),
        workspaces: WorkspaceAccess::All,
        life: Some(life),
        longest: life,
        networks: Vec::new(),
        roles: Vec::new(),
    }
}

async fn tenant(foundation: &Foundation, number: usize, age: Duration) -> (TenantId, String) {
    let minting = foundation.clock.now();
    let now = minting.minus(age);
    let (id, user) = (TenantId::new(now), UserId::new(now));
    let slug = format!("tenant-{number}");
    let tenant = Tenant {
        id,
        slug: slug.clone(),
        name: slug,
        plan: Plan::Team,
        state: TenantState::Active,
        created: now,
    };
    let workspace = Workspace {
        tenant: id,
        id: WorkspaceId::new(now),
        slug: "main".to_owned(),
        prefix: format!("W{number}"),
        name: "Main".to_owned(),
        created: now,
    };
    let request = request(id, user, Duration::from_hours(24));
    let minted = issue_key(request, None, foundation.keys.peppers(), minting).expect("a key");
    let session = foundation.store.operator();
    session.create_tenant(&tenant).await.expect("tenant");
    let person = User { tenant: id, id: user, handle: "u".into(), name: "U".into(), created: now };
    session.create_user(&person).await.expect("user");
    session.create_workspace(&workspace).await.expect("workspace");
    session.insert(&minted.stored).await.expect("stored");
    session.commit(act(id, "admin/tenant.create", None, now)).await.expect("committed");
    (id, minted.shown.expose_secret().to_owned())
}
