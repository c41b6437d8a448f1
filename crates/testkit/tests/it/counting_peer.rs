//! A peer that speaks every surface on loopback, whole and as a stream, and tells the figures that the model's name names:
//! `used-1-2-3-4-5-6-7` is input, read from a cache, written for 5 minutes, 30 minutes and an hour, output, reasoning.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// Its only answer.
pub(crate) const TEXT: &str = "Grüße 🦀, in Stücken.";

/// A running peer.
pub(crate) struct CountingPeer {
    pub(crate) url: String,
    asked: Arc<AtomicUsize>,
    _tasks: JoinSet<()>,
}

impl CountingPeer {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let theirs = Arc::clone(&asked);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((socket, _)) = listener.accept().await {
                connections.spawn(serve(socket, Arc::clone(&theirs)));
            }
        });
        Self { url, asked, _tasks: tasks }
    }

    /// Questions so far.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// Figures in a surface's own form: OpenAI's input holds what was cached and written, Anthropic's does not.
fn figures(path: &str, name: &str) -> Value {
    let numbers: Vec<u64> = name.split('-').skip(1).map(|number| number.parse().unwrap()).collect();
    let [input, read, five, thirty, hour, output, reasoning] = numbers[..] else { panic!("{name}") };
    let details = json!({ "cached_tokens": read, "cache_write_tokens": thirty });
    let thought = json!({ "reasoning_tokens": reasoning });
    match path {
        "/v1/messages" => json!({ "input_tokens": input, "cache_read_input_tokens": read,
            "cache_creation_input_tokens": five + hour, "output_tokens": output,
            "cache_creation": { "ephemeral_5m_input_tokens": five, "ephemeral_1h_input_tokens": hour },
            "output_tokens_details": { "thinking_tokens": reasoning } }),
        "/v1/responses" => json!({ "input_tokens": input + read + thirty, "input_tokens_details": details,
            "output_tokens": output, "output_tokens_details": thought }),
        _ => json!({ "prompt_tokens": input + read + thirty, "prompt_tokens_details": details,
            "completion_tokens": output, "completion_tokens_details": thought }),
    }
}

fn plain(path: &str, model: &str) -> String {
    let usage = figures(path, model);
    match path {
        "/v1/messages" => json!({ "model": model, "content": [{ "type": "text", "text": TEXT }],
            "stop_reason": "end_turn", "usage": usage }),
        "/v1/responses" => json!({ "model": model, "status": "completed", "usage": usage,
            "output": [{ "type": "message", "content": [{ "type": "output_text", "text": TEXT }] }] }),
        _ => json!({ "model": model, "usage": usage,
            "choices": [{ "message": { "content": TEXT }, "finish_reason": "stop" }] }),
    }
    .to_string()
}

fn stream(path: &str, model: &str) -> String {
    let usage = figures(path, model);
    let named = |events: &[Value]| {
        let line = |event: &Value| format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap());
        events.iter().map(line).collect::<String>()
    };
    match path {
        "/v1/messages" => {
            // The beginning tells the input, the end the output.
            let mut begun = usage.clone();
            begun["output_tokens"] = json!(1);
            let ended = json!({ "output_tokens": usage["output_tokens"], "output_tokens_details": usage["output_tokens_details"] });
            named(&[
                json!({ "type": "message_start", "message": { "model": model, "usage": begun } }),
                json!({ "type": "content_block_delta", "delta": { "type": "text_delta", "text": TEXT } }),
                json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn" }, "usage": ended }),
                json!({ "type": "message_stop" }),
            ])
        }
        "/v1/responses" => named(&[
            json!({ "type": "response.output_text.delta", "delta": TEXT }),
            json!({ "type": "response.completed",
                "response": { "model": model, "status": "completed", "usage": usage } }),
        ]),
        _ => {
            let said = json!({ "model": model, "choices": [{ "delta": { "content": TEXT }, "finish_reason": "stop" }] });
            let last = json!({ "model": model, "choices": [], "usage": usage });
            format!("data: {said}\n\ndata: {last}\n\ndata: [DONE]\n\n")
        }
    }
}

/// Answers whatever comes on a connection.
async fn serve(mut socket: TcpStream, asked: Arc<AtomicUsize>) -> std::io::Result<()> {
    let mut read = Vec::new();
    let mut buffer = [0; 8192];
    loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        let whole = text.split_once("\r\n\r\n").filter(|(head, body)| {
            let length = head.to_ascii_lowercase().lines().find_map(|line| {
                line.strip_prefix("content-length:").and_then(|value| value.trim().parse::<usize>().ok())
            });
            length.is_some_and(|length| body.len() >= length)
        });
        let Some((head, body)) = whole else {
            let count = socket.read(&mut buffer).await?;
            if count == 0 {
                return Ok(());
            }
            read.extend_from_slice(&buffer[..count]);
            continue;
        };
        asked.fetch_add(1, Ordering::SeqCst);
        let path = head.split_whitespace().nth(1).unwrap();
        let body: Value = serde_json::from_str(body).unwrap();
        let model = body["model"].as_str().unwrap();
        let (kind, answer) = if body["stream"] == true {
            ("text/event-stream", stream(path, model))
        } else {
            ("application/json", plain(path, model))
        };
        let head =
            format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n", answer.len());
        socket.write_all(format!("{head}{answer}").as_bytes()).await?;
        read.clear();
    }
}
