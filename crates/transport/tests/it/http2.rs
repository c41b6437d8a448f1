//! HTTP/2, in the clear on loopback: served, bounded, and a reset is heard.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{net::TcpStream, task::JoinHandle};

use crate::{
    disconnect::{CALL, WITH_PROGRESS, call},
    frames::{END_HEADERS, HEADERS, HELLO, RESET, frame, head},
    harness::{Running, soon, start},
    raw::{DISCOVER, GOOD, Wire},
};

type Connection = JoinHandle<hyper::Result<()>>;

async fn connect(running: &Running) -> (SendRequest<Full<Bytes>>, Connection) {
    let socket = TcpStream::connect(running.address).await.unwrap();
    let (sender, connection) = soon(handshake(TokioExecutor::new(), TokioIo::new(socket))).await.unwrap();
    (sender, tokio::spawn(connection))
}

fn post(changes: &[(&str, &str)], body: &str) -> Request<Full<Bytes>> {
    let kept = GOOD.iter().filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    let mut request = Request::post("http://localhost/mcp");
    for (name, value) in kept.chain(changes.iter().filter(|(_, value)| !value.is_empty())) {
        request = request.header(*name, *value);
    }
    request.body(Full::new(Bytes::copy_from_slice(body.as_bytes()))).unwrap()
}

#[tokio::test]
async fn many_requests_share_a_connection() {
    let running = start(|_| {}).await;
    let (sender, _connection) = connect(&running).await;
    let asked = (0..20).map(|_| sender.clone().send_request(post(&[], DISCOVER)));
    for answer in soon(futures_util::future::join_all(asked)).await {
        let answer = answer.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        assert!(answer.headers().get("connection").is_none());
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        assert!(body.starts_with(b"{"), "{body:?}");
    }
}

#[tokio::test]
async fn refusals_are_the_same() {
    let running = start(|options| options.body_bytes = 1_000).await;
    let (mut sender, _connection) = connect(&running).await;
    let large = " ".repeat(1_001);
    let long = "x".repeat(40_000);
    let names: Vec<String> = (0..100).map(|number| format!("x-{number}")).collect();
    let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "y")).collect();
    for (changes, body, status) in [
        (&[("authorization", "")][..], DISCOVER, 401),
        (&[("host", "evil.example")], DISCOVER, 403),
        (&[("origin", "http://evil.example")], DISCOVER, 403),
        (&[("content-type", "text/plain")], DISCOVER, 415),
        (&[], large.as_str(), 413),
        (&[("x-long", &long)], DISCOVER, 431),
        (&many, DISCOVER, 431),
    ] {
        let answer = soon(sender.send_request(post(changes, body))).await.unwrap();
        assert_eq!(answer.status(), status, "{changes:?}");
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        assert!(body.starts_with(br#"{"jsonrpc":"2.0","error""#), "{body:?}");
    }
}

#[tokio::test]
async fn a_reset_drops_the_request_and_cancels_the_call() {
    let mut running = start(|_| {}).await;
    let (sender, _connection) = connect(&running).await;
    let asking =
        tokio::spawn(sender.clone().send_request(post(&[("authorization", "Bearer stuck")], DISCOVER)));
    let stuck = soon(running.engine.stuck.recv()).await.unwrap();
    asking.abort();
    assert!(soon(stuck).await.is_err());

    let asking = tokio::spawn(sender.clone().send_request(post(CALL, &call(WITH_PROGRESS))));
    let running_call = soon(running.engine.calls.recv()).await.unwrap();
    let answer = soon(asking).await.unwrap().unwrap();
    drop(answer);
    let _ = soon(running_call.cancelled).await;
    // The connection itself goes on.
    assert_eq!(soon(sender.clone().send_request(post(&[], DISCOVER))).await.unwrap().status(), 200);
}

#[tokio::test]
async fn streams_above_the_bound_wait() {
    let mut running = start(|options| options.streams_per_connection = 2).await;
    let (sender, _connection) = connect(&running).await;
    // One round trip, so that the client knows the server's bound.
    soon(sender.clone().send_request(post(&[], DISCOVER))).await.unwrap();
    let stuck =
        || tokio::spawn(sender.clone().send_request(post(&[("authorization", "Bearer stuck")], DISCOVER)));
    let (first, _second) = (stuck(), stuck());
    soon(running.engine.stuck.recv()).await.unwrap();
    soon(running.engine.stuck.recv()).await.unwrap();
    let third = tokio::spawn(sender.clone().send_request(post(&[], DISCOVER)));
    first.abort();
    assert_eq!(soon(third).await.unwrap().unwrap().status(), 200);
}

#[tokio::test]
async fn a_flood_of_resets_ends_the_connection_and_no_other() {
    let running = start(|options| options.pending_resets = 5).await;
    let (mut bystander, _connection) = connect(&running).await;
    soon(bystander.send_request(post(&[], DISCOVER))).await.unwrap();
    let mut flood = HELLO.to_vec();
    for stream in (1..400).step_by(2) {
        flood.extend(frame(HEADERS, END_HEADERS, stream, &head()));
        flood.extend(frame(RESET, 0, stream, &8_u32.to_be_bytes()));
    }
    let mut wire = Wire::connect(running.address).await;
    wire.send(&flood).await;
    let said = wire.closed().await;
    let goodbye = said.windows(4).any(|window| window == [7, 0, 0, 0]);
    assert!(goodbye, "no GOAWAY in {said:?}");
    assert_eq!(soon(bystander.send_request(post(&[], DISCOVER))).await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_connection_that_does_nothing_is_closed() {
    let short = Duration::from_millis(300);
    for (header_time, idle, first) in
        [(short, Duration::from_hours(1), false), (Duration::from_secs(15), short, true)]
    {
        let running = start(|options| (options.header_time, options.idle) = (header_time, idle)).await;
        let (mut sender, connection) = connect(&running).await;
        if first {
            soon(sender.send_request(post(&[], DISCOVER))).await.unwrap();
        }
        let _ = soon(connection).await;
        drop(sender);
    }
}

#[tokio::test]
async fn a_stopping_server_says_goodbye_and_finishes() {
    let mut running = start(|_| {}).await;
    let (sender, connection) = connect(&running).await;
    let asking = tokio::spawn(sender.clone().send_request(post(CALL, &call(""))));
    let running_call = soon(running.engine.calls.recv()).await.unwrap();
    running.shutdown.cancel();
    running_call.release.send(()).unwrap();
    assert_eq!(soon(asking).await.unwrap().unwrap().status(), 200);
    soon(connection).await.unwrap().unwrap();
    soon(running.served).await.unwrap().unwrap();
}
