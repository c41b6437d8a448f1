//! Load on a pair of pipes: a number of requests in flight, a new one for each answer, every answer checked.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use memchr::memmem;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::{Child, ChildStdin, ChildStdout},
};

use crate::{
    answer,
    http_load::Measured,
    plan::Question,
    process,
    spans::Spans,
    template::{self, Template},
};

/// One client of a server on pipes.
pub(crate) struct Pipes {
    input: ChildStdin,
    output: ChildStdout,
    template: Template,
    buffer: Vec<u8>,
    /// Number of the next request.
    next: u64,
}

impl Pipes {
    /// Takes over a server's pipes.
    pub(crate) fn new(child: &mut Child, items: usize) -> anyhow::Result<Self> {
        Ok(Self {
            input: child.stdin.take().context("its input")?,
            output: child.stdout.take().context("its output")?,
            template: Template::line(Question::OneItem, items)?,
            buffer: Vec::with_capacity(64 * 1024),
            next: 0,
        })
    }

    /// Keeps a number of requests in flight for a time.
    pub(crate) async fn measure(
        &mut self,
        server: &Child,
        in_flight: usize,
        warm: Duration,
        span: Duration,
    ) -> anyhow::Result<Measured> {
        let begin = Instant::now() + warm;
        let end = begin + span;
        let mut spans = Spans::default();
        let mut asked = HashMap::new();
        let mut before = None;
        let mut out = Vec::new();
        for _ in 0..in_flight {
            self.ask(&mut out, &mut asked);
        }
        let after = loop {
            if !out.is_empty() {
                self.input.write_all(&out).await?;
                out.clear();
            }
            if asked.is_empty() {
                break (Instant::now(), process::processor_time(server)?);
            }
            if self.output.read_buf(&mut self.buffer).await? == 0 {
                bail!("the server ended");
            }
            let now = Instant::now();
            if before.is_none() && now >= begin {
                before = Some((now, process::processor_time(server)?));
            }
            let mut taken = 0;
            while let Some(length) = memchr::memchr(b'\n', &self.buffer[taken..]) {
                let line = &self.buffer[taken..taken + length];
                let number = number(line)?;
                let since: Instant =
                    asked.remove(&number).with_context(|| format!("{number} was not asked"))?;
                answer::check(line, number, Question::OneItem, &self.template.key(number))?;
                if since >= begin {
                    spans.note(now - since);
                }
                taken += length + 1;
                if now < end {
                    self.ask(&mut out, &mut asked);
                }
            }
            self.buffer.drain(..taken);
        };
        let before = before.context("no answer in time")?;
        Ok(Measured { spans, time: after.0 - before.0, processor: after.1.saturating_sub(before.1) })
    }

    fn ask(&mut self, out: &mut Vec<u8>, asked: &mut HashMap<u64, Instant>) {
        out.extend_from_slice(self.template.number(self.next));
        asked.insert(self.next, Instant::now());
        self.next += 1;
    }
}

/// The number of the request that a line answers.
fn number(line: &[u8]) -> anyhow::Result<u64> {
    let name = b"\"id\":";
    let at =
        memmem::find(line, name).with_context(|| format!("no id: {}", answer::shown(line)))? + name.len();
    let digits = line[at..].iter().take_while(|byte| byte.is_ascii_digit());
    let id = digits.fold(0_u64, |id, digit| id * 10 + u64::from(digit - b'0'));
    Ok(template::number(id))
}
