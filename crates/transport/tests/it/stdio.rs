//! MCP over pipes: many calls at a time, bounded lines, a prompt end.

use std::{sync::Arc, time::Duration};

use pm33_transport::{StdioOptions, TransportError, serve_stdio};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, DuplexStream},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

use crate::{
    disconnect::{WITH_PROGRESS, call},
    harness::{Engine, engine, soon},
    raw::DISCOVER,
};

struct Pipes {
    to: DuplexStream,
    from: BufReader<DuplexStream>,
    engine: Engine,
    shutdown: CancellationToken,
    served: JoinHandle<Result<(), TransportError>>,
}

/// For how long nothing happens where nothing may; where it may, it happens sooner.
const A_WHILE: Duration = Duration::from_millis(500);

async fn start(change: impl FnOnce(&mut StdioOptions)) -> Pipes {
    start_with(64 * 1024, change).await
}

/// A server whose answers go through a pipe of so many bytes.
async fn start_with(holds: usize, change: impl FnOnce(&mut StdioOptions)) -> Pipes {
    let engine = engine().await;
    let mut options = StdioOptions::default();
    change(&mut options);
    let (to, reader) = tokio::io::duplex(64 * 1024);
    let (from, writer) = tokio::io::duplex(holds);
    let shutdown = CancellationToken::new();
    let core = Arc::clone(&engine.server);
    let stop = shutdown.clone();
    let served = tokio::spawn(async move { serve_stdio(reader, writer, core, options, stop).await });
    Pipes { to, from: BufReader::new(from), engine, shutdown, served }
}

impl Pipes {
    async fn say(&mut self, line: &str) {
        soon(self.to.write_all(format!("{line}\n").as_bytes())).await.unwrap();
    }

    async fn hear(&mut self) -> Value {
        let mut line = String::new();
        soon(self.from.read_line(&mut line)).await.unwrap();
        serde_json::from_str(&line).unwrap()
    }

    /// Ends the input; what else was said until the server's end.
    async fn end(mut self) -> String {
        soon(self.to.shutdown()).await.unwrap();
        let mut rest = String::new();
        soon(self.from.read_to_string(&mut rest)).await.unwrap();
        soon(self.served).await.unwrap().unwrap();
        rest
    }
}

