//! Size, time and number: each bound holds, and what it refuses is refused before it costs anything.

use std::time::Duration;

use crate::{
    harness::{soon, start},
    raw::{DISCOVER, Wire, ask, post, serves},
};

const SHORT: Duration = Duration::from_millis(300);

#[tokio::test]
async fn a_body_that_says_it_is_too_large_is_not_read() {
    let running = start(|options| options.body_bytes = 1_000).await;
    let mut wire = Wire::connect(running.address).await;
    wire.send(&post(&[("content-length", "1001")], "")).await;
    let answer = wire.answer().await;
    assert_eq!(answer.status, 413);
    assert!(answer.json()["error"]["message"].to_string().contains("1000 bytes"));
    answer.code();
    wire.closed().await;
    let mut wire = Wire::connect(running.address).await;
    wire.send(&post(&[("content-length", "99999999999"), ("expect", "100-continue")], "")).await;
    assert_eq!(wire.answer().await.status, 413, "100 Continue was sent");
}

#[tokio::test]
async fn a_body_that_grows_too_large_is_cut_off() {
    let running = start(|options| options.body_bytes = 1_000).await;
    let chunked = [("content-length", ""), ("transfer-encoding", "chunked")];
    let mut wire = Wire::connect(running.address).await;
    wire.send(&post(&chunked, &format!("258\r\n{}\r\n258\r\n", "x".repeat(600)))).await;
    wire.send("x".repeat(600).as_bytes()).await;
    assert_eq!(wire.answer().await.status, 413);
    let whole = format!("{:x}\r\n{DISCOVER}\r\n0\r\n\r\n", DISCOVER.len());
    assert_eq!(ask(running.address, &post(&chunked, &whole)).await.status, 200);
    let split = DISCOVER.split_at(50);
    let pieces = format!("32\r\n{}\r\n{:x}\r\n{}\r\n0\r\n\r\n", split.0, split.1.len(), split.1);
    assert_eq!(ask(running.address, &post(&chunked, &pieces)).await.status, 200);
}

#[tokio::test]
async fn a_refused_client_that_goes_on_sending_still_hears_why() {
    let running = start(|options| options.body_bytes = 1_000).await;
    let mut wire = Wire::connect(running.address).await;
    wire.send(&post(&[("content-length", "200000")], &"x".repeat(100_000))).await;
    assert_eq!(wire.answer().await.status, 413);
}

#[tokio::test]
async fn large_and_many_header_fields_are_refused() {
    let running = start(|_| {}).await;
    let large = "x".repeat(64 * 1024);
    let many: Vec<(String, &str)> = (0..100).map(|number| (format!("x-{number}"), "y")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    for fields in [&[("x-large", large.as_str())][..], &many] {
        let answer = ask(running.address, &post(fields, DISCOVER)).await;
        assert_eq!(answer.status, 431);
        answer.code();
    }
}

#[tokio::test]
async fn a_slow_header_is_dropped() {
    for begun in [&b""[..], b"POST /mcp HT", b"POST /mcp HTTP/1.1\r\nhost: localhost\r\n"] {
        let running = start(|options| options.header_time = SHORT).await;
        let mut wire = Wire::connect(running.address).await;
        wire.send(begun).await;
        assert_eq!(wire.closed().await, b"");
    }
}

#[tokio::test]
async fn a_slow_second_header_is_dropped_before_the_idle_time() {
    let running = start(|options| {
        options.header_time = SHORT;
        options.idle = Duration::from_hours(1);
    })
    .await;
    let mut wire = Wire::connect(running.address).await;
    assert!(serves(&mut wire).await);
    wire.send(b"POST /mcp HTTP/1.1\r\n").await;
    assert_eq!(wire.closed().await, b"");
}

#[tokio::test]
async fn a_slow_body_is_answered_and_dropped() {
    let running = start(|options| options.body_time = SHORT).await;
    let mut wire = Wire::connect(running.address).await;
    wire.send(&post(&[("content-length", "100")], "{\"json")).await;
    let answer = wire.answer().await;
    assert_eq!(answer.status, 408);
    answer.code();
}

#[tokio::test]
async fn an_idle_connection_is_closed_and_a_busy_one_is_not() {
    let mut running = start(|options| {
        options.idle = SHORT;
        options.header_time = SHORT;
    })
    .await;
    let mut busy = Wire::connect(running.address).await;
    busy.send(&post(&[("authorization", "Bearer stuck")], DISCOVER)).await;
    let mut stuck = soon(running.engine.stuck.recv()).await.unwrap();
    let mut idle = Wire::connect(running.address).await;
    assert!(serves(&mut idle).await);
    assert_eq!(idle.closed().await, b"");
    // By then the busy one has been quiet for longer.
    assert!(stuck.try_recv().is_err_and(|state| state == tokio::sync::oneshot::error::TryRecvError::Empty));
}

#[tokio::test]
async fn a_client_that_reads_nothing_is_dropped() {
    let running = start(|options| options.write_stall = SHORT).await;
    let mut wire = Wire::connect(running.address).await;
    let request = post(&[], DISCOVER);
    let flood = async {
        // Answers pile up until the socket's buffers are full; then the server stops reading, and at last drops us.
        while tokio::io::AsyncWriteExt::write_all(&mut wire.socket, &request).await.is_ok() {}
    };
    soon(flood).await;
}

#[tokio::test]
async fn connections_above_the_bound_wait_for_a_place() {
    let running = start(|options| options.connections = 1).await;
    let mut first = Wire::connect(running.address).await;
    assert!(serves(&mut first).await);
    let mut second = Wire::connect(running.address).await;
    second.send(&post(&[], DISCOVER)).await;
    // The first is served while the second waits; were the second taken up, its answer would be here by then.
    assert!(serves(&mut first).await);
    assert_eq!(second.socket.try_read(&mut [0; 1]).unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    drop(first);
    assert_eq!(second.answer().await.status, 200);
}

#[tokio::test]
async fn deep_and_wide_json_is_refused_quickly() {
    let running = start(|_| {}).await;
    let deep = "[".repeat(100_000);
    let nested = format!(
        "{{\"jsonrpc\":\"2.0\",\"method\":\"x\",\"params\":{}1{}}}",
        "{\"a\":".repeat(100_000),
        "}".repeat(100_000)
    );
    let wide = format!(
        "{{{}\"z\":1}}",
        (0..70_000).map(|key| format!("\"k{key}\":1")).collect::<Vec<_>>().join(",") + ","
    );
    for body in [deep, nested, wide] {
        let answer = ask(running.address, &post(&[], &body)).await;
        assert_eq!(answer.status, 400, "{}", body.len());
        answer.code();
    }
    assert!(serves(&mut Wire::connect(running.address).await).await);
}
