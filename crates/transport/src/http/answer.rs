//! Answers as HTTP responses: the engine's replies, refusals and side routes, with the header fields that all share.

use std::fmt;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use pm33_mcp::{Class, Event, Message, Reply};

use super::{
    body::AnswerBody, connection::Peer, media::Accepts, refusal::Refusal, side::SideAnswer, sse, sse::Events,
    status::status,
};

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const EVENT_STREAM: HeaderValue = HeaderValue::from_static("text/event-stream");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const NO_TRANSFORM: HeaderValue = HeaderValue::from_static("no-cache, no-transform");
const NO_SNIFF: HeaderValue = HeaderValue::from_static("nosniff");
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");
const CLOSE: HeaderValue = HeaderValue::from_static("close");
const NO: HeaderValue = HeaderValue::from_static("no");
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const SESSION: HeaderName = HeaderName::from_static(pm33_protocol::headers::SESSION);
const LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const KEY_EXPIRES: HeaderName = HeaderName::from_static("pm33-key-expires");

/// Fields that every answer has, and room for those of some.
fn shared(request_id: HeaderValue, peer: &Peer) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(10);
    headers.insert(REQUEST_ID, request_id);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, NO_SNIFF);
    if peer.shared.options.tls.is_some() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
    headers
}

fn response(status: StatusCode, headers: HeaderMap, body: AnswerBody) -> Response<AnswerBody> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// A refusal as JSON-RPC.
pub(crate) fn refused(refusal: Refusal, request_id: HeaderValue, peer: &Peer) -> Response<AnswerBody> {
    let mut headers = shared(request_id, peer);
    headers.insert(header::CONTENT_TYPE, JSON);
    let body = refusal.body().into();
    if let Some((name, value)) = refusal.header {
        headers.insert(name, value);
    }
    if refusal.closes {
        headers.insert(header::CONNECTION, CLOSE);
    }
    response(refusal.status, headers, body)
}

/// An answer of the composing application.
pub(crate) fn side(answer: SideAnswer, request_id: HeaderValue, peer: &Peer) -> Response<AnswerBody> {
    let mut headers = shared(request_id, peer);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
    headers.insert(header::CACHE_CONTROL, NO_STORE);
    response(answer.status, headers, answer.body.into())
}

/// The engine's reply; `accepted` is the status where there is nothing to say.
pub(crate) fn reply(
    reply: Reply,
    accepted: StatusCode,
    accepts: Accepts,
    request_id: HeaderValue,
    peer: &Peer,
) -> Response<AnswerBody> {
    let mut headers = shared(request_id, peer);
    match reply {
        Reply::Accepted => response(accepted, headers, AnswerBody::Empty),
        Reply::One(message) => one(message, accepts, headers),
        Reply::Stream(stream) => {
            streaming(&mut headers);
            let every = peer.shared.options.keep_alive_comment;
            let open = peer.shared.options.counts.stream();
            let events = Events::new(stream, every, peer.pulse.clone(), open);
            response(StatusCode::OK, headers, AnswerBody::Events(Box::new(events)))
        }
    }
}

/// Says with an answer when the key that asked ends, so that its user can rotate it in time.
pub(crate) fn tell_end(response: &mut Response<AnswerBody>, ends: &impl fmt::Display) {
    // A time is plain text; anything else would be left out rather than break the answer.
    if let Ok(ends) = HeaderValue::try_from(ends.to_string()) {
        response.headers_mut().insert(KEY_EXPIRES, ends);
    }
}

fn one(message: Message, accepts: Accepts, mut headers: HeaderMap) -> Response<AnswerBody> {
    let status = status(&message.class, &mut headers);
    if let Some(session) = message.session
        && let Ok(session) = HeaderValue::try_from(session)
    {
        headers.insert(SESSION, session);
    }
    if let Some((policy, limit)) = message.rate_limit {
        for (name, value) in [(LIMIT_POLICY, policy), (LIMIT, limit)] {
            if let Ok(value) = HeaderValue::from_maybe_shared(Bytes::from(value)) {
                headers.insert(name, value);
            }
        }
    }
    // A client that takes nothing but events gets a good answer as the only one.
    if !accepts.json && message.class == Class::Answer {
        streaming(&mut headers);
        let mut out = BytesMut::new();
        sse::write(&Event { data: message.body, ..Event::default() }, &mut out);
        return response(status, headers, out.freeze().into());
    }
    headers.insert(header::CONTENT_TYPE, JSON);
    headers.insert(header::CACHE_CONTROL, NO_STORE);
    response(status, headers, message.body.into())
}

fn streaming(headers: &mut HeaderMap) {
    headers.insert(header::CONTENT_TYPE, EVENT_STREAM);
    headers.insert(header::CACHE_CONTROL, NO_TRANSFORM);
    headers.insert(ACCEL_BUFFERING, NO);
}
