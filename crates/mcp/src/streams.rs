//! Legacy event streams that can be resumed: a bounded log per stream, a bounded number of streams per session.

use std::{
    collections::{HashMap, VecDeque},
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_util::Stream;
use tokio::sync::mpsc;

use crate::Event;

/// Streams remembered per session.
const PER_SESSION: usize = 16;
/// How long a client should wait before it comes back after an early close.
const RETRY: Duration = Duration::from_millis(500);
/// Number of the stream that a plain GET opens.
const STANDALONE: u64 = 0;

/// All legacy streams of this process.
pub(crate) struct Streams {
    sessions: Mutex<HashMap<String, VecDeque<Arc<Log>>>>,
    last: AtomicU64,
    replay: usize,
    queue: usize,
}

/// One stream: what was sent, and who is reading now.
pub(crate) struct Log {
    number: u64,
    state: Mutex<State>,
    replay: usize,
    queue: usize,
}

#[derive(Default)]
struct State {
    seq: u64,
    events: VecDeque<(u64, Bytes)>,
    reader: Option<mpsc::Sender<Event>>,
    done: bool,
}

/// A reader's events as a stream; at its end it stays ended, however often it is asked.
pub(crate) struct Reading(pub(crate) mpsc::Receiver<Event>);

impl Stream for Reading {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        self.0.poll_recv(cx)
    }
}

impl Streams {
    pub(crate) fn new(replay: usize, queue: usize) -> Self {
        Self { sessions: Mutex::new(HashMap::new()), last: AtomicU64::new(STANDALONE), replay, queue }
    }

    fn sessions(&self) -> std::sync::MutexGuard<'_, HashMap<String, VecDeque<Arc<Log>>>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn log(&self, number: u64) -> Arc<Log> {
        Arc::new(Log { number, state: Mutex::default(), replay: self.replay, queue: self.queue })
    }

    /// A stream for one request of a session.
    pub(crate) fn open(&self, session: &str) -> Arc<Log> {
        let log = self.log(self.last.fetch_add(1, Ordering::Relaxed) + 1);
        let mut sessions = self.sessions();
        let logs = sessions.entry(session.to_owned()).or_default();
        while logs.len() >= PER_SESSION {
            logs.pop_front();
        }
        logs.push_back(Arc::clone(&log));
        log
    }

    /// The session's own stream, for what belongs to no request.
    pub(crate) fn standalone(&self, session: &str) -> Arc<Log> {
        let mut sessions = self.sessions();
        let logs = sessions.entry(session.to_owned()).or_default();
        if let Some(log) = logs.iter().find(|log| log.number == STANDALONE) {
            return Arc::clone(log);
        }
        let log = self.log(STANDALONE);
        logs.push_front(Arc::clone(&log));
        log
    }

    /// The stream that an event id belongs to, and the event's number.
    pub(crate) fn find(&self, session: &str, last_event: &str) -> Option<(Arc<Log>, u64)> {
        let (number, seq) = last_event.split_once('-')?;
        let (number, seq): (u64, u64) = (number.parse().ok()?, seq.parse().ok()?);
        let sessions = self.sessions();
        let log = sessions.get(session)?.iter().find(|log| log.number == number)?;
        Some((Arc::clone(log), seq))
    }

    /// Forgets a session's streams; whoever reads one sees its end.
    pub(crate) fn forget(&self, session: &str) {
        let logs = self.sessions().remove(session);
        for log in logs.into_iter().flatten() {
            log.end();
        }
    }

    /// Ends all streams.
    pub(crate) fn end_all(&self) {
        let sessions = std::mem::take(&mut *self.sessions());
        sessions.values().flatten().for_each(|log| log.end());
    }
}

impl Log {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn id(&self, seq: u64) -> String {
        format!("{}-{seq}", self.number)
    }

    /// Adds a message and gives it to the reader; an empty one primes the client with an id.
    pub(crate) fn push(&self, data: Bytes) {
        let mut state = self.state();
        state.seq += 1;
        let seq = state.seq;
        if state.events.len() >= self.replay {
            state.events.pop_front();
        }
        state.events.push_back((seq, data.clone()));
        let event = Event { id: Some(self.id(seq)), retry: None, data };
        // A reader that is gone or too slow comes back by the last id that it saw.
        if state.reader.as_ref().is_some_and(|reader| reader.try_send(event).is_err()) {
            state.reader = None;
        }
    }

    /// Reads on after an event; a former reader's stream ends.
    pub(crate) fn read_after(&self, seq: u64) -> mpsc::Receiver<Event> {
        let mut state = self.state();
        let (sender, reader) = mpsc::channel(self.queue.max(self.replay + 1));
        for (number, data) in state.events.iter().filter(|(number, _)| *number > seq) {
            let event = Event { id: Some(self.id(*number)), retry: None, data: data.clone() };
            let _ = sender.try_send(event);
        }
        if !state.done {
            state.reader = Some(sender);
        }
        reader
    }

    /// Closes the current reader's stream early; it is told when to come back.
    pub(crate) fn release(&self) {
        let mut state = self.state();
        if let Some(reader) = state.reader.take() {
            let _ = reader.try_send(Event { id: None, retry: Some(RETRY), data: Bytes::new() });
        }
    }

    /// Ends the stream after what was pushed.
    pub(crate) fn end(&self) {
        let mut state = self.state();
        state.done = true;
        state.reader = None;
    }

    /// Whether somebody reads.
    pub(crate) fn is_read(&self) -> bool {
        self.state().reader.as_ref().is_some_and(|reader| !reader.is_closed())
    }
}
