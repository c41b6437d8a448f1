//! The parts of a server: a real store, and a tool that waits.

use std::{path::Path, sync::Arc};

use async_trait::async_trait;
use pm33_admission::{IdempotencyStore, Sessions};
use pm33_auth::{Caller, Sealer, Verifier};
use pm33_mcp::{CallStore, CommitError, Server, ServerOptions, ServerParts, Stores};
use pm33_store::{Database, Session, Store, StoreOptions};
use pm33_tenancy::{Administration, AuditEvent, AuditKeys, Clock, Plan, Tenant, TenantId, TenantState};
use pm33_tools::{Answer, Catalogue, Content, Cost, Effect, Ports, ToolEntry, ToolSpec};
use secrecy::SecretBox;
use tokio::sync::{mpsc, oneshot};

use crate::harness::Still;

/// A running call of the tool `wait`.
pub(crate) struct Call {
    /// Lets it end well.
    pub(crate) release: oneshot::Sender<()>,
    /// Told when the engine cancels it; closed when it is dropped.
    pub(crate) cancelled: oneshot::Receiver<()>,
}

struct Units(Store);

impl Stores for Units {
    fn open(&self, caller: &Caller) -> Box<dyn CallStore> {
        Box::new(Unit(self.0.session(caller.tenant)))
    }
}

struct Unit(Session);

#[async_trait]
impl CallStore for Unit {
    fn ports(&self) -> &dyn Ports {
        &self.0
    }
    fn idempotency(&self) -> &dyn IdempotencyStore {
        &self.0
    }
    async fn commit(self: Box<Self>, event: Box<AuditEvent>) -> Result<(), CommitError> {
        self.0.commit(event).await.map(drop).map_err(|error| CommitError::Unavailable(error.into()))
    }
    async fn keep(self: Box<Self>) -> Result<(), CommitError> {
        self.0.keep().await.map_err(|error| CommitError::Unavailable(error.into()))
    }
}

/// Composes a server for one tenant.
pub(crate) async fn compose(
    verifier: Arc<dyn Verifier>,
    tenant: TenantId,
    folder: &Path,
) -> (Server, mpsc::UnboundedReceiver<Call>) {
    let audit = Arc::new(AuditKeys::new(&SecretBox::new(Box::new([7; 32]))));
    let database = Database::Sqlite { path: folder.join("data.db") };
    let store = Store::open(StoreOptions::new(database, audit, Arc::new(Still))).await.unwrap();
    make_tenant(&store, tenant).await;
    let (calls, began) = mpsc::unbounded_channel();
    let parts = ServerParts {
        verifier,
        sessions: Sessions::new(store.sessions(), Arc::new(Still), 1_000),
        stores: Arc::new(Units(store)),
        sealer: Sealer::new(&[SecretBox::new(Box::new([9; 32]))]).unwrap(),
        clock: Arc::new(Still),
        catalogue: Catalogue::default().with_tool(wait(calls)).with_tool(think()),
        desk: Arc::default(),
        options: ServerOptions::default(),
        watcher: None,
        shared_limits: None,
    };
    (Server::new(parts), began)
}

async fn make_tenant(store: &Store, id: TenantId) {
    let created = Still.now();
    let tenant = Tenant {
        id,
        slug: "home".to_owned(),
        name: "Home".to_owned(),
        plan: Plan::Local,
        state: TenantState::Active,
        created,
    };
    let operator = store.operator();
    operator.create_tenant(&tenant).await.unwrap();
    let event =
        pm33_tenancy::AuditEvent::done(id, pm33_tenancy::ActorKind::Operator, "admin/tenant.create", created);
    operator.commit(event).await.unwrap();
}

/// A tool that tells of its call and waits to be released or cancelled.
fn wait(calls: mpsc::UnboundedSender<Call>) -> ToolEntry {
    let spec = ToolSpec {
        name: "wait",
        title: "Wait",
        description: "Waits until the test lets it end.",
        scopes: &[],
        effect: Effect::Read,
        cost: Cost::Light,
    };
    ToolEntry::untyped(spec, &serde_json::json!({ "type": "object" }), move |ctx, _| {
        let calls = calls.clone();
        Box::pin(async move {
            let (release, released) = oneshot::channel();
            let (tell, cancelled) = oneshot::channel();
            calls.send(Call { release, cancelled }).unwrap();
            ctx.client.progress(1.0, Some(2.0), None);
            tokio::select! {
                _ = released => {}
                () = ctx.cancelled.cancelled() => drop(tell.send(())),
            }
            Ok(Answer { content: vec![Content::Text("done".to_owned())], ..Answer::default() })
        })
    })
    .unwrap()
}

/// A tool that would ask a language model.
fn think() -> ToolEntry {
    let spec = ToolSpec {
        name: "think",
        title: "Think",
        description: "Answers at once.",
        scopes: &[],
        effect: Effect::Read,
        cost: Cost::Credits,
    };
    ToolEntry::untyped(spec, &serde_json::json!({ "type": "object" }), |_, _| {
        Box::pin(async {
            Ok(Answer { content: vec![Content::Text("done".to_owned())], ..Answer::default() })
        })
    })
    .unwrap()
}
