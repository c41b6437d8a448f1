//! The server: parts composed once, and the doors that transports use.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use arc_swap::ArcSwap;
use pm33_admission::{AdmissionError, InFlight, Limiter, Sessions, SharedLimits};
use pm33_auth::{AuthError, Caller, Credential, Origin, Sealer, Verifier, nearing_end};
use pm33_protocol::{SERVER_INFO, wire::Implementation};
use pm33_tenancy::{ClientFacts, Clock, CorrelationId, KeyId, TenantId, Timestamp};
use pm33_tools::{Catalogue, Desk, LogLevel};
use serde_json::{
    Value, json,
    value::{RawValue, to_raw_value},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Inbound, Reply, ServerOptions, Stores, Watcher, dispatch,
    hub::{Hub, Notice},
    known_meta::KnownMeta,
    methods,
    pending::Pending,
    running::Running,
    streams::Streams,
    tasks::Tasks,
    warden,
};

/// What a server is composed of.
pub struct ServerParts {
    /// Proves callers.
    pub verifier: Arc<dyn Verifier>,
    /// Units of work.
    pub stores: Arc<dyn Stores>,
    /// Legacy sessions.
    pub sessions: Sessions,
    /// Seals cursors and request states.
    pub sealer: Sealer,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// What is offered.
    pub catalogue: Catalogue,
    /// What there is for AI calls.
    pub desk: Arc<Desk>,
    /// Bounds and words.
    pub options: ServerOptions,
    /// Limits that several servers share; this server's alone without.
    pub shared_limits: Option<SharedLimits>,
    /// Who is told of each request; nobody, and it costs nothing.
    pub watcher: Option<Arc<dyn Watcher>>,
}

/// The MCP server. Cheap to clone.
#[derive(Clone)]
pub struct Server(pub(crate) Arc<Core>);

/// What requests share.
pub(crate) struct Core {
    pub(crate) verifier: Arc<dyn Verifier>,
    pub(crate) stores: Arc<dyn Stores>,
    pub(crate) sessions: Sessions,
    pub(crate) sealer: Arc<Sealer>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) catalogue: ArcSwap<Catalogue>,
    pub(crate) desk: Arc<Desk>,
    pub(crate) options: ServerOptions,
    pub(crate) watcher: Option<Arc<dyn Watcher>>,
    pub(crate) limiter: Limiter,
    /// Calls of AI tools.
    pub(crate) ai_limiter: Limiter,
    pub(crate) shared_limits: Option<SharedLimits>,
    pub(crate) in_flight: InFlight,
    pub(crate) hub: Hub,
    pub(crate) streams: Streams,
    pub(crate) running: Running,
    pub(crate) pending: Pending,
    pub(crate) tasks: TaskTracker,
    /// Calls that go on as tasks.
    pub(crate) lines: Tasks,
    pub(crate) draining: CancellationToken,
    /// The end of the time to finish: what still runs is answered with an error.
    pub(crate) cut: CancellationToken,
    /// What clients say of themselves.
    pub(crate) known_meta: KnownMeta,
    /// `_meta` of every modern result.
    pub(crate) server_meta: Value,
    /// The same as JSON, for what is answered most.
    pub(crate) server_meta_json: Box<RawValue>,
    /// Least severity per legacy session that asked for log messages.
    pub(crate) log_levels: Mutex<HashMap<String, LogLevel>>,
}

impl Core {
    /// Name and version.
    pub(crate) fn implementation(&self) -> Implementation {
        Implementation {
            name: self.options.name.clone(),
            title: Some("PM33: product management".to_owned()),
            version: self.options.version.clone(),
        }
    }
}

impl Server {
    /// Composes a server.
    pub fn new(parts: ServerParts) -> Self {
        let options = parts.options;
        let info =
            json!({ "name": options.name, "title": "PM33: product management", "version": options.version });
        let server_meta = json!({ SERVER_INFO: info });
        Self(Arc::new(Core {
            verifier: parts.verifier,
            stores: parts.stores,
            sessions: parts.sessions,
            sealer: Arc::new(parts.sealer),
            clock: parts.clock,
            catalogue: ArcSwap::from_pointee(parts.catalogue),
            desk: parts.desk,
            limiter: Limiter::new(),
            ai_limiter: Limiter::new(),
            shared_limits: parts.shared_limits,
            in_flight: InFlight::new(),
            hub: Hub::default(),
            streams: Streams::new(options.replay_events, options.queued_messages),
            running: Running::default(),
            pending: Pending::default(),
            tasks: TaskTracker::new(),
            lines: Tasks::default(),
            draining: CancellationToken::new(),
            cut: CancellationToken::new(),
            known_meta: KnownMeta::default(),
            server_meta_json: to_raw_value(&server_meta).unwrap_or_default(),
            server_meta,
            log_levels: Mutex::new(HashMap::new()),
            options,
            watcher: parts.watcher,
        }))
    }

    /// Proves who is calling.
    ///
    /// # Errors
    /// As [`Verifier::verify`].
    pub async fn authenticate(
        &self,
        credential: &Credential,
        origin: Origin<'_>,
    ) -> Result<Caller, AuthError> {
        self.0.verifier.verify(credential, origin).await
    }

    /// The caller when finding out costs next to nothing: see [`Verifier::recall`].
    pub fn recall(&self, credential: &Credential, origin: Origin<'_>) -> Option<Caller> {
        self.0.verifier.recall(credential, origin)
    }

