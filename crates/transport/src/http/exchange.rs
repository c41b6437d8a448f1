//! One request from its header to its answer, in the order that every check relies on.

use std::{convert::Infallible, net::IpAddr, ops::Deref, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version, header, request::Parts};
use hyper::body::Body;
use pm33_mcp::{Caller, Carrier, ClientFacts, CorrelationId, Credential, Inbound, Origin, Reply};

use super::{
    answer,
    body::AnswerBody,
    client,
    connection::Peer,
    correlation, credential,
    head::Head,
    media::{self, Accepts},
    origin, read_body,
    refusal::Refusal,
};
use crate::HttpOptions;

/// Where a request comes from, while it is answered; its end is the end of this value, also when the client leaves.
struct Running(Arc<Peer>);

impl Deref for Running {
    type Target = Peer;

    fn deref(&self) -> &Peer {
        &self.0
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.pulse.end();
    }
}

/// Answers one request. hyper drops this future when the client leaves, and everything below goes with it. What is moved in
/// is moved once: the future of an `async fn` would keep the request beside what is made of it.
pub(crate) fn answer<B: Body<Data = Bytes> + Unpin>(
    peer: Arc<Peer>,
    request: Request<B>,
) -> impl Future<Output = Result<Response<AnswerBody>, Infallible>> {
    peer.pulse.begin();
    let peer = Running(peer);
    let (Parts { method, uri, headers, version, .. }, body) = request.into_parts();
    let is_oversized = version == Version::HTTP_2 && is_oversized(&headers, &uri, &peer.shared.options);
    let head = Head::sort(headers);
    let (correlation, request_id) = correlation::identify(&head, peer.shared.server.clock());
    let mut exchange = Exchange { peer, version, method, uri, head, is_oversized, correlation, request_id };
    async move {
        Ok(match exchange.run(body).await {
            Ok(response) => response,
            Err(refusal) => exchange.refused(refusal),
        })
    }
}

/// What a client takes, its fields joined.
fn accepted(head: &Head) -> String {
    head.accept.iter().filter_map(|value| value.to_str().ok()).collect::<Vec<_>>().join(", ")
}

struct Exchange {
    peer: Running,
    version: Version,
    method: Method,
    uri: http::Uri,
    head: Head,
    /// Above the bounds that HTTP/1 has for it.
    is_oversized: bool,
    correlation: CorrelationId,
    request_id: HeaderValue,
}

/// A request that may go to the engine.
struct Admitted {
    caller: Caller,
    client: ClientFacts,
    accepts: Accepts,
}

impl Exchange {
    async fn run<B: Body<Data = Bytes> + Unpin>(&mut self, body: B) -> Result<Response<AnswerBody>, Refusal> {
        self.check_form()?;
        // What is rare and large is boxed, here and below: every request would make room for it.
        if self.uri.path() != self.peer.shared.options.path {
            return Box::pin(self.elsewhere(body)).await;
        }
        let admitted = match self.admit(body.size_hint().lower()).await {
            Ok(admitted) => admitted,
            Err(refusal) => return Err(Box::pin(self.leave(refusal, body)).await),
        };
        let key_ends = self.peer.shared.server.nearing_end(&admitted.caller);
        let mut response = match self.method {
            Method::POST => self.post(admitted, body).await,
            Method::GET => Box::pin(self.get(admitted)).await,
            _ => Box::pin(self.delete(admitted)).await,
        }?;
        if let Some(ends) = key_ends {
            answer::tell_end(&mut response, &ends);
        }
        Ok(response)
    }

