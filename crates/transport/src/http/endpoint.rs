//! The endpoint without its listener: one more route of a service that has its own connections, on hyper or anything
//! above it.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use hyper::body::{Body, Frame, SizeHint};
use pm33_mcp::{AddressGate, Server};
use tokio_util::task::TaskTracker;

use super::{
    body::AnswerBody,
    connection::{Peer, Shared},
    exchange,
    pulse::Pulse,
};
use crate::{HttpOptions, security::SecurityLog};

/// How requests reach the service that the endpoint is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Through TLS that the service ends itself.
    Tls,
    /// Plainly: whoever is not on loopback or a trusted proxy is refused, because keys would be readable.
    Plain,
}

/// An MCP endpoint for a service of one's own. It makes every check of a request that the listener of [`serve`] makes:
/// path, Host and Origin, credential, media types, size and time of the body. The bounds of connections are the
/// service's own: header size and time, connections, streams, stalled clients.
///
/// [`serve`]: crate::serve
///
/// ```no_run
/// # use std::{net::SocketAddr, sync::Arc};
/// # use pm33_transport::{EndpointBody, HttpEndpoint, HttpOptions, Way};
/// # fn example(server: Arc<pm33_mcp::Server>) {
/// let endpoint = HttpEndpoint::new(server, HttpOptions::default(), [127, 0, 0, 1].into(), Way::Plain);
/// // In the service, for requests to the endpoint's path:
/// # async fn route<B>(endpoint: HttpEndpoint, from: SocketAddr, request: http::Request<B>)
/// # where B: hyper::body::Body<Data = bytes::Bytes> + Unpin {
/// let response: http::Response<EndpointBody> = endpoint.answer(from, request).await;
/// # }
/// # }
/// ```
#[derive(Clone)]
pub struct HttpEndpoint {
    shared: Arc<Shared>,
}

impl HttpEndpoint {
    /// An endpoint of a service that listens at `bound`.
    pub fn new(server: Arc<Server>, options: HttpOptions, bound: IpAddr, way: Way) -> Self {
        let failed_auths = AddressGate::new(options.failed_auths);
        let open_requests = AddressGate::new(options.open_requests);
        let shared = Shared {
            server,
            options,
            acceptor: None,
            way,
            bound,
            security: SecurityLog::default(),
            failed_auths,
            open_requests,
            streams: TaskTracker::new(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Answers one request from an address. Dropping the future is the client's disconnect.
    pub async fn answer<B>(&self, from: SocketAddr, request: Request<B>) -> Response<EndpointBody>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        let peer = Peer::new(Arc::clone(&self.shared), from, Arc::new(Pulse::default()));
        let Ok(response) = exchange::answer(Arc::new(peer), request).await;
        response.map(EndpointBody)
    }

    /// Ends in order: new calls are refused, running ones finish, streams get their closing answer. For the service's own
    /// shutdown, with a deadline of its own.
    pub async fn drain(&self) {
        self.shared.server.drain().await;
        self.shared.security.flush();
    }
}

/// The body of an answer: nothing, one piece, or an event stream.
pub struct EndpointBody(AnswerBody);

impl Body for EndpointBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Pin::new(&mut self.0).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}
