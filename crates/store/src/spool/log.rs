//! This process's files of the spool: frames go to the end of the last one, and leave from the front of the first. One
//! thread appends, one drains.

use std::{
    collections::VecDeque,
    fs::File,
    io,
    os::unix::fs::FileExt as _,
    path::PathBuf,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use pm33_tenancy::{AuditKeys, Clock};
use uuid::Uuid;

use super::{
    folder::{self, Claim, Readable},
    frame,
};
use crate::{engine::sqlite::CommitSync, grant::Prepared};

/// Bytes of a file at most.
const FILE: u64 = 4 << 20;
/// How far a file is written ahead with zeros: a sync of bytes that lie inside of it need not write its length.
const AHEAD: u64 = 256 << 10;
/// Bytes that wait from which on rows are drained as fast as that goes, whatever else is to do.
const MANY: u64 = 64 << 20;
/// Bytes that wait at most; from there on rows come in as fast as others leave.
const MOST: u64 = 2 * MANY;
/// How long rows lie before somebody looks whether there is time for them. A few transactions a second: each one is felt by
/// the calls beside it.
const LAG: Duration = Duration::from_millis(250);
/// Rows in that time from which on there is none: to put as many into the database takes a hundredth of it.
const BUSY: u64 = 250;
/// Rows that are drained together, about.
const CHUNK: usize = 256;
/// How long a row waits for room at most.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a row that waits for no sync is without one at most.
const SYNC_EVERY: Duration = Duration::from_secs(1);

/// The log, shared by both threads.
pub(super) struct Log {
    folder: PathBuf,
    keys: Arc<AuditKeys>,
    clock: Arc<dyn Clock>,
    sync: CommitSync,
    state: Mutex<State>,
    /// For the thread that drains.
    work: Condvar,
    /// For the thread that appends.
    room: Condvar,
}

#[derive(Default)]
struct State {
    claim: Option<Claim>,
    files: VecDeque<Segment>,
    /// Number of the newest frame, durable or on its way.
    newest: u64,
    /// Number of the newest frame that was acknowledged.
    appended: u64,
    /// Number of the newest frame that was drained.
    drained: u64,
    /// Drain up to this one, whatever else is to do.
    wanted: u64,
    /// Rows so far.
    rows: u64,
    /// The same when rows were last drained.
    rows_then: u64,
    /// Bytes that wait.
    waiting: u64,
    /// Looks at other processes' files that were asked for.
    looks: u64,
    looked: u64,
    /// Since when, by the monotonic clock, something acknowledged is without a sync.
    unsynced: Option<Duration>,
    /// Whether the appending thread is at the end of the last file.
    is_writing: bool,
    /// Whether the draining thread sleeps until it is woken.
    is_idle: bool,
    is_stopped: bool,
}

struct Segment {
    file: Arc<File>,
    path: PathBuf,
    /// Bytes of the file, with the zeros behind the frames.
    length: u64,
    /// Where frames end.
    end: u64,
    /// Where those begin that were not drained.
    begin: u64,
    /// Whether no frame comes behind.
    is_closed: bool,
}

/// What the draining thread has to do.
pub(super) enum Due {
    /// Rows are to be drained.
    Rows,
    /// Files of other processes are to be looked at.
    Look,
    /// What was acknowledged is to be synced.
    Sync(Vec<Arc<File>>),
    /// Nothing comes any more.
    End,
}

/// Rows on their way into the database.
pub(super) struct Chunk {
    pub(super) rows: Vec<Prepared>,
    pub(super) process: Uuid,
    /// Number of the last frame.
    pub(super) last: u64,
    /// Where that one ends.
    to: u64,
    /// Rows so far when they were taken.
    came: u64,
}

impl Log {
    pub(super) fn new(
        folder: PathBuf,
        keys: Arc<AuditKeys>,
        clock: Arc<dyn Clock>,
        sync: CommitSync,
    ) -> Self {
        // What ended processes have left is looked for first of all.
        let state = Mutex::new(State { looks: 1, ..State::default() });
        Self { folder, keys, clock, sync, state, work: Condvar::new(), room: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The process's name in the spool, once it has appended.
    pub(super) fn process(&self) -> Option<Uuid> {
        self.state().claim.as_ref().map(Claim::process)
    }

    /// Appends a group of rows as one frame; it is durable as far as the log promises when this returns.
    pub(super) fn append(&self, rows: &[Vec<u8>]) -> io::Result<()> {
        let (number, process) = self.number()?;
        let frame = frame::write(process, number, rows, &self.keys);
        let (file, at, length) = self.place(frame.len() as u64, number)?;
        let written = self.write(&file, &frame, at, length);
        let mut state = self.state();
        state.is_writing = false;
        let Some(last) = state.files.back_mut() else { return written.map(drop) };
        match written {
            Ok(length) => {
                last.length = length;
                last.end = at + frame.len() as u64;
                state.waiting += frame.len() as u64;
                state.rows += rows.len() as u64;
                state.appended = number;
                if self.sync == CommitSync::WithTheLog {
                    state.unsynced.get_or_insert_with(|| self.clock.monotonic());
                }
                if state.is_idle {
                    self.work.notify_one();
                }
                Ok(())
            }
            Err(error) => {
                // Nobody knows what of it is on the disk, and a second sync of the same file would say nothing.
                last.is_closed = true;
                Err(error)
            }
        }
    }

    /// The next frame's number, when there is room for a frame.
    fn number(&self) -> io::Result<(u64, Uuid)> {
        let mut state = self.state();
        if state.waiting > MOST {
            let (left, _) = self
                .room
                .wait_timeout_while(state, PATIENCE, |state| state.waiting > MOST && !state.is_stopped)
                .unwrap_or_else(PoisonError::into_inner);
            state = left;
            if state.waiting > MOST {
                return Err(io::Error::other("audit rows wait for the database, and there are too many"));
            }
        }
        let process = match &state.claim {
            Some(claim) => claim.process(),
            None => state.claim.insert(Claim::new(&self.folder)?).process(),
        };
        state.newest += 1;
        Ok((state.newest, process))
    }

    /// The file that a frame goes to, where it begins there, and the file's length.
    fn place(&self, size: u64, number: u64) -> io::Result<(Arc<File>, u64, u64)> {
        let mut state = self.state();
        let fits = |last: &Segment| !last.is_closed && (last.end == 0 || last.end + size <= FILE);
        if !state.files.back().is_some_and(fits) {
            let Some(claim) = &state.claim else { return Err(io::Error::other("the spool has no name")) };
            let (file, path) = claim.file(number)?;
            if let Some(last) = state.files.back_mut() {
                last.is_closed = true;
            }
            state.files.push_back(Segment {
                file: Arc::new(file),
                path,
                length: 0,
                end: 0,
                begin: 0,
                is_closed: false,
            });
        }
        state.is_writing = true;
        let last = state.files.back().ok_or_else(|| io::Error::other("the spool has no file"))?;
        Ok((Arc::clone(&last.file), last.end, last.length))
    }

    /// Writes a frame and, where the file ends with it, zeros behind it; the file's length.
    fn write(&self, file: &File, frame: &[u8], at: u64, length: u64) -> io::Result<u64> {
        file.write_all_at(frame, at)?;
        let end = at + frame.len() as u64;
        let ahead = end.next_multiple_of(AHEAD);
        if end > length {
            folder::zero(file, end, ahead)?;
        }
        if self.sync == CommitSync::Each {
            file.sync_data()?;
        }
        Ok(length.max(ahead))
    }

    /// Waits until there is something to drain and time for it, or something else to do.
    pub(super) fn due(&self) -> Due {
        let mut state = self.state();
        loop {
            if state.looked < state.looks {
                return Due::Look;
            }
            let is_due = |since| self.clock.monotonic().saturating_sub(since) >= SYNC_EVERY;
            if state.unsynced.is_some_and(is_due) {
                state.unsynced = None;
                return Due::Sync(state.files.iter().map(|one| Arc::clone(&one.file)).collect());
            }
            if state.waiting == 0 {
                if state.is_stopped {
                    return Due::End;
                }
                state.is_idle = true;
                state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
                state.is_idle = false;
                continue;
            }
            // Nothing came since the last ones went: the others may go at once.
            if state.is_urgent() || state.rows == state.rows_then {
                return Due::Rows;
            }
            let before = state.rows;
            let (after, _) = self
                .work
                .wait_timeout_while(state, LAG, |state| !state.is_urgent() && state.looked == state.looks)
                .unwrap_or_else(PoisonError::into_inner);
            state = after;
            if state.rows - before < BUSY {
                return Due::Rows;
            }
        }
    }

    /// The next rows to drain; `None` when nothing waits.
    pub(super) fn next(&self) -> io::Result<Option<Chunk>> {
        let (file, mut at, end, process, came) = {
            let state = self.state();
            let waits = state.files.iter().find(|file| file.begin < file.end);
            let (Some(first), Some(claim)) = (waits, &state.claim) else { return Ok(None) };
            (Arc::clone(&first.file), first.begin, first.end, claim.process(), state.rows)
        };
        let mut chunk = Chunk { rows: Vec::new(), process, last: 0, to: at, came };
        while at < end && chunk.rows.len() < CHUNK {
            let damaged = || io::Error::new(io::ErrorKind::InvalidData, "a frame of audit rows is damaged");
            let head = frame::head(&file, at)?.ok_or_else(damaged)?;
            let rows = frame::rows(&file, at, head, process, &self.keys)?.ok_or_else(damaged)?;
            chunk.rows.extend(rows);
            chunk.last = head.number;
            at += head.size;
        }
        chunk.to = at;
        Ok(Some(chunk))
    }

    /// Notes that a chunk is in the database, and removes what nobody needs any more.
    pub(super) fn drained(&self, chunk: &Chunk) -> io::Result<()> {
        let mut state = self.state();
        if let Some(first) = state.files.iter_mut().find(|file| file.begin < file.end) {
            let left = chunk.to - first.begin;
            first.begin = chunk.to;
            state.waiting -= left.min(state.waiting);
        }
        state.drained = chunk.last;
        state.rows_then = chunk.came;
        let mut done = Vec::new();
        while state.files.len() > 1 && state.files.front().is_some_and(Segment::is_drained) {
            done.extend(state.files.pop_front());
        }
        let is_free = state.waiting == 0 && !state.is_writing;
        if let Some(only) = state.files.front_mut().filter(|only| is_free && only.is_drained()) {
            if only.is_closed {
                done.extend(state.files.pop_front());
            } else if only.end > 0 {
                // The next frame begins the file anew.
                folder::zero(&only.file, 0, only.end)?;
                (only.begin, only.end) = (0, 0);
            }
            state.unsynced = None;
        }
        drop(state);
        self.room.notify_all();
        for file in done {
            folder::wipe(&file.path)?;
        }
        Ok(())
    }

    /// Puts the file that cannot be read aside; where it lies now.
    pub(super) fn put_aside(&self) -> io::Result<Option<PathBuf>> {
        let mut state = self.state();
        let Some(at) = state.files.iter().position(|file| file.begin < file.end) else { return Ok(None) };
        if at + 1 == state.files.len() && state.is_writing {
            return Ok(None);
        }
        let Some(file) = state.files.remove(at) else { return Ok(None) };
        state.waiting -= (file.end - file.begin).min(state.waiting);
        if state.waiting == 0 {
            state.drained = state.appended;
        }
        folder::put_aside(&file.path, Readable::InPart).map(Some)
    }

    /// Asks that what was acknowledged by now be drained, and that other processes' files be looked at if told to; what to
    /// wait for.
    pub(super) fn want(&self, others: Others) -> Progress {
        let mut state = self.state();
        state.wanted = state.appended;
        if others == Others::Too {
            state.looks += 1;
        }
        self.work.notify_one();
        Progress { drained: state.wanted, looked: state.looks }
    }

    /// Notes that other processes' files were looked at.
    pub(super) fn looked(&self) {
        let mut state = self.state();
        state.looked = state.looks;
    }

    /// How far draining is.
    pub(super) fn progress(&self) -> Progress {
        let state = self.state();
        // What waits for nothing has been drained, whatever its number.
        let drained = if state.waiting == 0 { state.appended } else { state.drained };
        Progress { drained, looked: state.looked }
    }

    /// Whether no rows wait, and no look that was asked for.
    pub(super) fn is_settled(&self) -> bool {
        let state = self.state();
        state.waiting == 0 && state.looked == state.looks
    }

    /// Lets the draining thread end when nothing waits any more.
    pub(super) fn stop(&self) {
        self.state().is_stopped = true;
        self.work.notify_all();
        self.room.notify_all();
    }

    /// Whether the draining thread is to end.
    pub(super) fn is_stopped(&self) -> bool {
        self.state().is_stopped
    }

    /// Removes all files; nothing waits in them.
    pub(super) fn remove(&self) -> io::Result<Option<Uuid>> {
        let mut state = self.state();
        for file in std::mem::take(&mut state.files) {
            folder::wipe(&file.path)?;
        }
        state.claim.take().map(Claim::remove).transpose()
    }
}

impl State {
    fn is_urgent(&self) -> bool {
        self.is_stopped || self.waiting > MANY || (self.drained < self.wanted && self.waiting > 0)
    }
}

impl Segment {
    fn is_drained(&self) -> bool {
        self.begin >= self.end
    }
}

/// Whether other processes' files are meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Others {
    Too,
    Not,
}

/// How far draining is, or is to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Progress {
    pub(super) drained: u64,
    pub(super) looked: u64,
}

impl Progress {
    /// Whether this is at least as far.
    pub(super) fn reaches(self, goal: Self) -> bool {
        self.drained >= goal.drained && self.looked >= goal.looked
    }
}

#[cfg(test)]
mod tests;
