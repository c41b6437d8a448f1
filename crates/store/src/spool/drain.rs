//! The thread that puts spooled rows into the database: at once while there is time, otherwise when there is, or when too
//! many wait.

use std::{path::PathBuf, sync::Arc, time::Duration};

use tokio::sync::{oneshot, watch};

use super::{
    log::{Due, Log, Progress},
    orphans::{self, Left},
    refused::Refused,
    scribe::Scribe,
};

/// How long it rests after a failure: first, and at most.
const REST: (Duration, Duration) = (Duration::from_millis(2), Duration::from_secs(1));
/// How often a thread that is to end tries to put into the database what waits, some five seconds; otherwise the next process
/// does it.
const LAST_TRIES: u32 = 13;
/// How often it tries to drain what others have left while the database is busy.
const ADOPTIONS: usize = 100;
/// Of how many failures one after the other one is told.
const TELL_EVERY: u32 = 10;

/// What the thread works with.
pub(super) struct Drain {
    pub(super) folder: PathBuf,
    pub(super) log: Arc<Log>,
    pub(super) scribe: Scribe,
    pub(super) refused: Arc<Refused>,
    pub(super) progress: watch::Sender<Progress>,
}

impl Drain {
    /// Starts the thread; the receiver resolves when it has ended.
    pub(super) fn start(self) -> std::io::Result<oneshot::Receiver<()>> {
        let (ended, end) = oneshot::channel();
        std::thread::Builder::new().name("pm33-drain".to_owned()).spawn(move || {
            self.run();
            // Whoever does not wait for it needs no telling.
            let _ = ended.send(());
        })?;
        Ok(end)
    }

    fn run(mut self) {
        if let Err(error) = orphans::take_back(&self.folder, self.refused.keys()) {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "files of audit rows that were put aside cannot be read"
            );
        }
        let (mut rest, mut failures) = (REST.0, 0_u32);
        loop {
            let done = match self.log.due() {
                Due::End => break,
                Due::Look => {
                    self.adopt();
                    self.log.looked();
                    Ok(())
                }
                Due::Sync(files) => files.iter().try_for_each(|file| file.sync_data()).map_err(Box::from),
                Due::Rows => self.drain(),
            };
            self.progress.send_replace(self.log.progress());
            let Err(error) = done else {
                (rest, failures) = (REST.0, 0);
                continue;
            };
            if failures.is_multiple_of(TELL_EVERY) {
                tracing::error!(
                    error = &*error,
                    "audit rows wait for the database; they are safe, and it is tried again"
                );
            }
            failures = failures.saturating_add(1);
            if self.log.is_stopped() && failures > LAST_TRIES {
                return;
            }
            std::thread::sleep(rest);
            rest = (rest * 2).min(REST.1);
        }
        self.end();
    }

    /// Puts the next rows into the database.
    fn drain(&mut self) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let chunk = match self.log.next() {
            Ok(Some(chunk)) => chunk,
            Ok(None) => return Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                if let Some(path) = self.log.put_aside()? {
                    tracing::error!(file = %path.display(), "audit rows that were acknowledged cannot be read; the file is kept");
                }
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        let frame = (chunk.process, chunk.last);
        let broken = match self.scribe.write(&chunk.rows, self.refused.keys(), frame) {
            // Another process's unit takes a moment.
            Err(failed) if failed.is_busy() && !self.log.is_stopped() => {
                std::thread::sleep(REST.0);
                return Ok(());
            }
            done => done?,
        };
        // They are in the database: whatever fails now, they may not go there again.
        let drained = self.log.drained(&chunk);
        self.refused.keep(&chunk.rows, broken, frame)?;
        Ok(drained?)
    }

    fn adopt(&mut self) {
        let own = self.log.process();
        let mut adopted = Ok(());
        for _ in 0..ADOPTIONS {
            adopted = orphans::adopt(&self.folder, own, &mut self.scribe, &self.refused);
            if !matches!(&adopted, Err(Left::Database(failed)) if failed.is_busy()) {
                break;
            }
            // Another process's unit takes a moment.
            std::thread::sleep(REST.0);
        }
        if let Err(left) = adopted {
            tracing::error!(
                error = &left as &dyn std::error::Error,
                "audit rows of a process that has ended wait for the database; it is tried again"
            );
        }
    }

    /// Leaves nothing behind.
    fn end(&mut self) {
        let gone = match self.log.remove() {
            Ok(Some(process)) => self.scribe.forget(process).map_err(|failed| failed.to_string()),
            Ok(None) => Ok(()),
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = gone {
            // The next process finds them empty.
            tracing::warn!(error, "files of the audit rows were not removed");
        }
        // Only an empty one goes.
        let _ = std::fs::remove_dir(&self.folder);
    }
}
