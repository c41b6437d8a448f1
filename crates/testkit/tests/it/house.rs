//! A database with tenants, and servers over it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use pm33_app::{Foundation, Secrets, Settings, act, catalogue, serve};
use pm33_auth::{
    ApiKeyVerifier, Credential, KeyEnvironment, KeyRequest, KeyStore, NewKey, Origin, ScopeSet,
    VerifierOptions, issue_key,
};
use pm33_mcp::{
    Caller, Carrier, Class, ClientFacts, CorrelationId, HttpFields, Inbound, Message, Reply, Server,
};
use pm33_store::{Database, Store, StoreOptions};
use pm33_tenancy::{
    Administration, AuditFilter, AuditLog, AuditRow, Clock, Plan, Tenant, TenantId, TenantState, Timestamp,
    User, UserId, Workspace, WorkspaceAccess, WorkspaceId,
};
use pm33_tools::Catalogue;
use secrecy::SecretString;
use serde_json::{Value, json};

/// Where all requests come from.
const ADDRESS: &str = "203.0.113.9";

/// A clock that tests move.
#[derive(Default)]
pub(crate) struct Hands(AtomicI64, AtomicU64);

impl Hands {
    pub(crate) fn pass(&self, span: Duration) {
        self.0.fetch_add(i64::try_from(span.as_micros()).unwrap(), Ordering::SeqCst);
        self.1.fetch_add(u64::try_from(span.as_micros()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(1_790_000_000_000_000 + self.0.load(Ordering::SeqCst))
    }
    fn monotonic(&self) -> Duration {
        Duration::from_secs(100) + Duration::from_micros(self.1.load(Ordering::SeqCst))
    }
}

/// A database.
pub(crate) struct House {
    pub(crate) clock: Arc<Hands>,
    folder: tempfile::TempDir,
}

/// One server with its own connections and caches.
pub(crate) struct Process {
    pub(crate) foundation: Foundation,
    pub(crate) server: Server,
    clock: Arc<Hands>,
}

/// A tenant with a user and the workspace `main`.
pub(crate) struct Home {
    pub(crate) tenant: TenantId,
    pub(crate) user: UserId,
    pub(crate) workspace: WorkspaceId,
}

/// A key, and what is stored of it.
pub(crate) struct Key {
    pub(crate) shown: SecretString,
    pub(crate) stored: NewKey,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) class: Class,
    pub(crate) body: String,
    pub(crate) session: Option<String>,
    pub(crate) rate_limit: Option<(String, String)>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The structured result of a tool.
    pub(crate) fn result(&self) -> Value {
        let json = self.json();
        assert_ne!(json["result"]["isError"], true, "{json}");
        json["result"]["structuredContent"].clone()
    }

    /// The words of a tool's refusal.
    pub(crate) fn refusal(&self) -> String {
        let json = self.json();
        assert_eq!(json["result"]["isError"], true, "{json}");
        json["result"]["content"][0]["text"].as_str().unwrap().to_owned()
    }
}

impl House {
    pub(crate) fn new() -> Self {
        Self { clock: Arc::default(), folder: tempfile::tempdir().unwrap() }
    }

    /// Whether some bytes lie in any file of the database, or beside it.
    pub(crate) fn holds(&self, bytes: &[u8]) -> bool {
        let (mut folders, mut is_there) = (vec![self.folder.path().to_owned()], false);
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    // One of the spool's may have gone meanwhile.
                    let file = std::fs::read(path).unwrap_or_default();
                    is_there |= memchr::memmem::find(&file, bytes).is_some();
                }
            }
        }
        is_there
    }

    /// A server on the database; each call makes another.
    pub(crate) async fn process(&self) -> Process {
        self.process_with(|_| {}).await
    }

    /// A server with settings of its own.
    pub(crate) async fn process_with(&self, change: impl FnOnce(&mut Settings)) -> Process {
        self.process_of(change, catalogue().unwrap()).await
    }

    /// Where its files are.
    pub(crate) fn path(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// A server with settings and tools of its own.
    pub(crate) async fn process_of(
        &self,
        change: impl FnOnce(&mut Settings),
        catalogue: Catalogue,
    ) -> Process {
        let mut settings = Settings::default();
        change(&mut settings);
        let path = self.folder.path().join("pm33.db");
        let secrets = Secrets::open(self.folder.path(), Some(&path)).unwrap();
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let database = Database::Sqlite { path };
        let options = StoreOptions::new(database, Arc::new(secrets.audit().unwrap()), Arc::clone(&clock));
        let store = Store::open(options).await.unwrap();
        let keys = Arc::new(ApiKeyVerifier::new(
            store.keys(),
            secrets.peppers().unwrap(),
            Arc::clone(&clock),
            VerifierOptions::default(),
        ));
        let verifier = Arc::clone(&keys);
        let foundation = Foundation { store, clock, keys, secrets, telemetry: Arc::default() };
        let server = serve(&settings, &foundation, verifier, catalogue).unwrap();
        Process { foundation, server, clock: Arc::clone(&self.clock) }
    }
}

impl Process {
    pub(crate) fn store(&self) -> &Store {
        &self.foundation.store
    }

    /// Makes a tenant with the workspace `main`.
    pub(crate) async fn settle(&self, slug: &str) -> Home {
        let now = self.clock.now();
        let home =
            Home { tenant: TenantId::new(now), user: UserId::new(now), workspace: WorkspaceId::new(now) };
        let session = self.store().operator();
        let tenant = Tenant {
            id: home.tenant,
            slug: slug.to_owned(),
            name: slug.to_owned(),
            plan: Plan::Team,
            state: TenantState::Active,
            created: now,
        };
        session.create_tenant(&tenant).await.unwrap();
        let user = User {
            tenant: home.tenant,
            id: home.user,
            handle: "ada".to_owned(),
            name: "Ada".to_owned(),
            created: now,
        };
        session.create_user(&user).await.unwrap();
        session.create_workspace(&home.workspace(home.workspace, slug_of(slug), "PAY", now)).await.unwrap();
        session.commit(act(home.tenant, "admin/tenant.create", None, now)).await.unwrap();
        home
    }

