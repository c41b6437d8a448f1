//! Requests that two parsers could read differently: each gets one refusal and the end of its connection, or is read
//! exactly as written; a request hidden inside is never answered.

use crate::{
    harness::start,
    raw::{DISCOVER, Wire, post, serves},
};

/// A request that must never be answered.
fn hidden() -> String {
    String::from_utf8(post(&[("x-request-id", "0190b0a0-0000-7000-8000-0000000000ff")], DISCOVER)).unwrap()
}

#[tokio::test]
async fn ambiguous_requests_end_their_connection() {
    let running = start(|_| {}).await;
    let hidden = hidden();
    let good = post(&[], DISCOVER);
    let good = String::from_utf8(good).unwrap();
    let head = |extra: &str| good.replacen("host: localhost\r\n", &format!("host: localhost\r\n{extra}"), 1);
    let cases = [
        (
            "length and coding",
            head("transfer-encoding: chunked\r\n").replace(DISCOVER, &format!("0\r\n\r\n{hidden}")),
        ),
        ("two lengths", head(&format!("content-length: {}\r\n", DISCOVER.len() + hidden.len())) + &hidden),
        ("a list of lengths", good.replacen("content-length: ", "content-length: 5, ", 1) + &hidden),
        ("a signed length", good.replacen("content-length: ", "content-length: +", 1) + &hidden),
        ("a folded field", head("x-folded: a\r\n b\r\n") + &hidden),
        ("space before the colon", head("x-odd : a\r\n") + &hidden),
        ("a bare return", head("x-odd: a\rx-more: b\r\n") + &hidden),
        (
            "a length behind a bare line feed",
            head(&format!("x-odd: a\ncontent-length: {}\r\n", DISCOVER.len() + hidden.len())) + &hidden,
        ),
        (
            "another host in the target",
            head("connection: close\r\n").replacen("/mcp", "http://evil.example/mcp", 1),
        ),
        ("a nul", head("x-odd: a\0b\r\n") + &hidden),
        (
            "an unknown coding",
            good.replacen("content-length: ", "transfer-encoding: xchunked\r\nx-length: ", 1) + &hidden,
        ),
        (
            "coding not last",
            good.replacen("content-length: ", "transfer-encoding: chunked, identity\r\nx-length: ", 1)
                + &hidden,
        ),
        ("an odd version", good.replacen("HTTP/1.1", "HTTP/1.2", 1) + &hidden),
        (
            "a bad chunk size",
            good.replacen("content-length: ", "transfer-encoding: chunked\r\nx-length: ", 1)
                .replace(DISCOVER, &format!("0x5\r\nhello\r\n0\r\n\r\n{hidden}")),
        ),
    ];
    for (what, text) in cases {
        let mut wire = Wire::connect(running.address).await;
        wire.send(text.as_bytes()).await;
        let said = String::from_utf8(wire.closed().await).unwrap();
        assert!(said.starts_with("HTTP/1.1 4") || said.starts_with("HTTP/1.1 5"), "{what}: {said:?}");
        assert_eq!(said.matches("HTTP/1.1 ").count(), 1, "{what}: {said}");
        assert!(!said.contains("0000000000ff"), "{what}: the hidden request was answered");
        assert!(said.contains("\r\n\r\n{\"jsonrpc\":\"2.0\",\"error\""), "{what}: no words: {said}");
    }
    assert!(serves(&mut Wire::connect(running.address).await).await);
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
