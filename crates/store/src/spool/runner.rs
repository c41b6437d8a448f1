//! The task that gathers rows into groups, has them written and answers their calls.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::sync::{mpsc, oneshot};

use super::{log::Log, writer::Writer};
use crate::{StoreError, load::Groups};

/// Rows in one group at most.
const MOST: usize = 256;
/// Turns that are given to others before a group at most.
const TURNS: usize = 8;

/// Tells a caller how its group ended.
pub(super) type Done = oneshot::Sender<Result<(), StoreError>>;

/// What the task is asked for.
pub(super) enum Job {
    /// A row, and who waits for it.
    Row(Vec<u8>, Option<Done>),
    /// Asks that the rows before it be durable.
    Flush(Done),
    /// Ends it after what is queued.
    Stop,
}

/// Ends the thread that drains, also when the runtime goes first.
pub(super) struct End {
    pub(super) log: Arc<Log>,
    pub(super) ended: oneshot::Receiver<()>,
}

impl Drop for End {
    fn drop(&mut self) {
        self.log.stop();
    }
}

/// The task.
pub(super) struct Runner {
    pub(super) jobs: mpsc::Receiver<Job>,
    pub(super) writer: Writer,
    /// How long rows lie for which nobody waits.
    pub(super) within: Duration,
    /// Whether the last group was lost.
    pub(super) failing: Arc<AtomicBool>,
    pub(super) groups: Arc<Groups>,
    pub(super) end: End,
}

impl Runner {
    /// Runs until it is told to stop, or nobody can tell it any more.
    pub(super) async fn run(mut self) {
        let mut group = Group::default();
        let timer = tokio::time::sleep(self.within);
        tokio::pin!(timer);
        loop {
            let job = tokio::select! {
                job = self.jobs.recv() => job.unwrap_or(Job::Stop),
                () = &mut timer, if !group.rows.is_empty() => {
                    self.write(&mut group).await;
                    continue;
                }
            };
            if group.rows.is_empty() {
                timer.set(tokio::time::sleep(self.within));
            }
            if !group.take(job) {
                break;
            }
            if group.waiting.is_empty() && group.rows.len() < MOST {
                continue;
            }
            let_others_come(&self.jobs).await;
            let mut is_stopped = false;
            while group.rows.len() < MOST && !is_stopped {
                match self.jobs.try_recv() {
                    Ok(job) => is_stopped = !group.take(job),
                    Err(_) => break,
                }
            }
            self.write(&mut group).await;
            if is_stopped {
                break;
            }
        }
        // What was queued meanwhile is written too.
        self.jobs.close();
        while let Ok(job) = self.jobs.try_recv() {
            group.take(job);
        }
        self.write(&mut group).await;
        self.end.log.stop();
        // A thread that has ended already needs no waiting.
        let _ = (&mut self.end.ended).await;
    }

    async fn write(&mut self, group: &mut Group) {
        let Group { rows, waiting } = std::mem::take(group);
        let is_kept = rows.is_empty() || self.keep(rows).await;
        for done in waiting {
            // A caller that has gone needs no answer.
            let _ = done.send(if is_kept { Ok(()) } else { Err(StoreError::NotCommitted) });
        }
    }

    /// Writes rows; whether they are durable.
    async fn keep(&self, rows: Vec<Vec<u8>>) -> bool {
        let units = rows.len();
        let written = self.writer.append(rows).await;
        self.failing.store(written.is_err(), Ordering::Release);
        match &written {
            Ok(()) => self.groups.committed(units),
            Err(error) => {
                self.groups.lost();
                tracing::error!(error = error as &dyn std::error::Error, units, "audit rows were not kept");
            }
        }
        written.is_ok()
    }
}

/// A group on its way.
#[derive(Default)]
struct Group {
    rows: Vec<Vec<u8>>,
    waiting: Vec<Done>,
}

impl Group {
    /// Takes what a job brings; false when it is the last.
    fn take(&mut self, job: Job) -> bool {
        match job {
            Job::Row(row, done) => {
                self.rows.push(row);
                self.waiting.extend(done);
            }
            Job::Flush(done) => self.waiting.push(done),
            Job::Stop => return false,
        }
        true
    }
}

/// Lets calls that are ready to run bring their rows along, as long as some come: a group's sync is then shared by more of
/// them. Nobody waits for that longer than those calls run.
async fn let_others_come(jobs: &mpsc::Receiver<Job>) {
    for _ in 0..TURNS {
        let waiting = jobs.len();
        tokio::task::yield_now().await;
        if jobs.len() == waiting {
            break;
        }
    }
}