    /// Mints a key; `change` may narrow the request.
    pub(crate) async fn mint(&self, home: &Home, change: impl FnOnce(&mut KeyRequest)) -> Key {
        let mut request = KeyRequest {
            tenant: home.tenant,
            user: home.user,
            name: "k".to_owned(),
            environment: KeyEnvironment::Test,
            scopes: ScopeSet::all(),
            workspaces: WorkspaceAccess::All,
            life: None,
            longest: Duration::from_hours(365 * 24),
            networks: Vec::new(),
            roles: Vec::new(),
        };
        change(&mut request);
        let keys = &self.foundation.keys;
        let minted = issue_key(request, None, keys.peppers(), self.clock.now()).unwrap();
        let session = self.store().session(home.tenant);
        session.insert(&minted.stored).await.unwrap();
        session.commit(act(home.tenant, "admin/key.create", None, self.clock.now())).await.unwrap();
        keys.forget();
        Key { shown: minted.shown, stored: minted.stored }
    }

    pub(crate) async fn key(&self, home: &Home) -> Key {
        self.mint(home, |_| {}).await
    }

    /// Sends a modern request; `Err` with the reason when the key is refused.
    pub(crate) async fn try_call(
        &self,
        key: &Key,
        method: &str,
        mut params: Value,
    ) -> Result<Answer, &'static str> {
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let given = params["_meta"].as_object_mut().map(std::mem::take).unwrap_or_default();
        params["_meta"] = meta;
        params["_meta"].as_object_mut().unwrap().extend(given);
        let name =
            ["name", "uri", "taskId"].iter().find_map(|field| params.get(field)).and_then(Value::as_str);
        let fields = HttpFields {
            protocol_version: vec![Bytes::from_static(b"2026-07-28")],
            method: vec![method.to_owned().into()],
            name: name.map(|name| encoded(name).into()).into_iter().collect(),
            ..HttpFields::default()
        };
        let body = json!({ "jsonrpc": "2.0", "id": "one", "method": method, "params": params });
        self.send(key, fields, body.to_string()).await
    }

    /// Sends any bytes with any fields.
    pub(crate) async fn send(
        &self,
        key: &Key,
        fields: HttpFields,
        body: String,
    ) -> Result<Answer, &'static str> {
        Ok(match self.reply(key, fields, body).await? {
            Reply::One(message) => answer(message),
            Reply::Accepted => panic!("accepted"),
            Reply::Stream(_) => panic!("a stream"),
        })
    }

    /// Sends any bytes with any fields; whatever kind of reply comes.
    pub(crate) async fn reply(
        &self,
        key: &Key,
        fields: HttpFields,
        body: String,
    ) -> Result<Reply, &'static str> {
        let caller = self.caller(key).await?;
        let inbound = Inbound {
            body: body.into(),
            carrier: Carrier::Http(fields),
            caller,
            client: ClientFacts { ip: ADDRESS.parse().ok(), agent: None },
            correlation: CorrelationId::new(self.clock.now()),
        };
        Ok(self.server.handle(inbound).await)
    }

    /// Whom a key stands for.
    pub(crate) async fn caller(&self, key: &Key) -> Result<Caller, &'static str> {
        let origin = Origin { address: ADDRESS.parse().ok(), agent: Some("probe/1") };
        let credential = Credential::Token(key.shown.clone());
        self.server.authenticate(&credential, origin).await.map_err(|error| error.reason())
    }

    pub(crate) async fn call(&self, key: &Key, method: &str, params: Value) -> Answer {
        self.try_call(key, method, params).await.unwrap()
    }

    pub(crate) async fn tool(&self, key: &Key, name: &str, arguments: Value) -> Answer {
        self.call(key, "tools/call", json!({ "name": name, "arguments": arguments })).await
    }

    /// Every audit row of a tenant.
    pub(crate) async fn rows(&self, home: &Home) -> Vec<AuditRow> {
        let filter = AuditFilter { limit: 100_000, ..AuditFilter::default() };
        let session = self.store().session(home.tenant);
        session.rows(home.tenant, &filter).await.unwrap().rows.into_iter().map(|(_, row)| row).collect()
    }

    /// What the background does every half second.
    pub(crate) async fn look(&self) {
        self.foundation.keys.refresh().await.unwrap();
        self.store().poll().await.unwrap();
    }
}

impl Home {
    pub(crate) fn workspace(&self, id: WorkspaceId, slug: &str, prefix: &str, now: Timestamp) -> Workspace {
        Workspace {
            tenant: self.tenant,
            id,
            slug: slug.to_owned(),
            prefix: prefix.to_owned(),
            name: slug.to_owned(),
            created: now,
        }
    }
}

pub(crate) fn answer(message: Message) -> Answer {
    Answer {
        class: message.class,
        body: String::from_utf8(message.body.to_vec()).unwrap(),
        session: message.session,
        rate_limit: message.rate_limit,
    }
}

/// A header value as clients code what is not plain.
fn encoded(text: &str) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        text.to_owned()
    } else {
        format!("=?base64?{}?=", STANDARD.encode(text))
    }
}

/// The first tenants' workspace is `main`; that of `globex` has a slug that nobody else has.
fn slug_of(tenant: &str) -> &'static str {
    if tenant == "globex" { "elsewhere" } else { "main" }
}
