//! The orderly end: running requests finish, streams end, the deadline holds.

use std::time::Duration;

use crate::{
    disconnect::{CALL, WITH_PROGRESS, call},
    harness::{soon, start},
    raw::{DISCOVER, Wire, post, serves},
};

#[tokio::test]
async fn a_running_call_finishes_and_then_the_server_ends() {
    let mut running = start(|_| {}).await;
    let mut idle = Wire::connect(running.address).await;
    assert!(serves(&mut idle).await);
    let mut wire = Wire::connect(running.address).await;
    wire.send(&post(CALL, &call(""))).await;
    let running_call = soon(running.engine.calls.recv()).await.unwrap();
    running.shutdown.cancel();
    assert_eq!(idle.closed().await, b"", "an idle connection is closed at once");
    assert!(tokio::net::TcpStream::connect(running.address).await.is_err(), "nothing new is accepted");
    running_call.release.send(()).unwrap();
    let answer = wire.answer().await;
    assert_eq!((answer.status, answer.header("connection")), (200, Some("close")));
    soon(running.served).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_subscription_ends_with_its_result() {
    let running = start(|_| {}).await;
    let mut wire = Wire::connect(running.address).await;
    let listen = DISCOVER
        .replace("server/discover", "subscriptions/listen")
        .replace(r#""params":{"#, r#""params":{"notifications":{"toolsListChanged":true},"#);
    wire.send(&post(&[("mcp-method", "subscriptions/listen")], &listen)).await;
    wire.until(b"notifications/subscriptions/acknowledged").await;
    running.shutdown.cancel();
    let rest = String::from_utf8(wire.closed().await).unwrap();
    assert!(rest.contains(r#""result""#) && rest.ends_with("0\r\n\r\n"), "{rest}");
    soon(running.served).await.unwrap().unwrap();
}

#[tokio::test]
async fn what_does_not_end_is_cut_off_at_the_deadline() {
    let mut running = start(|options| options.drain_deadline = Duration::from_secs(3)).await;
    let mut wire = Wire::connect(running.address).await;
    wire.send(&post(CALL, &call(WITH_PROGRESS))).await;
    let _running_call = soon(running.engine.calls.recv()).await.unwrap();
    wire.until(b"notifications/progress").await;
    running.shutdown.cancel();
    let rest = String::from_utf8(wire.closed().await).unwrap();
    assert!(rest.contains(r#""id":7,"error""#) && rest.contains("shutting down"), "{rest}");
    assert!(rest.ends_with("0\r\n\r\n"), "the stream ends whole: {rest}");
    soon(running.served).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_client_that_neither_sends_nor_closes_does_not_hold_up_the_end() {
    let running = start(|options| options.header_time = Duration::from_millis(300)).await;
    let mut refused = Wire::connect(running.address).await;
    refused.send(&post(&[("content-length", "9999999")], "")).await;
    assert_eq!(refused.answer().await.status, 413);
    let mut begun = Wire::connect(running.address).await;
    begun.send(b"POST /mcp HTTP/1.1\r\n").await;
    let mut silent = Wire::connect(running.address).await;
    assert!(serves(&mut silent).await);
    running.shutdown.cancel();
    soon(running.served).await.unwrap().unwrap();
    drop((refused, begun, silent));
}
