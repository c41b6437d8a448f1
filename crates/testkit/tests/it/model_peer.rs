//! A peer that speaks Anthropic's Messages on loopback: it counts and keeps what it is asked, answers each question with
//! the same figures, and hangs in the middle of an answer where a test wants that.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinSet,
};

/// Tokens that every answer reports.
pub(crate) const INPUT: u64 = 100;
pub(crate) const OUTPUT: u64 = 20;

#[derive(Default)]
struct Seen {
    bodies: Mutex<Vec<String>>,
    keys: Mutex<Vec<String>>,
    hangs: AtomicBool,
    status: Mutex<Option<u16>>,
    asked: Notify,
    hung_up: Notify,
}

/// What it answers to a question.
pub(crate) struct Said {
    pub(crate) text: String,
    /// Why it ends: `end_turn`, `max_tokens`, `refusal`.
    pub(crate) stop: &'static str,
}

impl From<String> for Said {
    fn from(text: String) -> Self {
        Self { text, stop: "end_turn" }
    }
}

type Answering = Arc<dyn Fn(&str) -> Said + Send + Sync>;

/// A running peer.
pub(crate) struct ModelPeer {
    pub(crate) url: String,
    seen: Arc<Seen>,
    _tasks: JoinSet<()>,
}

impl ModelPeer {
    /// Gives each question the same answer.
    pub(crate) async fn start(answer: &str) -> Self {
        let answer = answer.to_owned();
        Self::answering(Arc::new(move |_: &str| answer.clone().into())).await
    }

    /// Gives each question, by its body, the answer of a function.
    pub(crate) async fn answering(answer: Answering) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Seen::default());
        let theirs = Arc::clone(&seen);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                connections.spawn(serve(socket, Arc::clone(&answer), Arc::clone(&theirs)));
            }
        });
        Self { url, seen, _tasks: tasks }
    }

    /// Bodies of the questions so far.
    pub(crate) fn bodies(&self) -> Vec<String> {
        self.seen.bodies.lock().unwrap().clone()
    }

    /// Keys that the questions came with.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.seen.keys.lock().unwrap().clone()
    }

    /// From now on it says nothing more after its first figures.
    pub(crate) fn hang(&self) {
        self.seen.hangs.store(true, Ordering::SeqCst);
    }

    /// From now on it answers with this status.
    pub(crate) fn fail(&self, status: u16) {
        *self.seen.status.lock().unwrap() = Some(status);
    }

    /// Waits until a question has come in whose answer hangs.
    pub(crate) async fn asked(&self) {
        self.seen.asked.notified().await;
    }

    /// Waits until the other side has hung up on an answer that hangs.
    pub(crate) async fn hung_up(&self, within: Duration) {
        tokio::time::timeout(within, self.seen.hung_up.notified()).await.unwrap();
    }
}

async fn serve(mut socket: TcpStream, answer: Answering, seen: Arc<Seen>) {
    socket.set_nodelay(true).unwrap();
    let mut read = Vec::new();
    let mut buffer = [0; 8192];
    loop {
        let body = loop {
            let text = String::from_utf8_lossy(&read).into_owned();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head.lines().find_map(|line| {
                    let (name, value) = line.split_once(':')?;
                    name.eq_ignore_ascii_case("content-length")
                        .then(|| value.trim().parse::<usize>().unwrap())
                });
                if body.len() >= length.unwrap_or(0) {
                    let key = head.lines().find_map(|line| line.strip_prefix("x-api-key: "));
                    seen.keys.lock().unwrap().extend(key.map(str::to_owned));
                    break body.to_owned();
                }
            }
            match socket.read(&mut buffer).await {
                Ok(count) if count > 0 => read.extend_from_slice(&buffer[..count]),
                _ => return,
            }
        };
        read.clear();
        seen.bodies.lock().unwrap().push(body.clone());
        let status = *seen.status.lock().unwrap();
        if let Some(status) = status {
            let head = format!(
                "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{{}}"
            );
            socket.write_all(head.as_bytes()).await.unwrap();
            continue;
        }
        let Said { text, stop } = answer(&body);
        let text = serde_json::to_string(&text).unwrap();
        let first = format!(
            "event: message_start\ndata: {{\"type\":\"message_start\",\"message\":{{\"model\":\"claude-opus-5-5\",\"usage\":{{\"input_tokens\":{INPUT},\"output_tokens\":1}}}}}}\n\n"
        );
        let rest = format!(
            "event: content_block_delta\ndata: {{\"type\":\"content_block_delta\",\"delta\":{{\"type\":\"text_delta\",\"text\":{text}}}}}\n\n\
             event: message_delta\ndata: {{\"type\":\"message_delta\",\"delta\":{{\"stop_reason\":\"{stop}\"}},\"usage\":{{\"output_tokens\":{OUTPUT}}}}}\n\n\
             event: message_stop\ndata: {{\"type\":\"message_stop\"}}\n\n"
        );
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
        let begun = format!("{head}{:x}\r\n{first}\r\n", first.len());
        socket.write_all(begun.as_bytes()).await.unwrap();
        if seen.hangs.load(Ordering::SeqCst) {
            seen.asked.notify_one();
            while socket.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
            seen.hung_up.notify_one();
            return;
        }
        let ended = format!("{:x}\r\n{rest}\r\n0\r\n\r\n", rest.len());
        if socket.write_all(ended.as_bytes()).await.is_err() {
            return;
        }
    }
}