#[tokio::test]
async fn requests_are_answered_in_either_era() {
    let mut pipes = start(|_| {}).await;
    pipes.say(DISCOVER).await;
    assert_eq!(pipes.hear().await["result"]["supportedVersions"][0], "2026-07-28");
    let initialize = json!({"jsonrpc": "2.0", "id": 2, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}});
    pipes.say(&initialize.to_string()).await;
    assert_eq!(pipes.hear().await["result"]["protocolVersion"], "2025-11-25");
    pipes.say(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#).await;
    pipes.say(r#"{"jsonrpc":"2.0","id":3,"method":"ping"}"#).await;
    assert_eq!(pipes.hear().await["id"], 3);
    assert_eq!(pipes.end().await, "");
}

#[tokio::test]
async fn a_slow_call_holds_up_nobody_and_can_be_cancelled() {
    let mut pipes = start(|_| {}).await;
    pipes.say(&call("")).await;
    let slow = soon(pipes.engine.calls.recv()).await.unwrap();
    pipes.say(DISCOVER).await;
    assert_eq!(pipes.hear().await["id"], 1);
    pipes.say(r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}"#).await;
    assert!(soon(slow.cancelled).await.is_ok(), "the tool is told");
    pipes.say(&DISCOVER.replace(r#""id":1"#, r#""id":2"#)).await;
    assert_eq!(pipes.hear().await["id"], 2);
    assert_eq!(pipes.end().await, "", "a cancelled call is not answered");
}

#[tokio::test]
async fn a_cancelled_call_that_has_told_of_its_progress_is_not_answered_either() {
    let mut pipes = start(|_| {}).await;
    pipes.say(&call(WITH_PROGRESS)).await;
    let slow = soon(pipes.engine.calls.recv()).await.unwrap();
    assert_eq!(pipes.hear().await["method"], "notifications/progress");
    pipes.say(r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}"#).await;
    let _ = soon(slow.cancelled).await;
    assert_eq!(pipes.end().await, "");
}

#[tokio::test]
async fn a_message_that_is_not_read_is_answered_by_its_id() {
    let mut pipes = start(|_| {}).await;
    let deep = format!(
        r#"{{"jsonrpc":"2.0","id":"deep","method":"a","params":{}{}}}"#,
        "[".repeat(999),
        "]".repeat(999)
    );
    let half = r#"{"jsonrpc":"2.0","method":"a","params":{"x":"\ud800"},"id":8}"#;
    for (line, id, words) in [(deep.as_str(), json!("deep"), "nested"), (half, json!(8), "surrogate")] {
        pipes.say(line).await;
        let answer = pipes.hear().await;
        assert_eq!((&answer["id"], &answer["error"]["code"]), (&id, &json!(-32600)), "{answer}");
        assert!(answer["error"]["message"].as_str().unwrap().contains(words), "{answer}");
    }
    // Neither has an identifier to answer to: one is cut, one gives two.
    pipes.say(&deep[..deep.len() - 1]).await;
    pipes.say(r#"{"jsonrpc":"2.0","id":1,"method":"\ud800","id":2}"#).await;
    assert_eq!(pipes.end().await, "");
}

#[tokio::test]
async fn noise_and_overlong_lines_are_passed_over() {
    let mut pipes = start(|options| options.line_bytes = 1_000).await;
    pipes.say("not json").await;
    pipes.say("{\"jsonrpc\":").await;
    pipes.say("").await;
    pipes.say(&format!("{{\"long\":\"{}\"}}", "x".repeat(5_000))).await;
    pipes.say(DISCOVER).await;
    assert_eq!(pipes.hear().await["result"]["supportedVersions"][0], "2026-07-28");
    pipes.say(r#"{"id":9}"#).await;
    let answer = pipes.hear().await;
    assert_eq!((&answer["id"], &answer["error"]["code"]), (&json!(9), &json!(-32600)));
    assert_eq!(pipes.end().await, "");
}

#[tokio::test]
async fn a_burst_is_answered_whole() {
    let mut pipes = start(|options| options.in_flight = 4).await;
    let ids: Vec<i64> = (100..140).collect();
    let burst: Vec<String> =
        ids.iter().map(|id| DISCOVER.replace(r#""id":1"#, &format!(r#""id":{id}"#))).collect();
    pipes.say(&burst.join("\n")).await;
    let mut heard = Vec::new();
    for _ in &ids {
        heard.push(pipes.hear().await["id"].as_i64().unwrap());
    }
    heard.sort_unstable();
    assert_eq!(heard, ids);
}

#[tokio::test]
async fn above_the_bound_of_calls_nothing_is_read() {
    for (in_flight, first) in [(1, 7), (2, 1)] {
        let mut pipes = start(|options| options.in_flight = in_flight).await;
        pipes.say(&call("")).await;
        let slow = soon(pipes.engine.calls.recv()).await.unwrap();
        pipes.say(DISCOVER).await;
        // With room for it the answer comes while the other call still waits.
        let early = tokio::time::timeout(A_WHILE, pipes.hear()).await;
        assert_eq!(early.is_ok(), in_flight == 2, "{early:?}");
        slow.release.send(()).unwrap();
        let next = pipes.hear().await;
        assert_eq!(early.unwrap_or(next)["id"], first);
    }
}

#[tokio::test]
async fn above_the_bound_of_queued_bytes_nothing_is_taken_up() {
    for (queued_bytes, is_taken) in [(1_000, false), (1_000_000, true)] {
        let mut pipes = start_with(16, |options| {
            options.queued_bytes = queued_bytes;
            options.in_flight = 4;
        })
        .await;
        for _ in 0..20 {
            pipes.say(DISCOVER).await;
        }
        pipes.say(&call("")).await;
        let taken = tokio::time::timeout(A_WHILE, pipes.engine.calls.recv()).await;
        assert_eq!(taken.is_ok(), is_taken, "{queued_bytes}");
        // Whatever waits goes on as soon as the client reads.
        for _ in 0..20 {
            assert_eq!(pipes.hear().await["id"], 1);
        }
        let call = match taken {
            Ok(call) => call.unwrap(),
            Err(_) => soon(pipes.engine.calls.recv()).await.unwrap(),
        };
        call.release.send(()).unwrap();
        assert_eq!(pipes.hear().await["id"], 7);
    }
}

#[tokio::test]
async fn the_end_of_input_lets_a_running_call_finish() {
    let mut pipes = start(|options| options.finish = Duration::from_secs(15)).await;
    pipes.say(&call("")).await;
    let slow = soon(pipes.engine.calls.recv()).await.unwrap();
    let ending = tokio::spawn(pipes.end());
    slow.release.send(()).unwrap();
    let rest = soon(ending).await.unwrap();
    assert!(rest.contains(r#""id":7"#) && rest.ends_with('\n'), "{rest}");
}

#[tokio::test]
async fn neither_an_endless_call_nor_a_subscription_holds_up_the_end() {
    let mut pipes = start(|options| options.finish = Duration::from_millis(200)).await;
    let listen = DISCOVER
        .replace("server/discover", "subscriptions/listen")
        .replace(r#""params":{"#, r#""params":{"notifications":{"toolsListChanged":true},"#);
    pipes.say(&listen).await;
    assert_eq!(pipes.hear().await["method"], "notifications/subscriptions/acknowledged");
    pipes.say(&call("")).await;
    let _endless = soon(pipes.engine.calls.recv()).await.unwrap();
    pipes.shutdown.cancel();
    let mut rest = String::new();
    soon(pipes.from.read_to_string(&mut rest)).await.unwrap();
    soon(pipes.served).await.unwrap().unwrap();
    assert!(rest.contains(r#""result""#), "the subscription ends with its result: {rest}");
}

#[tokio::test]
async fn a_client_that_is_gone_is_no_error() {
    let mut pipes = start(|_| {}).await;
    pipes.say(DISCOVER).await;
    drop((pipes.to, pipes.from));
    soon(pipes.served).await.unwrap().unwrap();
}
