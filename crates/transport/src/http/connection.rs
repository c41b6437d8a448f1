//! One connection: which protocol it speaks, its bounds, and its end.

use std::{
    net::{IpAddr, SocketAddr},
    pin::{Pin, pin},
    sync::{Arc, OnceLock},
};

use hyper::{
    rt::Executor,
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use pm33_mcp::{AddressGate, Server};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::MissedTickBehavior,
};
use tokio_rustls::TlsAcceptor;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    control_frames::Counted,
    endpoint::Way,
    exchange,
    guarded::Guarded,
    pulse::{Judge, Protocol, Pulse, Verdict, tick},
    reworded::Reworded,
};
use crate::{HttpOptions, plain, security::SecurityLog};

/// HTTP/2 streams that a client makes us reset by breaking the protocol, at most.
const OWN_RESETS: usize = 256;

/// What the connections of one listener share.
pub(crate) struct Shared {
    pub(crate) server: Arc<Server>,
    pub(crate) options: HttpOptions,
    pub(crate) acceptor: Option<TlsAcceptor>,
    pub(crate) way: Way,
    /// The listener's own address.
    pub(crate) bound: IpAddr,
    pub(crate) security: SecurityLog,
    /// Requests without a valid credential, by network.
    pub(crate) failed_auths: AddressGate,
    /// Requests that need none, by network.
    pub(crate) open_requests: AddressGate,
    /// HTTP/2 streams.
    pub(crate) streams: TaskTracker,
}

/// One connection's other end.
pub(crate) struct Peer {
    pub(crate) shared: Arc<Shared>,
    pub(crate) address: SocketAddr,
    /// Plain HTTP from a network: nothing is served.
    pub(crate) exposed: bool,
    pub(crate) pulse: Arc<Pulse>,
    agent: OnceLock<Arc<str>>,
}

impl Peer {
    /// The other end of a connection.
    pub(crate) fn new(shared: Arc<Shared>, address: SocketAddr, pulse: Arc<Pulse>) -> Self {
        let exposed =
            shared.way == Way::Plain && !plain::is_private_hop(address.ip(), &shared.options.trusted_proxies);
        Self { shared, address, exposed, pulse, agent: OnceLock::new() }
    }

    /// The other end of a connection that spoke plain HTTP where TLS is expected.
    fn in_the_open(shared: Arc<Shared>, address: SocketAddr, pulse: Arc<Pulse>) -> Self {
        Self { exposed: true, ..Self::new(shared, address, pulse) }
    }

    /// The text of a client's name, shared by all requests of the connection that say the same.
    pub(crate) fn agent(&self, text: &str) -> Arc<str> {
        let known = self.agent.get_or_init(|| text.into());
        if &**known == text { Arc::clone(known) } else { text.into() }
    }
}

/// Serves a connection to its end.
pub(crate) async fn serve(
    socket: TcpStream,
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: CancellationToken,
) {
    // Answers are written whole; waiting to merge them with later ones only delays them.
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(error = %error, "connection setting refused");
    }
    let options = &shared.options;
    let pulse = Arc::new(Pulse::default());
    let header_time = options.header_time;
    let peer = Arc::new(Peer::new(Arc::clone(&shared), address, Arc::clone(&pulse)));
    let Some(acceptor) = &shared.acceptor else {
        let protocol = tokio::select! {
            protocol = tokio::time::timeout(header_time, plain_protocol(&socket)) => protocol,
            () = stop.cancelled() => return,
        };
        let Ok(Some(protocol)) = protocol else { return };
        return drive(Guarded::new(socket, pulse), protocol, peer, stop).await;
    };
    // Whoever speaks plain HTTP here is told so, and a key that he sent is noted.
    let speaks_plainly = tokio::select! {
        first = tokio::time::timeout(header_time, first_byte(&socket)) => first,
        () = stop.cancelled() => return,
    };
    match speaks_plainly {
        Ok(Some(TLS_HANDSHAKE)) => {}
        Ok(Some(byte)) if byte.is_ascii_uppercase() => {
            let peer = Arc::new(Peer::in_the_open(Arc::clone(&shared), address, Arc::clone(&pulse)));
            return drive(Guarded::new(socket, pulse), Protocol::Http1, peer, stop).await;
        }
        _ => return,
    }
    let handshake = tokio::select! {
        handshake = tokio::time::timeout(header_time, acceptor.accept(Guarded::new(socket, pulse))) => handshake,
        () = stop.cancelled() => return,
    };
    let Ok(Ok(tls)) = handshake else { return };
    let protocol =
        if tls.get_ref().1.alpn_protocol() == Some(b"h2") { Protocol::Http2 } else { Protocol::Http1 };
    drive(tls, protocol, peer, stop).await;
}

