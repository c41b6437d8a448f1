//! MCP over standard input and output: one message a line, many calls at a time, answers written in bursts.

mod lines;
mod pipes;

use std::{future::Future, io, pin::Pin, sync::Arc, time::Duration};

use bytes::{BufMut, Bytes, BytesMut};
use futures_util::stream::{FuturesUnordered, SelectAll, StreamExt};
use pm33_mcp::{
    AuthError, Caller, Carrier, Class, ClientFacts, CorrelationId, Credential, EventStream, Inbound, Origin,
    Reply, Server,
};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio_util::sync::CancellationToken;

use self::lines::{Line, Lines};
pub use self::pipes::{standard_input, standard_output};
use crate::TransportError;

/// Bytes of answers at which writing comes before reading on.
const BURST_BYTES: usize = 64 * 1024;

/// Bounds of the stdio transport.
#[derive(Clone, Debug)]
pub struct StdioOptions {
    /// Longest line in bytes; a longer one is passed over.
    pub line_bytes: usize,
    /// Calls that run at a time; above, nothing is read.
    pub in_flight: usize,
    /// Bytes of answers that wait for the client to read; above, nothing is taken up.
    pub queued_bytes: usize,
    /// How long running calls may go on after the end of input or a shutdown.
    pub finish: Duration,
}

impl Default for StdioOptions {
    fn default() -> Self {
        Self {
            line_bytes: 4 * 1024 * 1024,
            in_flight: 256,
            queued_bytes: 1024 * 1024,
            finish: Duration::from_secs(2),
        }
    }
}

/// Serves one client on a pair of pipes until the input ends or `shutdown`; then running calls may finish for a moment.
///
/// # Errors
/// [`TransportError::Owner`] when the process's owner is not accepted, [`TransportError::Stdio`] when a pipe fails.
pub async fn serve_stdio<R, W>(
    reader: R,
    writer: W,
    server: Arc<Server>,
    options: StdioOptions,
    shutdown: CancellationToken,
) -> Result<(), TransportError>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    server.authenticate(&Credential::Local, Origin::default()).await.map_err(TransportError::Owner)?;
    let lines = Lines::new(reader, options.line_bytes);
    let mut desk = Desk::new(server, options);
    match desk.run(lines, writer, &shutdown).await {
        // A client that does not read any more has left.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        ended => ended.map_err(TransportError::Stdio)?,
    }
    desk.leave().await;
    Ok(())
}

/// What a step of work ended with.
enum Done {
    Reply(Result<Reply, AuthError>),
    /// The stream of a session that was just opened.
    Opened(Reply),
    /// Nothing that anybody waits for.
    Ended,
}

type Step = Pin<Box<dyn Future<Output = Done> + Send>>;

/// Everything under way for the one client.
struct Desk {
    server: Arc<Server>,
    options: StdioOptions,
    steps: FuturesUnordered<Step>,
    /// Answers that come in several messages.
    streams: SelectAll<EventStream>,
    /// Notices and requests of the legacy session.
    notices: Option<EventStream>,
    session: Option<String>,
    out: BytesMut,
}

impl Desk {
    fn new(server: Arc<Server>, options: StdioOptions) -> Self {
        Self {
            server,
            options,
            steps: FuturesUnordered::new(),
            streams: SelectAll::new(),
            notices: None,
            session: None,
            out: BytesMut::new(),
        }
    }