    /// What no path may be asked with.
    fn check_form(&self) -> Result<(), Refusal> {
        if self.head.has_length && self.head.has_coding {
            self.peer.pulse.refused_unread();
            // A proxy in front may have read the other one: whatever comes next could be somebody else's.
            let why = "Content-Length and Transfer-Encoding contradict each other";
            return Err(Refusal::new(StatusCode::BAD_REQUEST, why).closing());
        }
        if self.is_oversized {
            let why = "the request's header is too large or has too many fields";
            return Err(Refusal::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, why));
        }
        Ok(())
    }

    /// A path that is not the protocol's: one of the composing application's, or none.
    async fn elsewhere<B: Body<Data = Bytes> + Unpin>(
        &self,
        body: B,
    ) -> Result<Response<AnswerBody>, Refusal> {
        let shared = &self.peer.shared;
        let options = &shared.options;
        let address = client::address(self.peer.address.ip(), &self.head, &options.trusted_proxies);
        let now = shared.server.clock().monotonic();
        if let Some(wait) = shared.open_requests.wait(address, now) {
            let why = "too many requests from this network; retry as told";
            return Err(Refusal::new(StatusCode::TOO_MANY_REQUESTS, why).retry_after(wait));
        }
        shared.open_requests.count(address, now);
        let path = self.uri.path();
        let side = options.side.as_ref();
        if let Some(found) = side.and_then(|side| side.route(&self.method, path, &accepted(&self.head))) {
            return Ok(answer::side(found, self.request_id.clone(), &self.peer));
        }
        Err(self.leave(nowhere(path), body).await)
    }

    /// Refuses with the body unread. Where it comes right behind its header the connection is kept; else the answer says
    /// that it ends, so that no client sends its next request into a connection that is closed.
    async fn leave<B: Body<Data = Bytes> + Unpin>(&self, refusal: Refusal, body: B) -> Refusal {
        if body.is_end_stream() || self.version == Version::HTTP_2 {
            return refusal;
        }
        // Who asks first whether to send it is told not to.
        if !self.head.expects && !refusal.closes && read_body::pass_over(body).await {
            return refusal;
        }
        self.peer.pulse.refused_unread();
        refusal.closing()
    }

    /// The answer to what was refused.
    fn refused(&self, refusal: Refusal) -> Response<AnswerBody> {
        let shared = &self.peer.shared;
        if let Some(reason) = refusal.security {
            shared.options.counts.refused(reason);
            shared.security.refused(reason, self.peer.address.ip(), shared.server.clock().monotonic());
        }
        answer::refused(refusal, self.request_id.clone(), &self.peer)
    }

    /// Everything that is checked before a body of at least so many bytes is read.
    async fn admit(&mut self, announced: u64) -> Result<Admitted, Refusal> {
        let shared = &self.peer.shared;
        let options = &shared.options;
        check_verb(&self.method, &self.head)?;
        origin::check(&self.head, &self.uri, options, shared.bound)?;
        self.check_way().await?;
        let address = client::address(self.peer.address.ip(), &self.head, &options.trusted_proxies);
        let credential = credential::read(&self.head)?;
        let caller = self.authenticate(&credential, address).await?;
        let accepts = media::accepts(&self.head.accept);
        self.head.fields.accepts_stream = accepts.stream;
        let client =
            ClientFacts { ip: Some(address), agent: self.head.agent().map(|agent| self.peer.agent(agent)) };
        if self.method == Method::POST {
            read_body::check_length(announced, options)?;
            media::check_content(&self.head)?;
            if !accepts.json && !accepts.stream {
                return Err(media::not_acceptable());
            }
        } else if self.method == Method::GET && !accepts.stream {
            return Err(media::not_acceptable());
        }
        Ok(Admitted { caller, client, accepts })
    }

    /// Proves the caller. From a network that sent too many wrong credentials only those are taken that this process knows:
    /// its honest users go on, and nobody's guesses are looked up.
    async fn authenticate(&self, credential: &Credential, address: IpAddr) -> Result<Caller, Refusal> {
        let shared = &self.peer.shared;
        let origin = Origin { address: Some(address), agent: self.head.agent() };
        let now = shared.server.clock().monotonic();
        if let Some(wait) = shared.failed_auths.wait(address, now) {
            return shared.server.recall(credential, origin).ok_or_else(|| credential::held(wait));
        }
        shared.server.authenticate(credential, origin).await.map_err(|error| {
            if credential::is_unproven(&error) {
                shared.failed_auths.count(address, now);
            }
            credential::refused(&error, &shared.options.key_help)
        })
    }

    /// Keys may not travel where others can read them. One that did is noted.
    async fn check_way(&self) -> Result<(), Refusal> {
        let proxies = &self.peer.shared.options.trusted_proxies;
        if self.peer.exposed || client::came_by_plain_http(self.peer.address.ip(), &self.head, proxies) {
            Box::pin(self.note_exposed()).await;
            return Err(Refusal::new(
                StatusCode::FORBIDDEN,
                "plain HTTP shows API keys to the network: use https://, and replace a key that was sent this way",
            )
            .suspicious("plain_http")
            .closing());
        }
        Ok(())
    }

    /// Notes a good key that came by plain HTTP; from one network no more often than wrong ones are looked at.
    async fn note_exposed(&self) {
        let shared = &self.peer.shared;
        let address = client::address(self.peer.address.ip(), &self.head, &shared.options.trusted_proxies);
        let now = shared.server.clock().monotonic();
        let Ok(credential @ Credential::Token(_)) = credential::read(&self.head) else { return };
        if shared.failed_auths.wait(address, now).is_some() {
            return;
        }
        shared.failed_auths.count(address, now);
        let agent = self.head.agent();
        let client = ClientFacts { ip: Some(address), agent: agent.map(|agent| self.peer.agent(agent)) };
        let origin = Origin { address: Some(address), agent };
        shared.server.note_exposed(&credential, origin, client, self.correlation).await;
    }

    async fn post<B: Body<Data = Bytes> + Unpin>(
        &mut self,
        admitted: Admitted,
        body: B,
    ) -> Result<Response<AnswerBody>, Refusal> {
        let Admitted { caller, client, accepts } = admitted;
        let shared = &self.peer.shared;
        let body = read_body::read(body, &shared.options).await.map_err(|refusal| {
            self.peer.pulse.refused_unread();
            if self.version == Version::HTTP_2 { refusal } else { refusal.closing() }
        })?;
        let carrier = Carrier::Http(std::mem::take(&mut self.head.fields));
        let inbound = Inbound { body, carrier, caller, client, correlation: self.correlation };
        let reply = shared.server.handle(inbound).await;
        Ok(answer::reply(reply, StatusCode::ACCEPTED, accepts, self.request_id.clone(), &self.peer))
    }

    async fn get(&self, admitted: Admitted) -> Result<Response<AnswerBody>, Refusal> {
        let session = self.session()?;
        let last = self.head.fields.last_event.as_deref().and_then(|id| str::from_utf8(id).ok());
        let reply = self.peer.shared.server.open_stream(admitted.caller, session, last).await;
        Ok(self.answer(reply, admitted.accepts))
    }

    async fn delete(&self, admitted: Admitted) -> Result<Response<AnswerBody>, Refusal> {
        let Admitted { caller, client, accepts } = admitted;
        let session = self.session()?;
        let reply = self.peer.shared.server.end_session(&caller, session, client, self.correlation).await;
        Ok(self.answer(reply, accepts))
    }

    fn answer(&self, reply: Reply, accepts: Accepts) -> Response<AnswerBody> {
        answer::reply(reply, StatusCode::NO_CONTENT, accepts, self.request_id.clone(), &self.peer)
    }

    /// The one session that the header names.
    fn session(&self) -> Result<&str, Refusal> {
        let needed = || {
            Refusal::new(
                StatusCode::BAD_REQUEST,
                "name one session in the Mcp-Session-Id header; initialize opens one",
            )
            .code(pm33_protocol::codes::SESSION)
        };
        match self.head.fields.session.as_slice() {
            [session] => str::from_utf8(session.trim_ascii()).map_err(|_| needed()),
            _ => Err(needed()),
        }
    }
}

