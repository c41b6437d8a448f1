//! Streamable HTTP: the accept loop, and the orderly end.

mod answer;
mod body;
mod client;
mod connection;
mod control_frames;
mod correlation;
mod counts;
mod credential;
mod endpoint;
mod exchange;
mod guarded;
mod head;
mod media;
mod options;
mod origin;
mod pulse;
mod read_body;
mod refusal;
mod reworded;
mod side;
mod sse;
mod status;

use std::{io, pin::pin, sync::Arc, time::Duration};

use pm33_mcp::{AddressGate, Server};
use tokio::{net::TcpListener, sync::Semaphore, task::JoinSet};
use tokio_rustls::TlsAcceptor;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use counts::HttpCounts;
pub use endpoint::{EndpointBody, HttpEndpoint, Way};
pub use options::HttpOptions;
pub use side::{SideAnswer, SideRoutes};

use crate::{TransportError, plain, security::SecurityLog};

/// Wait after a failed accept that is the machine's fault (no free file descriptors), so as not to spin.
const BREATHER: Duration = Duration::from_millis(50);
/// Time at the end of a drain in which calls that did not finish are answered with an error.
const TELLING: Duration = Duration::from_secs(2);
/// How often the security log tells what it has held back.
const FLUSH_EVERY: Duration = Duration::from_secs(10);

/// Serves HTTP until `shutdown`, and then ends in order: no new connections, running requests finish, streams end, all
/// within the drain deadline. Readiness is the caller's to withdraw when it cancels `shutdown`.
///
/// # Errors
/// [`TransportError::PlainHttp`] where keys would be readable, [`TransportError::Listener`] when the socket fails.
pub async fn serve(
    listener: TcpListener,
    server: Arc<Server>,
    options: HttpOptions,
    shutdown: CancellationToken,
) -> Result<(), TransportError> {
    let bound = listener.local_addr().map_err(TransportError::Listener)?;
    if options.tls.is_none() {
        plain::check_listener(bound, &options.trusted_proxies)?;
    }
    let deadline = options.drain_deadline;
    let reload_every = options.tls_reload_every;
    let certificates = options.tls.clone();
    let permits = Arc::new(Semaphore::new(options.connections.min(Semaphore::MAX_PERMITS)));
    let acceptor = certificates.as_ref().map(|certificates| TlsAcceptor::from(certificates.config()));
    let failed_auths = AddressGate::new(options.failed_auths);
    let open_requests = AddressGate::new(options.open_requests);
    let shared = Arc::new(connection::Shared {
        server: Arc::clone(&server),
        options,
        way: if acceptor.is_some() { Way::Tls } else { Way::Plain },
        acceptor,
        bound: bound.ip(),
        security: SecurityLog::default(),
        failed_auths,
        open_requests,
        streams: TaskTracker::new(),
    });
    let mut connections = JoinSet::new();
    if let Some(certificates) = certificates {
        let shutdown = shutdown.clone();
        connections.spawn(async move { certificates.watch(reload_every, shutdown).await });
    }
    let ended = accept(&listener, &shared, &permits, &mut connections, &shutdown).await;
    drop(listener);
    // A listener that failed by itself ends in the same order.
    shutdown.cancel();
    // The last part of the time is for telling the clients of calls that did not finish.
    let telling = (deadline / 4).min(TELLING);
    let finished = {
        let mut drained = pin!(async {
            tokio::join!(server.drain(), async { while connections.join_next().await.is_some() {} });
            shared.streams.close();
            shared.streams.wait().await;
        });
        tokio::time::timeout(deadline.saturating_sub(telling), drained.as_mut()).await.is_ok() || {
            server.cut_off();
            tokio::time::timeout(telling, drained).await.is_ok()
        }
    };
    if !finished {
        tracing::warn!(
            drain.deadline_seconds = deadline.as_secs_f32(),
            "connections cut off at the drain deadline"
        );
    }
    connections.shutdown().await;
    shared.security.flush();
    ended
}

async fn accept(
    listener: &TcpListener,
    shared: &Arc<connection::Shared>,
    permits: &Arc<Semaphore>,
    connections: &mut JoinSet<()>,
    shutdown: &CancellationToken,
) -> Result<(), TransportError> {
    let mut flush = tokio::time::interval(FLUSH_EVERY);
    loop {
        let next = async {
            // A closed semaphore cannot be: nobody closes it.
            let permit = Arc::clone(permits).acquire_owned().await.map_err(io::Error::other)?;
            let (socket, address) = listener.accept().await?;
            Ok::<_, io::Error>((permit, socket, address))
        };
        tokio::select! {
            () = shutdown.cancelled() => return Ok(()),
            _ = flush.tick() => shared.security.flush(),
            Some(_) = connections.join_next() => {}
            accepted = next => match accepted {
                Ok((permit, socket, address)) => {
                    let serving = connection::serve(socket, address, Arc::clone(shared), shutdown.child_token());
                    let open = shared.options.counts.connection();
                    connections.spawn(async move {
                        serving.await;
                        drop((permit, open));
                    });
                }
                Err(error) if is_peers_fault(&error) => {}
                Err(error) if error.kind() == io::ErrorKind::InvalidInput => return Err(TransportError::Listener(error)),
                Err(error) => {
                    tracing::error!(error = %error, "accepting a connection failed");
                    tokio::time::sleep(BREATHER).await;
                }
            },
        }
    }
}

/// The connection was gone before it was accepted.
fn is_peers_fault(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::Interrupted
    )
}