/// The first byte of a TLS connection.
const TLS_HANDSHAKE: u8 = 22;

/// Looks at the first byte; `None` when the client leaves without one.
async fn first_byte(socket: &TcpStream) -> Option<u8> {
    let mut first = [0_u8; 1];
    match socket.peek(&mut first).await {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(first[0]),
    }
}

/// Looks at the first bytes: HTTP/2's opening words or not. `None` when the client leaves without one.
async fn plain_protocol(socket: &TcpStream) -> Option<Protocol> {
    let mut first = [0_u8; 2];
    match socket.peek(&mut first).await {
        Ok(0) | Err(_) => None,
        // No method that is served begins like HTTP/2's `PRI`.
        Ok(_) if &first == b"PR" => Some(Protocol::Http2),
        Ok(_) => Some(Protocol::Http1),
    }
}

async fn drive<S>(socket: S, protocol: Protocol, peer: Arc<Peer>, stop: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let options = &peer.shared.options;
    peer.pulse.speaks(protocol);
    let of_service = Arc::clone(&peer);
    let service = service_fn(move |request| exchange::answer(Arc::clone(&of_service), request));
    match protocol {
        Protocol::Http1 => {
            let connection = http1::Builder::new()
                .half_close(false)
                .max_headers(options.header_count)
                .max_header_size(options.header_bytes)
                // The judge keeps the time, so that a request needs no timer of its own.
                .header_read_timeout(None)
                .timer(TokioTimer::new())
                // Its other setting holds an answer back while anything of a next request is in the buffer, and loses
                // it when the connection ends there.
                .pipeline_flush(false)
                .serve_connection(TokioIo::new(Reworded::new(socket)), service);
            watch(pin!(connection), http1::Connection::graceful_shutdown, protocol, &peer, &stop).await;
        }
        Protocol::Http2 => {
            let connection = http2::Builder::new(Streams(peer.shared.streams.clone()))
                .timer(TokioTimer::new())
                .max_concurrent_streams(options.streams_per_connection)
                .max_pending_accept_reset_streams(options.pending_resets)
                .max_local_error_reset_streams(Some(OWN_RESETS))
                // Above our own bound, which answers with a body; this one answers without.
                .max_header_list_size(
                    u32::try_from(options.header_bytes.saturating_mul(2)).unwrap_or(u32::MAX),
                )
                .keep_alive_interval(options.ping_every)
                .keep_alive_timeout(options.ping_time)
                .serve_connection(TokioIo::new(Counted::new(socket, Arc::clone(&peer.pulse))), service);
            watch(pin!(connection), http2::Connection::graceful_shutdown, protocol, &peer, &stop).await;
        }
    }
}

/// Polls a connection until it ends, its time is up, or the server stops.
async fn watch<C: Future<Output = hyper::Result<()>>>(
    mut connection: Pin<&mut C>,
    say_goodbye: impl Fn(Pin<&mut C>),
    protocol: Protocol,
    peer: &Peer,
    stop: &CancellationToken,
) {
    let options = &peer.shared.options;
    let mut judge = Judge::new(protocol, options);
    let mut ticks = tokio::time::interval(tick(options));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut stopped = pin!(stop.cancelled());
    let mut stopping = false;
    loop {
        tokio::select! {
            biased;
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(error = %error, "connection ended");
                }
                return;
            }
            () = stopped.as_mut(), if !stopping => {
                stopping = true;
                judge.closing();
                say_goodbye(connection.as_mut());
            }
            _ = ticks.tick() => match judge.tick(&peer.pulse) {
                Verdict::Keep => {}
                Verdict::Close => say_goodbye(connection.as_mut()),
                Verdict::Drop => return,
            },
        }
    }
}

/// Runs HTTP/2 streams where the listener can wait for them.
#[derive(Clone)]
struct Streams(TaskTracker);

impl<F: Future<Output: Send> + Send + 'static> Executor<F> for Streams {
    fn execute(&self, stream: F) {
        self.0.spawn(stream);
    }
}