/// Whether a header of HTTP/2 is above the bounds that hyper keeps for HTTP/1; a field costs 32 bytes more than its text,
/// as the protocol counts.
fn is_oversized(headers: &HeaderMap, uri: &http::Uri, options: &HttpOptions) -> bool {
    let fields: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 32).sum();
    let target = uri.path_and_query().map_or(0, |target| target.as_str().len());
    headers.len() > options.header_count || fields + target > options.header_bytes
}

/// POST always; GET and DELETE are verbs of sessions, which the new era has not.
fn check_verb(method: &Method, head: &Head) -> Result<(), Refusal> {
    let (allow, message) = match *method {
        Method::GET | Method::DELETE if head.is_modern() => {
            ("POST", "this protocol revision has no sessions: only POST is served")
        }
        Method::POST | Method::GET | Method::DELETE => return Ok(()),
        _ => ("POST, GET, DELETE", "only POST is served, and GET and DELETE for sessions"),
    };
    Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, message)
        .with(header::ALLOW, HeaderValue::from_static(allow)))
}

/// No such path; clients that look for an authorization server are told that there is none.
fn nowhere(path: &str) -> Refusal {
    let seeks_oauth =
        path.starts_with("/.well-known/") || matches!(path, "/register" | "/authorize" | "/token");
    Refusal::new(
        StatusCode::NOT_FOUND,
        if seeks_oauth {
            "this server takes API keys and has no authorization server: send `Authorization: Bearer pm33_…` or `x-api-key: pm33_…`"
        } else {
            "nothing is served at this path"
        },
    )
}