    /// Notes that a key came on a way where others can read it, if it is a good one; its tenant's audit log says so once.
    pub async fn note_exposed(
        &self,
        credential: &Credential,
        origin: Origin<'_>,
        client: ClientFacts,
        correlation: CorrelationId,
    ) {
        let Ok(caller) = self.0.verifier.verify(credential, origin).await else { return };
        let now = self.0.clock.now();
        match self.0.verifier.note_exposed(&caller, now).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "an exposed key was not noted");
                return;
            }
        }
        if let Some(key) = caller.key {
            tracing::warn!(key.id = %key, "an API key came over plain HTTP: others may have read it; rotate it");
        }
        warden::tell(&self.0, &caller, "system/key.exposed", client, correlation).await;
    }

    /// When the caller's credential ends, if that is near enough to be told with every answer.
    pub fn nearing_end(&self, caller: &Caller) -> Option<Timestamp> {
        nearing_end(caller, self.0.clock.now())
    }

    /// Answers one message. On modern HTTP, dropping the future before it ends is the client's disconnect and cancels
    /// the work.
    pub fn handle(&self, inbound: Inbound) -> impl Future<Output = Reply> + Send {
        dispatch::handle(&self.0, inbound)
    }

    /// Opens or resumes a legacy session's stream (HTTP GET); on stdio, the stream of the process's legacy session.
    pub async fn open_stream(&self, caller: Caller, session: &str, last_event: Option<&str>) -> Reply {
        methods::session::open_stream(&self.0, caller, session, last_event).await
    }

    /// Ends a legacy session (HTTP DELETE).
    pub async fn end_session(
        &self,
        caller: &Caller,
        session: &str,
        client: ClientFacts,
        correlation: CorrelationId,
    ) -> Reply {
        methods::session::end(&self.0, caller, session, client, correlation).await
    }

    /// The clock that the server goes by.
    pub fn clock(&self) -> &dyn Clock {
        &*self.0.clock
    }

    /// What is offered now.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        self.0.catalogue.load_full()
    }

    /// Replaces what is offered and tells everybody who listens which lists changed.
    pub fn replace_catalogue(&self, catalogue: Catalogue) {
        let old = self.0.catalogue.swap(Arc::new(catalogue));
        let new = self.0.catalogue.load();
        let now = self.0.clock.now();
        let tools = |all: &Catalogue| all.tools().iter().map(|tool| tool.spec.name).collect::<Vec<_>>();
        let prompts =
            |all: &Catalogue| all.prompts().iter().map(|prompt| prompt.spec().name).collect::<Vec<_>>();
        let resources =
            |all: &Catalogue| all.resources().map(|resource| resource.spec().uri).collect::<Vec<_>>();
        if tools(&old) != tools(&new) {
            self.0.hub.publish(&Notice::Tools, now);
        }
        if prompts(&old) != prompts(&new) {
            self.0.hub.publish(&Notice::Prompts, now);
        }
        if resources(&old) != resources(&new) {
            self.0.hub.publish(&Notice::Resources, now);
        }
    }

    /// Tells subscribers of a tenant that a resource changed.
    pub fn resource_changed(&self, tenant: TenantId, uri: &str) {
        self.0.hub.publish(&Notice::Updated { tenant, uri: uri.to_owned() }, self.0.clock.now());
    }

    /// Keys that hold open subscriptions; to be checked when keys change.
    pub fn listening_keys(&self) -> Vec<(TenantId, KeyId)> {
        self.0.hub.keys()
    }

    /// Goes by what a key reaches now in all that it subscribed to before.
    pub fn renew_key(&self, caller: &Caller) {
        self.0.hub.renew(caller);
    }

    /// Ends the subscriptions of a key that is no longer good.
    pub fn end_key(&self, key: KeyId) {
        self.0.hub.end_key(key);
    }

    /// Ends idle legacy sessions of all tenants; how many.
    pub async fn sweep_sessions(&self, tenants: &[(TenantId, std::time::Duration)]) -> usize {
        methods::session::sweep(&self.0, tenants).await
    }

    /// Puts calls back that were leased from shared limits and not made; to be called about twice a second.
    ///
    /// # Errors
    /// When the shared budget does not answer.
    pub async fn settle_limits(&self) -> Result<(), AdmissionError> {
        match &self.0.shared_limits {
            Some(shared) => shared.settle(self.0.clock.monotonic()).await,
            None => Ok(()),
        }
    }

    /// Puts everything back that is still leased: for the end, after the last call.
    ///
    /// # Errors
    /// When the shared budget does not answer.
    pub async fn give_limits_back(&self) -> Result<(), AdmissionError> {
        match &self.0.shared_limits {
            Some(shared) => shared.settle(std::time::Duration::MAX).await,
            None => Ok(()),
        }
    }

    /// Calls that are running.
    pub fn running_calls(&self) -> usize {
        self.0.tasks.len()
    }

    /// Legacy sessions that this process remembers.
    pub fn remembered_sessions(&self) -> usize {
        self.0.sessions.remembered()
    }

    /// Open change subscriptions.
    pub fn open_subscriptions(&self) -> usize {
        self.0.hub.len()
    }

    /// Ends the calls that are still running, each with an error that says why. For the end of a drain's time.
    pub fn cut_off(&self) {
        self.0.cut.cancel();
    }

    /// Refuses new calls, ends subscriptions with their answers, and returns when running calls have ended.
    pub async fn drain(&self) {
        self.0.draining.cancel();
        self.0.hub.end_all(&self.0.server_meta);
        self.0.tasks.close();
        self.0.tasks.wait().await;
        self.0.streams.end_all();
    }
}
