//! Running the HTTP server: listener, background work, signals, orderly end.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use pm33_auth::Verifier;
use pm33_mcp::Server;
use pm33_transport::{Certificates, Cidr, HttpOptions, TransportError, serve};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    ComposeError, Foundation, Policy, Settings, TelemetryError, background, compose, heads,
    health::{Health, Sides, serve_metrics},
    rights::{unfinished, unplayed},
    telemetry::{Scraped, Sources},
};

/// Why the server does not run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Composition.
    #[error(transparent)]
    Compose(#[from] ComposeError),
    /// The transport.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// Telemetry.
    #[error(transparent)]
    Telemetry(#[from] TelemetryError),
    /// The journal of erasures cannot be read.
    #[error("the journal of erasures cannot be held against the database")]
    Journal(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The database is older than erasures that were carried out.
    #[error(
        "this database does not know {count} erasures of the journal beside it: it was restored from a backup; run \
         `pm33-admin privacy replay` before anything is served"
    )]
    Unplayed {
        /// How many.
        count: usize,
    },
    /// A setting that only shows its fault in use.
    #[error("{key}: {why}")]
    Setting {
        /// The setting.
        key: &'static str,
        /// What is wrong.
        why: String,
    },
}

/// A server that is bound but not yet serving.
pub struct Bound {
    listener: TcpListener,
    metrics: Option<TcpListener>,
    options: HttpOptions,
    /// The engine.
    pub server: Server,
    health: Arc<Health>,
    /// Time between withdrawn readiness and the first refused call.
    unready: Duration,
    /// Where heads of audit logs are written.
    heads_dir: Option<PathBuf>,
    /// The address that it listens on.
    pub address: SocketAddr,
    /// The URL for clients.
    pub url: String,
}

async fn bind(address: &str, key: &'static str) -> Result<TcpListener, RunError> {
    TcpListener::bind(address)
        .await
        .map_err(|error| RunError::Setting { key, why: format!("{address}: {error}") })
}

/// Binds the listeners and composes the engine.
///
/// # Errors
/// With words for the person who starts the server.
pub async fn bind_http(settings: &Settings, foundation: &Foundation) -> Result<Bound, RunError> {
    let scraped = if settings.server.metrics_listen.is_some() { Scraped::Yes } else { Scraped::No };
    foundation.telemetry.start(&settings.telemetry, scraped)?;
    refuse_unplayed(settings, foundation).await?;
    let verifier: Arc<dyn Verifier> = Arc::clone(&foundation.keys) as Arc<dyn Verifier>;
    let server = compose::serve(settings, foundation, verifier, compose::catalogue()?)?;
    bind_server(settings, server).await
}

/// Refuses to serve a database that is older than an erasure of the journal: whoever was erased would be back.
async fn refuse_unplayed(settings: &Settings, foundation: &Foundation) -> Result<(), RunError> {
    let begun = unfinished(foundation, &settings.data.dir, None).map_err(RunError::Journal)?;
    if begun > 0 {
        tracing::warn!(begun, "erasures are not done; if none is under way, run `pm33-admin privacy replay`");
    }
    let count = unplayed(foundation, &settings.data.dir).await.map_err(RunError::Journal)?;
    if count == 0 { Ok(()) } else { Err(RunError::Unplayed { count }) }
}

