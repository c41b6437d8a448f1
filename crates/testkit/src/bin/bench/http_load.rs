//! Load over HTTP/1.1 with connections kept alive: each sends a request, reads the whole answer, checks it, and sends the
//! next. It does as little as it can beside that, so that the server is what is measured.

use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use memchr::memmem;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    process::Child,
    task::JoinSet,
};

use crate::{answer, plan::Question, process, spans::Spans, template::Template};

/// What one measurement asks, and for how long.
pub(crate) struct Load<'a> {
    /// Where.
    pub(crate) address: &'a str,
    /// What.
    pub(crate) question: Question,
    /// The request.
    pub(crate) template: Template,
    /// Over how many connections.
    pub(crate) connections: usize,
    /// How long before measuring.
    pub(crate) warm: Duration,
    /// How long.
    pub(crate) span: Duration,
}

/// What was measured.
pub(crate) struct Measured {
    /// Answer times.
    pub(crate) spans: Spans,
    /// Time of the measurement.
    pub(crate) time: Duration,
    /// Processor time of the server meanwhile.
    pub(crate) processor: Duration,
}

/// Measures a server under load.
pub(crate) async fn measure(load: Load<'_>, server: &Child) -> anyhow::Result<Measured> {
    let mut connections = Vec::with_capacity(load.connections);
    for _ in 0..load.connections {
        let socket = TcpStream::connect(load.address).await?;
        socket.set_nodelay(true)?;
        connections.push(socket);
    }
    let begin = Instant::now() + load.warm;
    let end = begin + load.span;
    let mut clients = JoinSet::new();
    for (first, socket) in connections.into_iter().enumerate() {
        let client = Client {
            socket,
            template: load.template.clone(),
            question: load.question,
            buffer: Vec::with_capacity(64 * 1024),
        };
        let (first, step) = (first as u64, load.connections as u64);
        clients.spawn_local(client.run(first, step, begin, end));
    }
    tokio::time::sleep_until(begin.into()).await;
    let before = (Instant::now(), process::processor_time(server)?);
    tokio::time::sleep_until(end.into()).await;
    let processor = process::processor_time(server)?.saturating_sub(before.1);
    let time = before.0.elapsed();
    let mut spans = Spans::default();
    while let Some(client) = clients.join_next().await {
        spans.absorb(client??);
    }
    Ok(Measured { spans, time, processor })
}

struct Client {
    socket: TcpStream,
    template: Template,
    question: Question,
    buffer: Vec<u8>,
}

impl Client {
    async fn run(mut self, first: u64, step: u64, begin: Instant, end: Instant) -> anyhow::Result<Spans> {
        let mut spans = Spans::default();
        let mut number = first;
        loop {
            let asked = Instant::now();
            if asked >= end {
                return Ok(spans);
            }
            let request = self.template.number(number);
            self.socket.write_all(request).await?;
            let body = read(&mut self.socket, &mut self.buffer).await?;
            let told = Instant::now();
            let key = self.template.key(number);
            answer::check(&self.buffer[body..], number, self.question, &key)?;
            if asked >= begin && told <= end {
                spans.note(told - asked);
            }
            number += step;
        }
    }
}

/// Reads one whole answer with status 200; where its body begins in the buffer, which ends with it.
pub(crate) async fn read(socket: &mut TcpStream, buffer: &mut Vec<u8>) -> anyhow::Result<usize> {
    buffer.clear();
    let mut whole = None;
    loop {
        if socket.read_buf(buffer).await? == 0 {
            bail!("the connection ended: {}", answer::shown(buffer));
        }
        if whole.is_none() {
            whole = match memmem::find(buffer, b"\r\n\r\n") {
                None => None,
                Some(head) => Some((head + 4, head + 4 + length(&buffer[..head + 2])?)),
            };
        }
        if let Some((body, end)) = whole
            && buffer.len() >= end
        {
            ensure!(buffer.len() == end, "more than one answer");
            return Ok(body);
        }
    }
}

fn length(head: &[u8]) -> anyhow::Result<usize> {
    ensure!(head.starts_with(b"HTTP/1.1 200"), "not an answer: {}", answer::shown(head));
    let name = b"content-length: ";
    let at = memmem::find(head, name).context("an answer without a length")? + name.len();
    let digits = head[at..].iter().take_while(|byte| byte.is_ascii_digit());
    Ok(digits.fold(0, |length, digit| length * 10 + usize::from(digit - b'0')))
}
