//! What follows a request's header is its body and nothing else: a request hidden in it is never answered.

use crate::{
    harness::start,
    raw::{DISCOVER, Wire, post, serves},
};

/// A request that must never be answered.
fn hidden() -> String {
    String::from_utf8(post(&[("x-request-id", "0190b0a0-0000-7000-8000-0000000000ff")], DISCOVER)).unwrap()
}

#[tokio::test]
async fn bytes_of_a_body_are_never_read_as_a_request() {
    let running = start(|_| {}).await;
    for changes in [
        &[][..],
        &[("authorization", "")],
        &[("content-type", "text/plain")],
        &[("origin", "http://evil.example")],
    ] {
        let mut wire = Wire::connect(running.address).await;
        wire.send(&post(changes, &hidden())).await;
        let answer = wire.answer().await;
        assert!(answer.status >= 400, "{changes:?}");
        assert_ne!(answer.header("x-request-id"), Some("0190b0a0-0000-7000-8000-0000000000ff"));
        // The next answer on this connection, if there is one, is the next request's.
        let next = post(
            &[("x-request-id", "0190b0a0-0000-7000-8000-0000000000aa"), ("connection", "close")],
            DISCOVER,
        );
        if tokio::io::AsyncWriteExt::write_all(&mut wire.socket, &next).await.is_ok() {
            let said = String::from_utf8(wire.closed().await).unwrap();
            assert!(said.is_empty() || said.contains("0000000000aa"), "{changes:?}: {said}");
            assert!(!said.contains("0000000000ff"), "{changes:?}: {said}");
        }
    }
}

#[tokio::test]
async fn chunk_extensions_and_trailers_are_passed_over() {
    let running = start(|_| {}).await;
    let body =
        format!("{:x};name=value\r\n{DISCOVER}\r\n0\r\nauthorization: Bearer no\r\n\r\n", DISCOVER.len());
    let mut wire = Wire::connect(running.address).await;
    wire.send(&post(&[("content-length", ""), ("transfer-encoding", "chunked")], &body)).await;
    assert_eq!(wire.answer().await.status, 200);
    assert!(serves(&mut wire).await);
}
