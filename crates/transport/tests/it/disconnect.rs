//! A client that leaves is noticed: its request is dropped and its call cancelled.

use tokio::sync::oneshot;

use crate::{
    harness::{Running, soon, start},
    raw::{DISCOVER, Wire, post},
};

/// A call of the tool that waits; with a progress token it is answered by a stream.
pub(crate) fn call(token: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{{"name":"wait","arguments":{{}},"_meta":{{{token}"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{{}}}}}}}}"#
    )
}

/// Makes a call answered by a stream.
pub(crate) const WITH_PROGRESS: &str = r#""progressToken":"p","#;

/// Header lines of such a call.
pub(crate) const CALL: &[(&str, &str)] = &[("mcp-method", "tools/call"), ("mcp-name", "wait")];

async fn dropped(running: &mut Running) -> oneshot::Receiver<()> {
    soon(running.engine.stuck.recv()).await.unwrap()
}

#[tokio::test]
async fn leaving_drops_the_request() {
    let mut running = start(|_| {}).await;
    let mut wire = Wire::connect(running.address).await;
    wire.send(&post(&[("authorization", "Bearer stuck")], DISCOVER)).await;
    let request = dropped(&mut running).await;
    drop(wire);
    assert!(soon(request).await.is_err(), "the sender is dropped, never used");
}

#[tokio::test]
async fn leaving_cancels_a_running_call() {
    let mut running = start(|_| {}).await;
    for token in ["", WITH_PROGRESS] {
        let mut wire = Wire::connect(running.address).await;
        wire.send(&post(CALL, &call(token))).await;
        let running_call = soon(running.engine.calls.recv()).await.unwrap();
        if !token.is_empty() {
            // The stream has begun: its first event is the progress.
            wire.until(b"notifications/progress").await;
        }
        drop(wire);
        // Told, or dropped whole; both end the work. A call that nobody cancels keeps this open.
        let _ = soon(running_call.cancelled).await;
    }
}

#[tokio::test]
async fn a_stream_ends_with_its_answer() {
    let mut running = start(|_| {}).await;
    let mut wire = Wire::connect(running.address).await;
    wire.send(&post(CALL, &call(WITH_PROGRESS))).await;
    let running_call = soon(running.engine.calls.recv()).await.unwrap();
    let head = wire.until(b"\r\n\r\n").await.to_lowercase();
    for field in ["text/event-stream", "x-accel-buffering: no", "cache-control: no-cache, no-transform"] {
        assert!(head.contains(field), "{head}");
    }
    wire.until(b"notifications/progress").await;
    running_call.release.send(()).unwrap();
    let rest = wire.until(b"0\r\n\r\n").await;
    assert!(rest.contains(r#""id":7"#) && rest.contains("done"), "{rest}");
}

#[tokio::test]
async fn a_quiet_stream_is_kept_alive_by_comments() {
    let mut running =
        start(|options| options.keep_alive_comment = std::time::Duration::from_millis(20)).await;
    let mut wire = Wire::connect(running.address).await;
    wire.send(&post(CALL, &call(WITH_PROGRESS))).await;
    let _running_call = soon(running.engine.calls.recv()).await.unwrap();
    wire.until(b"notifications/progress").await;
    for _ in 0..3 {
        wire.until(b": still here\n\n").await;
    }
}
