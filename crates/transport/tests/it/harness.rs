//! A server composed as an application composes it, on a store in a temporary folder.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use pm33_auth::{AuthError, Caller, Credential, Origin, ScopeSet, Verifier};
use pm33_mcp::Server;
use pm33_tenancy::{ActorKind, Clock, EffectiveSettings, TenantId, Timestamp, UserId, WorkspaceAccess};
use pm33_transport::{HttpOptions, TransportError, serve};
use secrecy::ExposeSecret;
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

use crate::compose::{Call, compose};

/// A key that is accepted.
pub(crate) const KEY: &str = "good";
/// A key whose verification never ends: its request stays in flight until somebody drops it.
pub(crate) const STUCK: &str = "stuck";
/// A key that the verifier is too busy for.
pub(crate) const BUSY: &str = "busy";
/// A key that was revoked.
pub(crate) const REVOKED: &str = "revoked";

/// Longest wait for something that must happen; only a failing test waits for it.
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// A clock that stands still.
pub(crate) struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(1_790_000_000_000_000)
    }
    fn monotonic(&self) -> Duration {
        Duration::from_secs(1)
    }
}

/// Verifies the keys above, and tells of stuck requests: when one begins, and when it is dropped.
pub(crate) struct Keys {
    caller: Caller,
    began: mpsc::UnboundedSender<oneshot::Receiver<()>>,
    /// Where the last caller came from.
    pub(crate) seen: Arc<Mutex<Option<IpAddr>>>,
    /// When keys were noted as exposed.
    exposed: Arc<Mutex<Vec<Timestamp>>>,
}

#[async_trait]
impl Verifier for Keys {
    async fn verify(&self, credential: &Credential, from: Origin<'_>) -> Result<Caller, AuthError> {
        *self.seen.lock().unwrap() = from.address;
        let token = match credential {
            Credential::Local => return Ok(self.caller.clone()),
            Credential::Absent => return Err(AuthError::Absent),
            Credential::Token(token) => token.expose_secret(),
        };
        match token {
            KEY => Ok(self.caller.clone()),
            BUSY => Err(AuthError::Busy { retry_after: Duration::from_millis(1_500) }),
            REVOKED => Err(AuthError::Refused { reason: "revoked" }),
            STUCK => {
                let (_dropped_with_us, dropped) = oneshot::channel::<()>();
                self.began.send(dropped).unwrap();
                std::future::pending().await
            }
            _ => Err(AuthError::Malformed),
        }
    }
    fn recall(&self, credential: &Credential, _: Origin<'_>) -> Option<Caller> {
        let Credential::Token(token) = credential else { return None };
        (token.expose_secret() == KEY).then(|| self.caller.clone())
    }
    async fn note_exposed(&self, _: &Caller, at: Timestamp) -> Result<bool, AuthError> {
        self.exposed.lock().unwrap().push(at);
        Ok(true)
    }
}

/// A server with its verifier's ends.
pub(crate) struct Engine {
    pub(crate) server: Arc<Server>,
    /// Stuck requests; each ends with an error when its request is dropped.
    pub(crate) stuck: mpsc::UnboundedReceiver<oneshot::Receiver<()>>,
    pub(crate) seen: Arc<Mutex<Option<IpAddr>>>,
    /// When keys were noted as exposed.
    pub(crate) exposed: Arc<Mutex<Vec<Timestamp>>>,
    /// Calls of the tool `wait`.
    pub(crate) calls: mpsc::UnboundedReceiver<Call>,
    _folder: tempfile::TempDir,
}

/// Composes a server.
pub(crate) async fn engine() -> Engine {
    let (began, stuck) = mpsc::unbounded_channel();
    let seen = Arc::new(Mutex::new(None));
    let caller = Caller {
        tenant: TenantId::new(Still.now()),
        user: UserId::new(Still.now()),
        key: None,
        kind: ActorKind::Local,
        scopes: ScopeSet::all(),
        workspaces: WorkspaceAccess::All,
        roles: Arc::new([]),
        expires: None,
        settings: Arc::new(EffectiveSettings::default()),
    };
    let folder = tempfile::tempdir().unwrap();
    let tenant = caller.tenant;
    let exposed = Arc::default();
    let keys = Arc::new(Keys { caller, began, seen: Arc::clone(&seen), exposed: Arc::clone(&exposed) });
    let (server, calls) = compose(keys, tenant, folder.path()).await;
    Engine { server: Arc::new(server), stuck, seen, exposed, calls, _folder: folder }
}

/// A running listener.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) engine: Engine,
    pub(crate) shutdown: CancellationToken,
    pub(crate) served: JoinHandle<Result<(), TransportError>>,
}

/// Serves on a free loopback port.
pub(crate) async fn start(change: impl FnOnce(&mut HttpOptions)) -> Running {
    let engine = engine().await;
    let mut options = HttpOptions::default();
    change(&mut options);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let shutdown = CancellationToken::new();
    let served = tokio::spawn(serve(listener, Arc::clone(&engine.server), options, shutdown.clone()));
    Running { address, engine, shutdown, served }
}

/// Waits for something that must happen soon.
pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(SOON, what).await.unwrap()
}