/// Binds the listeners for a composed engine.
///
/// # Errors
/// With words for the person who starts the server.
pub async fn bind_server(settings: &Settings, server: Server) -> Result<Bound, RunError> {
    let bounds = &settings.server;
    let tls = match (&settings.tls.certificate, &settings.tls.key) {
        (Some(certificate), Some(key)) => Some(Certificates::load(certificate, key)?),
        _ => None,
    };
    let listener = bind(&bounds.listen, "server.listen").await?;
    let address = listener.local_addr().map_err(TransportError::Listener)?;
    let metrics = match &bounds.metrics_listen {
        Some(address) => Some(bind(address, "server.metrics_listen").await?),
        None => None,
    };
    let health = Arc::new(Health::default());
    let policy = Policy::of(settings).map_err(|error| RunError::Setting {
        key: "data.dir",
        why: format!("published policies: {error}"),
    })?;
    let seconds = |value: u32| Duration::from_secs(value.into());
    let size = |value: u32| usize::try_from(value).unwrap_or(usize::MAX);
    let proxy = |text: &String| {
        text.parse::<Cidr>()
            .map_err(|error| RunError::Setting { key: "server.trusted_proxies", why: error.to_string() })
    };
    let trusted_proxies = bounds.trusted_proxies.iter().map(proxy).collect::<Result<_, _>>()?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let options = HttpOptions {
        path: bounds.path.clone(),
        allowed_origins: bounds.allowed_origins.clone(),
        allowed_hosts: bounds.allowed_hosts.clone(),
        trusted_proxies,
        header_time: seconds(bounds.header_seconds),
        body_time: seconds(bounds.body_seconds),
        idle: seconds(bounds.idle_seconds),
        write_stall: seconds(bounds.write_stall_seconds),
        header_bytes: size(bounds.header_bytes),
        header_count: size(bounds.header_fields),
        body_bytes: size(bounds.body_bytes),
        connections: size(bounds.connections),
        streams_per_connection: bounds.streams_per_connection,
        pending_resets: size(bounds.pending_resets),
        failed_auths: settings.share(bounds.failed_auths),
        open_requests: settings.share(bounds.open_requests),
        drain_deadline: seconds(bounds.drain_seconds),
        tls,
        side: Some(Arc::new(Sides { health: Arc::clone(&health), policy })),
        ..HttpOptions::default()
    };
    let url = bounds.public_url.clone().unwrap_or_else(|| format!("{scheme}://{address}{}", bounds.path));
    let unready = seconds(bounds.unready_seconds);
    let heads_dir = settings.audit.heads_dir.clone();
    Ok(Bound { listener, metrics, options, server, health, unready, heads_dir, address, url })
}

impl Bound {
    /// Serves until `stop`, then drains.
    ///
    /// # Errors
    /// When the transport fails.
    pub async fn run(self, foundation: &Foundation, stop: CancellationToken) -> Result<(), RunError> {
        let background = CancellationToken::new();
        let tasks = tokio_util::task::TaskTracker::new();
        tasks.spawn(background::run(
            foundation.store.clone(),
            Arc::clone(&foundation.keys),
            self.server.clone(),
            Arc::clone(&foundation.clock),
            background.clone(),
        ));
        tasks.spawn(heads::run(
            foundation.store.clone(),
            Arc::clone(&foundation.clock),
            self.heads_dir,
            background.clone(),
        ));
        foundation.telemetry.observe(&Sources {
            server: self.server.clone(),
            store: foundation.store.clone(),
            http: Arc::clone(&self.options.counts),
        });
        if let Some(listener) = self.metrics {
            tasks.spawn(serve_metrics(
                listener,
                Arc::clone(&foundation.telemetry),
                Arc::clone(&self.health),
                background.clone(),
            ));
        }
        self.health.ready();
        let refuse = CancellationToken::new();
        {
            let (health, stop, refuse) = (Arc::clone(&self.health), stop.clone(), refuse.clone());
            tasks.spawn(async move {
                stop.cancelled().await;
                health.withdraw();
                tokio::time::sleep(self.unready).await;
                refuse.cancel();
            });
        }
        let server = self.server.clone();
        let served = serve(self.listener, Arc::new(self.server), self.options, refuse).await;
        stop.cancel();
        background.cancel();
        tasks.close();
        tasks.wait().await;
        if let Err(error) = server.give_limits_back().await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "calls that were not made cannot be put back"
            );
        }
        foundation.store.close().await;
        let telemetry = Arc::clone(&foundation.telemetry);
        // A flush that does not end well has told so itself.
        let _ = tokio::task::spawn_blocking(move || telemetry.flush()).await;
        Ok(served?)
    }
}

/// A token that fires at SIGINT or SIGTERM.
///
/// # Errors
/// When the signals cannot be watched.
pub fn stop_signal() -> std::io::Result<CancellationToken> {
    use tokio::signal::unix::{SignalKind, signal};
    let token = CancellationToken::new();
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let fired = token.clone();
    tokio_util::task::TaskTracker::new().spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        fired.cancel();
    });
    Ok(token)
}
