//! The spool's folder beside the database: every process has a lock and its files there. A lock that nobody holds is a
//! process's that has ended.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt as _, FileExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use uuid::Uuid;

use super::frame;

const LOCK: &str = "lock";
const ROWS: &str = "rows";
/// Ends the name of a file of which something cannot be read.
const DAMAGED: &str = "damaged";
/// Ends the name of a file of which nothing can be read: another deployment's, it may be.
const FOREIGN: &str = "foreign";

/// A process's part of the folder, for as long as its lock is held.
pub(super) struct Claim {
    folder: PathBuf,
    process: Uuid,
    _lock: File,
}

impl Claim {
    /// A new process's.
    pub(super) fn new(folder: &Path) -> io::Result<Self> {
        loop {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
            let process = Uuid::from_u128(rand::random());
            let path = folder.join(format!("{process}.{LOCK}"));
            let lock = match open(&path, OpenOptions::new().create_new(true)) {
                Ok(lock) => lock,
                // The last of the others has just ended, and the folder with it.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            // Somebody may have taken it for one that nobody holds, and removes it.
            if is_taken(&lock)? {
                return Ok(Self { folder: folder.to_owned(), process, _lock: lock });
            }
        }
    }

    /// The part of a process that has ended; `None` of one that has not.
    pub(super) fn of_ended(folder: &Path, process: Uuid) -> io::Result<Option<Self>> {
        let lock = match open(&folder.join(format!("{process}.{LOCK}")), &OpenOptions::new()) {
            Ok(lock) => lock,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let is_ours = is_taken(&lock)?;
        Ok(is_ours.then(|| Self { folder: folder.to_owned(), process, _lock: lock }))
    }

    pub(super) fn process(&self) -> Uuid {
        self.process
    }

    /// A new file, whose first frame has a number.
    pub(super) fn file(&self, first: u64) -> io::Result<(File, PathBuf)> {
        let path = self.folder.join(format!("{}-{first:020}.{ROWS}", self.process));
        let file = open(&path, OpenOptions::new().create_new(true))?;
        // A file that no folder names is not found again.
        File::open(&self.folder)?.sync_all()?;
        Ok((file, path))
    }

    /// The process's files, in the order of their frames.
    pub(super) fn files(&self) -> io::Result<Vec<PathBuf>> {
        files(&self.folder, self.process)
    }

    /// Gives the part up; its files are gone.
    pub(super) fn remove(self) -> io::Result<Uuid> {
        std::fs::remove_file(self.folder.join(format!("{}.{LOCK}", self.process)))?;
        Ok(self.process)
    }
}

fn open(path: &Path, options: &OpenOptions) -> io::Result<File> {
    options.clone().read(true).write(true).mode(0o600).open(path)
}

fn is_taken(lock: &File) -> io::Result<bool> {
    match lock.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Processes that have a part of the folder.
pub(super) fn processes(folder: &Path) -> io::Result<Vec<Uuid>> {
    let is_lock = |path: &PathBuf| path.extension().is_some_and(|end| end == LOCK);
    let name = |path: PathBuf| path.file_stem()?.to_str()?.parse().ok();
    Ok(entries(folder)?.into_iter().filter(is_lock).filter_map(name).collect())
}

fn files(folder: &Path, process: Uuid) -> io::Result<Vec<PathBuf>> {
    let its = named(folder, ROWS)?.into_iter().filter(|(whose, _)| *whose == process);
    let mut found: Vec<_> = its.map(|(_, path)| path).collect();
    found.sort_unstable();
    Ok(found)
}

/// Files that were put aside because nothing of them could be read, each with its process.
pub(super) fn foreign(folder: &Path) -> io::Result<Vec<(Uuid, PathBuf)>> {
    named(folder, FOREIGN)
}

/// Makes such a file one of an ended process again.
pub(super) fn take_back(folder: &Path, process: Uuid, path: &Path) -> io::Result<()> {
    let lock = folder.join(format!("{process}.{LOCK}"));
    open(&lock, OpenOptions::new().create(true).truncate(false))?;
    std::fs::rename(path, path.with_extension(ROWS))
}

/// Files of rows whose names end in a word.
fn named(folder: &Path, end: &str) -> io::Result<Vec<(Uuid, PathBuf)>> {
    let named = entries(folder)?.into_iter().filter(|path| path.extension().is_some_and(|is| is == end));
    let with_process = |path: PathBuf| {
        let (process, _) = path.file_stem()?.to_str()?.rsplit_once('-')?;
        Some((process.parse().ok()?, path))
    };
    Ok(named.filter_map(with_process).collect())
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match std::fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| entry.map(|entry| entry.path())).collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Number of the newest frame that lies in a process's files; 0 when none does.
pub(super) fn newest(folder: &Path, process: Uuid) -> io::Result<u64> {
    let mut newest = 0;
    for path in files(folder, process)? {
        let file = match File::open(&path) {
            Ok(file) => file,
            // Drained meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        let mut at = 0;
        while let Some(head) = frame::head(&file, at)?
            && head.number > newest
        {
            newest = head.number;
            at += head.size;
        }
    }
    Ok(newest)
}

/// Writes zeros from one place of a file to another.
pub(super) fn zero(file: &File, from: u64, to: u64) -> io::Result<()> {
    static ZEROS: [u8; 64 << 10] = [0; 64 << 10];
    let mut at = from;
    while at < to {
        let length = usize::try_from(to - at).unwrap_or(usize::MAX).min(ZEROS.len());
        file.write_all_at(ZEROS.get(..length).unwrap_or(&ZEROS), at)?;
        at += length as u64;
    }
    Ok(())
}

/// Removes a file, after what it held: rows have a personal side.
pub(super) fn wipe(path: &Path) -> io::Result<()> {
    // By a descriptor of its own: a sync of the one that rows were written by may have failed.
    let file = OpenOptions::new().write(true).open(path)?;
    let wiped = file.metadata().and_then(|known| zero(&file, 0, known.len())).and_then(|()| file.sync_data());
    std::fs::remove_file(path)?;
    wiped
}

/// How much of a file could be read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Readable {
    InPart,
    Not,
}

/// Keeps a file that cannot be read for an operator; where.
pub(super) fn put_aside(path: &Path, readable: Readable) -> io::Result<PathBuf> {
    let aside = path.with_extension(if readable == Readable::Not { FOREIGN } else { DAMAGED });
    std::fs::rename(path, &aside)?;
    Ok(aside)
}
