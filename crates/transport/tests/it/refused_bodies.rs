//! Requests that are refused before their body is read: a client is never left with a connection that looks open and is
//! not.

use std::time::Duration;

use crate::{
    harness::{soon, start},
    raw::{DISCOVER, Wire, post, request, serves},
};

const NOBODY: (&str, &str) = ("authorization", "");

/// Header and body of a request.
fn apart(request: &[u8]) -> (&[u8], &[u8]) {
    let end = request.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
    request.split_at(end)
}

#[tokio::test]
async fn a_body_right_behind_its_header_costs_no_connection() {
    let running = start(|_| {}).await;
    let mut wire = Wire::connect(running.address).await;
    wire.socket.set_nodelay(true).unwrap();
    let asked = [post(&[NOBODY], DISCOVER), request("POST", "/elsewhere", &[], DISCOVER)];
    for (request, status) in asked.iter().zip([401, 404]) {
        let (head, body) = apart(request);
        wire.send(head).await;
        // Many clients write the two apart.
        tokio::time::sleep(Duration::from_millis(20)).await;
        wire.send(body).await;
        let answer = wire.answer().await;
        assert_eq!((answer.status, answer.header("connection")), (status, None));
        assert!(serves(&mut wire).await, "the next request is served on it");
    }
}

#[tokio::test]
async fn a_body_that_is_not_read_is_told_to_end_its_connection() {
    let running = start(|_| {}).await;
    let large = "x".repeat(100_000);
    let later = post(&[NOBODY], DISCOVER);
    let long = post(&[NOBODY], &large);
    let asking = post(&[NOBODY, ("expect", "100-continue")], DISCOVER);
    let chunked = post(&[NOBODY, ("content-length", ""), ("transfer-encoding", "chunked")], "");
    for (what, request) in [("late", later), ("long", long), ("asked for", asking), ("endless", chunked)] {
        let mut wire = Wire::connect(running.address).await;
        wire.send(apart(&request).0).await;
        let answer = wire.answer().await;
        assert_eq!((answer.status, answer.header("connection")), (401, Some("close")), "{what}");
        soon(wire.closed()).await;
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_or_too_slow_is_told_to_end_its_connection() {
    let running = start(|options| {
        options.body_bytes = 1_000;
        options.body_time = Duration::from_millis(100);
    })
    .await;
    let chunked = [("content-length", ""), ("transfer-encoding", "chunked")];
    for (piece, status) in [(format!("{:x}\r\n{}\r\n", 2_000, "x".repeat(2_000)), 413), (String::new(), 408)]
    {
        let mut wire = Wire::connect(running.address).await;
        wire.send(&post(&chunked, &piece)).await;
        let answer = wire.answer().await;
        assert_eq!((answer.status, answer.header("connection")), (status, Some("close")));
        soon(wire.closed()).await;
    }
}
