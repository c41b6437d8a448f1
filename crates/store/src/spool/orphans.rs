//! Files of processes that have ended before their rows were in the database.

use std::{fs::File, io, path::Path};

use pm33_tenancy::AuditKeys;
use uuid::Uuid;

use super::{
    folder::{self, Claim, Readable},
    frame,
    refused::Refused,
    scribe::{Failed, Scribe},
};

/// Why files were left where they are.
#[derive(Debug, thiserror::Error)]
pub(super) enum Left {
    #[error("their files cannot be read or removed")]
    Files(#[from] io::Error),
    #[error("the database does not take their rows")]
    Database(#[from] Failed),
}

/// Drains what processes have left that have ended, all but this one's.
pub(super) fn adopt(
    folder: &Path,
    own: Option<Uuid>,
    scribe: &mut Scribe,
    refused: &Refused,
) -> Result<(), Left> {
    for process in folder::processes(folder)? {
        if Some(process) == own {
            continue;
        }
        let Some(claim) = Claim::of_ended(folder, process)? else { continue };
        let rows = drain(&claim, scribe, refused)?;
        scribe.forget(process)?;
        claim.remove()?;
        if rows > 0 {
            tracing::info!(rows, "audit rows of a process that has ended were put into the log");
        }
    }
    Ok(())
}

/// Takes files back that were put aside as another deployment's and are this one's: its secrets were put back.
pub(super) fn take_back(folder: &Path, keys: &AuditKeys) -> io::Result<()> {
    for (process, path) in folder::foreign(folder)? {
        let file = File::open(&path)?;
        if let Some(head) = frame::head(&file, 0)?
            && frame::rows(&file, 0, head, process, keys)?.is_some()
        {
            folder::take_back(folder, process, &path)?;
        }
    }
    Ok(())
}

fn drain(claim: &Claim, scribe: &mut Scribe, refused: &Refused) -> Result<u64, Left> {
    let keys = refused.keys();
    let process = claim.process();
    // What it had drained itself lies there still when it ended before it could remove it.
    let mut done = scribe.drained(process)?;
    let mut count = 0;
    for path in claim.files()? {
        let file = File::options().read(true).write(true).open(&path)?;
        let (mut at, mut before) = (0, None);
        while let Some(head) = frame::head(&file, at)?
            && before.is_none_or(|before| head.number == before + 1)
            && let Some(rows) = frame::rows(&file, at, head, process, keys)?
        {
            if head.number > done {
                let broken = scribe.write(&rows, keys, (process, head.number))?;
                refused.keep(&rows, broken, (process, head.number))?;
                count += rows.len() as u64;
                done = head.number;
            }
            before = Some(head.number);
            at += head.size;
        }
        let length = file.metadata()?.len();
        // The last frame may be half of one, of which nobody was told.
        let last = before.unwrap_or(0);
        let is_read = frame::is_absent_or_torn(&file, at, process, last)?
            && !frame::is_behind(&file, at..length, last, process, keys)?;
        if is_read {
            folder::wipe(&path)?;
        } else {
            let readable = if before.is_none() { Readable::Not } else { Readable::InPart };
            let path = folder::put_aside(&path, readable)?;
            tracing::error!(
                file = %path.display(),
                "audit rows that were acknowledged cannot be read, or are not signed with this deployment's key; the \
                 file is kept"
            );
        }
    }
    Ok(count)
}