    async fn run<R, W>(
        &mut self,
        mut lines: Lines<R>,
        mut writer: W,
        shutdown: &CancellationToken,
    ) -> io::Result<()>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        let mut reading = true;
        let mut unflushed = false;
        let server = Arc::clone(&self.server);
        // Both only begin to run when nothing is read any more.
        let mut draining = Box::pin(server.drain());
        let mut drained = false;
        let mut finish = Box::pin(tokio::time::sleep(Duration::MAX));
        loop {
            if !reading && self.is_done() && !unflushed {
                return Ok(());
            }
            let room = self.out.len() < self.options.queued_bytes;
            let take = reading && self.out.len() < BURST_BYTES && self.steps.len() < self.options.in_flight;
            let before = reading;
            // In this order, what is ready is gathered before it is written: a burst of answers is one write.
            tokio::select! {
                biased;
                () = shutdown.cancelled(), if reading => reading = false,
                Some(done) = self.steps.next(), if room && !self.steps.is_empty() => self.done(done),
                Some(event) = self.streams.next(), if room && !self.streams.is_empty() => self.write(&event.data),
                event = next_notice(&mut self.notices), if room && self.notices.is_some() => match event {
                    Some(event) => self.write(&event),
                    None => self.notices = None,
                },
                line = lines.next(), if take => match line? {
                    Line::Whole(line) => self.begin(line),
                    Line::TooLong => tracing::warn!(
                        stdio.line_bytes = self.options.line_bytes,
                        "a line above the bound was passed over"
                    ),
                    Line::End => reading = false,
                },
                put = put(&mut writer, &mut self.out, &mut unflushed), if unflushed || !self.out.is_empty() => put?,
                () = &mut draining, if !reading && !drained => drained = true,
                () = &mut finish, if !reading => return Ok(()),
            }
            if before && !reading {
                self.notices = None;
                finish.as_mut().reset(tokio::time::Instant::now() + self.options.finish);
            }
        }
    }

    fn is_done(&self) -> bool {
        self.steps.is_empty() && self.streams.is_empty() && self.out.is_empty()
    }

    /// Takes up a message.
    fn begin(&mut self, body: Bytes) {
        let server = Arc::clone(&self.server);
        let carrier = Carrier::Stdio { session: self.session.clone() };
        let correlation = CorrelationId::new(server.clock().now());
        self.steps.push(Box::pin(async move {
            let caller = match owner(&server).await {
                Ok(caller) => caller,
                Err(error) => return Done::Reply(Err(error)),
            };
            let inbound = Inbound { body, carrier, caller, client: ClientFacts::default(), correlation };
            Done::Reply(Ok(server.handle(inbound).await))
        }));
    }

    fn done(&mut self, done: Done) {
        match done {
            Done::Reply(Ok(Reply::One(message))) => {
                // Answering noise with errors would only make a chatty peer noisier.
                if message.class == Class::Unparsable {
                    tracing::warn!("a line that is not JSON was ignored");
                    return;
                }
                self.write(&message.body);
                if let Some(session) = message.session {
                    self.open(session);
                }
            }
            Done::Reply(Ok(Reply::Stream(stream))) => self.streams.push(stream),
            Done::Reply(Err(error)) => {
                tracing::error!(auth.reason = error.reason(), "the local owner was refused");
            }
            Done::Opened(Reply::Stream(stream)) => self.notices = Some(stream),
            Done::Opened(_) => tracing::debug!("the session's stream was not opened"),
            Done::Reply(Ok(Reply::Accepted)) | Done::Ended => {}
        }
    }

    /// Remembers a session and opens its stream; an older one ends.
    fn open(&mut self, session: String) {
        if let Some(old) = self.session.replace(session.clone()) {
            self.steps.push(Box::pin(end(Arc::clone(&self.server), old)));
        }
        let server = Arc::clone(&self.server);
        self.steps.push(Box::pin(async move {
            match owner(&server).await {
                Ok(caller) => Done::Opened(server.open_stream(caller, &session, None).await),
                Err(error) => Done::Reply(Err(error)),
            }
        }));
    }

    fn write(&mut self, message: &[u8]) {
        if message.is_empty() {
            return;
        }
        self.out.reserve(message.len() + 1);
        let start = self.out.len();
        self.out.put_slice(message);
        // Between JSON tokens a line break is white space like any other.
        for byte in self.out.iter_mut().skip(start).filter(|byte| matches!(byte, b'\n' | b'\r')) {
            *byte = b' ';
        }
        self.out.put_u8(b'\n');
    }

    /// Ends the legacy session: its client is gone.
    async fn leave(mut self) {
        if let Some(session) = self.session.take() {
            let ending = end(Arc::clone(&self.server), session);
            if tokio::time::timeout(self.options.finish, ending).await.is_err() {
                tracing::debug!("the session was left to its idle time");
            }
        }
    }
}

/// Writes what waits, or flushes when nothing does. Nothing is lost when the future is dropped before its end.
async fn put(
    writer: &mut (impl AsyncWrite + Unpin),
    out: &mut BytesMut,
    unflushed: &mut bool,
) -> io::Result<()> {
    if out.is_empty() {
        writer.flush().await?;
        *unflushed = false;
    } else if writer.write_buf(out).await? == 0 {
        return Err(io::ErrorKind::BrokenPipe.into());
    } else {
        *unflushed = true;
    }
    Ok(())
}

async fn owner(server: &Server) -> Result<Caller, AuthError> {
    server.authenticate(&Credential::Local, Origin::default()).await
}

async fn end(server: Arc<Server>, session: String) -> Done {
    if let Ok(caller) = owner(&server).await {
        let correlation = CorrelationId::new(server.clock().now());
        // Whether it was still there makes no difference to a client that has left.
        let _ = server.end_session(&caller, &session, ClientFacts::default(), correlation).await;
    }
    Done::Ended
}

async fn next_notice(notices: &mut Option<EventStream>) -> Option<Bytes> {
    match notices {
        Some(stream) => stream.next().await.map(|event| event.data),
        None => None,
    }
}
