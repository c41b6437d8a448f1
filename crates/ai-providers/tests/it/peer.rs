//! The peer: a listener that reads a request, writes down what it read, and answers byte for byte from its script.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinSet,
};

/// What the peer does with one request.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) parts: Vec<Vec<u8>>,
    pub(crate) then: Then,
}

/// What it does after its last part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// Hangs up.
    Close,
    /// Says nothing more, and notes when the other side hangs up.
    Hang,
}

#[derive(Default)]
struct Seen {
    requests: Mutex<Vec<(String, String)>>,
    hung_up: Notify,
}

/// A running peer.
pub(crate) struct Peer {
    pub(crate) url: String,
    seen: Arc<Seen>,
    _tasks: JoinSet<()>,
}

impl Peer {
    /// A peer that answers its requests in turn; the last reply again and again.
    pub(crate) async fn start(script: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Seen::default());
        let mut tasks = JoinSet::new();
        let theirs = Arc::clone(&seen);
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            for number in 0.. {
                let (socket, _) = listener.accept().await.unwrap();
                let reply = script.get(number).or(script.last()).unwrap().clone();
                connections.spawn(answer(socket, reply, Arc::clone(&theirs)));
            }
        });
        Self { url, seen, _tasks: tasks }
    }

    /// Heads and bodies of the requests so far.
    pub(crate) fn requests(&self) -> Vec<(String, String)> {
        self.seen.requests.lock().unwrap().clone()
    }

    /// Waits until the other side has hung up on a reply that hangs.
    pub(crate) async fn hung_up(&self, within: Duration) {
        tokio::time::timeout(within, self.seen.hung_up.notified()).await.unwrap();
    }
}

async fn answer(mut socket: TcpStream, reply: Reply, seen: Arc<Seen>) {
    socket.set_nodelay(true).unwrap();
    let mut read = Vec::new();
    let mut buffer = [0; 4096];
    let (head, body) = loop {
        let count = socket.read(&mut buffer).await.unwrap_or(0);
        if count == 0 {
            return;
        }
        read.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&read).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().unwrap())
        });
        if body.len() >= length.unwrap_or(0) {
            break (head.to_owned(), body.to_owned());
        }
    };
    seen.requests.lock().unwrap().push((head, body));
    for part in reply.parts {
        if socket.write_all(&part).await.is_err() || socket.flush().await.is_err() {
            return;
        }
    }
    if reply.then == Then::Hang {
        while socket.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
        seen.hung_up.notify_one();
    }
}

/// A stream in chunks of its own parts; without its end when it is cut.
pub(crate) fn stream(parts: &[&[u8]]) -> Vec<Vec<u8>> {
    let head =
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    let chunk = |part: &&[u8]| {
        let mut bytes = format!("{:x}\r\n", part.len()).into_bytes();
        bytes.extend_from_slice(part);
        bytes.extend_from_slice(b"\r\n");
        bytes
    };
    std::iter::once(head).chain(parts.iter().filter(|part| !part.is_empty()).map(chunk)).collect()
}

/// A whole stream in one part, with its end.
pub(crate) fn whole_stream(text: &str) -> Reply {
    Reply { parts: ended(stream(&[text.as_bytes()])), then: Then::Close }
}

/// With the chunked body's end.
pub(crate) fn ended(mut parts: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    parts.push(b"0\r\n\r\n".to_vec());
    parts
}

/// An answer with a status, further header lines and a body.
pub(crate) fn plain(status: &str, headers: &str, body: &str) -> Reply {
    let text = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n{body}",
        body.len()
    );
    Reply { parts: vec![text.into_bytes()], then: Then::Close }
}
